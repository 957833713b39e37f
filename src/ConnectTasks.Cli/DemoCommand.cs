using System.CommandLine;
using ConnectTasks.Cli.Demo;
using ConnectTasks.Local;

namespace ConnectTasks.Cli;

/// <summary><c>connect-tasks demo</c>: the system at work on this machine, and an account of every message.</summary>
internal static class DemoCommand
{
    private const string Basics = "basics";

    public static Command Create(Terminal terminal)
    {
        var command = new Command("demo", "Run the whole system on this machine with a mix of messages, and show what "
            + "happens to each. Exits with 0 only if every message is accounted for.");
        var scenario = new Option<string>("--scenario")
        {
            Description = $"What to play: {Basics}.",
            HelpName = "name",
            DefaultValueFactory = _ => Basics,
        };
        scenario.AcceptOnlyFromAmong(Basics);
        var json = new Option<bool>("--json") { Description = "Print the result as one line of JSON." };
        var verbose = new Option<bool>("--verbose") { Description = "Show the functions' log lines too." };
        var executable = SystemOptions.ExecutableOption();
        foreach (var option in (Option[])[scenario, json, verbose, executable])
            command.Options.Add(option);
        command.SetAction((result, cancellation) => CommandLine.GuardAsync(terminal, async () =>
        {
            var options = new LocalSystemOptions
            {
                TemplatePath = SystemOptions.DefaultTemplate,
                FunctionExecutable = FunctionExecutable.Find(result.GetValue(executable)),
                Parameters = BasicsScenario.Parameters,
                Connect = new FakeConnectOptions
                {
                    RatePerSecond = BasicsScenario.AllowedPerSecond,
                    Burst = BasicsScenario.AllowedBurst,
                },
                CountsCalls = true,
            };
            var log = result.GetValue(verbose) ? FunctionLog.To(terminal) : FunctionLog.TroubleTo(terminal);
            var report = await RunAsync(options, result.GetValue(scenario)!, log, terminal, cancellation);
            if (result.GetValue(json))
                await terminal.Out.WriteLineAsync(report.ToJson());
            else
                report.Write(terminal.Console);
            return report.IsGood ? ExitCode.Success : ExitCode.Failure;
        }, cancellation));
        return command;
    }

    private static async Task<DemoReport> RunAsync(
        LocalSystemOptions options, string scenario, Action<LambdaEvent> log, Terminal terminal,
        CancellationToken cancellation)
    {
        await using var system = await LocalSystem.StartAsync(
            options, terminal.Time, terminal.NewId, terminal.Say, log, cancellation);
        terminal.Say("SQS, DynamoDB, Connect and the function run on this machine. Sending messages ...");
        var began = terminal.Time.GetTimestamp();
        var world = new DemoWorld(system, terminal);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var work = BasicsScenario.RunAsync(world, () => system.Calls!.Counts.Values.Sum(), ended.Token);
        if (await Task.WhenAny(work, system.Broken) != work)
        {
            await ended.CancelAsync();
            throw new LocalException($"{await system.Broken} The demo cannot go on; run it again.");
        }

        var run = await work;
        return new DemoReport
        {
            Scenario = scenario,
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
