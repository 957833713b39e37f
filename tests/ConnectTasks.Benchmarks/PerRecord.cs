using System.CommandLine;
using System.Diagnostics;
using System.Text;

namespace ConnectTasks.Benchmarks;

/// <summary>
/// <c>record</c>: processor time and allocations for each record of a batch, from the event's bytes to the response's,
/// against a plain handler, as samples have it and with the same steps as ours. Twice: through the SDK (its marshalling
/// and signing counted, the network cut off behind it), and with the SDK left out, which leaves the handler's own work.
/// </summary>
internal static class PerRecord
{
    private const int MostRecords = 10_000;

    private static readonly TimeSpan TypicalCall = TimeSpan.FromMilliseconds(20);

    private static readonly int[] BatchSizes = [1, 10, MostRecords];

    public static Command Command()
    {
        var runs = new Option<int>("--runs") { Description = "Runs of each variant.", DefaultValueFactory = _ => 7 };
        var json = new Option<bool>("--json") { Description = "The result is one JSON object on stdout." };
        var command = new Command("record", "Measures the work on a record against a plain handler's.") { runs, json };
        command.SetAction(async parsed =>
        {
            try
            {
                var report = await RunAsync(parsed.GetValue(runs), Console.Error);
                report.WriteTo(Console.Out, parsed.GetValue(json));
                return 0;
            }
            catch (BenchmarkException e)
            {
                await Console.Error.WriteLineAsync(e.Message);
                return 1;
            }
        });
        return command;
    }

    private static async Task<Report> RunAsync(int runs, TextWriter progress)
    {
        var http = new AnswerAtOnce();
        (string Name, Clients Clients)[] ways =
            [("through the SDK", Clients.ThroughSdk(http)), ("own work", Clients.WithoutSdk())];
        var subjects = new List<(string Name, int Size, Handle Handle)>();
        var report = new Report("record");
        foreach (var (way, clients) in ways)
        {
            var (plain, sameSteps) = (Handlers.Plain(clients, checks: false), Handlers.Plain(clients, checks: true));
            var ours = Handlers.Production(clients);
            foreach (var size in BatchSizes)
            {
                var name = $"{way}, batch {size}";
                subjects.Add(($"{name}, plain", size, plain));
                subjects.Add(($"{name}, plain with the same steps", size, sameSteps));
                subjects.Add(($"{name}, this", size, ours));
                report.Compare($"{name}, this", $"{name}, plain");
                report.Compare($"{name}, this", $"{name}, plain with the same steps");
            }

            report.Compare($"{way}, batch {MostRecords}, this", $"{way}, batch 1, this");
            report.Compare($"{way}, batch {MostRecords}, plain", $"{way}, batch 1, plain");
        }

        const string callsAlone = "through the SDK, batch 10, the three calls alone";
        subjects.Add((callsAlone, BatchSizes[1], Handlers.CallsAlone(ways[0].Clients, BatchSizes[1])));
        report.Compare(callsAlone, "through the SDK, batch 10, plain");
        // The first two rounds let the JIT finish, and are thrown away.
        for (var run = -1; run <= runs; run++)
        {
            await progress.WriteLineAsync($"run {run} of {runs}");
            foreach (var (name, size, handle) in subjects)
            {
                var cost = await MeasureAsync(handle, size, http);
                if (run > 0)
                    Add(report, name, cost);
            }
        }

        await MeasureDurationAsync(runs, report);
        return report;
    }

    /// <summary>
    /// What is paid for: how long a batch of ten takes whose calls take as long as real ones may. A plain handler waits
    /// for one after the other.
    /// </summary>
    private static async Task MeasureDurationAsync(int runs, Report report)
    {
        var clients = Clients.ThroughSdk(new AnswerAtOnce(TypicalCall));
        var (plain, ours) = (Handlers.Plain(clients), Handlers.Production(clients));
        var sqsEvent = Sample.Event(BatchSizes[1]).ToArray();
        for (var run = 0; run <= runs; run++)
        {
            foreach (var (variant, handle) in new[] { ("duration, batch 10, plain", plain), ("duration, batch 10, this", ours) })
            {
                var begun = Stopwatch.GetTimestamp();
                await handle(new MemoryStream(sqsEvent, writable: false), Stream.Null);
                if (run > 0)
                    report.Add(variant, "milliseconds", Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
            }
        }

        report.Compare("duration, batch 10, this", "duration, batch 10, plain");
    }

    private static void Add(Report report, string variant, Cost cost)
    {
        report.Add(variant, "cpuMicroseconds", cost.CpuMicroseconds);
        report.Add(variant, "allocatedBytes", cost.Bytes);
        report.Add(variant, "awsCalls", cost.Calls);
    }

    /// <summary>As many invocations as make the most records, whatever the size of the batch.</summary>
    private static async Task<Cost> MeasureAsync(Handle handle, int size, AnswerAtOnce http)
    {
        var sqsEvent = Sample.Event(size).ToArray();
        var response = new MemoryStream();
        GC.Collect();
        var (calls, bytes, cpu) = (http.Calls, GC.GetTotalAllocatedBytes(precise: true), Environment.CpuUsage.TotalTime);
        for (var done = 0; done < MostRecords; done += size)
        {
            response.SetLength(0);
            await handle(new MemoryStream(sqsEvent, writable: false), response);
        }

        cpu = Environment.CpuUsage.TotalTime - cpu;
        bytes = GC.GetTotalAllocatedBytes(precise: true) - bytes;
        // A failure must not pass for speed.
        if (Encoding.UTF8.GetString(response.ToArray()) != """{"batchItemFailures":[]}""")
            throw new BenchmarkException($"A batch of {size} failed: {Encoding.UTF8.GetString(response.ToArray())}");
        return new Cost(
            cpu.TotalMicroseconds / MostRecords,
            (double)bytes / MostRecords,
            (double)(http.Calls - calls) / MostRecords);
    }

    private readonly record struct Cost(double CpuMicroseconds, double Bytes, double Calls);
}
