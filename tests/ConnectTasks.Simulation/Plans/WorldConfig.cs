using ConnectTasks.Lambda;

namespace ConnectTasks.Simulation;

/// <summary>The sizes of one seed's world. Those that the template sets are the template's.</summary>
internal sealed record WorldConfig
{
    public const int Concurrency = 2;
    public const int MaxReceiveCount = 1000;
    public static readonly TimeSpan Visibility = TimeSpan.FromSeconds(360);
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);

    public required Theme Theme { get; init; }

    public required Settings Settings { get; init; }

    /// <summary>What environments that begin in the second half of the storm are given; mostly the same.</summary>
    public required Settings LaterSettings { get; init; }

    /// <summary>How long things go wrong; after it all is calm.</summary>
    public required TimeSpan Storm { get; init; }

    public required int Messages { get; init; }

    /// <summary>Connect's real quota of starts; the function may be told another one.</summary>
    public required double Quota { get; init; }

    public required int QuotaBurst { get; init; }

    /// <summary>How long Connect remembers a client token.</summary>
    public required TimeSpan TokenMemory { get; init; }

    public required bool Fifo { get; init; }

    /// <summary>How often the release function ticks; zero where nothing is held.</summary>
    public required TimeSpan Tick { get; init; }

    /// <summary>How far ahead Connect really takes a time; the function may be told more.</summary>
    public required TimeSpan ConnectHorizon { get; init; }

    /// <summary>All messages come at once, more than the quota takes for a while.</summary>
    public required bool IsBurst { get; init; }

    /// <summary>Of expired items, the part that DynamoDB deletes at each look: all, some or none.</summary>
    public required double TtlDeletes { get; init; }

    /// <summary>The store's limit of an item, which it may count otherwise than we do.</summary>
    public required int MaxItemBytes { get; init; }

    /// <summary>What goes wrong because of the theme.</summary>
    public Trouble[] Troubles { get; init; } = [];

    /// <summary>Nothing goes wrong at all.</summary>
    public bool IsCalm { get; init; }

    public bool HasPeople { get; init; }

    /// <summary>Whether the queue is replaced by another of the same name's kind before letters are redriven.</summary>
    public bool ReplacesQueue { get; init; }

    public bool HasNewerVersion => Theme == Theme.Versions;

    public static WorldConfig Draw(int seed, Random random)
    {
        var theme = Themes.Of(seed);
        var quota = random.Next(theme == Theme.ThereAndBack ? 2 : 4) == 0 ? 1 : 2;
        var fifo = theme switch
        {
            Theme.Groups or Theme.ManyCommands or Theme.Versions => false,
            Theme.Blocked => true,
            Theme.ThereAndBack => random.Next(2) == 0,
            Theme.Corrections => random.Next(3) != 0,
            Theme.Moves => random.Next(8) == 0,
            _ => random.Next(5) == 0,
        };
        var (horizon, tick) = HorizonOf(theme, random);
        var settings = new Settings
        {
            TaskQueueUrl = "https://sqs/tasks" + (fifo ? ".fifo" : ""),
            DeadLetterQueueUrl = "https://sqs/dead" + (fifo ? ".fifo" : ""),
            TaskTable = "tasks",
            ConnectRatePerSecond = 2,
            ConnectBurst = 5,
            MaximumConcurrency = Concurrency,
            ScheduleHorizon = horizon,
        };
        var changes = theme == Theme.Versions && random.Next(2) == 0;
        return new WorldConfig
        {
            Theme = theme,
            Settings = settings,
            LaterSettings = changes
                ? settings with { ScheduleHorizon = horizon * 0.7, ConnectRatePerSecond = 1, ConnectBurst = 3 }
                : settings,
            Storm = StormOf(theme, random),
            Messages = MessagesOf(theme, random),
            Quota = theme == Theme.ManyCommands ? 2 : quota,
            QuotaBurst = quota == 2 || theme == Theme.ManyCommands ? 5 : 1,
            TokenMemory = random.Next(theme == Theme.Outage ? 1 : 0, 3) switch
            {
                0 => TimeSpan.FromHours(2),
                1 => TimeSpan.FromDays(7),
                _ => TimeSpan.FromDays(400),
            },
            Fifo = fifo,
            IsBurst = theme != Theme.Moves && random.Next(3) == 0,
            Tick = tick,
            ConnectHorizon = horizon * (theme switch
            {
                // So near that what is released is refused for its time, and waits a second time.
                Theme.ThereAndBack => random.Next(2) == 0 ? 0.89 : 1,
                Theme.LongTimes => 1,
                _ => random.Next(4) == 0 ? 0.95 : 1,
            }),
            MaxItemBytes = (random.Next(2) == 0 ? 400 : 380) * 1024,
            TtlDeletes = random.Next(3) * 0.5,
            Troubles = TroublesOf(theme),
            IsCalm = theme == Theme.ManyCommands,
            HasPeople = theme is Theme.Cancels or Theme.FollowUps,
            ReplacesQueue = theme == Theme.Outage || (theme == Theme.Starved && random.Next(2) == 0),
        };
    }

    /// <summary>Follow-ups of an hour, of a month or of a year.</summary>
    private static (TimeSpan Horizon, TimeSpan Tick) HorizonOf(Theme theme, Random random) => theme switch
    {
        Theme.FollowUps => random.Next(3) switch
        {
            0 => (TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(1)),
            1 => (TimeSpan.FromDays(1), TimeSpan.FromHours(1)),
            _ => (TimeSpan.FromDays(6), TimeSpan.FromHours(6)),
        },
        Theme.ThereAndBack => (TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(random.Next(1, 3))),
        Theme.Groups => (TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(1)),
        Theme.LongTimes => random.Next(2) == 0
            ? (TimeSpan.FromDays(90), TimeSpan.FromHours(12))
            : (TimeSpan.FromDays(6), TimeSpan.FromHours(12)),
        Theme.Moves or Theme.Cancels or Theme.Backlog or Theme.ManyCommands => random.Next(2) == 0
            ? (TimeSpan.FromHours(2), TimeSpan.FromMinutes(10))
            : (TimeSpan.FromDays(6), TimeSpan.FromHours(6)),
        Theme.Versions => (TimeSpan.FromHours(2), TimeSpan.FromMinutes(10)),
        Theme.Odd or Theme.Starved => (TimeSpan.FromDays(6), TimeSpan.FromHours(6)),
        _ => (TimeSpan.FromDays(6), TimeSpan.Zero),
    };

    private static TimeSpan StormOf(Theme theme, Random random) => theme switch
    {
        // Longer than a message is retried.
        Theme.Outage => TimeSpan.FromHours(random.Next(76, 110)),
        Theme.Starved => TimeSpan.FromHours(random.Next(100, 150)),
        Theme.Blocked => TimeSpan.FromHours(random.Next(75, 80)),
        Theme.LongTimes => TimeSpan.FromHours(random.Next(1, 12)),
        Theme.Backlog or Theme.Versions => TimeSpan.FromMinutes(random.Next(120, 400)),
        Theme.Moves or Theme.Cancels or Theme.ThereAndBack or Theme.Groups => TimeSpan.FromMinutes(random.Next(20, 90)),
        Theme.ManyCommands => TimeSpan.FromMinutes(1),
        _ => TimeSpan.FromMinutes(random.Next(10) == 0 ? random.Next(60, 1500) : random.Next(5, 60)),
    };

    private static int MessagesOf(Theme theme, Random random) => theme switch
    {
        Theme.Outage or Theme.Starved => random.Next(3, 8),
        Theme.Blocked or Theme.Odd => random.Next(3, 6),
        Theme.ThereAndBack => random.Next(5, 11),
        Theme.Moves or Theme.Cancels or Theme.Backlog => random.Next(4, 10),
        Theme.LongTimes => random.Next(4, 10),
        Theme.Versions => random.Next(20, 35),
        Theme.ManyCommands => random.Next(8, 14),
        _ => random.Next(5, 35),
    };

    private static Trouble[] TroublesOf(Theme theme) => theme switch
    {
        Theme.Moves or Theme.Cancels => [Trouble.Inconsistency, Trouble.People],
        Theme.ThereAndBack => [Trouble.Duplicates, Trouble.Scheduling, Trouble.Errors],
        _ => [],
    };
}
