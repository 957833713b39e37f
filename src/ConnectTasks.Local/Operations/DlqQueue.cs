using Amazon.Runtime;
using Amazon.SQS;
using Amazon.SQS.Model;

namespace ConnectTasks.Local;

/// <summary>What a look through the dead-letter queue came to.</summary>
/// <param name="Seen">Messages that were received.</param>
/// <param name="Missed">About how many there are beyond them: over the limit, or in the hands of someone else.</param>
internal sealed record DlqScan(long Seen, long Missed);

/// <summary>
/// The dead-letter queue. SQS has no way to look at a message but to receive it: that hides it for a while and raises
/// its receive count by one, which nothing here goes by. So each look receives every message once, and lets all that
/// it leaves there be seen again as soon as it is done.
/// </summary>
internal sealed class DlqQueue(IAmazonSQS sqs, string url, TimeProvider time)
{
    private const int BatchMaxCount = 10;

    /// <summary>
    /// Receives without anything new, after which the rest is what came before: hidden too short, or FIFO.
    /// </summary>
    private const int StaleReceivesMaxCount = 20;

    /// <summary>Long enough that SQS asks all of its servers, not a sample of them.</summary>
    private const int WaitSeconds = 1;

    private static readonly TimeSpan ReleaseTimeout = TimeSpan.FromSeconds(15);

    public string Url => url;

    public bool IsFifo => url.EndsWith(".fifo", StringComparison.Ordinal);

    /// <summary>About how many messages there are, those that someone else has received included.</summary>
    public async Task<long> CountAsync(CancellationToken cancellation)
    {
        var request = new GetQueueAttributesRequest
        {
            QueueUrl = url,
            AttributeNames = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
        };
        var attributes = await sqs.GetQueueAttributesAsync(request, cancellation);
        return (long)attributes.ApproximateNumberOfMessages + attributes.ApproximateNumberOfMessagesNotVisible;
    }

    /// <summary>All that lies there.</summary>
    public async Task<IReadOnlyList<DeadLetter>> ReadAllAsync(CancellationToken cancellation)
    {
        var letters = new List<DeadLetter>();
        await LookAsync(long.MaxValue, letters.Add, () => false, cancellation);
        return letters;
    }

    /// <summary>Receives every message once, to look at it.</summary>
    public Task<DlqScan> LookAsync(
        long limit, Action<DeadLetter> look, Func<bool> isDone, CancellationToken cancellation) =>
        ScanAsync(limit, TimeSpan.Zero, letter =>
        {
            look(letter);
            return Task.FromResult(false);
        }, isDone, cancellation);

    /// <summary>Receives every message once, each to be dealt with before the next.</summary>
    /// <param name="limit">The most messages to receive.</param>
    /// <param name="perMessage">How long the visitor may take for a message.</param>
    /// <param name="visit">Gives whether the message has been deleted.</param>
    /// <param name="isDone">Asked before each message: whether no further ones are wanted.</param>
    public async Task<DlqScan> ScanAsync(
        long limit, TimeSpan perMessage, Func<DeadLetter, Task<bool>> visit, Func<bool> isDone,
        CancellationToken cancellation)
    {
        var count = await CountAsync(cancellation);
        // Hidden for as long as the look takes, so that nothing is received twice; at SQS's pace and the visitor's.
        var hidden = TimeSpan.FromSeconds(30 + (Math.Min(count, limit) / 50)) + (perMessage * BatchMaxCount * 2);
        var request = new ReceiveMessageRequest
        {
            QueueUrl = url,
            MaxNumberOfMessages = BatchMaxCount,
            MessageAttributeNames = ["All"],
            MessageSystemAttributeNames = ["All"],
            VisibilityTimeout = (int)Math.Min(hidden.TotalSeconds, 3_600),
            WaitTimeSeconds = WaitSeconds,
        };
        var handles = new Dictionary<string, string>();
        var seen = new HashSet<string>();
        try
        {
            var stale = 0;
            while (seen.Count < limit && stale < StaleReceivesMaxCount && !isDone())
            {
                request.MaxNumberOfMessages = (int)Math.Min(BatchMaxCount, limit - seen.Count);
                if ((await sqs.ReceiveMessageAsync(request, cancellation)).Messages is not { Count: > 0 } messages)
                    break;
                var letters = messages.ConvertAll(DeadLetter.Read);
                foreach (var letter in letters)
                    handles[letter.MessageId] = letter.ReceiptHandle;
                stale++;
                foreach (var letter in letters)
                {
                    if (isDone())
                        break;
                    if (!seen.Add(letter.MessageId))
                        continue;
                    stale = 0;
                    if (await visit(letter))
                        handles.Remove(letter.MessageId);
                }
            }
        }
        finally
        {
            await ReleaseAsync(handles);
        }

        return new DlqScan(seen.Count, isDone() ? 0 : Math.Max(0, count - seen.Count));
    }

    public Task DeleteAsync(DeadLetter letter, CancellationToken cancellation) =>
        sqs.DeleteMessageAsync(url, letter.ReceiptHandle, cancellation);

    /// <summary>Lets messages be seen again at once. Should it fail, they are when their time is over.</summary>
    private async Task ReleaseAsync(Dictionary<string, string> handles)
    {
        // Of its own, because it matters most after Ctrl+C.
        using var timeout = new CancellationTokenSource(ReleaseTimeout, time);
        foreach (var chunk in handles.Values.Chunk(BatchMaxCount))
        {
            var entries = chunk.Select((handle, i) => new ChangeMessageVisibilityBatchRequestEntry
            {
                Id = ((char)('a' + i)).ToString(),
                ReceiptHandle = handle,
                VisibilityTimeout = 0,
            });
            try
            {
                await sqs.ChangeMessageVisibilityBatchAsync(url, entries.ToList(), timeout.Token);
            }
            catch (Exception e) when (e is AmazonServiceException or AmazonClientException or HttpRequestException
                or OperationCanceledException)
            {
                return;
            }
        }
    }
}
