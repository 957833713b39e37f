using System.CommandLine;
using ConnectTasks.Local;

namespace ConnectTasks.Cli;

/// <summary><c>connect-tasks dlq purge</c>: deletes dead letters for good.</summary>
internal static class DlqPurgeCommand
{
    private const string Summary = "Delete dead letters for good, after asking.";

    private const string Details = """
        Shows first what would be deleted. What arrives after the question was asked
        is not deleted.

        Examples:
          connect-tasks dlq purge --reason Rejected.MalformedJson
          connect-tasks dlq purge --all --yes
        """;

    public static Command Create(Terminal terminal, SqsConnection? connect)
    {
        var command = new DetailedCommand("purge", Summary, Details);
        var options = new DlqOptions(terminal, connect);
        var yes = new Option<bool>("--yes") { Description = "Do it without asking." };
        options.AddTo(command, selects: true);
        command.Options.Add(yes);
        command.SetAction((result, cancellation) => CommandLine.GuardAsync(terminal, async () =>
        {
            var selection = options.RequiredSelection(result);
            var (sqs, queue) = await options.OpenAsync(result, cancellation);
            using var _ = sqs;
            var groups = new DlqGroups();
            var chosen = new HashSet<string>();
            var scan = await queue.LookAsync(options.Limit(result), letter =>
            {
                if (selection.Matches(letter) && chosen.Add(letter.MessageId))
                    groups.Add(letter);
            }, () => false, cancellation);
            options.SayMissed(scan, queue);
            if (chosen.Count == 0)
            {
                terminal.Say("No dead letter is like that: nothing to delete.");
                return ExitCode.Failure;
            }

            groups.Write(terminal);
            terminal.Say($"{Printable.Count(chosen.Count, "dead letter")} would be deleted for good from {queue.Url}.");
            if (!await DlqOptions.ConfirmAsync(terminal, result.GetValue(yes), cancellation))
                return ExitCode.Failure;
            return await DeleteAsync(terminal, queue, chosen, cancellation);
        }, cancellation));
        return command;
    }

    private static async Task<int> DeleteAsync(
        Terminal terminal, DlqQueue queue, HashSet<string> chosen, CancellationToken cancellation)
    {
        var left = new HashSet<string>(chosen);
        try
        {
            await queue.ScanAsync(long.MaxValue, TimeSpan.Zero, async letter =>
            {
                if (!left.Contains(letter.MessageId))
                    return false;
                await queue.DeleteAsync(letter, cancellation);
                return left.Remove(letter.MessageId);
            }, () => left.Count == 0, cancellation);
        }
        finally
        {
            terminal.Out.WriteLine($"Deleted {Printable.Count(chosen.Count - left.Count, "dead letter")}.");
        }

        if (left.Count == 0)
            return ExitCode.Success;
        terminal.Say($"{Printable.Count(left.Count, "dead letter")} did not come back to be deleted: someone else has "
            + "received or deleted them. Run this again later.");
        return ExitCode.Failure;
    }
}
