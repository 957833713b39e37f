namespace ConnectTasks.Lambda;

/// <summary>How long a retryable outcome waits, and when retrying ends.</summary>
/// <remarks>
/// The wait doubles with each receive from a first wait to a longest one. So after an outage a message waits at most
/// about as long as the outage took, and the receive count grows with the logarithm of time, then by two to five an
/// hour: a message that is retried until the queue would delete it stays below the queue's maxReceiveCount (a test ties
/// the numbers together).
/// </remarks>
internal static class RetryPolicy
{
    /// <summary>The part of a wait that jitter may take away, so that a burst does not come back as one.</summary>
    public const double JitterShare = 0.25;

    /// <summary>One that is found in flight more often than this backs off as all others do.</summary>
    private const int PatientReceives = 8;

    /// <summary>After so many receives, about half a day, all wait as long as the longest.</summary>
    private const int ManyReceives = 60;

    /// <summary>SQS measures visibility timeouts in whole seconds; zero would mean a spin.</summary>
    public static readonly TimeSpan ShortestWait = TimeSpan.FromSeconds(1);

    /// <summary>The longest of all waits; far below SQS's 12 hours from the receive.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(30);

    /// <summary>Decides about one retryable outcome.</summary>
    /// <param name="outcome">An outcome whose settlement is <see cref="Settlement.Retry"/>.</param>
    /// <param name="message">The delivery: its receive count and its times.</param>
    /// <param name="now">The time of the decision.</param>
    /// <param name="limits">The age limits.</param>
    /// <param name="jitter">From 0 (the full wait) to 1 (the wait less <see cref="JitterShare"/>).</param>
    /// <returns>The wait until the next attempt, or null if there is to be none.</returns>
    public static TimeSpan? Decide(
        Outcome outcome, Message message, DateTimeOffset now, AgeLimits limits, double jitter)
    {
        // Counted from the first real try: waiting in a backlog, for a turn, behind others of a group or for a function
        // that does not start is not retrying. Where the first try is not known, the queue's retention is the limit.
        var retriedFor = IsTry(outcome) && outcome.FirstTried is { } tried ? now - tried : TimeSpan.Zero;
        var queuedFor = now - (message.SentAt ?? now);
        if (retriedFor >= limits.MaxRetryAge || queuedFor >= limits.LastResortAge)
        {
            return null;
        }

        if (outcome is Outcome.NotFoundYet notFound)
        {
            return TimeSpan.FromSeconds(Math.Ceiling(notFound.NextLook.TotalSeconds + 1 + (2 * jitter)));
        }

        var (first, longest, lease) = Waits(outcome);
        var wait = Wait(first, longest, lease, message.ReceiveCount, jitter);
        if (outcome is not Outcome.InFlight inFlight || message.ReceiveCount > PatientReceives)
        {
            return wait;
        }

        // Whoever works on it is mostly done long before the lease ends, and after its end there is nothing to wait
        // for.
        var latest = TimeSpan.FromSeconds(Math.Ceiling(inFlight.Until.TotalSeconds + 1 + (2 * jitter)));
        return wait < latest ? wait : latest;
    }

    /// <summary>
    /// When to look again for what Connect does not find: at a tenth of the patience and at its end, so that a message
    /// takes three calls at most.
    /// </summary>
    /// <param name="since">The time since the first look, or since what is looked for was changed.</param>
    /// <param name="patience">The time after which Connect's answer is final; zero for none.</param>
    /// <returns>The time from now to the next look; null if the answer is final.</returns>
    public static TimeSpan? NextLook(TimeSpan since, TimeSpan patience) =>
        since >= patience ? null
        : since < patience / 10 ? (patience / 10) - since
        : patience - since;

    /// <summary>Whether the outcome is that of a real try, which the ledger has seen.</summary>
    private static bool IsTry(Outcome outcome) =>
        outcome is not (Outcome.Deferred or Outcome.InFlight or Outcome.LedgerUnavailable);

    /// <summary>How long a message waits that could not be sent to the dead-letter queue.</summary>
    public static TimeSpan AfterFailedSettlement(int receiveCount, double jitter) =>
        Wait(Seconds(5), Minutes(15), TimeSpan.Zero, receiveCount, jitter);

    private static TimeSpan Wait(TimeSpan first, TimeSpan longest, TimeSpan lease, int receiveCount, double jitter)
    {
        var doublings = Math.Min(receiveCount - 1, 30);
        longest = receiveCount > ManyReceives ? LongestWait : longest;
        var wait = Math.Min(first.TotalSeconds * Math.Pow(2, doublings), longest.TotalSeconds);
        wait *= 1 - (JitterShare * jitter);
        // A lease's end is a time before which no attempt can succeed: jitter may only lengthen that wait.
        var afterLease = lease > TimeSpan.Zero ? lease.TotalSeconds + 1 + (2 * jitter) : 0;
        return TimeSpan.FromSeconds(Math.Ceiling(Math.Clamp(
            Math.Max(wait, afterLease), ShortestWait.TotalSeconds, LongestWait.TotalSeconds)));
    }

    private static (TimeSpan First, TimeSpan Longest, TimeSpan Lease) Waits(Outcome outcome) => outcome switch
    {
        Outcome.InFlight => (Seconds(2), Minutes(15), TimeSpan.Zero),
        Outcome.Deferred => (Seconds(2), Minutes(15), TimeSpan.Zero),
        Outcome.Throttled => (Seconds(15), Minutes(20), TimeSpan.Zero),
        Outcome.OverQuota => (Minutes(1), Minutes(30), TimeSpan.Zero),
        Outcome.Unavailable => (Seconds(5), Minutes(15), TimeSpan.Zero),
        Outcome.Unknown o => (Seconds(5), Minutes(15), o.LeaseLeft),
        Outcome.Misconfigured => (Minutes(1), Minutes(30), TimeSpan.Zero),
        Outcome.LedgerUnavailable o => (Seconds(5), Minutes(15), o.LeaseLeft),
        _ => throw new ArgumentException($"{outcome.Name} is not retried.", nameof(outcome)),
    };

    private static TimeSpan Seconds(int count) => TimeSpan.FromSeconds(count);

    private static TimeSpan Minutes(int count) => TimeSpan.FromMinutes(count);
}

/// <summary>The ages at which retrying ends.</summary>
/// <param name="MaxRetryAge">How long a message is retried, from its first real try.</param>
/// <param name="LastResortAge">
/// The age since it was sent at which a message that still fails is dead-lettered, so that the queue's retention never
/// deletes it unseen.
/// </param>
internal readonly record struct AgeLimits(TimeSpan MaxRetryAge, TimeSpan LastResortAge);
