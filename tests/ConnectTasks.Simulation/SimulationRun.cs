namespace ConnectTasks.Simulation;

/// <summary>What one seed came to.</summary>
internal sealed record SimulationRun(int Seed, World World, IReadOnlyList<Violated> Violations)
{
    public static SimulationRun Of(int seed, Mutant mutant)
    {
        var world = new World(seed, mutant);
        try
        {
            world.Run();
        }
        catch (ViolationException e)
        {
            return new SimulationRun(seed, world, [new Violated(e.Invariant, "", e.Message)]);
        }

        return new SimulationRun(seed, world, world.Audit.Violations);
    }

    /// <summary>Runs seeds side by side; each is alone on its thread.</summary>
    public static Sweep Sweep(int first, int seeds, Mutant mutant)
    {
        var runs = new (Totals Totals, SimulationRun? Failed)[seeds];
        Parallel.For(0, seeds, i =>
        {
            var run = Of(first + i, mutant);
            runs[i] = (run.Totals(first), run.Violations.Count > 0 ? run : null);
        });
        var totals = runs.Aggregate(new Totals(first, seeds, 0, 0, 0, 0, 0, 0), (sum, run) => sum.Plus(run.Totals));
        return new Sweep(totals, Array.Find(runs, r => r.Failed is not null).Failed);
    }

    /// <summary>The violations with the lives of their tasks; or the lives of all tasks.</summary>
    public IEnumerable<string> Report(bool whole)
    {
        foreach (var violated in Violations)
        {
            yield return $"{violated.Invariant}: {violated.What}";
        }

        var keys = whole
            ? World.Sent.Select(s => s.Plan.Key(s.MessageId)).Distinct()
            : Violations.Take(1).Select(v => v.Key);
        foreach (var key in keys)
        {
            yield return $"the life of {key}:";
            foreach (var line in World.LifeOf(key))
            {
                yield return line;
            }
        }
    }

    private Totals Totals(int first) => new(
        first,
        1,
        World.Sent.Count,
        World.Connect.Contacts.Count,
        World.Counts.Crashes,
        World.Counts.LostReplies,
        World.Counts.Throttles,
        Violations.Count);
}

/// <summary>The sums of a sweep, named as in its JSON.</summary>
#pragma warning disable IDE1006 // The names are those of the JSON.
internal sealed record Totals(
    int firstSeed, int seeds, int messages, int contacts, int crashes, int lostReplies, int throttles, int violations)
#pragma warning restore IDE1006
{
    public Totals Plus(Totals other) => this with
    {
        messages = messages + other.messages,
        contacts = contacts + other.contacts,
        crashes = crashes + other.crashes,
        lostReplies = lostReplies + other.lostReplies,
        throttles = throttles + other.throttles,
        violations = violations + other.violations,
    };
}

internal sealed record Sweep(Totals Totals, SimulationRun? FirstFailure);
