namespace ConnectTasks.Simulation;

/// <summary>
/// One process: its awaits come back through here, so that it can be killed at any of them, and its clock may be off.
/// </summary>
internal sealed class SimulatedProcess(EventLoop loop, TimeSpan skew) : SynchronizationContext
{
    private int _awaitsLeft = int.MaxValue;
    private int _awaitsUntilFrozen = int.MaxValue;
    private TimeSpan _freeze;
    private DateTimeOffset _frozenUntil;

    public bool IsDead { get; private set; }

    public bool IsFrozen => loop.Now < _frozenUntil;

    public TimeProvider Clock { get; } = new SkewedClock(loop, skew);

    /// <summary>Called when the process dies.</summary>
    public event Action? Died;

    public void Kill()
    {
        if (!IsDead)
        {
            IsDead = true;
            Died?.Invoke();
        }
    }

    /// <summary>Kills it when it has come back from that many more awaits.</summary>
    public void KillAfter(int awaits) => _awaitsLeft = awaits;

    /// <summary>
    /// Stops it for a time when it has come back from that many more awaits: what it was about to do, it does late.
    /// </summary>
    public void FreezeAfter(int awaits, TimeSpan time) => (_awaitsUntilFrozen, _freeze) = (awaits, time);

    public override void Post(SendOrPostCallback d, object? state) => loop.After(TimeSpan.Zero, () => Run(() => d(state)));

    public override void Send(SendOrPostCallback d, object? state) => throw new NotSupportedException();

    /// <summary>Runs something as this process, unless it is dead.</summary>
    public void Run(Action action)
    {
        if (!IsDead && _awaitsLeft-- <= 0)
        {
            Kill();
        }

        if (!IsDead && _awaitsUntilFrozen-- <= 0)
        {
            (_awaitsUntilFrozen, _frozenUntil) = (int.MaxValue, loop.Now + _freeze);
        }

        if (IsDead)
        {
            return;
        }

        if (loop.Now < _frozenUntil)
        {
            loop.After(_frozenUntil - loop.Now, () => Run(action));
            return;
        }

        SetSynchronizationContext(this);
        try
        {
            action();
        }
        finally
        {
            SetSynchronizationContext(null);
        }
    }

    private sealed class SkewedClock(EventLoop loop, TimeSpan skew) : TimeProvider
    {
        public override long TimestampFrequency => loop.TimestampFrequency;

        public override DateTimeOffset GetUtcNow() => loop.Now + skew;

        public override long GetTimestamp() => loop.GetTimestamp();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            loop.CreateTimer(callback, state, dueTime, period);
    }
}
