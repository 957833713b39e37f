using System.CommandLine;
using System.Text.Json;

namespace ConnectTasks.Cli;

/// <summary>
/// <c>connect-tasks cancel</c> and <c>reschedule</c>: commands about one task, sent through the task queue.
/// </summary>
internal static class ChangeCommands
{
    private const double DefaultWaitSeconds = 30;

    public static Command CreateCancel(Terminal terminal)
    {
        var command = new DetailedCommand("cancel", "Cancel a task, wherever it waits.", """
            Here, on the queue or in Connect. Exits with 1 if it is unknown, foreign,
            finished or running, and says which.

            Examples:
              connect-tasks cancel --local --instance any --token try-1
              connect-tasks cancel --table TABLE --queue-url URL --instance INSTANCE \
                --token order-4711
            """);
        var endIfRunning = new Option<bool>("--end-if-running")
        {
            Description = "End the task also if it has begun, and agents may work on it.",
        };
        var unseen = new Option<bool>("--unseen")
        {
            Description = "Cancel it also if it is not known yet: its request may still be on its way.",
        };
        command.Options.Add(endIfRunning);
        command.Options.Add(unseen);
        Complete(command, terminal, result => (change, cancellation) =>
            change.CancelAsync(result.GetValue(endIfRunning), result.GetValue(unseen), cancellation));
        return command;
    }

    public static Command CreateReschedule(Terminal terminal)
    {
        var command = new DetailedCommand("reschedule", "Give a task that waits another time.", """
            Exits with 1 if it is unknown, foreign, finished or running, and says which.

            Examples:
              connect-tasks reschedule --local --instance any --token try-1 \
                --at 2027-01-15T08:00:00+01:00
              connect-tasks reschedule --local --instance any --token try-1 \
                --at 2027-01-15T08:00 --zone Europe/Berlin
            """);
        var at = new Option<string>("--at")
        {
            Description = "The new time: with an offset, such as 2027-01-15T08:00:00+01:00, or epoch seconds; or, with "
                + "--zone, a local time such as 2027-01-15T08:00.",
            HelpName = "time",
            Required = true,
        };
        var zone = new Option<string?>("--zone")
        {
            Description = "The IANA time zone of --at, such as Europe/Berlin.",
            HelpName = "zone",
        };
        command.Options.Add(at);
        command.Options.Add(zone);
        Complete(command, terminal, result =>
        {
            var time = LocalTimes.ReadFuture(result.GetValue(at)!, result.GetValue(zone), terminal.Time.GetUtcNow());
            return (change, cancellation) => change.RescheduleAsync(time, cancellation);
        });
        return command;
    }

    /// <param name="read">Reads the command's own options; what it gives does the work.</param>
    private static void Complete(
        Command command, Terminal terminal,
        Func<ParseResult, Func<TaskChange, CancellationToken, Task<ChangeResult>>> read)
    {
        var instance = TaskIdentity.InstanceOption();
        var token = TaskIdentity.TokenOption();
        var wait = new Option<double?>("--wait")
        {
            Description = $"Seconds to wait for the effect; 0: do not wait. Default: {DefaultWaitSeconds}.",
            HelpName = "seconds",
            CustomParser = argument => SystemOptions.Number(argument, "--wait", 0, 3_600),
        };
        var json = new Option<bool>("--json") { Description = "Print the result as one line of JSON." };
        var deployment = new DeploymentOptions();
        command.Options.Add(instance);
        command.Options.Add(token);
        deployment.AddTo(command, usesQueue: true, usesConnect: true);
        command.Options.Add(wait);
        command.Options.Add(json);
        command.SetAction((result, cancellation) => CommandLine.GuardAsync(terminal, () => ServiceErrors.GuardAsync(
            async () =>
            {
                var task = TaskIdentity.Check(result.GetValue(instance)!, result.GetValue(token)!);
                var work = read(result);
                using var open = await deployment.OpenAsync(result, terminal.Time, cancellation);
                var patience = TimeSpan.FromSeconds(result.GetValue(wait) ?? DefaultWaitSeconds);
                var change = await work(new TaskChange(open, task, patience), cancellation);
                if (result.GetValue(json))
                {
                    await terminal.Out.WriteLineAsync(JsonSerializer.Serialize(
                        new { task, done = change.IsDone, result = change.Code }, JsonSerializerOptions.Web));
                }

                // A result goes to standard output, unless that is a machine's; a refusal is for standard error.
                if (!change.IsDone)
                    terminal.Say(change.Text);
                else if (!result.GetValue(json))
                    await terminal.Out.WriteLineAsync(change.Text);
                return change.IsDone ? ExitCode.Success : ExitCode.Failure;
            }), cancellation));
    }
}
