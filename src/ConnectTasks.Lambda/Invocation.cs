namespace ConnectTasks.Lambda;

/// <summary>
/// The time that one invocation has. Made once at its start, so that all records go by the same clock.
/// </summary>
internal sealed class Invocation : IDisposable
{
    private readonly CancellationTokenSource _hardStop;
    private readonly CancellationTokenSource _end;
    private readonly string _owner;
    private int _attempts;

    /// <param name="requestId">Lambda's id of the invocation.</param>
    /// <param name="remaining">What Lambda says is left of it; may be zero or less.</param>
    /// <param name="time">The clock.</param>
    /// <param name="id">
    /// Unlike any other invocation's: Lambda's own id is not, when it tries an asynchronous one again. Of no use to one
    /// that claims nothing.
    /// </param>
    public Invocation(string requestId, TimeSpan remaining, TimeProvider time, Guid id = default)
    {
        _owner = $"{requestId}/{id:N}";
        Deadline = time.GetUtcNow() + remaining;
        LastStart = Deadline - Settings.SettlementReserve - Settings.AttemptReserve;
        _hardStop = After(remaining - Settings.SettlementReserve, time);
        _end = After(remaining - Settings.AnswerReserve, time);
    }

    /// <summary>When Lambda kills the process if it has not answered.</summary>
    public DateTimeOffset Deadline { get; }

    /// <summary>No record is begun, and no call to Connect made, after this.</summary>
    public DateTimeOffset LastStart { get; }

    /// <summary>Fires when only the time to settle is left.</summary>
    public CancellationToken HardStop => _hardStop.Token;

    /// <summary>Fires when only the time to answer is left.</summary>
    public CancellationToken End => _end.Token;

    /// <summary>The owner of one more attempt, unlike any other attempt's.</summary>
    public string NextOwner() => $"{_owner}/{Interlocked.Increment(ref _attempts)}";

    public void Dispose()
    {
        _hardStop.Dispose();
        _end.Dispose();
    }

    private static CancellationTokenSource After(TimeSpan delay, TimeProvider time) =>
        new(delay > TimeSpan.Zero ? delay : TimeSpan.Zero, time);
}
