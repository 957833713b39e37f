using System.CommandLine;
using System.Runtime.CompilerServices;
using Amazon.SQS;
using ConnectTasks.Client;

namespace ConnectTasks.Cli;

/// <summary><c>connect-tasks enqueue</c>: sends the requests in files to the task queue.</summary>
internal static class EnqueueCommand
{
    private const string Summary = "Send the task requests in files to the task queue.";

    private const string Details = """
        Files hold JSON (one object, an array, or several objects), JSON lines, or CSV
        whose header names properties (InstanceId, Name, Attributes.order, ...).
        All files are checked before anything is sent; standard input is not.

        A request without a ClientToken gets one that follows from what it says, so
        that the same command can be run again at any time, also after it was killed
        or after lines were mended: what was sent before starts no second task for 35
        days. To start equal tasks anew, give another --run. Should the reader of the
        results end first, as in `| head -1`, all is sent nevertheless.

        Examples:
          connect-tasks enqueue tasks.csv --queue-url $URL --dry-run
          connect-tasks enqueue tasks.jsonl more.json --queue-url $URL --only-failed
          generate | connect-tasks enqueue - --queue-url $URL --json > results.jsonl
        """;

    public static Command Create(Terminal terminal, SqsConnection? connect = null)
    {
        var command = new DetailedCommand("enqueue", Summary, Details);
        var files = new Argument<string[]>("file")
        {
            Description = "Files with requests, or - for standard input.",
            Arity = ArgumentArity.OneOrMore,
        };
        var queueUrl = AwsOptions.UrlOption("--queue-url", "The task queue. Default: TASK_QUEUE_URL.");
        var format = new Option<string>("--format")
        {
            Description = "auto (by the file's name and first line), json, jsonl or csv.",
            HelpName = "format",
            DefaultValueFactory = _ => "auto",
        };
        format.AcceptOnlyFromAmong("auto", "json", "jsonl", "csv");
        var run = new Option<string>("--run")
        {
            Description = "A name that goes into the derived tokens: with another one, equal requests are new tasks.",
            HelpName = "name",
            DefaultValueFactory = _ => "",
        };
        var dryRun = new Option<bool>("--dry-run") { Description = "Check everything and send nothing." };
        var skipInvalid = new Option<bool>("--skip-invalid")
        {
            Description = "Send the valid requests even if there are invalid ones.",
        };
        var onlyFailed = new Option<bool>("--only-failed") { Description = "Tell only what was not sent." };
        var json = new Option<bool>("--json") { Description = "Tell each result as a line of JSON." };
        var aws = new AwsOptions();
        command.Arguments.Add(files);
        foreach (var option in (Option[])[queueUrl, format, run, dryRun, skipInvalid, onlyFailed, json])
            command.Options.Add(option);
        aws.AddWithLocalTo(command);
        command.SetAction((result, cancellation) => CommandLine.GuardAsync(terminal, () =>
        {
            var work = new EnqueueWork
            {
                Terminal = terminal,
                Files = result.GetValue(files)!,
                Format = result.GetValue(format) switch
                {
                    "json" => EnqueueFormat.Json,
                    "jsonl" => EnqueueFormat.JsonLines,
                    "csv" => EnqueueFormat.Csv,
                    _ => EnqueueFormat.Auto,
                },
                Run = result.GetValue(run)!,
                SkipsInvalid = result.GetValue(skipInvalid),
                OnlyFailed = result.GetValue(onlyFailed),
                IsJson = result.GetValue(json),
            };
            return RunAsync(work, result.GetValue(dryRun), async () =>
            {
                var url = await aws.QueueAsync(
                    result, address => address.QueueUrl, queueUrl, "TASK_QUEUE_URL", cancellation);
                return (await (connect ?? aws.SqsAsync)(result, url), url);
            }, cancellation);
        }, cancellation));
        return command;
    }

    private static async Task<int> RunAsync(
        EnqueueWork work, bool isDryRun, Func<Task<(IAmazonSQS Sqs, Uri Url)>> connect,
        CancellationToken cancellation)
    {
        await work.CheckFilesAsync(cancellation);
        if (isDryRun)
            return await work.CheckAsync(cancellation);

        // Before the check of a long file, which would be in vain without them.
        var (sqs, url) = await connect();
        using var _ = sqs;
        var isGood = work.SkipsInvalid || await work.AreValidAsync(cancellation);
        return isGood ? await work.SendAsync(sqs, url, cancellation) : ExitCode.Failure;
    }
}

/// <summary>One run of <c>enqueue</c>.</summary>
internal sealed record EnqueueWork
{
    public required Terminal Terminal { get; init; }

    public required IReadOnlyList<string> Files { get; init; }

    public required EnqueueFormat Format { get; init; }

    public required string Run { get; init; }

    public required bool SkipsInvalid { get; init; }

    public required bool OnlyFailed { get; init; }

    public required bool IsJson { get; init; }

    /// <summary>Looks at every file's beginning: one that cannot be read keeps all from being sent.</summary>
    public async Task CheckFilesAsync(CancellationToken cancellation)
    {
        if (Files.Count(file => file == "-") > 1)
            throw new UsageException("Standard input (-) can be given once.");
        foreach (var file in Files.Where(file => file != "-"))
            (await EnqueueSource.OpenAsync(file, Terminal, cancellation)).Dispose();
    }

    /// <summary>Tells of every record whether it is valid.</summary>
    public async Task<int> CheckAsync(CancellationToken cancellation)
    {
        var report = Report(OnlyFailed);
        await foreach (var item in ReadAsync(Files, report, cancellation))
            report.Tell(item, item.Violations.Count == 0 ? "valid" : "invalid");
        report.ClearBar();
        Terminal.Say($"Nothing was sent (--dry-run). Valid: {Printable.Count(report.Good, "request")}; invalid: "
            + $"{report.Invalid}.");
        return report.Invalid == 0 ? ExitCode.Success : ExitCode.Failure;
    }

    /// <summary>
    /// Tells of every record that is invalid, except those of standard input, which can be read once.
    /// </summary>
    public async Task<bool> AreValidAsync(CancellationToken cancellation)
    {
        var report = Report(onlyFailed: true);
        await foreach (var item in ReadAsync([.. Files.Where(file => file != "-")], report, cancellation))
            report.Tell(item, item.Violations.Count == 0 ? "valid" : "invalid");
        report.ClearBar();
        if (report.Invalid == 0)
            return true;
        var all = Printable.Count(report.Good + report.Invalid, "request");
        Terminal.Say($"Nothing was sent: {report.Invalid} of {all} {(report.Invalid == 1 ? "is" : "are")} invalid. "
            + "Mend them, or send the others with --skip-invalid.");
        return false;
    }

    public async Task<int> SendAsync(IAmazonSQS sqs, Uri url, CancellationToken cancellation)
    {
        var report = Report(OnlyFailed);
        var client = new TaskQueueClient(sqs, new TaskQueueOptions { QueueUrl = url.ToString() }, Terminal.Time);
        var sent = new Queue<EnqueueItem>();
        string? stop = null;

        async IAsyncEnumerable<TaskRequest> Requests()
        {
            await foreach (var item in ReadAsync(Files, report, cancellation))
            {
                if (stop is not null)
                    yield break;
                if (item.Request is not { } request)
                {
                    report.Tell(item, "invalid");
                    continue;
                }

                sent.Enqueue(item);
                yield return request;
            }
        }

        try
        {
            await foreach (var result in client.SendManyAsync(Requests(), null, cancellation))
            {
                var item = sent.Dequeue();
                if (result.Status == SendStatus.Invalid)
                    item = item with { Violations = result.Violations };
                report.Tell(item, Status(result.Status), result);
                // What failed for the queue fails for every further message.
                if (AwsFailure.IsOfTheQueue(result.ErrorCode))
                    stop ??= "Stopped there. " + AwsFailure.Sentence(result.ErrorCode!, result.ErrorMessage);
                else if (result.Status == SendStatus.NotTried)
                    stop ??= "Stopped there: the rest was not read.";
            }
        }
        finally
        {
            report.ClearBar();
            Terminal.Say($"Sent: {Printable.Count(report.Good, "request")}; invalid: {report.Invalid}; not sent: "
                + $"{report.Failed}. {stop}".TrimEnd());
            if (stop is not null || report.Failed > 0 || cancellation.IsCancellationRequested)
                Terminal.Say("Run the same command again for the rest: what was sent starts no second task.");
        }

        return report.Failed + report.Invalid == 0 ? ExitCode.Success : ExitCode.Failure;
    }

    private static string Status(SendStatus status) => status switch
    {
        SendStatus.Sent => "sent",
        SendStatus.Invalid => "invalid",
        SendStatus.Failed => "failed",
        SendStatus.Unknown => "unknown",
        SendStatus.NotTried => "notTried",
    };

    private EnqueueReport Report(bool onlyFailed)
    {
        var bytes = Files.Where(file => file != "-").Sum(file => new FileInfo(file).Length);
        return new EnqueueReport(Terminal, IsJson, onlyFailed, bytes);
    }

    private async IAsyncEnumerable<EnqueueItem> ReadAsync(
        IReadOnlyList<string> files, EnqueueReport report, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var tokens = new EnqueueTokens(Run);
        var before = 0L;
        foreach (var file in files)
        {
            using var source = await EnqueueSource.OpenAsync(file, Terminal, cancellation);
            await foreach (var record in EnqueueReader.ReadAsync(source, Format, cancellation))
            {
                cancellation.ThrowIfCancellationRequested();
                report.Progress(before + source.BytesRead);
                if (record.Body is not { } body)
                {
                    var fault = new Violation(ViolationCodes.MalformedJson, "$", record.Fault!);
                    yield return new EnqueueItem(source.Name, record.Line, null, [fault]);
                    continue;
                }

                var read = TaskRequestJson.Read(body);
                var request = read.Request is { } valid ? tokens.WithToken(valid) : null;
                yield return new EnqueueItem(source.Name, record.Line, request, read.Violations);
            }

            before += source.BytesRead;
        }
    }
}
