using System.CommandLine;
using ConnectTasks.Cli.Demo;
using ConnectTasks.Local;

namespace ConnectTasks.Cli;

/// <summary><c>connect-tasks demo</c>: the system at work on this machine, and an account of every message.</summary>
internal static class DemoCommand
{
    private const int DefaultSeed = 1;

    public static Command Create(Terminal terminal)
    {
        var command = new DetailedCommand("demo", "Run the whole system here with a mix of messages.", """
            Shows what happens to each message. Exits with 0 only if every one is
            accounted for.

            Examples:
              connect-tasks demo
              connect-tasks demo --scenario follow-ups
              connect-tasks demo --scenario chaos --seed 7 --json
              connect-tasks demo --scenario follow-ups --watch
            """);
        var scenario = new Option<string>("--scenario")
        {
            Description = "What to play. "
                + string.Join("; ", Scenario.All.Select(known => $"{known.Name}: {known.Words}")) + ".",
            HelpName = "name",
            DefaultValueFactory = _ => Scenario.All[0].Name,
        };
        scenario.AcceptOnlyFromAmong([.. Scenario.All.Select(known => known.Name)]);
        var seed = new Option<int>("--seed")
        {
            Description = "What chance begins with, for a scenario that has any.",
            HelpName = "number",
            DefaultValueFactory = _ => DefaultSeed,
        };
        var json = new Option<bool>("--json") { Description = "Print the result as one line of JSON." };
        var verbose = new Option<bool>("--verbose") { Description = "Show the functions' log lines too." };
        var watch = new Option<bool>("--watch")
        {
            Description = "Serve the page that shows all of it, as `local` does, and stay until Ctrl+C.",
        };
        var executable = SystemOptions.ExecutableOption();
        foreach (var option in (Option[])[scenario, seed, json, verbose, watch, executable])
            command.Options.Add(option);
        command.SetAction((result, cancellation) => CommandLine.GuardAsync(terminal, async () =>
        {
            var played = Scenario.All.Single(known => known.Name == result.GetValue(scenario));
            var options = played.Configure(new LocalSystemOptions
            {
                TemplatePath = SystemOptions.DefaultTemplate,
                FunctionExecutable = FunctionExecutable.Find(result.GetValue(executable)),
                NotFoundPatience = LocalSystemOptions.ShortPatience,
            });
            if (result.GetValue(watch))
                options = options with { PagePort = SystemOptions.Port(null, LocalCommand.PagePort) };
            var log = result.GetValue(verbose) ? FunctionLog.To(terminal) : FunctionLog.TroubleTo(terminal);
            var report = await RunAsync(
                options, played, result.GetValue(seed), log, terminal, result.GetValue(json), cancellation);
            return report.IsGood ? ExitCode.Success : ExitCode.Failure;
        }, cancellation));
        return command;
    }

    private static async Task<DemoReport> RunAsync(
        LocalSystemOptions options, Scenario scenario, int seed, Action<LambdaEvent> log, Terminal terminal,
        bool isJson, CancellationToken cancellation)
    {
        var events = new DemoEvents(log);
        await using var system = await LocalSystem.StartAsync(
            options, terminal.Time, terminal.NewId, terminal.Say, events.Observe, cancellation);
        terminal.Say("SQS, DynamoDB, Connect and the functions run on this machine. Sending messages ...");
        if (system.Page is { } page)
            terminal.Say($"Page: {page.Url}");
        var began = terminal.Time.GetTimestamp();
        var world = new DemoWorld(system, events, seed, terminal);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var work = scenario.RunAsync(world, ended.Token);
        if (await Task.WhenAny(work, system.Broken) != work)
        {
            await ended.CancelAsync();
            throw new LocalException($"{await system.Broken} The demo cannot go on; run it again.");
        }

        var run = await work;
        var report = new DemoReport
        {
            Scenario = scenario.Name,
            Accounts = await world.SettleAsync(cancellation),
            Contacts = system.Connect!.State.Contacts,
            Run = run,
            Redelivered = world.Redelivered,
            Throttled = system.Connect.State.Totals.Throttled,
            Duration = terminal.Time.GetElapsedTime(began),
            PeakMemoryBytes = system.Functions[system.Dispatch.LogicalId].PeakMemoryBytes,
        };
        if (isJson)
            await terminal.Out.WriteLineAsync(report.ToJson());
        else
            report.Write(terminal.Console);
        if (system.Page is not null)
            await StayAsync(system, terminal, cancellation);
        return report;
    }

    /// <summary>Keeps the system up, for the one who looks at its page.</summary>
    private static async Task StayAsync(LocalSystem system, Terminal terminal, CancellationToken cancellation)
    {
        terminal.Say($"The page stays at {system.Page!.Url}. Ctrl+C stops everything.");
        await Task.WhenAny(Task.Delay(Timeout.InfiniteTimeSpan, terminal.Time, cancellation), system.Broken);
        terminal.Say(cancellation.IsCancellationRequested ? "Stopping ..." : $"{await system.Broken} All is stopped.");
    }
}
