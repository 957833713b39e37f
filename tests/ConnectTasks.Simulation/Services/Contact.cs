namespace ConnectTasks.Simulation;

/// <summary>
/// A task contact: it waits for its time, runs, and ends by itself, by the function or by people. What changes is not
/// to be seen everywhere at once.
/// </summary>
/// <param name="Name">The request's name, which in the simulation is the task's identity.</param>
internal sealed record Contact(string Id, string ClientToken, string Name, DateTimeOffset At, TimeSpan Runs)
{
    private readonly List<(DateTimeOffset At, DateTimeOffset StartsAt)> _times = [];

    /// <summary>When an agent gets it.</summary>
    public DateTimeOffset StartsAt => _times[^1].StartsAt;

    /// <summary>When it was given that time.</summary>
    public DateTimeOffset TimedAt => _times[^1].At;

    /// <summary>When it was stopped, if it was.</summary>
    public DateTimeOffset? StoppedAt { get; private set; }

    /// <summary>Whether people gave it its time: then the commands' order says nothing of it.</summary>
    public bool WasMovedByPeople { get; set; }

    public bool WasStoppedByPeople { get; set; }

    /// <summary>How often the function has moved it: Connect allows twenty times.</summary>
    public int Moves { get; set; }

    /// <summary>What calls answer that name it, until it is to be seen everywhere; null for the state of before.</summary>
    public string? UnseenAs { get; private set; }

    public DateTimeOffset SeenFrom { get; private set; }

    /// <summary>When the change was made that is perhaps not to be seen yet.</summary>
    public DateTimeOffset ChangedAt { get; private set; }

    public void MoveTo(DateTimeOffset startsAt, DateTimeOffset now) => _times.Add((now, startsAt));

    public void Stop(DateTimeOffset now) => StoppedAt ??= now;

    /// <summary>A change is not to be seen everywhere until then.</summary>
    public void Hide(string? code, DateTimeOffset now, DateTimeOffset until) =>
        (UnseenAs, ChangedAt, SeenFrom) = (code, now, until);

    /// <summary>Its time as it was at a moment.</summary>
    public DateTimeOffset StartsAtAsOf(DateTimeOffset moment)
    {
        var known = _times.FindLastIndex(t => t.At <= moment);
        return _times[Math.Max(known, 0)].StartsAt;
    }

    /// <summary>When it was or will be over; null if nobody ends it.</summary>
    public DateTimeOffset EndsAt => StoppedAt ?? (StartsAt > At ? StartsAt : At) + Runs;

    public bool IsOver(DateTimeOffset now) => EndsAt <= now;

    public bool HasBegun(DateTimeOffset now) => StartsAt <= now;

    /// <summary>All times that were in force since a moment, the one of that moment included.</summary>
    public IEnumerable<DateTimeOffset> TimesSince(DateTimeOffset moment) =>
        _times.Where(t => t.At > moment).Select(t => t.StartsAt).Prepend(StartsAtAsOf(moment));
}
