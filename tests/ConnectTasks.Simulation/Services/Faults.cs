namespace ConnectTasks.Simulation;

/// <summary>A kind of trouble. Most seeds have one or two, so that each is seen often and by itself.</summary>
internal enum Trouble
{
    Network,
    Errors,
    Throttles,
    Crashes,
    Duplicates,
    Inconsistency,
    OddAnswers,
    Scheduling,
    People,
}

/// <summary>How one seed's world misbehaves. All shares are of calls, from 0 to 1.</summary>
internal sealed record FaultRates
{
    public double LostRequest { get; init; }

    /// <summary>Of answers that never come whole: reset, silent, or stalled in the body.</summary>
    public double LostReply { get; init; }

    public double ServerError { get; init; }

    /// <summary>Of Connect's and SQS's failures, those that come after the effect.</summary>
    public double FailsAfter { get; init; }

    public double Throttle { get; init; }

    /// <summary>Codes and statuses that disagree: an old signature, a throttle with status 400, a 402.</summary>
    public double OddError { get; init; }

    /// <summary>Of Connect's answers 200, those that lack what they should hold.</summary>
    public double Empty { get; init; }

    /// <summary>Of calls to Connect that take longer than any time-out.</summary>
    public double Slow { get; init; }

    /// <summary>Of changes in Connect that are not to be seen everywhere for a while.</summary>
    public double Inconsistent { get; init; }

    public double Crash { get; init; }

    /// <summary>Of invocations that stop in the middle and go on minutes later.</summary>
    public double Freeze { get; init; }

    /// <summary>Of invocations that begin long after the receive.</summary>
    public double Late { get; init; }

    /// <summary>Of receives without an invocation: the account throttles the function.</summary>
    public double NotInvoked { get; init; }

    /// <summary>Of invocations after which another environment takes the place of this one.</summary>
    public double Recycle { get; init; }

    public double DuplicateDelivery { get; init; }

    /// <summary>How much later than the table the index shows a change, at most.</summary>
    public TimeSpan IndexLag { get; init; }

    /// <summary>How often a day people end or move a contact.</summary>
    public double PeopleADay { get; init; }

    public TimeSpan MaxSkew { get; init; }

    public static FaultRates Draw(Random random, WorldConfig config)
    {
        var main = new HashSet<Trouble>(config.Troubles)
        {
            (Trouble)random.Next(9),
            (Trouble)random.Next(9),
        };
        bool Has(Trouble trouble) => !config.IsCalm && (main.Contains(trouble) || random.Next(6) == 0);
        double Share(bool has, double most) => has ? (0.2 + (0.8 * random.NextDouble())) * most : 0;
        var (network, errors, crashes) = (Has(Trouble.Network), Has(Trouble.Errors), Has(Trouble.Crashes));
        var (duplicates, odd, scheduling) = (Has(Trouble.Duplicates), Has(Trouble.OddAnswers), Has(Trouble.Scheduling));
        // Clocks in one Region agree within a second; a few seeds break that thoroughly, and deliver much twice.
        // Twice as many receives would be another way to the end of the redrive policy's count.
        duplicates &= config.Theme != Theme.Starved;
        // Of a horizon of ten minutes that is nearer than the function was told, that would be too large a part.
        var brokenClocks = duplicates && random.Next(3) == 0
            && config.ConnectHorizon >= 0.9 * config.Settings.ScheduleHorizon;
        return new FaultRates
        {
            LostRequest = Share(network, 0.1),
            LostReply = Share(network, 0.25),
            Slow = Share(network, 0.05),
            ServerError = Share(errors, 0.25),
            FailsAfter = random.Next(2) * 0.5,
            Throttle = Share(Has(Trouble.Throttles), 0.25),
            OddError = Share(odd, 0.15),
            Empty = Share(odd, 0.1),
            Inconsistent = Share(Has(Trouble.Inconsistency), 1),
            Crash = Share(crashes, 0.4),
            Freeze = Share(crashes, 0.1),
            Late = Share(scheduling, 0.3),
            NotInvoked = Share(scheduling, 0.2),
            Recycle = Share(scheduling || crashes, 0.3),
            IndexLag = TimeSpan.FromSeconds(Share(scheduling, 90)),
            DuplicateDelivery = brokenClocks ? 0.5 : Share(duplicates, config.Theme == Theme.ThereAndBack ? 0.6 : 0.3),
            MaxSkew = brokenClocks ? TimeSpan.FromSeconds(90) : TimeSpan.FromSeconds(Share(duplicates || crashes, 5)),
            PeopleADay = config.HasPeople && Has(Trouble.People) ? 40 : 0,
        };
    }

    public static FaultRates None { get; } = new();
}

/// <summary>What a service does for a stretch of time.</summary>
internal enum StretchKind
{
    /// <summary>Nothing but 5xx.</summary>
    Out,

    /// <summary>Nothing but 5xx, though it does what it was asked.</summary>
    Unanswered,

    /// <summary>It does not let the function in.</summary>
    Denied,

    /// <summary>402: too many active tasks.</summary>
    OverQuota,

    /// <summary>The function does not start; its messages are received all the same.</summary>
    NotStarting,

    /// <summary>The event source mapping is disabled.</summary>
    Disabled,
}

internal enum Service
{
    Ledger,
    Connect,
    Queues,
    Function,
}

/// <summary>A stretch of time in which a service does not work.</summary>
internal sealed record Stretch(Service Service, StretchKind Kind, DateTimeOffset From, DateTimeOffset Until);
