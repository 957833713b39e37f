using System.Globalization;
using ConnectTasks.Lambda;

namespace ConnectTasks.Simulation;

/// <summary>
/// One seed's world: producers, queues, event source mapping, function environments, ledger, Connect and people, on
/// virtual time. The code under test is the production handler, processor, ledger, retry policy and settlement.
/// </summary>
#pragma warning disable CA1001 // Clients that never open a connection have nothing to dispose of.
internal sealed class World
#pragma warning restore CA1001
{
    public static readonly DateTimeOffset Start = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);

    private readonly List<(DateTimeOffset At, string Key, string Text)> _trace = [];
    private readonly List<Stretch> _stretches;
    private readonly bool _traces;
    private readonly List<MessagePlan> _plans;
    private (MessagePlan? Plan, Sent? Redriven) _sending;

    /// <param name="seed">What everything is drawn from.</param>
    /// <param name="mutant">A fault put in on purpose.</param>
    /// <param name="traces">Whether the lives of tasks are kept; without, it runs faster.</param>
    public World(int seed, Mutant? mutant = null, bool traces = true)
    {
        (Seed, _traces) = (seed, traces);
        Mutant = mutant ?? Mutant.None;
        Random = new Random(seed);
        Loop = new EventLoop(Start);
        Config = WorldConfig.Draw(seed, Random);
        Rates = FaultRates.Draw(Random, Config);
        MaxSkew = Rates.MaxSkew;
        _plans = new Planner(Config, Random).Draw();
        _stretches = Stretches.Draw(Config, Random);
        Dead = new SimulatedQueue(Loop, Random, "dead", TimeSpan.FromSeconds(30), int.MaxValue, null, Config.Fifo);
        Tasks = new SimulatedQueue(
            Loop, Random, "m", WorldConfig.Visibility, WorldConfig.MaxReceiveCount, Dead, Config.Fifo)
        {
            Retention = Config.Settings.QueueRetention,
        };
        Store = new(("dueShard", "releaseAtMs")) { MaxPage = 2, MaxItemBytes = Config.MaxItemBytes };
        Connect = new SimulatedConnect(this);
        Sqs = new SimulatedSqs(this, Tasks, Dead);
        Facts = new Facts(this);
        Audit = new Audit(this);
        Deployment = new Deployment(this, Random);
    }

    public int Seed { get; }

    public Mutant Mutant { get; }

    public Random Random { get; }

    public EventLoop Loop { get; }

    public WorldConfig Config { get; }

    /// <summary>What goes wrong; nothing any more once the calm has come.</summary>
    public FaultRates Rates { get; private set; }

    /// <summary>How far a process's clock may be off; it stays so in the calm.</summary>
    public TimeSpan MaxSkew { get; }

    /// <summary>Connect is up to date before the patience ends, which two broken clocks measure shorter by both.</summary>
    public TimeSpan LongestInconsistency => Config.Settings.NotFoundPatience - (2 * MaxSkew) - TimeSpan.FromSeconds(10);

    public Counts Counts { get; } = new();

    public Facts Facts { get; }

    public Audit Audit { get; }

    public Deployment Deployment { get; }

    public InMemoryDynamoDb Store { get; }

    public SimulatedQueue Tasks { get; }

    public SimulatedQueue Dead { get; }

    public SimulatedConnect Connect { get; }

    public SimulatedSqs Sqs { get; }

    public IReadOnlyList<Stretch> Outages => _stretches;

    /// <summary>Runs until all messages have ended, or until none should be left any more.</summary>
    public void Run()
    {
        Listen();
        var producers = new Producers(this, _plans);
        _ = new Mapping(this);
        _ = new Releaser(this);
        _ = new People(this);
        var operators = new Operator(this);
        var calm = Start + Config.Storm;
        Loop.After(Config.Storm, () => Rates = FaultRates.None);
        var end = End(calm, producers.Last);
        for (var now = Start; now < end;)
        {
            Loop.Run(now);
            if (now > calm && producers.IsDone && operators.IsDone && IsAtRest)
            {
                break;
            }

            now += TimeSpan.FromMinutes(10);
            now = Loop.Next is { } next && next > now ? next : now;
        }

        Audit.AtTheEnd();
    }

    /// <summary>
    /// All faults are over; what is left may take its longest wait, a lease and its turn at the quota. In a FIFO queue
    /// the messages of a group wait one after the other. A held task waits for its time; a letter for its redrive; a
    /// message that fails for ever until it has been tried for long enough.
    /// </summary>
    private DateTimeOffset End(DateTimeOffset calm, DateTimeOffset last)
    {
        var waits = (RetryPolicy.LongestWait * (Config.Fifo ? 10 + Config.Messages : 10))
            + WorldConfig.Visibility + (4 * Config.Tick) + TimeSpan.FromHours(2);
        var redrives = Config.Theme is Theme.Outage or Theme.Starved or Theme.Blocked or Theme.Odd
            ? TimeSpan.FromDays(7)
            : TimeSpan.Zero;
        return (last > calm ? last : calm) + waits + redrives;
    }

    private void Listen()
    {
        Tasks.WasSent += message =>
        {
            Facts.OnQueued(message, _sending.Plan, _sending.Redriven);
            TraceMessage(message.Id, $"queued {message.Id}{What()}");
            Audit.OnQueued(message, isCopy: _sending is (null, null));
        };
        Dead.WasSent += letter => Facts.OnLetter(letter, wasMoved: false);
        Tasks.WasMoved += message =>
        {
            TraceMessage(message.Id, $"sqs: {message.Id} moved by the redrive policy");
            Facts.OnLetter(message, wasMoved: true);
        };
        Tasks.HasExpired += Audit.OnExpired;

        string What() => _sending switch
        {
            ({ } plan, _) => $" ({plan.Kind}{(plan.Time is { } time ? $" for {(time - Start).TotalSeconds:0} s" : "")})",
            (_, { } sent) => $" (redriven, {sent.MessageId} before)",
            _ => " (released copy)",
        };
    }

    /// <summary>A producer's message comes to the queue.</summary>
    public void SendPlanned(MessagePlan plan, Dictionary<string, string>? attributes, string? deduplicationId)
    {
        _sending = (plan, null);
        Tasks.Send(plan.Body, plan.Group, attributes, deduplicationId);
        _sending = default;
    }

    /// <summary>A letter comes back to the queue.</summary>
    public void SendRedriven(Letter letter, Dictionary<string, string> attributes, string? deduplicationId)
    {
        _sending = (null, letter.Sent);
        Tasks.Send(letter.Message.Body, letter.Message.Group, attributes, deduplicationId);
        _sending = default;
    }

    /// <summary>Nothing is queued and nothing held.</summary>
    private bool IsAtRest =>
        Tasks.Messages.Count == 0 && !Store.Items.Values.Any(i => i["state"].S is "Held" or "Queued");

    /// <summary>What is wrong with a service for a stretch of time; null if nothing is.</summary>
    public StretchKind? StretchOf(Service service) =>
        _stretches.Find(s => s.Service == service && s.From <= Loop.Now && Loop.Now < s.Until)?.Kind;

    public SimulatedProcess NewProcess() => new(Loop, MaxSkew * ((2 * Random.NextDouble()) - 1));

    /// <summary>One way over the network: mostly quick, now and then not.</summary>
    public TimeSpan Latency() =>
        TimeSpan.FromMilliseconds(5 + Random.Next(1, 60) + (Random.Next(10) == 0 ? Random.Next(2000) : 0));

    public Guid NewGuid()
    {
        Span<byte> bytes = stackalloc byte[16];
        Random.NextBytes(bytes);
        return new Guid(bytes);
    }

    public void Trace(string key, string text)
    {
        if (_traces)
        {
            _trace.Add((Loop.Now, key, text));
        }
    }

    public void TraceMessage(string messageId, string text) => Trace(Facts.KeyOfMessage(messageId), text);

    public void Ended(string messageId, string reason, bool isSettled)
    {
        Facts.OnEnded(messageId, reason, isSettled);
        Audit.OnEnded(messageId, reason, isSettled);
    }

    /// <summary>The life of one task, line by line.</summary>
    public IEnumerable<string> LifeOf(string key) =>
        _trace.Where(t => t.Key == key).Select(t => string.Create(
            CultureInfo.InvariantCulture, $"  {(t.At - Start).TotalSeconds,12:0.000} s  {t.Text}"));
}

/// <summary>What happened in a world, by numbers.</summary>
internal sealed class Counts
{
    public int Crashes { get; set; }
    public int LostReplies { get; set; }
    public int Throttles { get; set; }
    public int TimeOuts { get; set; }
    public int FunctionErrors { get; set; }
    public int InconsistentAnswers { get; set; }
    public int RefusedParameters { get; set; }
    public int Redrives { get; set; }
    public int StoreRejections { get; set; }
    public int Commands { get; set; }
    public int Moves { get; set; }
}
