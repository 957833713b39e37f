using System.Globalization;
using Amazon.Lambda.SQSEvents;

namespace ConnectTasks.Simulation;

/// <summary>
/// One SQS queue: at least once, in no order (standard) or in the order of each group (FIFO), with visibility timeouts,
/// receive counts and a redrive policy.
/// </summary>
/// <param name="loop">The time.</param>
/// <param name="random">Shuffles what a standard queue delivers.</param>
/// <param name="name">What its message ids begin with.</param>
/// <param name="visibility">How long a received message is invisible, unless that is changed.</param>
/// <param name="maxReceiveCount">Of the redrive policy: the receives before a message is moved.</param>
/// <param name="dead">Where the redrive policy moves messages to; null for none.</param>
internal sealed class SimulatedQueue(
    EventLoop loop, Random random, string name, TimeSpan visibility, int maxReceiveCount, SimulatedQueue? dead)
{
    private readonly List<QueuedMessage> _messages = [];
    private int _sent;

    public IReadOnlyList<QueuedMessage> Messages => _messages;

    /// <summary>Called when a message was sent.</summary>
    public event Action? WasSent;

    /// <summary>Called for each message that the redrive policy moves.</summary>
    public event Action<QueuedMessage>? WasMoved;

    /// <summary>Messages that the redrive policy moved, which is no way for a healthy one to end.</summary>
    public List<QueuedMessage> MovedByRedrive { get; } = [];

    public string Send(string body, string? group, Dictionary<string, string>? attributes)
    {
        var message = new QueuedMessage
        {
            Id = $"{name}-{++_sent}",
            Body = body,
            Group = group,
            Attributes = attributes ?? [],
            SentAt = loop.Now,
            VisibleAt = loop.Now,
        };
        _messages.Add(message);
        WasSent?.Invoke();
        return message.Id;
    }

    /// <summary>
    /// Up to ten messages that are visible, each invisible from now on for the queue's visibility timeout.
    /// </summary>
    public List<QueuedMessage> Receive(int most)
    {
        var now = loop.Now;
        var batch = new List<QueuedMessage>();
        var blocked = _messages.Where(m => m.Group is not null && m.VisibleAt > now).Select(m => m.Group).ToHashSet();
        foreach (var message in InDeliveryOrder(now))
        {
            if (batch.Count == most)
            {
                break;
            }

            if (message.Group is not null && blocked.Contains(message.Group))
            {
                continue;
            }

            if (dead is not null && message.ReceiveCount >= maxReceiveCount)
            {
                _messages.Remove(message);
                MovedByRedrive.Add(message);
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

    private List<QueuedMessage> InDeliveryOrder(DateTimeOffset now)
    {
        var visible = _messages.FindAll(m => m.VisibleAt <= now);
        if (visible.Count > 0 && visible[0].Group is null)
        {
            random.Shuffle(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(visible));
        }

        return visible;
    }
}

internal sealed class QueuedMessage
{
    public const string QueueArn = "arn:aws:sqs:us-east-1:000000000000:tasks";

    public required string Id { get; init; }
    public required string Body { get; init; }
    public required string? Group { get; init; }
    public required Dictionary<string, string> Attributes { get; init; }
    public required DateTimeOffset SentAt { get; init; }
    public required DateTimeOffset VisibleAt { get; set; }
    public DateTimeOffset? FirstReceivedAt { get; set; }
    public int ReceiveCount { get; set; }
    public string Handle { get; set; } = "";

    /// <summary>The record of this delivery in an event.</summary>
    public SQSEvent.SQSMessage ToRecord()
    {
        var attributes = new Dictionary<string, string>
        {
            ["ApproximateReceiveCount"] = ReceiveCount.ToString(CultureInfo.InvariantCulture),
            ["SentTimestamp"] = Milliseconds(SentAt),
            ["ApproximateFirstReceiveTimestamp"] = Milliseconds(FirstReceivedAt!.Value),
        };
        if (Group is not null)
        {
            attributes["MessageGroupId"] = Group;
        }

        return new SQSEvent.SQSMessage
        {
            MessageId = Id,
            ReceiptHandle = Handle,
            Body = Body,
            EventSourceArn = QueueArn,
            Attributes = attributes,
            MessageAttributes = Attributes.ToDictionary(
                a => a.Key, a => new SQSEvent.MessageAttribute { DataType = "String", StringValue = a.Value }),
        };
    }

    private static string Milliseconds(DateTimeOffset time) =>
        time.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);
}
