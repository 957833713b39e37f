namespace ConnectTasks.Simulation;

/// <summary>
/// Virtual time: one thread, one queue of what is due, in the order of time and then of asking. Time jumps to whatever
/// is next, so a day takes as long as its events. The same seed gives the same order, always.
/// </summary>
internal sealed class EventLoop(DateTimeOffset start) : TimeProvider
{
    private readonly PriorityQueue<Action, (long Ticks, long Order)> _due = new();
    private long _ticks;
    private long _order;

    /// <summary>True time; the clocks of processes may be off it.</summary>
    public DateTimeOffset Now => start + TimeSpan.FromTicks(_ticks);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => Now;

    public override long GetTimestamp() => _ticks;

    /// <summary>When the next thing is due; null if nothing is.</summary>
    public DateTimeOffset? Next => _due.TryPeek(out _, out var next) ? start + TimeSpan.FromTicks(next.Ticks) : null;

    public void After(TimeSpan delay, Action action) =>
        _due.Enqueue(action, (_ticks + Math.Max(0, delay.Ticks), _order++));

    /// <summary>Runs what is due until nothing is, or until the given time.</summary>
    public void Run(DateTimeOffset until)
    {
        var before = SynchronizationContext.Current;
        while (_due.TryPeek(out _, out var next) && start + TimeSpan.FromTicks(next.Ticks) <= until)
        {
            _ticks = Math.Max(_ticks, next.Ticks);
            var action = _due.Dequeue();
            SynchronizationContext.SetSynchronizationContext(null);
            action();
        }

        SynchronizationContext.SetSynchronizationContext(before);
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        new Timer(this, callback, state, dueTime, period);

    private sealed class Timer : ITimer
    {
        private readonly EventLoop _loop;
        private readonly TimerCallback _callback;
        private readonly object? _state;
        private int _version;

        public Timer(EventLoop loop, TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            (_loop, _callback, _state) = (loop, callback, state);
            Change(dueTime, period);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            var version = ++_version;
            if (dueTime != Timeout.InfiniteTimeSpan)
            {
                _loop.After(dueTime, () => Fire(version, period));
            }

            return true;
        }

        public void Dispose() => _version++;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return default;
        }

        private void Fire(int version, TimeSpan period)
        {
            if (version != _version)
            {
                return;
            }

            _callback(_state);
            if (period > TimeSpan.Zero && version == _version)
            {
                _loop.After(period, () => Fire(version, period));
            }
        }
    }
}
