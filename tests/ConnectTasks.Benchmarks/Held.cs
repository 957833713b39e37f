using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Amazon.DynamoDBv2;
using ConnectTasks.Lambda;
using ConnectTasks.Local;
using ConnectTasks.Simulation;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace ConnectTasks.Benchmarks;

/// <summary>
/// <c>held</c>: what a tick of the release function costs when 100 tasks are due, and how that grows with the number
/// that are held. The production ledger and handler, on a table in memory and on dynalite; sends are answered at once.
/// </summary>
internal static class Held
{
    private const int Due = 100;
    private const int WarmUpTicks = 10;
    private const int Fillers = 32;

    /// <summary>The first is what the others are compared with.</summary>
    private static readonly int[] InMemory = [1_000, 100_000, 1_000_000];

    private static readonly int[] OnDynalite = [1_000, 20_000];

    private static readonly TimeSpan TickEvery = TimeSpan.FromMinutes(1);
    private static readonly string Body = Encoding.UTF8.GetString(Sample.Body(0));
    private static readonly DateTimeOffset Begin = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);

    public static Command Command()
    {
        var ticks = new Option<int>("--ticks")
        {
            Description = "Ticks that are measured, each with 100 due (1 to 500).",
            DefaultValueFactory = _ => 30,
        };
        ticks.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && int.TryParse(token.Value, out var value) && value is < 1 or > 500)
                result.AddError("--ticks must be 1 to 500.");
        });
        var json = new Option<bool>("--json") { Description = "The result is one JSON object on stdout." };
        var command = new Command("held", "Measures a tick of the release function against the number of held tasks.")
        {
            ticks, json,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            try
            {
                var report = await RunAsync(parsed.GetValue(ticks), Console.Error, cancellation);
                report.WriteTo(Console.Out, parsed.GetValue(json));
                return 0;
            }
            catch (Exception e) when (e is BenchmarkException or LocalException)
            {
                await Console.Error.WriteLineAsync(e.Message);
                return 1;
            }
        });
        return command;
    }

    private static async Task<Report> RunAsync(int ticks, TextWriter progress, CancellationToken cancellation)
    {
        var report = new Report("held");
        var tables = new List<Table>();
        foreach (var held in InMemory)
        {
            var table = new Table($"in memory, {held} held", new InMemoryDynamoDb(("dueShard", "releaseAtMs")), "tasks");
            await progress.WriteLineAsync($"filling: {table.Name}");
            await table.FillAsync(held, ticks, fillers: 1);
            tables.Add(table);
        }

        await MeasureAsync(tables, ticks, report, progress);
        tables.Clear();

        await using var small = await DynaliteAsync(progress, cancellation);
        await using var large = await DynaliteAsync(progress, cancellation);
        foreach (var (held, system) in OnDynalite.Zip([small, large]))
        {
            var table = new Table($"dynalite, {held} held", system.DynamoDb, system.Table);
            await progress.WriteLineAsync($"filling: {table.Name}");
            await table.FillAsync(held, ticks, Fillers);
            tables.Add(table);
        }

        await MeasureAsync(tables, ticks, report, progress);
        return report;
    }

    private static Task<LocalSystem> DynaliteAsync(TextWriter progress, CancellationToken cancellation) =>
        LocalSystem.StartAsync(
            new LocalSystemOptions
            {
                TemplatePath = Path.Combine(AppContext.BaseDirectory, "template.yaml"),
                FunctionExecutable = typeof(ReleaseHandler).Assembly.Location,
                RunsEvents = false,
            },
            TimeProvider.System, Guid.NewGuid, progress.WriteLine, _ => { }, cancellation);

    /// <summary>The tables take turns, so that what the machine does meanwhile falls on all alike.</summary>
    private static async Task MeasureAsync(List<Table> tables, int ticks, Report report, TextWriter progress)
    {
        for (var tick = 1; tick <= WarmUpTicks + ticks; tick++)
        {
            await progress.WriteLineAsync($"tick {tick} of {WarmUpTicks + ticks}");
            foreach (var table in tables)
            {
                var cost = await table.TickAsync();
                if (tick <= WarmUpTicks)
                    continue;
                report.Add(table.Name, "milliseconds", cost.Milliseconds);
                report.Add(table.Name, "cpuMicroseconds", cost.CpuMicroseconds);
                report.Add(table.Name, "allocatedBytes", cost.Bytes);
                report.Add(table.Name, "awsCalls", cost.Calls);
            }
        }

        foreach (var table in tables.Skip(1))
            report.Compare(table.Name, tables[0].Name);
    }

    /// <summary>A ledger with many held tasks, the function that releases them, and a clock of its own.</summary>
    private sealed class Table
    {
        private readonly FakeTimeProvider _time = new(Begin);
        private readonly AnswerAtOnce _http = new();
        private readonly IAmazonDynamoDB _dynamoDb;
        private readonly DynamoDbTaskLedger _ledger;
        private readonly ReleaseHandler _handler;
        private int _calls;

        public Table(string name, IAmazonDynamoDB dynamoDb, string table)
        {
            Name = name;
            _dynamoDb = dynamoDb;
            if (dynamoDb is AmazonDynamoDBClient client)
                client.AfterResponseEvent += (_, _) => Interlocked.Increment(ref _calls);
            var settings = Sample.Settings();
            _ledger = new DynamoDbTaskLedger(dynamoDb, table, settings.LedgerRetention, _time);
            var queues = new Queues(Clients.ThroughSdk(_http).Sqs, settings);
            _handler = new ReleaseHandler(_ledger, queues, _time, NullLogger.Instance);
        }

        public string Name { get; }

        /// <summary>Holds as many over a year from tomorrow, and 100 more for each tick.</summary>
        public async Task FillAsync(int held, int ticks, int fillers)
        {
            var due = Due * (WarmUpTicks + ticks);
            var later = TimeSpan.FromDays(1);
            var year = TimeSpan.FromDays(365);
            await Parallel.ForEachAsync(
                Enumerable.Range(0, held + due),
                new ParallelOptions { MaxDegreeOfParallelism = fillers },
                async (number, cancellation) => await HoldAsync(
                    number,
                    number < due
                        ? Begin + (((number / Due) + 0.5) * TickEvery)
                        : Begin + later + (year * ((double)(number - due) / held)),
                    cancellation));
        }

        /// <summary>One tick, a minute after the one before.</summary>
        public async Task<Cost> TickAsync()
        {
            _time.Advance(TickEvery);
            var calls = CallsSoFar();
            var bytes = GC.GetTotalAllocatedBytes(precise: true);
            var cpu = Environment.CpuUsage.TotalTime;
            var begun = Stopwatch.GetTimestamp();
            var result = await _handler.HandleAsync(new ScheduledEvent(), new Handlers.Context());
            var elapsed = Stopwatch.GetElapsedTime(begun);
            cpu = Environment.CpuUsage.TotalTime - cpu;
            bytes = GC.GetTotalAllocatedBytes(precise: true) - bytes;
            // A failure must not pass for speed.
            if (result is not { Released: Due, Failed: 0, Complete: true })
                throw new BenchmarkException($"{Name}: a tick came to {result}, and {Due} were due.");
            return new Cost(elapsed.TotalMilliseconds, cpu.TotalMicroseconds, bytes, CallsSoFar() - calls);
        }

        private int CallsSoFar() =>
            _http.Calls + (_dynamoDb is InMemoryDynamoDb inMemory ? inMemory.Calls.Values.Sum() : _calls);

        private async Task HoldAsync(int number, DateTimeOffset releaseAt, CancellationToken cancellation)
        {
            var key = string.Create(CultureInfo.InvariantCulture, $"{Sample.Instance}#reminder-{number}");
            var claim = new Claim(key, "filler", "fingerprint", releaseAt, null, Begin);
            var hold = new Hold(Body, releaseAt, releaseAt, MayExist: false, null);
            var write = await _ledger.HoldAsync(claim, hold, isOwned: false, Begin, cancellation);
            if (write.State != LedgerWriteState.Done)
                throw new BenchmarkException($"{Name}: a task could not be held: {write.State} {write.ErrorCode}.");
        }
    }

    private readonly record struct Cost(double Milliseconds, double CpuMicroseconds, double Bytes, double Calls);
}
