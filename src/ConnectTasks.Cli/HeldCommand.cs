using System.CommandLine;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using ConnectTasks.Local;
using Spectre.Console;

namespace ConnectTasks.Cli;

/// <summary><c>connect-tasks held</c>: what waits, and when it is to start.</summary>
internal static class HeldCommand
{
    public static Command Create(Terminal terminal)
    {
        var command = new DetailedCommand("held", "What waits for a time beyond Connect's horizon, by day.", """
            By the day on which it is to start. Reads every held task once, so its cost
            follows what is held.

            Examples:
              connect-tasks held --local
              connect-tasks held --table TABLE --zone Europe/Berlin
              connect-tasks held --table TABLE --tasks --json
            """);
        var zone = new Option<string?>("--zone")
        {
            Description = "The IANA time zone of the days, such as Europe/Berlin. Default: UTC.",
            HelpName = "zone",
        };
        var tasks = new Option<bool>("--tasks") { Description = "List the tasks too." };
        var json = new Option<bool>("--json") { Description = "Print the result as one line of JSON." };
        var deployment = new DeploymentOptions();
        deployment.AddTo(command, usesQueue: false, usesConnect: false);
        command.Options.Add(zone);
        command.Options.Add(tasks);
        command.Options.Add(json);
        command.SetAction((result, cancellation) => CommandLine.GuardAsync(terminal, () => ServiceErrors.GuardAsync(
            async () =>
            {
                var days = result.GetValue(zone) is { } id ? LocalTimes.FindZone(id) : TimeZoneInfo.Utc;
                using var open = await deployment.OpenAsync(result, terminal.Time, cancellation);
                var held = await HeldTasks.ReadAsync(open.Ledger, days, terminal.Time.GetUtcNow(), cancellation);
                if (result.GetValue(json))
                    await terminal.Out.WriteLineAsync(held.ToJson(result.GetValue(tasks)));
                else
                    held.Write(terminal.Console, result.GetValue(tasks));
                return ExitCode.Success;
            }), cancellation));
        return command;
    }
}

/// <summary>What is held, in the order of its times.</summary>
internal sealed record HeldTasks
{
    /// <summary>The plus sign of an offset stays one.</summary>
    private static readonly JsonSerializerOptions Json = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    private readonly IReadOnlyList<TaskRecord> _tasks;
    private readonly TimeZoneInfo _zone;

    public HeldTasks(IEnumerable<TaskRecord> tasks, TimeZoneInfo zone, DateTimeOffset now)
    {
        _tasks = [.. tasks.OrderBy(task => task.ScheduledTime).ThenBy(task => task.Key, StringComparer.Ordinal)];
        _zone = zone;
        Due = _tasks.Count(task => task.ReleaseAt <= now);
    }

    /// <summary>Tasks whose release is due; the next tick of the release function takes them.</summary>
    public int Due { get; }

    private IEnumerable<IGrouping<string, TaskRecord>> Days => _tasks.GroupBy(task =>
        Local(task.ScheduledTime)?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) ?? "unknown");

    public static async Task<HeldTasks> ReadAsync(
        Ledger ledger, TimeZoneInfo zone, DateTimeOffset now, CancellationToken cancellation)
    {
        var tasks = new List<TaskRecord>();
        await foreach (var task in ledger.HeldAsync(cancellation))
            tasks.Add(task);
        return new HeldTasks(tasks, zone, now);
    }

    public string ToJson(bool withTasks) => JsonSerializer.Serialize(new
    {
        held = _tasks.Count,
        due = Due,
        zone = _zone.Id,
        days = Days.Select(day => new
        {
            day = day.Key,
            count = day.Count(),
            first = Text(day.First().ScheduledTime),
            last = Text(day.Last().ScheduledTime),
        }),
        tasks = withTasks
            ? _tasks.Select(task => new
            {
                task = task.Key,
                scheduledTime = Text(task.ScheduledTime),
                releaseAt = Text(task.ReleaseAt),
            })
            : null,
    }, Json);

    public void Write(IAnsiConsole console, bool withTasks)
    {
        if (_tasks.Count == 0)
        {
            console.WriteLine("Nothing is held.");
            return;
        }

        var days = Table($"Day ({_zone.Id})", "Tasks", "First", "Last");
        foreach (var day in Days)
        {
            Row(days, day.Key, Number(day.Count()), Clock(day.First().ScheduledTime),
                Clock(day.Last().ScheduledTime));
        }

        console.Write(days);
        if (withTasks)
        {
            var list = Table("Task (instance#token)", "To start at", "Handed to Connect at");
            foreach (var task in _tasks)
                Row(list, Printable.Text(task.Key), Text(task.ScheduledTime), Text(task.ReleaseAt));
            console.Write(list);
        }

        console.WriteLine($"{Number(_tasks.Count)} held" + (Due > 0
            ? $", of which {Number(Due)} are due: the release function's next tick takes them."
            : "."));
    }

    private DateTimeOffset? Local(DateTimeOffset? time) =>
        time is { } given ? TimeZoneInfo.ConvertTime(given, _zone) : null;

    private string Text(DateTimeOffset? time) =>
        Local(time)?.ToString("yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture) ?? "unknown";

    private string Clock(DateTimeOffset? time) =>
        Local(time)?.ToString("HH:mm:ss", CultureInfo.InvariantCulture) ?? "";

    private static Table Table(params string[] names)
    {
        var columns = names.Select(name => new TableColumn(new Text(name)));
        return new Table { Border = TableBorder.Rounded }.AddColumns([.. columns]);
    }

    private static void Row(Table table, params string[] cells) => table.AddRow(cells.Select(cell => new Text(cell)));

    private static string Number(int value) => value.ToString("N0", CultureInfo.InvariantCulture);
}
