namespace ConnectTasks.Lambda;

/// <summary>
/// A token bucket on virtual or real time that gives out the moments at which this execution environment may call
/// Connect. Asking tells at once whether the moment comes in time, so nobody waits in vain.
/// </summary>
/// <remarks>
/// System.Threading.RateLimiting's bucket reads the machine's own clock, can't be replayed on virtual time, can't say
/// how long a wait would be and can't change its rate. Kept as one number, the theoretical arrival time of the
/// generic cell rate algorithm.
/// </remarks>
internal sealed class Pacer(double ratePerSecond, int burst, TimeProvider time)
{
    /// <summary>How long a throttle halves the pace.</summary>
    public static readonly TimeSpan SlowDown = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private readonly TimeSpan _interval = TimeSpan.FromSeconds(1 / ratePerSecond);
    private readonly long _start = time.GetTimestamp();
    private TimeSpan _nextIfNoBurst = TimeSpan.Zero;
    private TimeSpan _slowUntil = TimeSpan.Zero;

    /// <summary>Waits for the next free moment, if it comes within the given time.</summary>
    /// <returns>False, at once and without using up anything, if it comes later.</returns>
    public async ValueTask<bool> WaitAsync(TimeSpan atMost, CancellationToken cancellation)
    {
        TimeSpan wait;
        lock (_lock)
        {
            var now = Now();
            var interval = now < _slowUntil ? 2 * _interval : _interval;
            var slot = _nextIfNoBurst - ((burst - 1) * interval);
            wait = slot > now ? slot - now : TimeSpan.Zero;
            if (wait > atMost)
            {
                return false;
            }

            _nextIfNoBurst = (_nextIfNoBurst > now ? _nextIfNoBurst : now) + interval;
        }

        if (wait > TimeSpan.Zero)
        {
            await Task.Delay(wait, time, cancellation);
        }

        return true;
    }

    /// <summary>Connect throttled a call: halve the pace for a while.</summary>
    public void OnThrottled()
    {
        lock (_lock)
        {
            _slowUntil = Now() + SlowDown;
        }
    }

    // Monotonic: a clock that is set back must not stop the work.
    private TimeSpan Now() => time.GetElapsedTime(_start);
}
