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
        var command = new Command("demo", """
            Run the whole system on this machine with a mix of messages, and show what happens to each. Exits with 0
            only if every message is accounted for.

            Examples:
              connect-tasks demo
              connect-tasks demo --scenario follow-ups
              connect-tasks demo --scenario chaos --seed 7 --json
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
        var executable = SystemOptions.ExecutableOption();
        foreach (var option in (Option[])[scenario, seed, json, verbose, executable])
            command.Options.Add(option);
        command.SetAction((result, cancellation) => CommandLine.GuardAsync(terminal, async () =>
        {
            var played = Scenario.All.Single(known => known.Name == result.GetValue(scenario));
            var options = played.Configure(new LocalSystemOptions
            {
                TemplatePath = SystemOptions.DefaultTemplate,
                FunctionExecutable = FunctionExecutable.Find(result.GetValue(executable)),
            });
            var log = result.GetValue(verbose) ? FunctionLog.To(terminal) : FunctionLog.TroubleTo(terminal);
            var report = await RunAsync(options, played, result.GetValue(seed), log, terminal, cancellation);
            if (result.GetValue(json))
                await terminal.Out.WriteLineAsync(report.ToJson());
            else
                report.Write(terminal.Console);
            return report.IsGood ? ExitCode.Success : ExitCode.Failure;
        }, cancellation));
        return command;
    }

    private static async Task<DemoReport> RunAsync(
        LocalSystemOptions options, Scenario scenario, int seed, Action<LambdaEvent> log, Terminal terminal,
        CancellationToken cancellation)
    {
        var events = new DemoEvents(log);
        await using var system = await LocalSystem.StartAsync(
            options, terminal.Time, terminal.NewId, terminal.Say, events.Observe, cancellation);
        terminal.Say("SQS, DynamoDB, Connect and the functions run on this machine. Sending messages ...");
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
        return new DemoReport
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
    }
}
