using System.Globalization;
using System.Text;
using System.Text.Json;
using Amazon.DynamoDBv2;
using Amazon.Runtime;
using Amazon.SQS;

namespace ConnectTasks.Local;

/// <summary>What an action came to: a sentence about what was done, or why it was not.</summary>
internal sealed record ActionResult
{
    public string? Done { get; init; }

    public string? Error { get; init; }

    /// <summary>The last message that was sent.</summary>
    public string? MessageId { get; init; }

    /// <summary>Of a check: what is wrong with the body; empty if nothing is.</summary>
    public IReadOnlyList<Violation>? Violations { get; init; }

    public static ActionResult Failed(string error) => new() { Error = error };
}

/// <summary>What someone can do on the page.</summary>
internal sealed class PageActions(PageSystem system, PageFeed feed) : IAsyncDisposable
{
    private readonly Samples _samples = new(system);
    private readonly Burst _burst = new(system);

    /// <summary>Does it. Null if there is no such action.</summary>
    public async Task<ActionResult?> RunAsync(string name, JsonElement arguments, CancellationToken cancellation)
    {
        if (arguments.ValueKind != JsonValueKind.Object)
            return ActionResult.Failed("Send the arguments as a JSON object.");
        try
        {
            return name switch
            {
                "sample" => await SampleAsync(Text(arguments, "kind"), cancellation),
                "check" => Check(Text(arguments, "body") ?? ""),
                "send" => await SendAsync(Text(arguments, "body") ?? "", cancellation),
                "burst" => StartBurst(arguments),
                "stop-burst" => StopBurst(),
                "faults" => PageFaults.Add(system.Connect, Text(arguments, "kind"), Text(arguments, "call"),
                    Number(arguments, "times"), Number(arguments, "seconds")),
                "stop-faults" => StopFaults(),
                "kill" => Kill(),
                "redrive" => await RedriveAsync(Text(arguments, "id"), Text(arguments, "body"), cancellation),
                "cancel" => await CommandAsync(TaskCommandKind.Cancel, arguments, cancellation),
                "reschedule" => await CommandAsync(TaskCommandKind.Reschedule, arguments, cancellation),
                _ => null,
            };
        }
        catch (Exception e) when (e is AmazonSQSException or AmazonDynamoDBException or AmazonClientException
            or HttpRequestException)
        {
            return ActionResult.Failed($"The queue did not take it: {e.Message}");
        }
    }

    public ValueTask DisposeAsync() => _burst.DisposeAsync();

    private async Task<ActionResult> SampleAsync(string? kind, CancellationToken cancellation)
    {
        if (kind is null || !Samples.Kinds.Contains(kind))
            return ActionResult.Failed($"A sample is one of {string.Join(", ", Samples.Kinds)}.");
        ActionResult? result = null;
        foreach (var body in _samples.Make(kind))
            result = await SendAsync(body, cancellation);
        return result!;
    }

    /// <summary>The function's own reading. What depends on the deployment is left to it.</summary>
    private ActionResult Check(string body)
    {
        var read = TaskMessage.Read(body);
        var now = system.Time.GetUtcNow();
        return new ActionResult
        {
            Violations = read.Violations,
            Done = read switch
            {
                { Request.ScheduledTime: { } time } when time > now => string.Create(CultureInfo.InvariantCulture,
                    $"Valid: a task that starts at {time:yyyy-MM-dd HH:mm:ss} UTC."),
                { Request: not null } => "Valid: a task that starts at once.",
                { Command.Kind: TaskCommandKind.Cancel } => "Valid: a cancellation.",
                { Command: not null } => "Valid: a reschedule.",
                { Violations.Count: 1 } => "Not valid: 1 rule is broken. It would be dead-lettered.",
                _ => $"Not valid: {read.Violations.Count} rules are broken. It would be dead-lettered.",
            },
        };
    }

    private async Task<ActionResult> SendAsync(string body, CancellationToken cancellation)
    {
        if (body.Length == 0)
            return ActionResult.Failed("The body is empty: SQS takes no such message. Paste or write one.");
        var reply = await system.Sqs.SendMessageAsync(system.QueueUrl, body, cancellation);
        return new ActionResult { Done = "Sent to the task queue.", MessageId = reply.MessageId };
    }

    private ActionResult StartBurst(JsonElement arguments)
    {
        var (count, rate) = (Number(arguments, "count"), Number(arguments, "perSecond"));
        if (count is not (>= 1 and <= Burst.MaxCount) || rate is not (>= 1 and <= Burst.MaxPerSecond))
        {
            return ActionResult.Failed(string.Create(CultureInfo.InvariantCulture,
                $"A burst has 1 to {Burst.MaxCount} messages, and 1 to {Burst.MaxPerSecond} a second."));
        }

        return _burst.TryStart((int)count, (int)rate, Flag(arguments, "isMixed"))
            ? new ActionResult { Done = $"Sending {(int)count} messages, {(int)rate} a second." }
            : ActionResult.Failed("A burst is under way: wait for its end, or stop it.");
    }

    private ActionResult StopBurst()
    {
        _burst.Stop();
        return new ActionResult { Done = "No more messages are sent. Those that are on the queue go on." };
    }

    private ActionResult StopFaults()
    {
        system.Connect?.ClearFaults();
        return new ActionResult { Done = "Connect works again." };
    }

    private ActionResult Kill() => system.KillOne() is { } number
        ? new ActionResult { Done = $"Process {number} of the function was killed. The next batch starts another one." }
        : ActionResult.Failed("No process of the function runs now: send something first.");

    private async Task<ActionResult> RedriveAsync(string? id, string? body, CancellationToken cancellation)
    {
        if (string.IsNullOrEmpty(id) || string.IsNullOrEmpty(body))
            return ActionResult.Failed("Name the dead letter's id, and the body to send in its place.");
        string? sent = null;
        await feed.WithLettersAsync(() => system.DeadLetters.ScanAsync(long.MaxValue, TimeSpan.Zero, async letter =>
        {
            if (letter.MessageId != id)
                return false;
            // First sent, then deleted: an end in between leaves it in both, and the ledger starts only one task.
            sent = await new Redrive(system.Sqs, system.QueueUrl, system.NewId())
                .SendAsync(letter, body, system.Time.GetUtcNow(), CancellationToken.None);
            await system.DeadLetters.DeleteAsync(letter, CancellationToken.None);
            return true;
        }, () => sent is not null, cancellation), cancellation);
        return sent is null
            ? ActionResult.Failed("It is not on the dead-letter queue now: someone else has it in hand, or it is gone.")
            : new ActionResult { Done = "Redriven: it is on the task queue again.", MessageId = sent };
    }

    private async Task<ActionResult> CommandAsync(
        TaskCommandKind kind, JsonElement arguments, CancellationToken cancellation)
    {
        var command = new TaskCommand
        {
            Kind = kind,
            InstanceId = Text(arguments, "instanceId") ?? "",
            ClientToken = Text(arguments, "clientToken") ?? "",
            EndIfRunning = Flag(arguments, "endIfRunning"),
            ScheduledTime = Text(arguments, "time") is { } time && DateTimeOffset.TryParse(
                time, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at : null,
        };
        var check = TaskCommandJson.Check(command);
        if (check.Command is not { } valid)
            return ActionResult.Failed(string.Join(' ', check.Violations.Select(violation => violation.Message)));
        var result = await SendAsync(Encoding.UTF8.GetString(TaskCommandJson.Write(valid)), cancellation);
        return result with
        {
            Done = kind == TaskCommandKind.Cancel
                ? "The cancellation is on the task queue."
                : "The reschedule is on the task queue.",
        };
    }

    private static string? Text(JsonElement arguments, string name) =>
        arguments.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;

    private static double? Number(JsonElement arguments, string name) =>
        arguments.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number
            ? value.GetDouble()
            : null;

    private static bool Flag(JsonElement arguments, string name) =>
        arguments.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.True;
}
