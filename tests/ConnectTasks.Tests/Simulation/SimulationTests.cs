using ConnectTasks.Simulation;

namespace ConnectTasks.Tests.Simulation;

public sealed class SimulationTests(ITestOutputHelper output)
{
    /// <summary>See the README for how to run more.</summary>
    private const int Seeds = 240;

    /// <summary>Within so many seeds, from any first one, a fault is to be noticed.</summary>
    private const int MutantSeeds = 500;

    private const int First = 1_000_001;

    public static TheoryData<string> Mutants => [.. Mutant.All.Select(m => m.Name)];

    [Fact]
    public void Nothing_is_lost_or_doubled_in_a_few_hundred_seeds()
    {
        var sweep = SimulationRun.Sweep(First, Seeds, Mutant.None);
        Report(sweep);
        Assert.Equal(0, sweep.Totals.violations);
        Assert.Equal(0, sweep.Totals.refusedParameters);
        Assert.True(sweep.Totals is { crashes: > 0, lostReplies: > 0, throttles: > 0, inconsistentAnswers: > 0 });
        Assert.True(sweep.Totals is { redrives: > 0, storeRejections: > 0, commands: > 0, moves: > 0 });
    }

    [Theory]
    [MemberData(nameof(Mutants))]
    public void Each_fault_put_in_on_purpose_is_noticed(string name)
    {
        var mutant = Mutant.All.Single(m => m.Name == name);
        var sweep = SimulationRun.Sweep(First, MutantSeeds, mutant, stopsEarly: true);
        Assert.True(sweep.Totals.violations > 0, $"{name} ({mutant.What}) went unnoticed in {MutantSeeds} seeds.");
    }

    [Theory]
    [InlineData(7)]
    [InlineData(31)]
    public void A_seed_replays_to_the_same_bytes(int seed)
    {
        var first = SimulationRun.Of(seed, Mutant.None).Report(whole: true);
        Assert.Equal(first, SimulationRun.Of(seed, Mutant.None).Report(whole: true));
    }

    private void Report(Sweep sweep)
    {
        output.WriteLine($"first seed {First}: {sweep.Totals}");
        foreach (var line in sweep.FirstFailure?.Report(whole: false) ?? [])
        {
            output.WriteLine(line);
        }
    }
}
