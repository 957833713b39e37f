using ConnectTasks.Local;

namespace ConnectTasks.Cli.Demo;

/// <summary>Something for the demo to play.</summary>
internal sealed record Scenario
{
    public static IReadOnlyList<Scenario> All { get; } =
        [BasicsScenario.Scenario, FollowUpsScenario.Scenario, ChaosScenario.Scenario];

    public required string Name { get; init; }

    /// <summary>What it plays, in a few words.</summary>
    public required string Words { get; init; }

    /// <summary>How the system is to be for it.</summary>
    public required Func<LocalSystemOptions, LocalSystemOptions> Configure { get; init; }

    /// <summary>Plays it, until the system is at rest.</summary>
    public required Func<DemoWorld, CancellationToken, Task<DemoRun>> RunAsync { get; init; }
}

/// <summary>How a scenario went, apart from what the services have.</summary>
internal sealed record DemoRun
{
    /// <summary>Whether the system came to rest.</summary>
    public required bool IsAtRest { get; init; }

    /// <summary>What the scenario saw, beyond the accounts.</summary>
    public required IReadOnlyList<DemoCheck> Checks { get; init; }

    public IReadOnlyList<DemoFigure> Figures { get; init; } = [];
}

/// <summary>Something that has to hold.</summary>
internal readonly record struct DemoCheck(string Sentence, bool Holds);

/// <summary>A number to tell.</summary>
/// <param name="Name">Its name in JSON.</param>
/// <param name="Words">What it counts, for a person.</param>
internal readonly record struct DemoFigure(string Name, string Words, double Value);
