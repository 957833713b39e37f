namespace ConnectTasks.Simulation;

/// <summary>What one seed came to.</summary>
internal sealed record SimulationRun(int Seed, World World, IReadOnlyList<Violated> Violations)
{
    public static SimulationRun Of(int seed, Mutant mutant, bool traces = true)
    {
        var world = new World(seed, mutant, traces);
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
    /// <param name="stopsEarly">Whether the first seed that fails ends it, which is all that a mutant is to show.</param>
    public static Sweep Sweep(int first, int seeds, Mutant mutant, bool stopsEarly = false, string? theme = null)
    {
        var runs = new (Totals Totals, bool Failed)[seeds];
        var order = Enumerable.Range(0, seeds)
            .OrderBy(i => stopsEarly && Themes.Of(first + i) != mutant.ShownBy ? 1 : 0).ToArray();
        Parallel.For(0, seeds, (position, loop) =>
        {
            var i = order[position];
            if (loop.ShouldExitCurrentIteration || (theme is not null && $"{Themes.Of(first + i)}" != theme))
            {
                return;
            }

            var run = Of(first + i, mutant, traces: false);
            runs[i] = (run.Totals(first), run.Violations.Count > 0);
            if (stopsEarly && runs[i].Failed)
            {
                loop.Break();
            }
        });
        var failed = Array.Find([.. order, -1], i => i < 0 || runs[i].Failed);
        var totals = runs.Where(r => r.Totals is not null).Aggregate(new Totals(first), (sum, run) => sum.Plus(run.Totals));
        // The same seed again, with the lives of its tasks.
        return new Sweep(totals, failed < 0 ? null : Of(first + failed, mutant), [.. FailedSeeds()]);

        IEnumerable<int> FailedSeeds()
        {
            for (var i = 0; i < seeds; i++)
            {
                if (runs[i].Failed)
                {
                    yield return first + i;
                }
            }
        }
    }

    /// <summary>The violations with the lives of their tasks; or the lives of all tasks.</summary>
    public IEnumerable<string> Report(bool whole)
    {
        yield return $"theme {World.Config.Theme}, {(World.Config.Fifo ? "FIFO" : "standard")} queue";
        foreach (var stretch in World.Outages)
        {
            yield return $"{stretch.Service} {stretch.Kind} from {(stretch.From - World.Start).TotalSeconds:0} to {(stretch.Until - World.Start).TotalSeconds:0} s";
        }

        foreach (var violated in Violations)
        {
            yield return $"{violated.Invariant}: {violated.What}";
        }

        var keys = whole
            ? World.Facts.Sent.Select(s => s.Plan.Key(s.MessageId)).Distinct()
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

    private Totals Totals(int first) => new(first)
    {
        seeds = 1,
        messages = World.Facts.Sent.Count,
        contacts = World.Connect.Contacts.Count,
        crashes = World.Counts.Crashes,
        lostReplies = World.Counts.LostReplies,
        throttles = World.Counts.Throttles,
        inconsistentAnswers = World.Counts.InconsistentAnswers,
        refusedParameters = World.Counts.RefusedParameters,
        redrives = World.Counts.Redrives,
        storeRejections = World.Counts.StoreRejections,
        commands = World.Counts.Commands,
        moves = World.Counts.Moves,
        violations = Violations.Count,
    };
}

/// <summary>The sums of a sweep, named as in its JSON.</summary>
#pragma warning disable IDE1006 // The names are those of the JSON.
internal sealed record Totals(int firstSeed)
{
    public int seeds { get; init; }
    public int messages { get; init; }
    public int contacts { get; init; }
    public int crashes { get; init; }
    public int lostReplies { get; init; }
    public int throttles { get; init; }
    public int inconsistentAnswers { get; init; }
    public int refusedParameters { get; init; }
    public int redrives { get; init; }
    public int storeRejections { get; init; }
    public int commands { get; init; }
    public int moves { get; init; }
    public int violations { get; init; }
#pragma warning restore IDE1006

    public Totals Plus(Totals other) => this with
    {
        seeds = seeds + other.seeds,
        messages = messages + other.messages,
        contacts = contacts + other.contacts,
        crashes = crashes + other.crashes,
        lostReplies = lostReplies + other.lostReplies,
        throttles = throttles + other.throttles,
        inconsistentAnswers = inconsistentAnswers + other.inconsistentAnswers,
        refusedParameters = refusedParameters + other.refusedParameters,
        redrives = redrives + other.redrives,
        storeRejections = storeRejections + other.storeRejections,
        commands = commands + other.commands,
        moves = moves + other.moves,
        violations = violations + other.violations,
    };
}

/// <summary>What a sweep came to.</summary>
/// <param name="FirstFailure">The first seed that failed, run again with its trace.</param>
/// <param name="FailedSeeds">All that failed.</param>
internal sealed record Sweep(Totals Totals, SimulationRun? FirstFailure, IReadOnlyList<int> FailedSeeds);
