using System.CommandLine;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using ConnectTasks.Local;
using Spectre.Console;

namespace ConnectTasks.Cli;

/// <summary><c>connect-tasks dlq show</c>: dead letters one by one.</summary>
internal static class DlqShowCommand
{
    private const string Summary = "Show dead letters: reason, history, and the body, masked.";

    private const string Details = """
        Without a selection, shows the first ones that come. Exits with 1 if there is
        none.

        Examples:
          connect-tasks dlq show --reason Rejected
          connect-tasks dlq show --token order-4711 --reveal
        """;

    private const int DefaultCount = 10;

    private static readonly JsonSerializerOptions Compact =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Command Create(Terminal terminal, SqsConnection? connect)
    {
        var command = new DetailedCommand("show", Summary, Details);
        var options = new DlqOptions(terminal, connect);
        var count = new Option<int>("--count")
        {
            Description = "The most dead letters to show, unless --all is given.",
            HelpName = "number",
            DefaultValueFactory = _ => DefaultCount,
        };
        var reveal = new Option<bool>("--reveal") { Description = "Show the values too: they hold personal data." };
        var json = new Option<bool>("--json") { Description = "Print each as a line of JSON." };
        options.AddTo(command, selects: true);
        foreach (var option in (Option[])[count, reveal, json])
            command.Options.Add(option);
        command.SetAction((result, cancellation) => CommandLine.GuardAsync(terminal, async () =>
        {
            var selection = options.Selection(result);
            var most = selection.All ? int.MaxValue : Math.Max(1, result.GetValue(count));
            var (sqs, queue) = await options.OpenAsync(result, cancellation);
            using var _ = sqs;
            var shown = 0;
            var scan = await queue.LookAsync(options.Limit(result), letter =>
            {
                if (selection.IsGiven && !selection.Matches(letter))
                    return;
                if (result.GetValue(json))
                    WriteJson(terminal, letter, result.GetValue(reveal));
                else
                    WriteText(terminal, letter, result.GetValue(reveal));
                shown++;
            }, () => shown >= most, cancellation);
            options.SayMissed(scan, queue);
            if (shown > 0)
                return ExitCode.Success;
            terminal.Say(scan.Seen == 0 ? "The dead-letter queue is empty." : "No dead letter is like that.");
            return ExitCode.Failure;
        }, cancellation));
        return command;
    }

    private static void WriteText(Terminal terminal, DeadLetter letter, bool isRevealed)
    {
        var now = terminal.Time.GetUtcNow();
        var grid = new Grid().AddColumn(new GridColumn().NoWrap().PadRight(2)).AddColumn();
        void Row(string name, string? value)
        {
            if (value is not null)
                grid.AddRow(new Text(name), new Text(Printable.Text(value)));
        }

        string? At(DateTimeOffset? at) => at is { } time ? $"{Iso(time)} ({Printable.Age(now - time)} ago)" : null;
        var origin = letter.Origin;
        Row("Message id", letter.MessageId);
        Row("Reason", letter.Reason ?? $"{DeadLetter.MovedBySqs}: received too often without an answer.");
        Row("Detail", letter.Detail);
        Row("Client token", DlqSelection.TokenOf(letter));
        Row("First sent", At(DeadLetter.Time(origin?.SentAtMs) ?? letter.Stamp));
        Row("Here since", At(letter.SentAt));
        Row("First id", origin?.MessageId);
        Row("Received", origin is null ? null : Printable.Count(origin.ReceiveCount, "time"));
        Row("Connect's request id", origin?.ConnectRequestId);
        Row("Group", letter.GroupId);
        foreach (var past in origin?.History ?? [])
            Row("History", $"{past.Reason}, {(DeadLetter.Time(past.AtMs) is { } time ? Iso(time) : "at some time")}");
        foreach (var (name, value) in Producers(letter))
            Row("Attribute", $"{name} = {DlqMask.Attribute(name, value.StringValue, isRevealed)}");
        terminal.Console.Write(grid);
        terminal.Out.WriteLine(DlqMask.Body(letter.Body, isRevealed));
        terminal.Out.WriteLine();
    }

    private static void WriteJson(Terminal terminal, DeadLetter letter, bool isRevealed)
    {
        var attributes = Producers(letter).ToDictionary(
            a => a.Key, a => DlqMask.Attribute(a.Key, a.Value.StringValue, isRevealed));
        terminal.Out.WriteLine(JsonSerializer.Serialize(new
        {
            messageId = letter.MessageId,
            reason = letter.Reason,
            detail = letter.Detail,
            clientToken = DlqSelection.TokenOf(letter),
            sentAt = letter.SentAt,
            groupId = letter.GroupId,
            origin = letter.Origin is { } origin ? JsonNode.Parse(origin.ToJson()) : null,
            attributes,
            body = isRevealed ? letter.Body : DlqMask.Body(letter.Body, isRevealed: false),
        }, Compact));
    }

    private static IEnumerable<KeyValuePair<string, Amazon.SQS.Model.MessageAttributeValue>> Producers(
        DeadLetter letter) =>
        letter.Attributes
            .Where(a => !a.Key.StartsWith(DeadLetterAttributes.Prefix, StringComparison.Ordinal))
            .OrderBy(a => a.Key, StringComparer.Ordinal);

    private static string Iso(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
