namespace ConnectTasks.Client;

/// <summary>
/// The times of a client's commands. They decide which of several commands about one task was sent last, so no two are
/// equal, and a clock that is set back by less than a second does not turn their order round.
/// </summary>
internal sealed class CommandClock(TimeProvider time)
{
    /// <summary>
    /// A clock that was further ahead was wrong: to go on from there would let these commands win over those of others.
    /// </summary>
    private const long LeadMaxMilliseconds = 1_000;

    private long _lastMs;

    /// <summary>Now, in whole milliseconds, or the millisecond after the last one that was given.</summary>
    public DateTimeOffset Next()
    {
        while (true)
        {
            var last = Volatile.Read(ref _lastMs);
            var now = time.GetUtcNow().ToUnixTimeMilliseconds();
            var next = last >= now && last - now < LeadMaxMilliseconds ? last + 1 : now;
            if (Interlocked.CompareExchange(ref _lastMs, next, last) == last)
                return DateTimeOffset.FromUnixTimeMilliseconds(next);
        }
    }
}
