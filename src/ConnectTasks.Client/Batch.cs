namespace ConnectTasks.Client;

/// <summary>
/// Consecutive messages that fit into one request by count and by bytes. Those that are not valid have a place too,
/// so that results come in the order of the messages and no more than a batch is ever held back.
/// </summary>
internal sealed class Batch(int maxBytes)
{
    private readonly List<OutgoingMessage> _messages = [];
    private long _bytes;

    public IReadOnlyList<OutgoingMessage> Messages => _messages;

    /// <summary>Adds a message, unless the batch is too full for it. An empty batch takes any.</summary>
    public bool TryAdd(OutgoingMessage message)
    {
        var bytes = message.IsValid ? message.Bytes : 0;
        if (_messages.Count == SqsLimits.BatchMaxCount || (_messages.Count > 0 && _bytes + bytes > maxBytes))
            return false;
        _messages.Add(message);
        _bytes += bytes;
        return true;
    }
}
