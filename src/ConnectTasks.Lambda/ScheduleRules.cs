namespace ConnectTasks.Lambda;

/// <summary>What a ScheduledTime means at a given moment.</summary>
/// <param name="Horizon">How far ahead Connect takes a time.</param>
/// <param name="Grace">How long ago a time may have been when the message was sent.</param>
/// <param name="MaxAhead">How far ahead a time may be at all.</param>
internal readonly record struct ScheduleRules(TimeSpan Horizon, TimeSpan Grace, TimeSpan MaxAhead)
{
    /// <summary>What Connect takes under every reading of its documents.</summary>
    private static readonly TimeSpan SafeHorizon = TimeSpan.FromDays(6);

    /// <summary>
    /// Released this much after Connect would take it, so that neither clock skew nor a slow queue brings it back too
    /// early: half a day of six.
    /// </summary>
    private static TimeSpan MarginOf(TimeSpan horizon) => horizon / 12;

    public bool IsBeyondHorizon(DateTimeOffset time, DateTimeOffset now) => time > now + Horizon;

    public bool IsTooFarAhead(DateTimeOffset time, DateTimeOffset now) => time > now + MaxAhead;

    /// <summary>Judged by when it was sent: a delay of ours makes a task late, not wrong.</summary>
    public bool WasLongPast(DateTimeOffset time, DateTimeOffset sentAt) => time < sentAt - Grace;

    /// <summary>When a task of this time is sent to the queue: half a day into Connect's own horizon.</summary>
    public DateTimeOffset ReleaseTime(DateTimeOffset time) => time - Safe + MarginOf(Safe);

    /// <summary>
    /// Whether it may be its distance for which a time was refused: Connect's horizon may be nearer than we were told.
    /// </summary>
    public bool IsNearHorizon(DateTimeOffset time, DateTimeOffset now) => time - now > 0.8 * Safe;

    /// <summary>
    /// When a task is tried again whose distance may have been refused: near enough to tell for sure.
    /// </summary>
    public static DateTimeOffset SecondReleaseTime(DateTimeOffset time, DateTimeOffset now) => now + ((time - now) / 2);

    private TimeSpan Safe => Horizon < SafeHorizon ? Horizon : SafeHorizon;
}
