using Amazon.SQS;
using Amazon.SQS.Model;

namespace ConnectTasks.Local;

/// <summary>
/// Lambda's SQS event source mapping: receives batches, invokes the function, and deletes exactly what the function's
/// response lets it delete. Messages that failed are left alone; they return when their visibility timeout ends. It
/// takes a batch only when the function may run, so that no message ages in memory with its receive count going up.
/// </summary>
internal sealed class EventSourceMapping
{
    private const int ReceiveLimit = 10;

    /// <summary>SQS's longest long poll.</summary>
    private const int LongPollSeconds = 20;

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);

    private readonly EventSourceMappingSettings _settings;
    private readonly IAmazonSQS _sqs;
    private readonly Func<ReadOnlyMemory<byte>, CancellationToken, Task<InvocationResult>> _invoke;
    private readonly TimeProvider _time;
    private readonly Action<LambdaEvent> _observe;
    private readonly MessageDeleter _deleter;
    private readonly Lock _lock = new();
    private MappingCounters _counters = new();

    /// <summary>Makes a mapping; <see cref="RunAsync"/> starts it.</summary>
    /// <param name="settings">The queue and the batches.</param>
    /// <param name="sqs">The client for the queue.</param>
    /// <param name="invoke">Invokes the function; <see cref="Function.InvokeAsync"/> as a rule.</param>
    /// <param name="time">The clock of windows and pauses.</param>
    /// <param name="observe">Sees what happens; called on several threads.</param>
    /// <exception cref="ArgumentException">The settings are not what Lambda takes; all reasons are named.</exception>
    public EventSourceMapping(
        EventSourceMappingSettings settings,
        IAmazonSQS sqs,
        Func<ReadOnlyMemory<byte>, CancellationToken, Task<InvocationResult>> invoke,
        TimeProvider time,
        Action<LambdaEvent> observe)
    {
        var violations = settings.FindViolations();
        if (violations.Count > 0)
            throw new ArgumentException(string.Join(' ', violations), nameof(settings));
        (_settings, _sqs, _invoke, _time, _observe) = (settings, sqs, invoke, time, observe);
        _deleter = new MessageDeleter(settings, sqs, time, observe);
    }

    /// <summary>What has happened so far: one consistent picture.</summary>
    public MappingCounters Counters
    {
        get
        {
            lock (_lock)
            {
                return _counters;
            }
        }
    }

    /// <summary>
    /// Polls until it is told to stop, then lets the invocations that run finish for the grace period. Errors of the
    /// queue are reported and outlasted.
    /// </summary>
    public async Task RunAsync(CancellationToken stop)
    {
        using var abandon = new CancellationTokenSource();
        using var slots = new SemaphoreSlim(_settings.MaximumConcurrency);
        var running = new List<Task>();
        try
        {
            while (!stop.IsCancellationRequested)
            {
                await slots.WaitAsync(stop);
                running.RemoveAll(task => task.IsCompleted);
                var batch = await GatherBatchAsync(stop);
                if (batch.Count > 0)
                    running.Add(RunBatchAsync(batch, slots, abandon.Token));
                else
                    slots.Release();
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
        }
        var all = Task.WhenAll(running);
        try
        {
            await all.WaitAsync(_settings.StopGrace, _time, CancellationToken.None);
        }
        catch (TimeoutException)
        {
            await abandon.CancelAsync();
            await all;
        }
    }

    /// <summary>One batch: the first messages that come and, if there is a window, what joins them within it.</summary>
    private async Task<List<Message>> GatherBatchAsync(CancellationToken stop)
    {
        var batch = new List<Message>(await ReceiveAsync(_settings.BatchSize, LongPollSeconds, stop));
        var end = _time.GetUtcNow() + _settings.BatchingWindow;
        while (batch.Count > 0 && batch.Count < _settings.BatchSize && !stop.IsCancellationRequested)
        {
            var left = end - _time.GetUtcNow();
            // What is already received must be run: a stop ends the window, it does not drop the batch.
            var isFull = batch.Sum(message => message.Body.Length) >= FunctionSettings.MaximumPayloadBytes;
            if (isFull || left <= TimeSpan.Zero)
                break;
            var wait = Math.Min((int)left.TotalSeconds, LongPollSeconds);
            var joined = await ReceiveAsync(_settings.BatchSize - batch.Count, wait, stop);
            batch.AddRange(joined);
            if (wait == 0 && joined.Count == 0)
                break;
        }
        return batch;
    }

    /// <summary>Receives once. Polling errors are outlasted here; a stop gives an empty list.</summary>
    private async Task<List<Message>> ReceiveAsync(int most, int waitSeconds, CancellationToken stop)
    {
        var request = new ReceiveMessageRequest
        {
            QueueUrl = _settings.QueueUrl,
            MaxNumberOfMessages = Math.Min(most, ReceiveLimit),
            WaitTimeSeconds = waitSeconds,
            MessageSystemAttributeNames = ["All"],
            MessageAttributeNames = ["All"],
        };
        for (var pause = TimeSpan.Zero; ;)
        {
            try
            {
                var response = await _sqs.ReceiveMessageAsync(request, stop);
                if (pause > TimeSpan.Zero)
                    _observe(new LambdaEvent.PollingResumed(_settings.QueueName));
                return response.Messages ?? [];
            }
            catch (Exception) when (stop.IsCancellationRequested)
            {
                return [];
            }
            catch (Exception exception)
            {
                if (pause == TimeSpan.Zero)
                    _observe(new LambdaEvent.PollingFailed(_settings.QueueName, exception.Message));
            }
            pause = TimeSpan.FromTicks(Math.Clamp(pause.Ticks * 2, FirstPause.Ticks, LongestPause.Ticks));
            await Task.Delay(pause, _time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task RunBatchAsync(List<Message> batch, SemaphoreSlim slots, CancellationToken abandon)
    {
        // Off the poller's thread: an invocation must not keep the next receive waiting.
        await Task.Yield();
        try
        {
            await InvokeAsync(batch, abandon);
        }
        finally
        {
            slots.Release();
        }
    }

    /// <summary>Invokes the function with the batch, in halves if its event would be over Lambda's limit.</summary>
    private async Task InvokeAsync(List<Message> batch, CancellationToken abandon)
    {
        var payload = SqsEventWriter.Write(batch, _settings.QueueArn);
        if (payload.Length > FunctionSettings.MaximumPayloadBytes && batch.Count > 1)
        {
            await InvokeAsync(batch[..(batch.Count / 2)], abandon);
            await InvokeAsync(batch[(batch.Count / 2)..], abandon);
            return;
        }
        List<string> ids = [.. batch.Select(message => message.MessageId)];
        Count(counters => counters with
        {
            Received = counters.Received + ids.Count,
            Invocations = counters.Invocations + 1,
            InFlight = counters.InFlight + ids.Count,
        });
        _observe(new LambdaEvent.BatchReceived(_settings.QueueName, batch));
        InvocationResult result;
        try
        {
            result = await _invoke(payload, abandon);
        }
        catch (Exception exception)
        {
            Count(counters => counters with { InFlight = counters.InFlight - ids.Count });
            Warn($"an invocation did not end, and its {ids.Count} messages stay on the queue: {exception.Message}");
            return;
        }
        var verdict = Judge(result, ids);
        await SettleAsync(batch, result, verdict, abandon);
    }

    private BatchVerdict Judge(InvocationResult result, List<string> ids)
    {
        if (result is not InvocationResult.Success success)
            return PartialBatchResponse.AllFailed(ids);
        var verdict = PartialBatchResponse.Read(success.Payload, ids);
        if (_settings.ReportBatchItemFailures)
        {
            if (verdict.Malformed is not null)
                Warn($"the whole batch of {ids.Count} messages failed: {verdict.Malformed}");
            if (verdict.Remark is not null)
                Warn(verdict.Remark);
            return verdict;
        }
        if (verdict is { Malformed: null, Failed.Count: > 0 })
        {
            Warn($"the function reported {verdict.Failed.Count} failed messages, but FunctionResponseTypes does not " +
                "have ReportBatchItemFailures: they are deleted like the others");
        }
        return PartialBatchResponse.AllSucceeded(ids);
    }

    private async Task SettleAsync(
        List<Message> batch, InvocationResult result, BatchVerdict verdict, CancellationToken abandon)
    {
        _observe(new LambdaEvent.BatchFinished(_settings.QueueName, verdict.Succeeded, verdict.Failed, result));
        var succeeded = verdict.Succeeded.ToHashSet(StringComparer.Ordinal);
        var deleted = await _deleter.DeleteAsync(batch.FindAll(m => succeeded.Contains(m.MessageId)), abandon);
        Count(counters => counters with
        {
            Succeeded = counters.Succeeded + verdict.Succeeded.Count,
            Failed = counters.Failed + verdict.Failed.Count,
            Deleted = counters.Deleted + deleted,
            InFlight = counters.InFlight - batch.Count,
            FunctionErrors = counters.FunctionErrors + (result is InvocationResult.Success ? 0 : 1),
        });
    }

    private void Count(Func<MappingCounters, MappingCounters> change)
    {
        lock (_lock)
        {
            _counters = change(_counters);
        }
    }

    private void Warn(string text) => _observe(new LambdaEvent.Warning(_settings.QueueName, text));
}

/// <summary>What an event source mapping has done since it started. A message counts at each delivery.</summary>
internal sealed record MappingCounters
{
    /// <summary>Messages received.</summary>
    public int Received { get; init; }

    /// <summary>Invocations of the function.</summary>
    public int Invocations { get; init; }

    /// <summary>Messages that their invocation's response let succeed.</summary>
    public int Succeeded { get; init; }

    /// <summary>Messages that stayed on the queue after their invocation.</summary>
    public int Failed { get; init; }

    /// <summary>Messages deleted from the queue.</summary>
    public int Deleted { get; init; }

    /// <summary>Messages that are in an invocation now, or being deleted after it.</summary>
    public int InFlight { get; init; }

    /// <summary>Invocations that failed: error, timeout, exit or failed start.</summary>
    public int FunctionErrors { get; init; }
}
