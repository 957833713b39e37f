using System.CommandLine;
using System.Diagnostics;
using System.Text;
using ConnectTasks.Local;
using Invocation = ConnectTasks.Local.Invocation;

namespace ConnectTasks.Benchmarks;

/// <summary>
/// <c>cold</c>: from the start of the process to the first response posted, for one event of one record; then, in the
/// same process, ten records more for the memory that a full batch takes.
/// </summary>
internal static class ColdStart
{
    private const int BatchRecords = 10;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static Command Command()
    {
        var runs = new Option<int>("--runs") { Description = "Runs of each variant.", DefaultValueFactory = _ => 7 };
        var runtime = new Option<string>("--runtime")
        {
            Description = "What to publish for.",
            DefaultValueFactory = _ => System.Runtime.InteropServices.RuntimeInformation.RuntimeIdentifier,
        };
        var json = new Option<bool>("--json") { Description = "The result is one JSON object on stdout." };
        var command = new Command("cold", "Publishes the function three ways and measures its start.")
        {
            runs, runtime, json,
        };
        command.SetAction(async parsed =>
        {
            try
            {
                var report = await RunAsync(parsed.GetValue(runs), parsed.GetValue(runtime)!, Console.Error);
                report.WriteTo(Console.Out, parsed.GetValue(json));
                return 0;
            }
            catch (Exception e) when (e is BenchmarkException or FunctionStartException)
            {
                await Console.Error.WriteLineAsync(e.Message);
                return 1;
            }
        });
        return command;
    }

    private static async Task<Report> RunAsync(int runs, string runtime, TextWriter progress)
    {
        var artifacts = new List<Artifact>();
        foreach (var (name, properties) in Artifact.Variants)
            artifacts.Add(await Artifact.PublishAsync(name, properties, runtime, progress));

        await using var services = await StandIns.StartAsync();
        var report = new Report("cold");
        // The first round warms the files and this process, and is thrown away.
        for (var run = 0; run <= runs; run++)
        {
            await progress.WriteLineAsync($"run {run} of {runs}");
            foreach (var artifact in artifacts)
            {
                var start = await StartOnceAsync(artifact, services);
                if (run == 0)
                    continue;
                report.Add(artifact.Name, "firstResponseMs", start.FirstResponse.TotalMilliseconds);
                report.Add(artifact.Name, "firstPollMs", start.FirstPoll.TotalMilliseconds);
                report.Add(artifact.Name, "peakMiB", ToMebibytes(start.PeakBytes));
                report.Add(artifact.Name, "peakAfterTenRecordsMiB", ToMebibytes(start.PeakBytesOfBatch));
            }
        }

        foreach (var artifact in artifacts)
            report.Add(artifact.Name, "zipMiB", ToMebibytes(artifact.ZipBytes));
        foreach (var artifact in artifacts.Skip(1))
            report.Compare(artifact.Name, artifacts[0].Name);
        return report;
    }

    private static double ToMebibytes(long bytes) => bytes / (1024.0 * 1024.0);

    private static async Task<Start> StartOnceAsync(Artifact artifact, StandIns services)
    {
        var function = new FunctionSettings
        {
            Name = "dispatch",
            Executable = artifact.Program,
            MemoryMebibytes = 512,
            LogFormat = "JSON",
            Region = Sample.Region,
            Environment = new Dictionary<string, string>(Sample.Variables)
            {
                ["AWS_ENDPOINT_URL"] = services.Address.ToString(),
                ["AWS_SESSION_TOKEN"] = "local",
            },
        };
        var output = new StringBuilder();
        await using var api = await RuntimeApi.StartAsync();
        var first = Sample.Event(1);
        var batch = Sample.Event(BatchRecords);

        var begun = Stopwatch.GetTimestamp();
        await using var process = FunctionProcess.Start(
            function, api.Address.Authority, "cold", TimeProvider.System, line => output.AppendLine(line));
        try
        {
            if (await api.WaitUntilReadyAsync().WaitAsync(Patience) is { } failed)
                throw new BenchmarkException($"{artifact.Name} did not start: {failed}\n{output}");
            var firstPoll = Stopwatch.GetElapsedTime(begun);
            await InvokeAsync(api, first, 1, services);
            var firstResponse = Stopwatch.GetElapsedTime(begun);
            var peak = process.ReadPeakMemoryBytes();

            await api.WaitUntilReadyAsync().WaitAsync(Patience);
            await InvokeAsync(api, batch, BatchRecords, services);
            return new Start(firstPoll, firstResponse, peak, process.ReadPeakMemoryBytes());
        }
        catch (Exception e) when (e is TimeoutException or BenchmarkException)
        {
            throw new BenchmarkException($"{artifact.Name}: {e.Message}\n{output}");
        }
    }

    /// <summary>A failure must not pass for speed: the answer and the number of calls are checked.</summary>
    private static async Task InvokeAsync(RuntimeApi api, ReadOnlyMemory<byte> payload, int records, StandIns services)
    {
        const int callsOfARecord = 3;
        var before = services.Calls;
        var invocation = new Invocation
        {
            RequestId = Guid.NewGuid(),
            Payload = payload,
            Deadline = DateTimeOffset.UtcNow + TimeSpan.FromMinutes(1),
            FunctionArn = "arn:aws:lambda:us-east-1:000000000000:function:dispatch",
            TraceId = "Root=1-00000000-000000000000000000000000;Sampled=0",
        };
        var answer = api.TryDeliver(invocation) ?? throw new BenchmarkException("It hung up before its first event.");
        var result = await answer.WaitAsync(Patience);
        var calls = services.Calls - before;
        if (result is not InvocationResult.Success { Payload: var json }
            || Encoding.UTF8.GetString(json.Span) != """{"batchItemFailures":[]}"""
            || calls != callsOfARecord * records)
        {
            throw new BenchmarkException($"{records} records took {calls} calls and ended as {result}.");
        }
    }

    private readonly record struct Start(
        TimeSpan FirstPoll, TimeSpan FirstResponse, long PeakBytes, long PeakBytesOfBatch);
}
