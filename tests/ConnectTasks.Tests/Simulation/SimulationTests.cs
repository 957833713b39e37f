using ConnectTasks.Simulation;

namespace ConnectTasks.Tests.Simulation;

public sealed class SimulationTests(ITestOutputHelper output)
{
    /// <summary>See the README for how to run more.</summary>
    private const int Seeds = 300;

    /// <summary>As many as a fault may need to be noticed: most need a few, the rarest race about a thousand.</summary>
    private const int MutantSeeds = 1_500;

    private const int First = 1;

    public static TheoryData<string> Mutants => [.. Mutant.All.Select(m => m.Name)];

    [Fact]
    public void Nothing_is_lost_or_doubled_in_a_few_hundred_seeds()
    {
        var sweep = SimulationRun.Sweep(First, Seeds, Mutant.None);
        Report(sweep);
        Assert.Equal(0, sweep.Totals.violations);
        Assert.True(sweep.Totals is { crashes: > 0, lostReplies: > 0, throttles: > 0 });
    }

    [Theory]
    [MemberData(nameof(Mutants))]
    public void Each_fault_put_in_on_purpose_is_noticed(string name)
    {
        var mutant = Mutant.All.Single(m => m.Name == name);
        var caught = Enumerable.Range(First, MutantSeeds).Any(seed => SimulationRun.Of(seed, mutant).Violations.Count > 0);
        Assert.True(caught, $"{name} ({mutant.What}) went unnoticed in {MutantSeeds} seeds.");
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
