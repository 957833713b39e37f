namespace ConnectTasks.Simulation;

/// <summary>
/// One SQS queue: at least once, in no order (standard) or in the order of each group (FIFO), with visibility timeouts,
/// receive counts and a redrive policy.
/// </summary>
internal sealed class SimulatedQueue(World world, string name, TimeSpan visibility, int maxReceiveCount, SimulatedQueue? dead)
{
    private readonly List<QueuedMessage> _messages = [];
    private int _sent;

    public IReadOnlyList<QueuedMessage> Messages => _messages;

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
            SentAt = world.Loop.Now,
            VisibleAt = world.Loop.Now,
        };
        _messages.Add(message);
        world.WakeAll();
        return message.Id;
    }

    /// <summary>
    /// Up to ten messages that are visible, each invisible from now on for the queue's visibility timeout.
    /// </summary>
    public List<QueuedMessage> Receive(int most)
    {
        var now = world.Loop.Now;
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
                world.TraceMessage(message.Id, "sqs: moved by the redrive policy");
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
            message.VisibleAt = world.Loop.Now + timeout;
        }
    }

    private List<QueuedMessage> InDeliveryOrder(DateTimeOffset now)
    {
        var visible = _messages.FindAll(m => m.VisibleAt <= now);
        if (visible.Count > 0 && visible[0].Group is null)
        {
            world.Random.Shuffle(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(visible));
        }

        return visible;
    }
}

internal sealed class QueuedMessage
{
    public required string Id { get; init; }
    public required string Body { get; init; }
    public required string? Group { get; init; }
    public required Dictionary<string, string> Attributes { get; init; }
    public required DateTimeOffset SentAt { get; init; }
    public required DateTimeOffset VisibleAt { get; set; }
    public DateTimeOffset? FirstReceivedAt { get; set; }
    public int ReceiveCount { get; set; }
    public string Handle { get; set; } = "";
}
