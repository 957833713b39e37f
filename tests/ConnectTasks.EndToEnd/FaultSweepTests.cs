using ConnectTasks.Lambda;
using ConnectTasks.Tests;

namespace ConnectTasks.EndToEnd;

/// <summary>
/// Each outside call of an invocation goes wrong once: whichever it is, every message comes to its one end.
/// </summary>
public abstract class FaultSweep(FaultWorld world, CallFault fault)
{
    [Fact]
    public async Task Whichever_call_goes_wrong_every_message_of_a_batch_comes_to_its_one_end()
    {
        await using var lane = await FaultLane.StartAsync(world, $"sweep-{fault}");
        await Sweep.RunAsync(async number =>
        {
            var batch = await MixedBatch.SendAsync(lane, $"sweep-{fault}-{number}");
            lane.Arm(number, fault);
            var failed = await lane.DeliverAsync(await lane.ReceiveAsync());
            var struck = await lane.Proxy.DisarmAsync();

            await lane.RedeliverAsync(failed, batch.Tokens);
            await batch.CheckAsync(world);
            return struck;
        });
    }
}

public sealed class SweepOfErrorsTests(FaultWorld world) : FaultSweep(world, CallFault.Error);

public sealed class SweepOfBrokenConnectionsTests(FaultWorld world) : FaultSweep(world, CallFault.Refused);

public sealed class SweepOfLostRepliesTests(FaultWorld world) : FaultSweep(world, CallFault.ReplyLost);

public sealed class SweepOfRepliesLostOnceTests(FaultWorld world) : FaultSweep(world, CallFault.ReplyLostOnce);

/// <summary>
/// Killed with a call carried out and its answer not yet there. To be killed before a call comes to the same as to be
/// killed after the one before it: what the process knew dies with it.
/// </summary>
public sealed class SweepOfKillsTests(FaultWorld world) : FaultSweep(world, CallFault.KilledAfter);

/// <summary>
/// The same for the release function. In one class, because a release takes all that is due in the table.
/// </summary>
public sealed class ReleaseSweepTests(FaultWorld world)
{
    [Theory]
    [InlineData(CallFault.Error)]
    [InlineData(CallFault.ReplyLost)]
    [InlineData(CallFault.KilledAfter)]
    public async Task Whichever_call_of_a_release_goes_wrong_every_held_task_that_is_due_is_started_once(CallFault fault)
    {
        await using var lane = await FaultLane.StartAsync(world, $"release-{fault}");
        await Sweep.RunAsync(async number =>
        {
            string[] tokens = [$"release-{fault}-{number}-1", $"release-{fault}-{number}-2"];
            foreach (var token in tokens)
            {
                var request = Some.Request(token) with { ScheduledTime = World.In(TimeSpan.FromDays(8)) };
                await lane.SendAsync(World.BodyOf(request));
            }

            await lane.RedeliverAsync([], tokens);
            await Task.WhenAll(tokens.Select(PassTimeAsync));
            lane.Arm(number, fault);
            await lane.TickAsync();
            var struck = await lane.Proxy.DisarmAsync();

            await lane.TickAsync();
            await lane.RedeliverAsync([], tokens);
            Assert.All(tokens, token => Assert.Single(world.ContactsOf(token)));
            return struck;
        });
    }

    /// <summary>Lets the time pass until a held task is due and within Connect's horizon, without the wait.</summary>
    private Task PassTimeAsync(string token) => world.ChangeItemAsync(
        token,
        "SET releaseAtMs = :past, scheduledAtMs = :soon",
        "attribute_exists(requestJson)",
        new()
        {
            [":past"] = LedgerItem.Number(1),
            [":soon"] = LedgerItem.Milliseconds(World.In(TimeSpan.FromDays(2))),
        });
}

internal static class Sweep
{
    /// <summary>More calls than any invocation here makes: a sweep that comes this far does not end.</summary>
    private const int MaxCalls = 100;

    /// <summary>
    /// Runs once for each call, until nothing goes wrong any more because there are no more calls.
    /// </summary>
    /// <param name="runAsync">Takes the call's number; gives the operation that went wrong.</param>
    public static async Task RunAsync(Func<int, Task<string?>> runAsync)
    {
        var struck = new List<string>();
        for (var number = 1; number <= MaxCalls; number++)
        {
            try
            {
                if (await runAsync(number) is not { } operation)
                {
                    TestContext.Current.TestOutputHelper?.WriteLine($"{struck.Count} calls: {string.Join(", ", struck)}");
                    Assert.NotEmpty(struck);
                    return;
                }

                struck.Add(operation);
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"After call {number} had gone wrong: {e.Message}", e);
            }
        }

        Assert.Fail($"Still more calls after {MaxCalls}.");
    }
}
