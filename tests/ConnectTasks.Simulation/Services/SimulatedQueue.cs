using System.Text;
using Amazon.SQS;

namespace ConnectTasks.Simulation;

/// <summary>
/// One SQS queue: at least once, in no order (standard) or in the order of each group (FIFO), with visibility timeouts,
/// receive counts, a redrive policy, a retention, and FIFO's deduplication of five minutes. It refuses what SQS refuses.
/// </summary>
/// <param name="loop">The time.</param>
/// <param name="random">Shuffles what a standard queue delivers.</param>
/// <param name="name">What its message ids begin with.</param>
/// <param name="visibility">How long a received message is invisible, unless that is changed.</param>
/// <param name="maxReceiveCount">Of the redrive policy: the receives before a message is moved.</param>
/// <param name="dead">Where the redrive policy moves messages to; null for none.</param>
/// <param name="isFifo">Whether it is a FIFO queue.</param>
internal sealed class SimulatedQueue(
    EventLoop loop, Random random, string name, TimeSpan visibility, int maxReceiveCount, SimulatedQueue? dead,
    bool isFifo = false)
{
    public const int MaxMessageBytes = 1_048_576;
    private const int MaxAttributes = 10;

    private static readonly TimeSpan DeduplicationInterval = TimeSpan.FromMinutes(5);

    private readonly List<QueuedMessage> _messages = [];
    private readonly Dictionary<string, (DateTimeOffset At, string Id)> _seen = [];
    private int _sent;

    public IReadOnlyList<QueuedMessage> Messages => _messages;

    /// <summary>How many messages have come.</summary>
    public int Sent => _sent;

    /// <summary>The ARN that its records name; it is another one once the queue has been replaced.</summary>
    public string Arn { get; set; } = QueuedMessage.QueueArn;

    /// <summary>After this SQS deletes a message, seen or unseen.</summary>
    public TimeSpan Retention { get; init; } = TimeSpan.FromDays(14);

    /// <summary>Called when a message was sent.</summary>
    public event Action<QueuedMessage>? WasSent;

    /// <summary>Called for each message that the redrive policy moves.</summary>
    public event Action<QueuedMessage>? WasMoved;

    /// <summary>Called for each message that was deleted because its retention had ended.</summary>
    public event Action<QueuedMessage>? HasExpired;

    /// <summary>Sends a message.</summary>
    /// <returns>Its id; that of the first one if this is one that a FIFO queue has deduplicated.</returns>
    /// <exception cref="AmazonSQSException">The queue does not take what was sent.</exception>
    public string Send(
        string body, string? group, Dictionary<string, string>? attributes, string? deduplicationId = null,
        int? delaySeconds = null)
    {
        Check(body, group, attributes, deduplicationId, delaySeconds);
        if (deduplicationId is not null)
        {
            if (_seen.TryGetValue(deduplicationId, out var first) && loop.Now - first.At < DeduplicationInterval)
            {
                return first.Id;
            }

            _seen[deduplicationId] = (loop.Now, $"{name}-{_sent + 1}");
        }

        var message = new QueuedMessage
        {
            Id = $"{name}-{++_sent}",
            Body = body,
            Group = group,
            Attributes = attributes ?? [],
            SentAt = loop.Now,
            VisibleAt = loop.Now + TimeSpan.FromSeconds(delaySeconds ?? 0),
        };
        _messages.Add(message);
        WasSent?.Invoke(message);
        return message.Id;
    }

    /// <summary>
    /// Up to so many messages that are visible, each invisible from now on for the queue's visibility timeout.
    /// </summary>
    public List<QueuedMessage> Receive(int most)
    {
        Expire();
        var now = loop.Now;
        var batch = new List<QueuedMessage>();
        var blocked = isFifo
            ? _messages.Where(m => m.VisibleAt > now).Select(m => m.Group).ToHashSet()
            : [];
        foreach (var message in InDeliveryOrder(now))
        {
            if (batch.Count == most)
            {
                break;
            }

            if (isFifo && blocked.Contains(message.Group))
            {
                continue;
            }

            if (dead is not null && message.ReceiveCount >= maxReceiveCount)
            {
                // It keeps its body, its attributes and the time that it was sent, and gets nothing added.
                _messages.Remove(message);
                dead._messages.Add(message);
                WasMoved?.Invoke(message);
                continue;
            }

            message.ReceiveCount++;
            message.FirstReceivedAt ??= now;
            message.VisibleAt = now + visibility;
            message.Handle = $"{message.Id}/{message.ReceiveCount}";
            batch.Add(message);
        }

        return batch;
    }

    /// <summary>When the next message becomes visible; null if there is none.</summary>
    public DateTimeOffset? NextVisible() => _messages.Count == 0 ? null : _messages.Min(m => m.VisibleAt);

    public void Delete(string id) => _messages.RemoveAll(m => m.Id == id);

    public void ChangeVisibility(string handle, TimeSpan timeout)
    {
        if (_messages.Find(m => m.Handle == handle) is { } message)
        {
            message.VisibleAt = loop.Now + timeout;
        }
    }

    private void Expire()
    {
        foreach (var message in _messages.FindAll(m => loop.Now - m.SentAt >= Retention))
        {
            _messages.Remove(message);
            HasExpired?.Invoke(message);
        }
    }

    private void Check(
        string body, string? group, Dictionary<string, string>? attributes, string? deduplicationId, int? delaySeconds)
    {
        var bytes = body.Length > MaxMessageBytes / 3 ? Encoding.UTF8.GetByteCount(body) : body.Length;
        bytes += attributes?.Sum(a => a.Key.Length + Encoding.UTF8.GetByteCount(a.Value) + "String".Length) ?? 0;
        var fault = isFifo switch
        {
            true when group is null => "MessageGroupId is missing",
            true when deduplicationId is null => "MessageDeduplicationId is missing",
            true when delaySeconds is not null => "DelaySeconds is not valid for this queue type",
            false when deduplicationId is not null => "MessageDeduplicationId is not valid for this queue type",
            _ when group is { Length: 0 or > 128 } => "MessageGroupId is not valid",
            _ when bytes > MaxMessageBytes => "the message is too long",
            _ when attributes?.Count > MaxAttributes => "there are too many message attributes",
            _ => null,
        };
        if (fault is not null)
        {
            throw new AmazonSQSException($"The request is not valid: {fault}.")
            {
                ErrorCode = "InvalidParameterValue",
                StatusCode = System.Net.HttpStatusCode.BadRequest,
            };
        }
    }

    private List<QueuedMessage> InDeliveryOrder(DateTimeOffset now)
    {
        var visible = _messages.FindAll(m => m.VisibleAt <= now);
        if (!isFifo)
        {
            random.Shuffle(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(visible));
        }

        return visible;
    }
}
