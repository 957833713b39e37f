using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using ConnectTasks.Simulation;

var seeds = new Option<int>("--seeds") { Description = "How many seeds to run.", DefaultValueFactory = _ => 500 };
var first = new Option<int?>("--first") { Description = "The first seed (default: by the clock)." };
var seed = new Option<int?>("--seed") { Description = "Replay one seed and print its trace." };
var mutant = new Option<string?>("--mutant") { Description = "Run with a fault put in on purpose." };
var listMutants = new Option<bool>("--list-mutants") { Description = "List the mutants." };
var theme = new Option<string?>("--theme") { Description = "Only seeds of this theme." };
var json = new Option<bool>("--json") { Description = "The last line of stdout is one JSON object." };
var root = new RootCommand("Seeded worlds of crashes, lost replies and throttles around the production function.")
{
    seeds, first, seed, mutant, listMutants, theme, json,
};
root.SetAction(parsed =>
{
    if (parsed.GetValue(listMutants))
    {
        foreach (var m in Mutant.All)
        {
            Console.WriteLine($"{m.Name,-34}{m.What}");
        }

        return 0;
    }

    var name = parsed.GetValue(mutant);
    var chosen = name is null ? Mutant.None : Mutant.All.FirstOrDefault(m => m.Name == name);
    if (chosen is null)
    {
        Console.Error.WriteLine("There is no such mutant: --list-mutants lists them.");
        return 2;
    }

    return parsed.GetValue(seed) is { } one
        ? Replay(one, chosen)
        : Sweep(parsed.GetValue(first) ?? Environment.TickCount & 0xFFFFFF, parsed.GetValue(seeds), chosen, parsed.GetValue(theme), parsed.GetValue(json));
});
var invocation = root.Parse(args);
var exitCode = invocation.Invoke();
return invocation.Errors.Count > 0 ? 2 : exitCode;

static int Replay(int seed, Mutant mutant)
{
    Console.WriteLine($"seed {seed}");
    var run = SimulationRun.Of(seed, mutant);
    foreach (var line in run.Report(whole: true))
    {
        Console.WriteLine(line);
    }

    return run.Violations.Count == 0 ? 0 : 1;
}

static int Sweep(int first, int seeds, Mutant mutant, string? theme, bool json)
{
    // First, so that a run that hangs or dies can be replayed too.
    Console.Error.WriteLine($"first seed {first}, {seeds} seeds, mutant {mutant.Name}");
    var watch = Stopwatch.StartNew();
    var sweep = SimulationRun.Sweep(first, seeds, mutant, stopsEarly: mutant != Mutant.None, theme);
    if (sweep.FirstFailure is { } failure)
    {
        Console.WriteLine($"seed {failure.Seed} violates: {failure.Violations[0].Invariant}");
        foreach (var line in failure.Report(whole: false))
        {
            Console.WriteLine(line);
        }

        if (sweep.FailedSeeds.Count > 1)
        {
            Console.WriteLine($"{sweep.FailedSeeds.Count} seeds fail: {string.Join(' ', sweep.FailedSeeds.Take(40))}");
        }

        Console.WriteLine($"Replay it with: --seed {failure.Seed}{(mutant == Mutant.None ? "" : $" --mutant {mutant.Name}")}");
    }

    Console.Error.WriteLine($"{sweep.Totals.seeds} seeds in {watch.Elapsed.TotalSeconds:0.0} s");
    Console.WriteLine(json ? JsonSerializer.Serialize(sweep.Totals) : $"{sweep.Totals}");
    return sweep.Totals.violations == 0 ? 0 : 1;
}
