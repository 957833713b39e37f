namespace ConnectTasks.Local;

/// <summary>A token bucket on a clock that is passed in. Not safe for use by several threads.</summary>
/// <param name="perSecond">Requests a second; 0 or less for no limit.</param>
/// <param name="burst">Requests that may come at once.</param>
/// <param name="start">The time of the first request, or before.</param>
internal sealed class RateLimit(double perSecond, int burst, DateTimeOffset start)
{
    private double _permits = burst;
    private DateTimeOffset _permitsAt = start;

    public bool Take(DateTimeOffset now)
    {
        if (perSecond <= 0)
            return true;
        var refill = Math.Max(0, (now - _permitsAt).TotalSeconds) * perSecond;
        _permits = Math.Min(burst, _permits + refill);
        _permitsAt = now;
        if (_permits < 1)
            return false;
        _permits--;
        return true;
    }
}
