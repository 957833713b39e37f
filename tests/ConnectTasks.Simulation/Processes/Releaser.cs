using System.Globalization;
using ConnectTasks.Lambda;

namespace ConnectTasks.Simulation;

/// <summary>
/// The schedule of the release function: now and then it misses, overlaps or dies half way. And the table's own
/// housekeeping: it deletes what has expired, late or never.
/// </summary>
internal sealed class Releaser
{
    private static readonly TimeSpan Housekeeping = TimeSpan.FromHours(6);

    private readonly World _world;

    public Releaser(World world)
    {
        _world = world;
        if (world.Config.Tick > TimeSpan.Zero)
        {
            world.Loop.After(world.Config.Tick, Tick);
        }

        world.Loop.After(Housekeeping, DeleteExpired);
    }

    private void Tick()
    {
        _world.Loop.After(_world.Config.Tick, Tick);
        var (random, rates) = (_world.Random, _world.Rates);
        if (_world.StretchOf(Service.Function) is not null || random.NextDouble() < rates.LostRequest + rates.NotInvoked)
        {
            return;
        }

        for (var i = random.Next(5) == 0 ? 2 : 1; i > 0; i--)
        {
            var process = _world.NewProcess();
            if (random.NextDouble() < rates.Crash)
            {
                process.KillAfter(random.Next(1, 60));
            }

            var release = ProductionGraph.Releaser(
                _world, process, _world.Deployment.Settings, _world.Deployment.DrawNewer());
            _world.Loop.After(WorldConfig.Timeout, process.Kill);
            process.Run(async () => await release.HandleAsync(new ScheduledEvent(), new InvocationContext(WorldConfig.Timeout)));
        }
    }

    private void DeleteExpired()
    {
        _world.Loop.After(Housekeeping, DeleteExpired);
        var expired = _world.Store.Items.Where(i => i.Value.TryGetValue("ttlEpochSeconds", out var ttl)
            && long.Parse(ttl.N, CultureInfo.InvariantCulture) < _world.Loop.Now.ToUnixTimeSeconds()
            && _world.Random.NextDouble() < _world.Config.TtlDeletes).Select(i => i.Key).ToList();
        foreach (var key in expired)
        {
            _world.Trace(key, "ledger: deleted, its time to live has ended");
            _world.Store.Remove(key);
        }
    }
}
