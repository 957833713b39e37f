using System.CommandLine;
using System.Text.Json;
using ConnectTasks.Local;
using Spectre.Console;

namespace ConnectTasks.Cli;

/// <summary>Dead letters of one reason.</summary>
internal sealed record DlqGroup(string Reason, long Count, DateTimeOffset? Oldest, DateTimeOffset? Newest);

/// <summary><c>connect-tasks dlq list</c>: the reasons, with counts and ages.</summary>
internal static class DlqListCommand
{
    private const string Summary = "Show why messages are dead letters, with counts and ages.";

    private const string Details = """
        Exits with 0 whether there are any or not.

        Examples:
          connect-tasks dlq list --dead-letter-queue-url $URL
          connect-tasks dlq list --json
        """;

    public static Command Create(Terminal terminal, SqsConnection? connect)
    {
        var command = new DetailedCommand("list", Summary, Details);
        var options = new DlqOptions(terminal, connect);
        var json = new Option<bool>("--json") { Description = "Print the result as one line of JSON." };
        options.AddTo(command, selects: false);
        command.Options.Add(json);
        command.SetAction((result, cancellation) => CommandLine.GuardAsync(terminal, async () =>
        {
            var (sqs, queue) = await options.OpenAsync(result, cancellation);
            using var _ = sqs;
            var groups = new DlqGroups();
            var scan = await queue.LookAsync(options.Limit(result), groups.Add, () => false, cancellation);
            if (result.GetValue(json))
                WriteJson(terminal, queue, groups, scan);
            else
                WriteText(terminal, groups);
            options.SayMissed(scan, queue);
            return ExitCode.Success;
        }, cancellation));
        return command;
    }

    private static void WriteJson(Terminal terminal, DlqQueue queue, DlqGroups groups, DlqScan scan) =>
        terminal.Out.WriteLine(JsonSerializer.Serialize(new
        {
            queueUrl = queue.Url,
            messages = scan.Seen,
            notSeen = scan.Missed,
            reasons = groups.Sorted.Select(group => new
            {
                reason = group.Reason,
                count = group.Count,
                oldest = group.Oldest,
                newest = group.Newest,
            }),
        }));

    private static void WriteText(Terminal terminal, DlqGroups groups)
    {
        if (groups.Sorted.Count == 0)
        {
            terminal.Out.WriteLine("The dead-letter queue is empty.");
            return;
        }

        groups.Write(terminal);
        terminal.Say($"See them: connect-tasks dlq show --reason {groups.Sorted[0].Reason}");
    }
}

/// <summary>Dead letters counted by reason.</summary>
internal sealed class DlqGroups
{
    private readonly Dictionary<string, DlqGroup> _groups = [];

    /// <summary>The most frequent first.</summary>
    public IReadOnlyList<DlqGroup> Sorted =>
        [
            .. _groups.Values
                .OrderByDescending(group => group.Count)
                .ThenBy(group => group.Reason, StringComparer.Ordinal),
        ];

    public long Count => _groups.Values.Sum(group => group.Count);

    public void Add(DeadLetter letter)
    {
        var reason = Printable.Text(letter.ReasonOrNone).Replace('\n', ' ');
        var group = _groups.GetValueOrDefault(reason) ?? new DlqGroup(reason, 0, letter.SentAt, letter.SentAt);
        _groups[reason] = group with
        {
            Count = group.Count + 1,
            Oldest = letter.SentAt < group.Oldest ? letter.SentAt : group.Oldest,
            Newest = letter.SentAt > group.Newest ? letter.SentAt : group.Newest,
        };
    }

    public void Write(Terminal terminal)
    {
        var now = terminal.Time.GetUtcNow();
        string Age(DateTimeOffset? at) => at is { } then ? Printable.Age(now - then) : "-";
        var table = new Table().Border(TableBorder.None).AddColumn("Reason").AddColumn("Count").AddColumn("Oldest")
            .AddColumn("Newest");
        foreach (var column in table.Columns.Skip(1))
            column.RightAligned().NoWrap();
        foreach (var group in Sorted)
        {
            table.AddRow(
                new Text(group.Reason), new Text(Printable.Number(group.Count)), new Text(Age(group.Oldest)),
                new Text(Age(group.Newest)));
        }

        terminal.Console.Write(table);
    }
}
