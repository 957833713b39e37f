namespace ConnectTasks.Simulation;

/// <summary>What the producers of a seed's world send, and which services are out when.</summary>
internal sealed partial class Planner(WorldConfig config, Random random)
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    private readonly List<MessagePlan> _plans = [];

    private TimeSpan Horizon => config.Settings.ScheduleHorizon;

    public List<MessagePlan> Draw()
    {
        for (var i = 0; i < config.Messages; i++)
        {
            Add(i);
        }

        // A producer that died and began anew may have sent things in any order, but nothing before the start.
        return _plans.ConvertAll(p => p.At < TimeSpan.Zero ? p with { At = TimeSpan.Zero } : p);
    }

    private void Add(int i)
    {
        var group = config.Fifo || config.Theme == Theme.Groups ? $"g{random.Next(4)}" : null;
        var at = config.IsBurst
            ? TimeSpan.FromSeconds(10 * random.NextDouble())
            : config.Storm * (random.NextDouble() * (config.HasNewerVersion ? 1 : random.NextDouble()));
        switch (config.Theme)
        {
            case Theme.Requests: AddRequest(i, at, group); break;
            case Theme.FollowUps: AddFollowUp(i, at, group); break;
            case Theme.Moves: AddMoves(i, at, group); break;
            case Theme.Cancels: AddCancels(i, at, group); break;
            case Theme.ThereAndBack: AddThereAndBack(i, at * 0.3, group); break;
            case Theme.LongTimes: AddLongTimes(i, at, group); break;
            case Theme.Backlog: AddBacklog(i, at, group); break;
            case Theme.Groups: AddOfGroup(i, at, group!); break;
            case Theme.Corrections: AddCorrected(i, at, group); break;
            case Theme.Outage: AddRequest(i, TimeSpan.FromMinutes(random.Next(90)), group); break;
            case Theme.Starved: AddStarved(i, TimeSpan.FromMinutes(random.Next(90)), group); break;
            case Theme.Blocked: AddBlocked(i); break;
            case Theme.Odd: AddOdd(i, at, group); break;
            case Theme.Versions when random.Next(3) == 0: AddRequest(i, at, group); break;
            case Theme.Versions: AddFollowUp(i, at, group); break;
            case Theme.ManyCommands: AddManyCommands(i); break;
        }
    }

    private static DateTimeOffset TimeAt(TimeSpan fromStart) =>
        DateTimeOffset.FromUnixTimeSeconds((World.Start + fromStart).ToUnixTimeSeconds());

    /// <summary>A time so many horizons after it is sent.</summary>
    private DateTimeOffset Ahead(TimeSpan sentAt, double least, double most) =>
        TimeAt(sentAt + (Horizon * (least + ((most - least) * random.NextDouble()))));

    private TimeSpan Seconds(double least, double most) =>
        TimeSpan.FromSeconds(least + ((most - least) * random.NextDouble()));

    private void AddRequest(int i, TimeSpan at, string? group)
    {
        var earlier = _plans.FindAll(p => p.Kind is MessageKind.Plain or MessageKind.NeverWorks);
        var first = earlier.Count > 0 ? earlier[random.Next(earlier.Count)] : null;
        var (task, token) = ($"task-{i}", $"t-{i}");
        // Most are plain; what can never work, no outage changes.
        var kind = random.Next(config.Theme == Theme.Outage ? 7 : 12) switch
        {
            < 3 => MessageKind.Plain,
            3 or 4 or 5 => MessageKind.Tokenless,
            6 or 7 when first is { Kind: MessageKind.Plain } => MessageKind.Duplicate,
            8 when first is not null => MessageKind.Reuse,
            9 => MessageKind.Malformed,
            10 => MessageKind.NeverWorks,
            11 => MessageKind.WrongFlow,
            _ => MessageKind.Plain,
        };
        // Some name a flow that was published seconds before.
        var flow = kind == MessageKind.Plain && random.Next(8) == 0 ? $"{Some.NewFlow}{i}" : Some.Flow;
        _plans.Add(kind switch
        {
            MessageKind.Tokenless => MessagePlan.Request(kind, task, null, group, at),
            MessageKind.Duplicate => first! with { Kind = kind, At = Later(first!), Group = group },
            MessageKind.Reuse => MessagePlan.Request(kind, task, first!.Token, group, first.At + (config.Storm * random.NextDouble())),
            MessageKind.Malformed => new(kind, "{not json", task, null, group, at),
            MessageKind.NeverWorks => MessagePlan.Request(kind, Some.NeverWorks + i, token, group, at),
            MessageKind.WrongFlow => MessagePlan.Request(kind, task, token, group, at, null, Some.WrongFlow + i),
            _ => MessagePlan.Request(kind, task, token, group, at, null, flow),
        });
    }

    /// <summary>
    /// Duplicates come soon, or when Connect has forgotten the token, or when the ledger has just not forgotten it.
    /// </summary>
    private TimeSpan Later(MessagePlan first) => first.At + (config.Theme == Theme.Outage ? 2 : random.Next(5)) switch
    {
        0 => Day * random.Next(1, 34),
        1 => Seconds(0, 90),
        _ => config.Storm * random.NextDouble(),
    };

    /// <summary>Refused for good; then the same token with what works, within the five minutes of FIFO.</summary>
    private void AddCorrected(int i, TimeSpan at, string? group)
    {
        var wrong = random.Next(3) == 0
            ? MessagePlan.Request(MessageKind.WrongFlow, $"wrong-{i}", $"t-{i}", group, at, null, Some.WrongFlow + i)
            : MessagePlan.Request(MessageKind.NeverWorks, $"{Some.NeverWorks}{i}", $"t-{i}", group, at);
        var right = MessagePlan.Request(MessageKind.Plain, $"task-{i}", $"t-{i}", group, Seconds(1, 250));
        _plans.Add(wrong with { Correction = right });
    }

    /// <summary>The function does not start for a day, or for a week: no fault of these.</summary>
    private void AddStarved(int i, TimeSpan at, string? group)
    {
        if (random.Next(2) == 0)
        {
            _plans.Add(MessagePlan.Request(MessageKind.Plain, $"task-{i}", random.Next(3) == 0 ? null : $"t-{i}", group, at) is var plan
                && plan.Token is null ? plan with { Kind = MessageKind.Tokenless } : plan);
            return;
        }

        // Its time comes while nothing works, and is long past when all works again.
        _plans.Add(MessagePlan.Request(
            MessageKind.Scheduled, $"task-{i}", $"t-{i}", group, at, TimeAt(at + Seconds(60, 80_000))));
    }

    /// <summary>One group: what can't be done for days, and behind it what is healthy.</summary>
    private void AddBlocked(int i)
    {
        var at = TimeSpan.FromSeconds(i);
        _plans.Add(i == 0
            ? MessagePlan.Request(MessageKind.Sick, $"{Some.Sick}-{i}", $"t-{i}", "g", at)
            : MessagePlan.Request(MessageKind.Plain, $"task-{i}", $"t-{i}", "g", at));
    }

    private void AddOdd(int i, TimeSpan at, string? group)
    {
        var (task, token) = ($"task-{i}", $"t-{i}");
        var far = TimeAt(at + Horizon + (Day * random.Next(1, 20)));
        switch (i == 0 ? 0 : random.Next(1, 5))
        {
            case 0:
                var large = Some.Request(task, token, far, extra: config.MaxItemBytes + 4_000);
                _plans.Add(new(MessageKind.TooLarge, large, task, token, group, at) { Time = far });
                break;
            case 1:
                far += Day * 7;
                var body = Some.Request(task, token, far, attachmentLives: Day * random.Next(1, 4), now: World.Start + at);
                _plans.Add(new(MessageKind.Expiring, body, task, token, group, at) { Time = far });
                break;
            case 2:
                var past = TimeAt(-Day * random.Next(400, 4000));
                _plans.Add(MessagePlan.Request(MessageKind.LongPast, task, token, group, at, past));
                break;
            case 3:
                // A wrong flow and a time that is nearly too far ahead: it is the flow, and the correction is welcome.
                var near = TimeAt(at + (Horizon * (0.88 + (0.05 * random.NextDouble()))));
                var right = MessagePlan.Request(MessageKind.Scheduled, task, token, group, Seconds(1, 86_400), near);
                _plans.Add(MessagePlan.Request(MessageKind.WrongFlow, $"wrong-{i}", token, group, at, near, Some.WrongFlow + i) with
                {
                    Correction = right,
                });
                break;
            default:
                _plans.Add(MessagePlan.Request(MessageKind.Scheduled, task, token, group, at, far));
                break;
        }
    }
}
