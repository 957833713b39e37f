using System.CommandLine;
using System.Diagnostics;
using System.Text;

namespace ConnectTasks.Benchmarks;

/// <summary>
/// <c>record</c>: processor time and allocations for each record of a batch, from the event's bytes to the response's,
/// against a plain handler. Twice: through the SDK (its marshalling and signing counted, the network cut off behind
/// it), and with the SDK left out, which leaves the handler's own work.
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
        var (throughSdk, withoutSdk) = (Clients.ThroughSdk(http), Clients.WithoutSdk());
        (string Name, Handle Plain, Handle Ours)[] pairs =
        [
            ("through the SDK", Handlers.Plain(throughSdk), Handlers.Production(throughSdk)),
            ("own work", Handlers.Plain(withoutSdk), Handlers.Production(withoutSdk)),
        ];
        var report = new Report("record");
        // The first two rounds let the JIT finish, and are thrown away.
        for (var run = -1; run <= runs; run++)
        {
            await progress.WriteLineAsync($"run {run} of {runs}");
            foreach (var (name, plain, ours) in pairs)
            {
                foreach (var size in BatchSizes)
                {
                    var plainCost = await MeasureAsync(plain, size, http);
                    var ourCost = await MeasureAsync(ours, size, http);
                    if (run > 0)
                    {
                        Add(report, $"{name}, batch {size}, plain", plainCost);
                        Add(report, $"{name}, batch {size}, this", ourCost);
                    }
                }
            }
        }

        await MeasureDurationAsync(runs, report);
        foreach (var (name, _, _) in pairs)
        {
            foreach (var size in BatchSizes)
                report.Compare($"{name}, batch {size}, this", $"{name}, batch {size}, plain");
            report.Compare($"{name}, batch {MostRecords}, this", $"{name}, batch 1, this");
        }

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
