using ConnectTasks.Lambda;

namespace ConnectTasks.Simulation;

/// <summary>
/// Which version and which settings an environment has: a newer version comes, beside the old one for a while, is rolled
/// back, and comes again.
/// </summary>
internal sealed class Deployment(World world, Random random)
{
    private readonly TimeSpan _comes = world.Config.Storm * 0.5 * random.NextDouble();

    private TimeSpan Goes => _comes + (world.Config.Storm * 0.2);

    private TimeSpan ComesAgain => _comes + (world.Config.Storm * 0.4);

    public bool DrawNewer() => !IsOnly(newer: false) && (IsOnly(newer: true) || world.Random.Next(2) == 0);

    public Settings Settings => Age < world.Config.Storm / 2 ? world.Config.Settings : world.Config.LaterSettings;

    /// <summary>
    /// Whether an environment of this version and these settings still gets work. While both versions run, they take
    /// turns, so that each finds what the other wrote.
    /// </summary>
    public bool IsCurrent(bool isNewer, Settings settings) =>
        !IsOnly(!isNewer) && (IsOnly(isNewer) || world.Random.Next(2) == 0)
        && (ReferenceEquals(settings, Settings) || world.Random.Next(4) != 0);

    private TimeSpan Age => world.Loop.Now - World.Start;

    private bool IsOnly(bool newer) => newer
        ? world.Config.HasNewerVersion && Age >= world.Config.Storm * 0.95
        : !world.Config.HasNewerVersion || Age < _comes || (Age >= Goes && Age < ComesAgain);
}
