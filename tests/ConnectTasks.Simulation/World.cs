using System.Globalization;
using Amazon.Lambda.SQSEvents;
using ConnectTasks.Lambda;
using Microsoft.Extensions.Logging;

namespace ConnectTasks.Simulation;

/// <summary>
/// One seed's world: producers, queue, event source mapping, function environments, ledger and Connect, on virtual
/// time.
/// The code under test is the production handler, processor, ledger, retry policy and settlement.
/// </summary>
#pragma warning disable CA1001 // Clients that never open a connection have nothing to dispose of.
internal sealed class World
#pragma warning restore CA1001
{
    public static readonly DateTimeOffset Start = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);

    private readonly List<(DateTimeOffset At, string Key, string Text)> _trace = [];
    private readonly Dictionary<string, string> _keyOfMessage = [];
    private readonly HashSet<string> _settled = [];
    private readonly SimulatedDynamoDb _dynamoDb;
    private readonly SimulatedSqs _sqs;
    private readonly List<(Service Service, DateTimeOffset From, DateTimeOffset Until)> _outages = [];
    private readonly List<Sent> _planned = [];
    private readonly List<Environment> _idle = [];
    private int _environments;

    public World(int seed, Mutant? mutant = null)
    {
        Seed = seed;
        Mutant = mutant ?? Mutant.None;
        Random = new Random(seed);
        Loop = new EventLoop(Start);
        Config = WorldConfig.Draw(Random);
        Rates = FaultRates.Draw(Random);
        MaxSkew = Rates.MaxSkew;
        Dead = new SimulatedQueue(Loop, Random, "dead", TimeSpan.FromSeconds(30), int.MaxValue, null);
        Tasks = new SimulatedQueue(Loop, Random, "m", WorldConfig.Visibility, WorldConfig.MaxReceiveCount, Dead);
        Tasks.WasSent += WakeAll;
        Tasks.WasMoved += message => TraceMessage(message.Id, "sqs: moved by the redrive policy");
        _dynamoDb = new SimulatedDynamoDb(this, Store) { Rewrite = Mutant.LedgerRequest };
        Connect = new SimulatedConnect(this);
        _sqs = new SimulatedSqs(this, Tasks, Dead);
        Audit = new Audit(this);
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

    public Counts Counts { get; } = new();

    public Audit Audit { get; }

    public InMemoryDynamoDb Store { get; } = new(("dueShard", "releaseAtMs")) { MaxPage = 2 };

    public SimulatedQueue Tasks { get; }

    public SimulatedQueue Dead { get; }

    public SimulatedConnect Connect { get; }

    public List<Sent> Sent { get; } = [];

    /// <summary>Runs until all messages have ended, or until none should be left any more.</summary>
    public void Run()
    {
        Plan();
        for (var i = 0; i < WorldConfig.Concurrency; i++)
        {
            Loop.After(TimeSpan.Zero, () => Poll(NewEnvironment()));
        }

        if (Config.Tick > TimeSpan.Zero)
        {
            Tick(new SimulatedProcess(Loop, TimeSpan.Zero));
        }

        var calm = Start + Config.Storm;
        Loop.After(Config.Storm, () => Rates = FaultRates.None);
        // All faults are over; what is left may take its longest wait, a lease and its turn at the quota. In a FIFO
        // queue the messages of a group wait one after the other. A held task waits for its time.
        var waits = RetryPolicy.LongestWait * (Config.Fifo ? Config.Messages : 2);
        var last = Sent.Concat(_planned).Select(s => s.Plan.Time ?? s.At).Append(calm).Max();
        var end = (last > calm ? last : calm) + waits + WorldConfig.Visibility + (2 * Config.Tick) + TimeSpan.FromMinutes(30);
        for (var now = Start; now < end && !(now > calm && IsAtRest); now += TimeSpan.FromMinutes(10))
        {
            Loop.Run(now);
        }

        Audit.AtTheEnd();
    }

    /// <summary>Nothing is queued, nothing held, and nothing is still to be sent.</summary>
    private bool IsAtRest =>
        Tasks.Messages.Count == 0 && Sent.Count == _planned.Count
        && !Store.Items.Values.Any(i => i["state"].S is "Held" or "Queued");

    public bool IsOut(Service service) =>
        _outages.Exists(o => o.Service == service && o.From <= Loop.Now && Loop.Now < o.Until);

    public TimeSpan Latency() => TimeSpan.FromMilliseconds(5 + Random.Next(1, 60));

    public void Trace(string key, string text) => _trace.Add((Loop.Now, key, text));

    private string KeyOfMessage(string messageId)
    {
        // A released copy is of the task that it asks for.
        if (!_keyOfMessage.TryGetValue(messageId, out var key)
            && Tasks.Messages.FirstOrDefault(m => m.Id == messageId) is { } message
            && TaskRequestJson.Read(message.Body).Request is { ClientToken: { } token } request)
        {
            _keyOfMessage[messageId] = key = TaskKey.For(request.InstanceId, token);
        }

        return key ?? messageId;
    }

    public void TraceMessage(string messageId, string text) => Trace(KeyOfMessage(messageId), text);

    /// <summary>
    /// What each message came to, and when: what settled it, which a slower delivery of it that ends later does not undo.
    /// </summary>
    public Dictionary<string, (string Reason, DateTimeOffset At)> Outcomes { get; } = [];

    /// <summary>
    /// Tasks that wait in the ledger though an attempt at them got no answer: nobody may move them before their release.
    /// </summary>
    public HashSet<string> HeldInDoubt { get; } = [];

    public void Ended(string messageId, string reason, bool isSettled)
    {
        if (isSettled)
        {
            _settled.Add(messageId);
        }

        if (isSettled || !_settled.Contains(messageId))
        {
            Outcomes[messageId] = (reason, Loop.Now);
        }
    }

    /// <summary>The life of one task, line by line.</summary>
    public IEnumerable<string> LifeOf(string key) =>
        _trace.Where(t => t.Key == key).Select(t => string.Create(
            CultureInfo.InvariantCulture, $"  {(t.At - Start).TotalSeconds,12:0.000} s  {t.Text}"));

    /// <summary>The producers' part: what is sent when, and when services are out.</summary>
    private void Plan()
    {
        foreach (var plan in MessagePlan.Draw(this))
        {
            _planned.Add(new Sent("", plan, Start + plan.At));
            Loop.After(plan.At, () =>
            {
                var id = Tasks.Send(plan.Body, plan.Group, null);
                _keyOfMessage[id] = plan.Key(id);
                Sent.Add(new Sent(id, plan, Loop.Now));
                TraceMessage(id, $"sent {id} ({plan.Kind}{(plan.Time is { } time ? $" for {(time - Start).TotalSeconds:0} s" : "")})");
            });
        }

        for (var i = Random.Next(3); i > 0; i--)
        {
            var from = Start + (Config.Storm * Random.NextDouble());
            var until = from + (Config.Storm * 0.5 * Random.NextDouble());
            _outages.Add(((Service)Random.Next(2), from, until < Start + Config.Storm ? until : Start + Config.Storm));
        }
    }

    /// <summary>An execution environment: a process with a clock of its own and the production graph.</summary>
    private Environment NewEnvironment()
    {
        var skew = MaxSkew * ((2 * Random.NextDouble()) - 1);
        var process = new SimulatedProcess(Loop, skew);
        var settings = Config.Settings;
        var ledger = Mutant.Ledger(new DynamoDbTaskLedger(_dynamoDb, settings.TaskTable, settings.LedgerRetention, process.Clock));
        var processor = new TaskProcessor(
            ledger,
            new ContactCentre(Mutant.Connect(this, Connect), settings, process.Clock),
            new Pacer(settings.PacePerSecond, settings.PaceBurst, process.Clock),
            settings,
            process.Clock);
        var log = new TraceLogger(this);
        var queues = new Queues(Mutant.Sqs(this, _sqs), settings);
        return new Environment(
            ++_environments, process, new BatchHandler(processor, queues, settings, process.Clock, NewGuid, Random, log));
    }

    private Guid NewGuid()
    {
        Span<byte> bytes = stackalloc byte[16];
        Random.NextBytes(bytes);
        return new Guid(bytes);
    }

    /// <summary>The event source mapping's loop of one concurrent invocation.</summary>
    private void Poll(Environment environment)
    {
        var batch = Tasks.Receive(10);
        if (batch.Count == 0)
        {
            _idle.Add(environment);
            // Long polling: woken by the next message that becomes visible, or by one that is sent.
            if (Tasks.NextVisible() is { } at)
            {
                // One that is visible but not to be had, behind others of its group, is looked for again and again.
                var wait = at > Loop.Now ? at - Loop.Now : TimeSpan.FromSeconds(1);
                Loop.After(wait + TimeSpan.FromMilliseconds(Random.Next(1000)), () => Wake(environment));
            }

            return;
        }

        foreach (var message in batch)
        {
            TraceMessage(message.Id, $"received {message.Id}, {message.ReceiveCount}. time, by environment {environment.Number}");
            Redeliver(message);
        }

        Invoke(environment, batch);
    }

    /// <summary>A message has come: whoever waits for one looks.</summary>
    public void WakeAll()
    {
        foreach (var environment in _idle.ToList())
        {
            Loop.After(TimeSpan.FromMilliseconds(Random.Next(1000)), () => Wake(environment));
        }
    }

    private void Wake(Environment environment)
    {
        if (_idle.Remove(environment))
        {
            Poll(environment);
        }
    }

    /// <summary>The schedule of the release function: now and then it misses, overlaps or dies half way.</summary>
    private void Tick(SimulatedProcess process)
    {
        Loop.After(Config.Tick, () => Tick(new SimulatedProcess(Loop, MaxSkew * ((2 * Random.NextDouble()) - 1))));
        if (Random.NextDouble() < Rates.LostRequest)
        {
            return;
        }

        for (var i = Random.Next(5) == 0 ? 2 : 1; i > 0; i--)
        {
            if (Random.NextDouble() < Rates.Crash)
            {
                process.KillAfter(Random.Next(1, 60));
            }

            var settings = Config.Settings;
            var ledger = Mutant.Ledger(new DynamoDbTaskLedger(_dynamoDb, settings.TaskTable, settings.LedgerRetention, process.Clock));
            var release = new ReleaseHandler(
                ledger, new Queues(Mutant.Sqs(this, _sqs), settings), process.Clock, new TraceLogger(this));
            Loop.After(WorldConfig.Timeout, process.Kill);
            var running = process;
            running.Run(async () => await release.HandleAsync(new ScheduledEvent(), new InvocationContext(WorldConfig.Timeout)));
            process = new SimulatedProcess(Loop, MaxSkew * ((2 * Random.NextDouble()) - 1));
        }

        // The store's own housekeeping: it deletes what has expired, late.
        var expired = Store.Items.Where(i => i.Value.TryGetValue("ttlEpochSeconds", out var ttl)
            && long.Parse(ttl.N, CultureInfo.InvariantCulture) < Loop.Now.ToUnixTimeSeconds()).Select(i => i.Key).ToList();
        expired.ForEach(key => Store.Remove(key));
    }

    /// <summary>At least once: SQS may give a message that is in flight to another receiver.</summary>
    private void Redeliver(QueuedMessage message)
    {
        if (message.Group is null && Random.NextDouble() < Rates.DuplicateDelivery)
        {
            Loop.After(TimeSpan.FromSeconds(Random.NextDouble() * 120), () =>
            {
                if (Tasks.Messages.Contains(message))
                {
                    message.VisibleAt = Loop.Now;
                    WakeAll();
                }
            });
        }
    }

    private void Invoke(Environment environment, List<QueuedMessage> batch)
    {
        var (process, ended) = (environment.Process, false);
        void End(Environment next)
        {
            if (!ended)
            {
                ended = true;
                Loop.After(Latency(), () => Poll(next));
            }
        }

        process.Died += () => End(NewEnvironment());
        if (Random.NextDouble() < Rates.Crash)
        {
            Counts.Crashes++;
            process.KillAfter(Random.Next(1, 60));
        }

        Loop.After(WorldConfig.Timeout, () =>
        {
            if (!ended)
            {
                Counts.TimeOuts++;
                process.Kill();
            }
        });
        process.Run(async () =>
        {
            var sqsEvent = new SQSEvent { Records = batch.ConvertAll(message => message.ToRecord()) };
            try
            {
                var response = await Mutant.Handle(environment.Handler, sqsEvent, new InvocationContext(WorldConfig.Timeout));
                // The answer is on its way: from here on it is the service that acts.
                var failed = response.BatchItemFailures!.Select(f => f.ItemIdentifier!).ToHashSet();
                Loop.After(Latency(), () => DeleteAllBut(failed, batch));
                End(environment);
            }
            catch (Exception e) when (e is not ViolationException)
            {
                Counts.FunctionErrors++;
                End(environment);
            }
        });
    }

    private void DeleteAllBut(HashSet<string> failed, List<QueuedMessage> batch)
    {
        foreach (var message in batch.Where(m => !failed.Contains(m.Id)))
        {
            Tasks.Delete(message.Id);
            TraceMessage(message.Id, $"deleted {message.Id}");
        }
    }

    private sealed record Environment(int Number, SimulatedProcess Process, BatchHandler Handler);
}

/// <summary>Turns the function's log lines into lines of the trace.</summary>
internal sealed class TraceLogger(World world) : ILogger
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (state is not IReadOnlyList<KeyValuePair<string, object?>> fields)
        {
            return;
        }

        string? Field(string name) => fields.FirstOrDefault(
            f => f.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Value?.ToString();
        if (Field("Exception") is { } fault)
        {
            throw new ViolationException("no fault of the program", $"{fault} {Field("StackTrace")}");
        }

        if (Field("MessageId") is { } id)
        {
            var returns = Field("ReturnInSeconds");
            world.Ended(id, Field("Reason") ?? "", isSettled: returns is null);
            var wait = returns is null ? "" : $", back in {returns} s";
            world.TraceMessage(id, $"function: {Field("Reason")}{wait}");
        }
    }
}
