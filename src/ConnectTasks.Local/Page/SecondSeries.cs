namespace ConnectTasks.Local;

/// <summary>What happened within one second.</summary>
/// <param name="At">The second, in Unix time.</param>
internal readonly record struct Second(
    long At, int Received = 0, int Done = 0, int Started = 0, int Retried = 0, int Calls = 0, int Throttled = 0,
    int Failed = 0);

/// <summary>The last ten minutes by the second, in a ring. Safe for use by several threads.</summary>
internal sealed class SecondSeries
{
    public const int MaxCount = 600;

    private readonly Lock _gate = new();
    private readonly Second[] _ring = new Second[MaxCount];

    public void Count(DateTimeOffset at, Func<Second, Second> change)
    {
        lock (_gate)
        {
            var second = at.ToUnixTimeSeconds();
            ref var slot = ref _ring[second % MaxCount];
            // What comes ten minutes late has lost its place to a newer second.
            if (slot.At > second)
                return;
            slot = change(slot.At == second ? slot : new Second(second));
        }
    }

    /// <summary>The seconds from one on in which something happened, in order.</summary>
    public IReadOnlyList<Second> Since(long second)
    {
        lock (_gate)
            return [.. _ring.Where(slot => slot.At > 0 && slot.At >= second).OrderBy(slot => slot.At)];
    }
}
