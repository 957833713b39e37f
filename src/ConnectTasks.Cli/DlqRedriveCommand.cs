using System.CommandLine;
using System.Globalization;
using ConnectTasks.Local;

namespace ConnectTasks.Cli;

/// <summary><c>connect-tasks dlq redrive</c>: dead letters, mended or not, back to the task queue.</summary>
internal static class DlqRedriveCommand
{
    private const string Summary = "Send dead letters to the task queue again, mended or not.";

    private const string Details = """
        Shows the plan and asks first; exactly those of the plan are sent. The origin,
        the first time, the count of receives and the history of reasons go along.
        Each is sent first and then deleted: should this be stopped in between, run
        it again; no second task starts.

        A letter that SQS itself moved gets its origin here, so that it stays the same
        task and a command keeps its place among others. SQS's own redrive (the
        console's "Start DLQ redrive") can't add that: after it such a letter counts
        as sent anew, and without a ClientToken as another task. Use this command.

        --edit opens the bodies in $VISUAL or $EDITOR; --patch changes them by a JSON
        merge patch (RFC 7396), in which null removes a property.

        Examples:
          connect-tasks dlq redrive --reason Exhausted
          connect-tasks dlq redrive --token order-4711 --edit
          echo '{"ContactFlowId": "1234"}' > patch.json
          connect-tasks dlq redrive --reason Refused --patch patch.json --dry-run
        """;

    private const double DefaultRate = 10;
    private const int ShownFaults = 5;

    public static Command Create(
        Terminal terminal, SqsConnection? connect, Func<string, CancellationToken, Task> editor)
    {
        var command = new DetailedCommand("redrive", Summary, Details);
        var options = new DlqOptions(terminal, connect);
        var queueUrl = AwsOptions.UrlOption("--queue-url", "The task queue. Default: TASK_QUEUE_URL.");
        var edit = new Option<bool>("--edit") { Description = "Mend the bodies in an editor first." };
        var patch = new Option<string?>("--patch")
        {
            Description = "Mend the bodies by a JSON merge patch from this file.",
            HelpName = "file",
        };
        var rate = new Option<double?>("--rate")
        {
            Description = "Messages a second, 0.1 to 1000. Default: "
                + $"{DefaultRate.ToString(CultureInfo.InvariantCulture)}.",
            HelpName = "number",
            CustomParser = argument => SystemOptions.Number(argument, "--rate", 0.1, 1_000),
        };
        var dryRun = new Option<bool>("--dry-run") { Description = "Show the plan and do nothing." };
        var yes = new Option<bool>("--yes") { Description = "Do it without asking." };
        options.AddTo(command, selects: true);
        foreach (var option in (Option[])[queueUrl, edit, patch, rate, dryRun, yes])
            command.Options.Add(option);
        command.SetAction((result, cancellation) => CommandLine.GuardAsync(terminal, async () =>
        {
            var selection = options.RequiredSelection(result);
            if (result.GetValue(edit) && result.GetValue(patch) is not null)
                throw new UsageException("Give --edit or --patch, not both.");
            var taskQueueUrl = (await options.TaskQueueAsync(result, queueUrl, cancellation)).ToString();
            var changes = result.GetValue(patch) is { } path ? await DlqMend.ReadPatchAsync(path, cancellation) : null;
            var (sqs, queue) = await options.OpenAsync(result, cancellation);
            using var _ = sqs;
            if (taskQueueUrl == queue.Url)
                throw new UsageException("--queue-url and --dead-letter-queue-url are the same queue.");

            var plan = new DlqPlan { Patch = changes };
            var letters = new List<DeadLetter>();
            var scan = await queue.LookAsync(options.Limit(result), letter =>
            {
                if (!selection.Matches(letter))
                    return;
                if (!result.GetValue(edit))
                    plan.Add(letter);
                else if (letters.Count < DlqMend.EditMaxCount)
                    letters.Add(letter);
                else
                    throw new UsageException($"More than {DlqMend.EditMaxCount} dead letters are too many to "
                        + "edit: select "
                        + "fewer, or use --patch.");
            }, () => false, cancellation);
            options.SayMissed(scan, queue);
            if (letters.Count > 0)
                plan = await EditAsync(terminal, letters, editor, cancellation);

            var perSecond = result.GetValue(rate) ?? DefaultRate;
            if (!Show(terminal, plan, queue.Url, taskQueueUrl, perSecond))
                return ExitCode.Failure;
            if (result.GetValue(dryRun))
                return ExitCode.Success;
            if (!await DlqOptions.ConfirmAsync(terminal, result.GetValue(yes), cancellation))
                return ExitCode.Failure;
            return await RunAsync(new DlqRedrive(sqs, queue, taskQueueUrl, perSecond, terminal), plan, terminal,
                cancellation);
        }, cancellation));
        return command;
    }

    private static async Task<DlqPlan> EditAsync(
        Terminal terminal, List<DeadLetter> letters, Func<string, CancellationToken, Task> editor,
        CancellationToken cancellation)
    {
        async Task<bool> RetryAsync(string fault)
        {
            var question = $"{fault} Press Enter to open the editor again, or type no to give up:";
            return await terminal.AskAsync(question, cancellation) is { } answer && answer.Trim().Length == 0;
        }

        var plan = new DlqPlan { Edited = await DlqMend.EditAsync(letters, editor, RetryAsync, cancellation) };
        foreach (var letter in letters.Where(letter => plan.Edited.ContainsKey(letter.MessageId)))
            plan.Add(letter);
        return plan;
    }

    /// <summary>Shows the plan. Gives whether there is one that can be carried out.</summary>
    private static bool Show(Terminal terminal, DlqPlan plan, string from, string to, double perSecond)
    {
        var count = plan.MessageIds.Count;
        if (count == 0)
        {
            terminal.Say("No dead letter is selected: nothing to redrive.");
            return false;
        }

        plan.Groups.Write(terminal);
        terminal.Say($"From {from}\nto   {to}");
        terminal.Say($"{Printable.Count(count, "dead letter")}, {plan.Mended} of them mended, at "
            + string.Create(CultureInfo.InvariantCulture, $"{perSecond} a second: about ")
            + $"{Printable.Age(TimeSpan.FromSeconds(Math.Ceiling(count / perSecond)))}.");
        if (plan.NotPatched.Count > 0)
        {
            terminal.Say($"The patch does not fit {Printable.Count(plan.NotPatched.Count, "body", "bodies")}, "
                + "which are no JSON object with each property once: "
                + string.Join(", ", plan.NotPatched.Take(ShownFaults)) + ". Mend them with --edit. Nothing was sent.");
            return false;
        }

        if (plan.StillInvalid.Count > 0)
        {
            terminal.Say($"{Printable.Count(plan.StillInvalid.Count, "body", "bodies")} would still be rejected and "
                + "come back:");
            foreach (var fault in plan.StillInvalid.Take(ShownFaults))
                terminal.Say("  " + fault);
        }

        return true;
    }

    private static async Task<int> RunAsync(
        DlqRedrive redrive, DlqPlan plan, Terminal terminal, CancellationToken cancellation)
    {
        try
        {
            await redrive.RunAsync(plan, cancellation);
        }
        finally
        {
            var left = plan.MessageIds.Count - redrive.Done;
            terminal.Say($"Redriven: {Printable.Count(redrive.Done, "dead letter")}; left: {left}."
                + (left > 0 ? " Run the same again for the rest." : ""));
        }

        return redrive.Done == plan.MessageIds.Count ? ExitCode.Success : ExitCode.Failure;
    }
}
