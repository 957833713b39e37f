using Amazon.Lambda.Core;
using Amazon.Lambda.SQSEvents;
using Microsoft.Extensions.Logging;

namespace ConnectTasks.Lambda;

/// <summary>
/// One invocation: records become outcomes, outcomes are settled, and what is to return is reported. Every record is
/// presumed failed until it is settled, and none affects its neighbours.
/// </summary>
internal sealed class BatchHandler(
    TaskProcessor processor,
    Queues queues,
    Settings settings,
    TimeProvider time,
    Func<Guid> newGuid,
    Random jitter,
    ILogger log,
    Metrics? metrics = null)
{
    /// <summary>How many records, or message groups, are worked on at once. The pacer decides how fast.</summary>
    private const int MaxParallel = 32;

    /// <summary>
    /// A message received this often may be one that kills the process. Such messages run last, and one at a time until
    /// the ledger shows that no attempt at them was cut off, so that a killer takes the fewest neighbours with it.
    /// </summary>
    private const int SuspectReceiveCount = 5;

    /// <exception cref="ArgumentException">The event is not one of a queue.</exception>
    public async Task<SQSBatchResponse> HandleAsync(SQSEvent sqsEvent, ILambdaContext context)
    {
        if (sqsEvent?.Records is not { } records)
        {
            throw new ArgumentException("The event has no Records: this function takes the events of an SQS queue.");
        }

        using var invocation = new Invocation(context.AwsRequestId, context.RemainingTime, time, newGuid());
        var deliveries = records.ConvertAll(record => new Delivery(Message.From(record)));
        var groups = InOrder(deliveries);
        await RunAsync(groups.FindAll(g => !IsSuspect(g)), alone: null, invocation);
        using var alone = new SemaphoreSlim(1);
        await RunAsync(groups.FindAll(IsSuspect), alone, invocation);

        var failed = deliveries.FindAll(d => !d.Settled);
        if (failed.Count > 0)
        {
            await SetReturnAsync(failed, invocation);
        }

        metrics?.Flush();
        return Response(failed);
    }

    /// <summary>
    /// What must be done one after the other: the messages of a group of a FIFO queue, in the queue's order; on a
    /// standard queue each message by itself. The fewest receives first.
    /// </summary>
    private List<List<Delivery>> InOrder(List<Delivery> deliveries) =>
        deliveries
            .GroupBy(d => GroupOf(d) ?? d.Message.MessageId)
            .Select(g => g.ToList())
            .OrderBy(g => g.Max(d => d.Message.ReceiveCount))
            .ToList();

    /// <summary>On a standard queue a group means no order.</summary>
    private string? GroupOf(Delivery delivery) => settings.IsFifo ? delivery.Message.GroupId : null;

    private static bool IsSuspect(List<Delivery> group) =>
        group.Exists(d => d.Message.ReceiveCount >= SuspectReceiveCount);

    private Task RunAsync(List<List<Delivery>> groups, SemaphoreSlim? alone, Invocation invocation)
    {
        var next = -1;
        var workers = new Task[Math.Min(MaxParallel, groups.Count)];
        for (var i = 0; i < workers.Length; i++)
        {
            workers[i] = WorkAsync();
        }

        return Task.WhenAll(workers);

        async Task WorkAsync()
        {
            for (var i = Interlocked.Increment(ref next); i < groups.Count; i = Interlocked.Increment(ref next))
            {
                await HandleGroupAsync(groups[i], alone, invocation);
            }
        }
    }

    private async Task HandleGroupAsync(List<Delivery> group, SemaphoreSlim? alone, Invocation invocation)
    {
        for (var i = 0; i < group.Count; i++)
        {
            using (var turn = await Turn.WaitAsync(alone))
            {
                await HandleAsync(group[i], turn, invocation);
            }

            if (!group[i].Settled && GroupOf(group[i]) is not null)
            {
                // A message that is to be retried holds back the later ones of its group, and no other group.
                foreach (var later in group.Skip(i + 1))
                {
                    later.ReturnIn = group[i].ReturnIn;
                    Log(later, new Outcome.Deferred(DeferralCause.Order), time.GetTimestamp());
                }

                return;
            }
        }
    }

    private async Task HandleAsync(Delivery delivery, Turn turn, Invocation invocation)
    {
        var begun = time.GetTimestamp();
        try
        {
            var outcome = await processor.ProcessAsync(delivery.Message, invocation, turn.End);
            outcome = await SettleAsync(delivery, outcome, invocation);
            Log(delivery, outcome, begun);
        }
        catch (Exception e)
        {
            // A fault of this program. The message stays failed and returns; its neighbours never notice.
            log.Faulted(delivery.Message.MessageId, delivery.Message.ReceiveCount, e.GetType().Name, Trace(e));
            metrics?.Count("Faults");
        }
    }

    /// <summary>Does what the outcome says; what can't be done is retried.</summary>
    private async Task<Outcome> SettleAsync(Delivery delivery, Outcome outcome, Invocation invocation)
    {
        var message = delivery.Message;
        var now = time.GetUtcNow();
        if (outcome.Settlement == Settlement.Retry)
        {
            delivery.ReturnIn = RetryPolicy.Decide(outcome, message, now, settings.AgeLimits, jitter.NextDouble());
            if (delivery.ReturnIn is not null)
            {
                return outcome;
            }

            outcome = new Outcome.Exhausted(outcome);
        }

        // Sent before SQS may delete it: a failure in between leaves two copies, never none.
        if (outcome.Settlement == Settlement.DeadLetter
            && await queues.DeadLetterAsync(message, outcome, now, invocation.End) is { } error)
        {
            delivery.ReturnIn = RetryPolicy.AfterFailedSettlement(message.ReceiveCount, jitter.NextDouble());
            log.DeadLetterFailed(message.MessageId, outcome.Reason, error);
            metrics?.Count("Faults");
            return outcome;
        }

        delivery.Settled = true;
        return outcome;
    }

    private async Task SetReturnAsync(List<Delivery> failed, Invocation invocation)
    {
        var returns = failed.FindAll(d => d.ReturnIn is not null)
            .ConvertAll(d => (d.Message, d.ReturnIn!.Value));
        var notSet = await queues.SetReturnAsync(returns, invocation.End);
        if (notSet > 0)
        {
            log.VisibilityNotSet(notSet);
            metrics?.Count("Faults", notSet);
        }
    }

    /// <exception cref="InvalidOperationException">A record that failed has no id to be reported by.</exception>
    private static SQSBatchResponse Response(List<Delivery> failed)
    {
        // An entry without an id would fail the whole batch as well, but without saying why.
        if (failed.Exists(d => d.Message.MessageId.Length == 0))
        {
            throw new InvalidOperationException("A record without a messageId failed, so the whole batch is retried.");
        }

        return new SQSBatchResponse
        {
            BatchItemFailures = failed
                .Select(d => d.Message.MessageId)
                .Distinct()
                .Select(id => new SQSBatchResponse.BatchItemFailure { ItemIdentifier = id })
                .ToList(),
        };
    }

    private void Log(Delivery delivery, Outcome outcome, long begun)
    {
        var now = time.GetUtcNow();
        log.Ended(outcome, delivery.Message, delivery.ReturnIn, now, time.GetElapsedTime(begun));
        metrics?.Ended(outcome, delivery.Message, now, delivery.Settled);
    }

    /// <summary>Where it was thrown, without its message, which may quote a body.</summary>
    private static string Trace(Exception e) => e.StackTrace ?? "";

    /// <summary>One message of the batch, and what has become of it: failed, until it is settled.</summary>
    private sealed class Delivery(Message message)
    {
        public Message Message { get; } = message;

        public bool Settled { get; set; }

        /// <summary>When it is to return; null leaves it to the queue's visibility timeout.</summary>
        public TimeSpan? ReturnIn { get; set; }
    }

    /// <summary>The turn of one that must run alone; of all others it means nothing.</summary>
    private sealed class Turn : IDisposable
    {
        private SemaphoreSlim? _alone;

        public static async ValueTask<Turn> WaitAsync(SemaphoreSlim? alone)
        {
            if (alone is not null)
            {
                await alone.WaitAsync();
            }

            return new Turn { _alone = alone };
        }

        public void End() => Interlocked.Exchange(ref _alone, null)?.Release();

        public void Dispose() => End();
    }
}
