using System.Globalization;

namespace ConnectTasks.Cli.Demo;

/// <summary>
/// Five hundred messages, a fifth of them duplicates, while the function's processes are killed at random.
/// </summary>
internal static class ChaosScenario
{
    private const string Instance = "12345678-90ab-cdef-1234-567890abcdef";
    private const int Tasks = 400;
    private const int Duplicates = 100;
    private const int Rate = 40;
    private const int MostKills = 25;

    /// <summary>An invocation begins no record in its last 18 s, so this leaves it a few seconds of work.</summary>
    internal static readonly TimeSpan FunctionTimeout = TimeSpan.FromSeconds(22);

    /// <summary>
    /// When the messages of a killed invocation return: after its lease (the timeout and 15 s), as in the template.
    /// </summary>
    internal static readonly TimeSpan VisibilityTimeout = TimeSpan.FromSeconds(40);

    private static readonly TimeSpan KillFor = TimeSpan.FromSeconds(25);

    public static Scenario Scenario { get; } = new()
    {
        Name = "chaos",
        Words = $"{Tasks + Duplicates} messages, {Duplicates} of them duplicates, while processes are killed at random",
        Configure = options => options with
        {
            Parameters = new Dictionary<string, string>
            {
                ["ConnectRatePerSecond"] = Rate.ToString(CultureInfo.InvariantCulture),
                ["ConnectBurst"] = Rate.ToString(CultureInfo.InvariantCulture),
                ["MaximumConcurrency"] = "4",
            },
            Connect = options.Connect with { RatePerSecond = 2 * Rate, Burst = 4 * Rate },
            FunctionTimeout = FunctionTimeout,
        },
        RunAsync = RunAsync,
    };

    private static async Task<DemoRun> RunAsync(DemoWorld world, CancellationToken cancellation)
    {
        await world.System.Sqs.SetQueueAttributesAsync(
            world.System.QueueUrl,
            new Dictionary<string, string>
            {
                ["VisibilityTimeout"] = VisibilityTimeout.TotalSeconds.ToString(CultureInfo.InvariantCulture),
            },
            cancellation);
        var random = new Random(world.Seed);
        var killing = KillAsync(world, random, cancellation);
        await world.SendManyAsync(Messages(new Random(world.Seed + 1)), cancellation);
        world.Say($"{world.Sent.Count} messages are sent; processes are being killed ...");
        var kills = await killing;
        world.Say($"{kills} processes were killed. What they had in hand returns after "
            + $"{VisibilityTimeout.TotalSeconds:0} s ...");
        var isAtRest = await world.RestAsync(cancellation);
        var interrupted = world.Events.DiedOf(world.System.Dispatch.Name);
        return new DemoRun
        {
            IsAtRest = isAtRest,
            Checks = [new("Processes were killed in the middle of their work.", interrupted > 0)],
            Figures =
            [
                new("seed", "Seed", world.Seed),
                new("kills", "Processes killed", kills),
                new("interrupted", "Invocations that died with their process", interrupted),
            ],
        };
    }

    /// <summary>The tasks, and copies of some of them at random places behind.</summary>
    private static IEnumerable<(string, TaskRequest, Fate)> Messages(Random random)
    {
        var tokens = Enumerable.Range(1, Tasks).ToList();
        for (var i = 0; i < Duplicates; i++)
            tokens.Insert(random.Next(tokens.Count + 1), random.Next(1, Tasks + 1));
        var seen = new HashSet<int>();
        foreach (var number in tokens)
        {
            var request = new TaskRequest
            {
                InstanceId = Instance,
                ContactFlowId = "11111111-2222-3333-4444-555555555555",
                Name = $"Follow up on order {number}",
                ClientToken = $"order-{number}",
            };
            yield return seen.Add(number)
                ? ("tasks", request, Fate.Started)
                : ("duplicates", request, Fate.Duplicate);
        }
    }

    /// <summary>Kills a process every second or so, idle or at work, while there is work.</summary>
    private static async Task<int> KillAsync(DemoWorld world, Random random, CancellationToken cancellation)
    {
        var function = world.System.Functions[world.System.Dispatch.LogicalId];
        var began = world.Time.GetTimestamp();
        var kills = 0;
        while (kills < MostKills && world.Time.GetElapsedTime(began) < KillFor
            && world.System.Connect!.State.Contacts.Count < Tasks)
        {
            await world.DelayAsync(TimeSpan.FromMilliseconds(random.Next(300, 1_500)), cancellation);
            if (function.KillOne(random) is not null)
                kills++;
        }

        return kills;
    }
}
