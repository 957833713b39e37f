namespace ConnectTasks.Lambda;

/// <summary>
/// A token bucket on virtual or real time that gives out the moments at which this execution environment may call
/// Connect. Asking tells at once whether the moment comes in time, so nobody waits in vain.
/// </summary>
/// <remarks>
/// <para>
/// It also finds a quota that is smaller than the settings say, because others use part of it. A throttled call lowers
/// the pace; without one the pace rises with the cube of the time, as TCP CUBIC's window does: it stays for long at
/// what has just worked, then looks for more ever faster. So it swings closely around the free part of the quota, and
/// Connect's own bucket evens the swing out. The <c>pace</c> benchmark shows what that comes to.
/// </para>
/// <para>
/// System.Threading.RateLimiting's bucket reads the machine's own clock, can't be replayed on virtual time, can't say
/// how long a wait would be and can't change its rate. The bucket is kept as one number, the theoretical arrival time
/// of the generic cell rate algorithm.
/// </para>
/// </remarks>
/// <param name="mostPerSecond">The pace when nobody else uses the quota, in calls a second.</param>
/// <param name="burst">Calls that may be made at once after a rest; at least 1.</param>
/// <param name="time">The clock.</param>
/// <param name="metrics">Gets the pace of each call, and the throttled calls.</param>
internal sealed class Pacer(double mostPerSecond, int burst, TimeProvider time, Metrics? metrics = null)
{
    /// <summary>What a throttled call leaves of the pace.</summary>
    private const double Lowered = 0.9;

    /// <summary>What it leaves so soon after the last one that the pace must be far too high.</summary>
    private const double LoweredAgain = 0.8;

    /// <summary>Calls at full pace within which a throttled one comes too soon.</summary>
    private const double Soon = 20;

    /// <summary>Calls at full pace after which a lowered pace is back where it was.</summary>
    private const double Plateau = 200;

    /// <summary>The slowest pace, as a part of the fastest: someone must ask whether it has become better.</summary>
    private const double Slowest = 0.02;

    private readonly Lock _lock = new();
    private readonly long _start = time.GetTimestamp();
    private TimeSpan _nextIfNoBurst = TimeSpan.Zero;

    // At first so high and so long ago that nothing comes of it.
    private double _lowered = double.PositiveInfinity;
    private TimeSpan _loweredAt = TimeSpan.FromDays(-36_500);
    private int _throttles;

    /// <summary>The pace now, in calls a second.</summary>
    public double PerSecond
    {
        get
        {
            lock (_lock)
            {
                return PerSecondAt(Now());
            }
        }
    }

    /// <summary>Waits for the next free moment, if it comes within the given time.</summary>
    /// <returns>False, at once and without using up anything, if it comes later.</returns>
    public async ValueTask<bool> WaitAsync(TimeSpan atMost, CancellationToken cancellation)
    {
        var latest = Now() + atMost;
        while (true)
        {
            TimeSpan wait;
            double pace;
            int throttles;
            lock (_lock)
            {
                var now = Now();
                pace = PerSecondAt(now);
                var interval = TimeSpan.FromSeconds(1 / pace);
                var slot = _nextIfNoBurst - ((burst - 1) * interval);
                wait = slot > now ? slot - now : TimeSpan.Zero;
                if (now + wait > latest)
                {
                    return false;
                }

                _nextIfNoBurst = (_nextIfNoBurst > now ? _nextIfNoBurst : now) + interval;
                throttles = _throttles;
            }

            if (wait > TimeSpan.Zero)
            {
                await Task.Delay(wait, time, cancellation);
            }

            if (throttles == Volatile.Read(ref _throttles))
            {
                metrics?.Observe("PacePerSecond", pace);
                return true;
            }

            // The moment was given out before the pace was lowered: ask for another one.
        }
    }

    /// <summary>Connect throttled a call: go on more slowly, and take back the moments that were given out.</summary>
    public void OnThrottled()
    {
        metrics?.Count("ThrottledCalls");
        lock (_lock)
        {
            var now = Now();
            var pace = PerSecondAt(now);
            // Calls that were under way together say the same thing.
            if (now - _loweredAt < TimeSpan.FromSeconds(1 / mostPerSecond))
            {
                return;
            }

            var isSoon = (now - _loweredAt).TotalSeconds * mostPerSecond < Soon;
            _lowered = Math.Max(pace * (isSoon ? LoweredAgain : Lowered), mostPerSecond * Slowest);
            _loweredAt = now;
            _throttles++;
            // Connect's bucket is empty, so this one is.
            _nextIfNoBurst = now + (burst * TimeSpan.FromSeconds(1 / _lowered));
        }
    }

    private double PerSecondAt(TimeSpan now)
    {
        var calls = (now - _loweredAt).TotalSeconds * mostPerSecond / Plateau;
        var rise = Math.Exp(Math.Min(calls * calls * calls * -Math.Log(Lowered), 10));
        return Math.Min(_lowered * rise, mostPerSecond);
    }

    // Monotonic: a clock that is set back must not stop the work.
    private TimeSpan Now() => time.GetElapsedTime(_start);
}
