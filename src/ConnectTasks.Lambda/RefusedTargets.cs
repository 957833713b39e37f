namespace ConnectTasks.Lambda;

/// <summary>
/// What this process has seen Connect refuse for good: a request that names the same flow, template, quick connect and
/// contacts needs no patience of its own, so that many requests with one wrong id take one call each.
/// </summary>
/// <param name="memory">How long a refusal is remembered.</param>
internal sealed class RefusedTargets(TimeSpan memory)
{
    /// <summary>Ids are the producers': the memory has a bound.</summary>
    private const int MaxTargets = 1_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, DateTimeOffset> _refusedAt = [];

    public void Add(TaskRequest request, DateTimeOffset now)
    {
        lock (_lock)
        {
            if (_refusedAt.Count >= MaxTargets)
            {
                _refusedAt.Clear();
            }

            _refusedAt[TargetOf(request)] = now;
        }
    }

    public bool Contains(TaskRequest request, DateTimeOffset now)
    {
        lock (_lock)
        {
            return _refusedAt.TryGetValue(TargetOf(request), out var at) && now - at < memory;
        }
    }

    private static string TargetOf(TaskRequest request) => string.Join(
        '\n',
        request.InstanceId,
        request.ContactFlowId,
        request.TaskTemplateId,
        request.QuickConnectId,
        request.PreviousContactId,
        request.RelatedContactId);
}
