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
/// <remarks>
/// Of a message group of a FIFO queue, SQS gives ten messages at the most, all in one receive, and no more before those
/// are deleted or seen again, which puts them first again. So what is behind ten that stay cannot be looked at; and a
/// group of which the end of a batch left some behind is let go and received once more.
/// </remarks>
internal sealed class DlqQueue(IAmazonSQS sqs, string url, TimeProvider time, Func<Guid> newId)
{
    public const int BatchMaxCount = 10;

    /// <summary>
    /// Receives without anything new, after which the rest is what came before: hidden too short, or FIFO.
    /// </summary>
    private const int StaleReceivesMaxCount = 20;

    /// <summary>Long enough that SQS asks all of its servers, not a sample of them.</summary>
    private const int WaitSeconds = 1;

    private static readonly TimeSpan ReleaseTimeout = TimeSpan.FromSeconds(15);

    public string Url => url;

    public bool IsFifo => IsFifoUrl(url);

    /// <summary>
    /// A queue's type is in its name, and nowhere else: a standard queue's messages may have a group too.
    /// </summary>
    public static bool IsFifoUrl(string url) => url.EndsWith(".fifo", StringComparison.Ordinal);

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
        var held = new Dictionary<string, DeadLetter>();
        var cutGroups = new HashSet<string>();
        var seen = new HashSet<string>();
        try
        {
            var stale = 0;
            while (seen.Count < limit && stale < StaleReceivesMaxCount && !isDone())
            {
                // Of a FIFO group that is received once more, the first are known.
                request.MaxNumberOfMessages = IsFifo ? BatchMaxCount : (int)Math.Min(BatchMaxCount, limit - seen.Count);
                // With it, a retry after a lost reply gets the messages that the reply had.
                request.ReceiveRequestAttemptId = IsFifo ? newId().ToString() : null;
                if ((await sqs.ReceiveMessageAsync(request, cancellation)).Messages is not { Count: > 0 } messages)
                {
                    if (seen.Count >= count || !await LetGoAsync(held, cutGroups))
                        break;
                    continue;
                }

                var letters = messages.ConvertAll(DeadLetter.Read);
                foreach (var letter in letters)
                    held[letter.MessageId] = letter;
                // Groups come one after the other, so that only the last one can have more.
                if (IsFifo && letters.Count == BatchMaxCount && letters[^1].GroupId is { } group)
                    cutGroups.Add(group);
                stale++;
                foreach (var letter in letters)
                {
                    if (isDone() || seen.Count == limit)
                        break;
                    if (!seen.Add(letter.MessageId))
                        continue;
                    stale = 0;
                    if (await visit(letter))
                        held.Remove(letter.MessageId);
                }
            }
        }
        finally
        {
            await ReleaseAsync(held.Values);
        }

        return new DlqScan(seen.Count, isDone() ? 0 : Math.Max(0, count - seen.Count));
    }

    /// <summary>
    /// Lets go of the groups that may have more and that one receive can give more of. Gives whether there are any.
    /// </summary>
    private async Task<bool> LetGoAsync(Dictionary<string, DeadLetter> held, HashSet<string> cutGroups)
    {
        var groups = held.Values.Where(letter => letter.GroupId is { } group && cutGroups.Contains(group))
            .GroupBy(letter => letter.GroupId).Where(group => group.Count() < BatchMaxCount).ToList();
        cutGroups.Clear();
        await ReleaseAsync(groups.SelectMany(group => group));
        return groups.Count > 0;
    }

    public Task DeleteAsync(DeadLetter letter, CancellationToken cancellation) =>
        sqs.DeleteMessageAsync(url, letter.ReceiptHandle, cancellation);

    /// <summary>Lets messages be seen again at once. Should it fail, they are when their time is over.</summary>
    private async Task ReleaseAsync(IEnumerable<DeadLetter> letters)
    {
        // Of its own, because it matters most after Ctrl+C.
        using var timeout = new CancellationTokenSource(ReleaseTimeout, time);
        foreach (var chunk in letters.Chunk(BatchMaxCount))
        {
            var entries = chunk.Select((letter, i) => new ChangeMessageVisibilityBatchRequestEntry
            {
                Id = ((char)('a' + i)).ToString(),
                ReceiptHandle = letter.ReceiptHandle,
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
