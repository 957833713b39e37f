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

    /// <summary>
    /// The plain handler, as a function. It starts in this program's assembly, so its size is not given.
    /// </summary>
    private const string Plain = "plain";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static Command Command()
    {
        var runs = new Option<int>("--runs") { Description = "Runs of each variant.", DefaultValueFactory = _ => 7 };
        var variants = new Option<string[]>("--variant") { Description = "Only these variants (default: all)." };
        variants.AcceptOnlyFromAmong([Plain, .. Artifact.Variants.Select(v => v.Name)]);
        var properties = new Option<string[]>("--property")
        {
            Description = "NAME=VALUE of a publish, such as PublishTrimmed=true: measured with it and without it.",
        };
        var variables = new Option<string[]>("--variable")
        {
            Description = "NAME=VALUE in the function's environment, such as DOTNET_TieredPGO=0: with it and without it.",
        };
        var json = new Option<bool>("--json") { Description = "The result is one JSON object on stdout." };
        var command = new Command("cold", "Publishes the function three ways and measures its start, beside a plain function's.")
        {
            runs, variants, properties, variables, json,
        };
        command.SetAction(async parsed =>
        {
            try
            {
                var subjects = await PublishAsync(
                    parsed.GetValue(variants) ?? [],
                    parsed.GetValue(properties) ?? [],
                    parsed.GetValue(variables) ?? [],
                    Console.Error);
                var report = await RunAsync(parsed.GetValue(runs), subjects, Console.Error);
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

    /// <summary>Each chosen variant, and if there is something to try, each with it as well.</summary>
    private static async Task<List<Subject>> PublishAsync(
        string[] names, string[] properties, string[] variables, TextWriter progress)
    {
        var subjects = new List<Subject>();
        if (names.Length == 0 || names.Contains(Plain))
            subjects.Add(new Subject(Plain, typeof(PlainHandler).Assembly.Location, ["plain-function"], 0, []));
        foreach (var (name, own) in Artifact.Variants.Where(v => names.Length == 0 || names.Contains(v.Name)))
        {
            var artifact = await Artifact.PublishAsync(name, own, progress);
            subjects.Add(new Subject(name, artifact.Program, [], artifact.ZipBytes, []));
            if (properties.Length + variables.Length == 0)
                continue;
            var tried = $"{name} {string.Join(' ', [.. properties, .. variables])}";
            if (properties.Length > 0)
                artifact = await Artifact.PublishAsync(tried, [.. own, .. properties], progress);
            subjects.Add(new Subject(tried, artifact.Program, [], artifact.ZipBytes, variables));
        }

        return subjects;
    }

    private static async Task<Report> RunAsync(int runs, List<Subject> subjects, TextWriter progress)
    {
        await using var services = await StandIns.StartAsync();
        var report = new Report("cold");
        // The first round warms the files and this process, and is thrown away.
        for (var run = 0; run <= runs; run++)
        {
            await progress.WriteLineAsync($"run {run} of {runs}");
            foreach (var subject in subjects)
            {
                var start = await StartOnceAsync(subject, services);
                if (run == 0)
                    continue;
                report.Add(subject.Name, "firstResponseMs", start.FirstResponse.TotalMilliseconds);
                report.Add(subject.Name, "firstResponseCpuMs", start.Processor.TotalMilliseconds);
                report.Add(subject.Name, "invocationMs", (start.FirstResponse - start.FirstPoll).TotalMilliseconds);
                report.Add(subject.Name, "firstPollMs", start.FirstPoll.TotalMilliseconds);
                report.Add(subject.Name, "peakMiB", ToMebibytes(start.PeakBytes));
                report.Add(subject.Name, "peakAfterTenRecordsMiB", ToMebibytes(start.PeakBytesOfBatch));
            }
        }

        foreach (var subject in subjects.Where(s => s.ZipBytes > 0))
            report.Add(subject.Name, "zipMiB", ToMebibytes(subject.ZipBytes));
        var (first, others) = (subjects.Find(s => s.Name != Plain) ?? subjects[0], subjects.Where(s => s.Name != Plain));
        foreach (var subject in others.Skip(1))
            report.Compare(subject.Name, first.Name);
        foreach (var subject in others.Where(_ => subjects[0].Name == Plain))
            report.Compare(subject.Name, Plain);
        return report;
    }

    private static TimeSpan ProcessorTime(int processId)
    {
        using var process = Process.GetProcessById(processId);
        return process.TotalProcessorTime;
    }

    private static double ToMebibytes(long bytes) => bytes / (1024.0 * 1024.0);

    private static async Task<Start> StartOnceAsync(Subject subject, StandIns services)
    {
        var environment = new Dictionary<string, string>(Sample.Variables)
        {
            ["AWS_ENDPOINT_URL"] = services.Address.ToString(),
            ["AWS_SESSION_TOKEN"] = "local",
        };
        foreach (var variable in subject.Variables)
            environment[variable.Split('=')[0]] = variable.Split('=', 2)[^1];
        var function = new FunctionSettings
        {
            Name = "dispatch",
            Executable = subject.Program,
            Arguments = subject.Arguments,
            MemoryMebibytes = 512,
            LogFormat = "JSON",
            Region = Sample.Region,
            Environment = environment,
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
                throw new BenchmarkException($"{subject.Name} did not start: {failed.Text}");
            var firstPoll = Stopwatch.GetElapsedTime(begun);
            await InvokeAsync(api, first, 1, services);
            var firstResponse = Stopwatch.GetElapsedTime(begun);
            var processor = ProcessorTime(process.Id);
            var peak = process.ReadPeakMemoryBytes();

            await api.WaitUntilReadyAsync().WaitAsync(Patience);
            await InvokeAsync(api, batch, BatchRecords, services);
            return new Start(firstPoll, firstResponse, processor, peak, process.ReadPeakMemoryBytes());
        }
        catch (Exception e) when (e is TimeoutException or BenchmarkException)
        {
            throw new BenchmarkException($"{subject.Name}: {e.Message}\n{output}");
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

    private sealed record Subject(
        string Name, string Program, string[] Arguments, long ZipBytes, string[] Variables);

    private readonly record struct Start(
        TimeSpan FirstPoll, TimeSpan FirstResponse, TimeSpan Processor, long PeakBytes, long PeakBytesOfBatch);
}
