using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Amazon.Runtime;
using ConnectTasks.Local;
using Spectre.Console;

namespace ConnectTasks.Cli;

/// <summary><c>connect-tasks status</c>: what became of one task.</summary>
internal static class StatusCommand
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    public static Command Create(Terminal terminal)
    {
        var command = new DetailedCommand("status", "What became of a task, and what Connect says of it.", """
            Its state, times, attempts and contact. Exits with 1 if the task is not known.

            Examples:
              connect-tasks status --local --instance any --token try-1
              connect-tasks status --table TABLE --instance INSTANCE --token order-4711
            """);
        var instance = TaskIdentity.InstanceOption();
        var token = TaskIdentity.TokenOption();
        var deployment = new DeploymentOptions();
        var json = new Option<bool>("--json") { Description = "Print the result as one line of JSON." };
        command.Options.Add(instance);
        command.Options.Add(token);
        deployment.AddTo(command, usesQueue: false, usesConnect: true);
        command.Options.Add(json);
        command.SetAction((result, cancellation) => CommandLine.GuardAsync(terminal, () => ServiceErrors.GuardAsync(
            async () =>
            {
                var task = TaskIdentity.Check(result.GetValue(instance)!, result.GetValue(token)!);
                using var open = await deployment.OpenAsync(result, terminal.Time, cancellation);
                return await RunAsync(open, task, result.GetValue(json), terminal, cancellation);
            }), cancellation));
        return command;
    }

    internal static async Task<int> RunAsync(
        Deployment deployment, TaskIdentity task, bool isJson, Terminal terminal, CancellationToken cancellation)
    {
        if (await deployment.Ledger.ReadAsync(task.Key, cancellation) is not { } record)
        {
            if (isJson)
                await terminal.Out.WriteLineAsync(JsonSerializer.Serialize(new { task, state = "Unknown" }, Json));
            terminal.Say(await Unknown.SentenceAsync(deployment, task, cancellation));
            return ExitCode.Failure;
        }

        var (contact, trouble) = await DescribeAsync(deployment, task, record, cancellation);
        if (trouble is not null)
            terminal.Say($"What Connect says is not known: {trouble}");
        if (isJson)
        {
            await terminal.Out.WriteLineAsync(JsonSerializer.Serialize(
                new
                {
                    task,
                    record.State,
                    record.ScheduledTime,
                    record.ReleaseAt,
                    record.LeaseEnd,
                    record.MovedAt,
                    record.ToldAt,
                    record.FirstTried,
                    record.Created,
                    record.Updated,
                    record.Expires,
                    record.Attempts,
                    record.LastReason,
                    record.MayExist,
                    record.WaitNumber,
                    record.MessageGroup,
                    record.ItemVersion,
                    record.ContactId,
                    contact,
                },
                Json));
        }
        else
        {
            Write(task, record, contact, terminal.Console);
        }

        return ExitCode.Success;
    }

    /// <summary>Connect's word is an addition: without it the rest is worth showing.</summary>
    private static async Task<(ContactView? Contact, string? Trouble)> DescribeAsync(
        Deployment deployment, TaskIdentity task, TaskRecord record, CancellationToken cancellation)
    {
        if (record.ContactId is not { } contactId)
            return (null, null);
        try
        {
            var now = deployment.Time.GetUtcNow();
            return (await ContactView.DescribeAsync(
                deployment.Connect!, task.InstanceId, contactId, now, cancellation), null);
        }
        catch (Exception e) when (e is AmazonServiceException or AmazonClientException or HttpRequestException)
        {
            return (null, ServiceErrors.Sentence(e) ?? AwsFailure.Sentence(e) ?? e.Message);
        }
    }

    private static void Write(TaskIdentity task, TaskRecord record, ContactView? contact, IAnsiConsole console)
    {
        var grid = new Grid().AddColumn(new GridColumn().NoWrap()).AddColumn();
        void Row(string name, string? value)
        {
            if (value is not null)
                grid.AddRow(new Text(name), new Text(value));
        }

        Row("Task", $"{Printable.Text(task.ClientToken)} (instance {task.InstanceId})");
        Row("State", $"{record.State}: {record.Words}");
        Row("To start at", Time(record.ScheduledTime));
        Row("Connect was told", Time(record.ToldAt));
        Row("Handed to Connect at", record.State == TaskRecord.Held ? Time(record.ReleaseAt) : null);
        Row("Lease until", record.State == TaskRecord.Starting ? Time(record.LeaseEnd) : null);
        Row("Message group", record.MessageGroup is { } group ? Printable.Text(group) : null);
        Row("Waits", record.WaitNumber?.ToString(CultureInfo.InvariantCulture));
        Row("Attempts", record.Attempts.ToString(CultureInfo.InvariantCulture));
        Row("First tried", Time(record.FirstTried));
        Row("Last reason", record.LastReason);
        Row("May exist in Connect", record.MayExist ? "yes: an attempt got no answer" : null);
        Row("Contact", record.ContactId);
        if (contact is not null)
        {
            Row("Connect says", contact.State switch
            {
                ContactView.Waiting => "waits for its time",
                ContactView.Running => "runs",
                ContactView.Over => $"over ({contact.EndReason ?? "no reason given"})",
                ContactView.Unclear => "nothing yet: it answered without the contact",
                _ => "it knows no such contact: perhaps not yet, perhaps no more",
            });
            Row("  scheduled for", Time(contact.ScheduledTime));
            Row("  created", Time(contact.Initiated));
            Row("  ended", Time(contact.Ended));
        }

        Row("Rescheduled", Time(record.MovedAt));
        Row("First seen", Time(record.Created));
        Row("Last change", Time(record.Updated));
        Row("Forgotten after", Time(record.Expires));
        console.Write(grid);
    }

    private static string? Time(DateTimeOffset? time) => time is { } given ? LocalTimes.Iso(given) : null;
}
