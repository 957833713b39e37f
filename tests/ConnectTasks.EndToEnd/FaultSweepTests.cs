using ConnectTasks.Lambda;
using ConnectTasks.Local;
using ConnectTasks.Tests;

namespace ConnectTasks.EndToEnd;

/// <summary>
/// Each outside call of the functions goes wrong once, in each way: whichever it is, every message comes to its one end.
/// </summary>
public sealed class FaultSweepTests(FaultWorld world) : IClassFixture<FaultWorld>
{
    /// <summary>More calls than any batch here makes: a sweep that comes this far does not end.</summary>
    private const int MaxCalls = 100;

    private readonly Random _random = new(1);

    [Theory]
    [InlineData(CallFault.Error)]
    [InlineData(CallFault.Refused)]
    [InlineData(CallFault.ReplyLost)]
    [InlineData(CallFault.ReplyLostOnce)]
    [InlineData(CallFault.KilledBefore)]
    [InlineData(CallFault.KilledAfter)]
    public async Task Whichever_call_goes_wrong_every_message_of_a_batch_comes_to_its_one_end(CallFault fault)
    {
        await SweepAsync($"dispatch-{fault}", async (run, number) =>
        {
            var batch = await MixedBatch.SendAsync(world, run);
            world.Proxy.Arm(number, fault, () => world.Dispatch.KillOne(_random));
            var failed = await world.DeliverAsync(await world.ReceiveAsync());
            var struck = await world.Proxy.DisarmAsync();

            await world.RedeliverAsync(failed, batch.Tokens);
            await batch.CheckAsync(world);
            return struck;
        });
    }

    [Theory]
    [InlineData(CallFault.Error)]
    [InlineData(CallFault.ReplyLost)]
    [InlineData(CallFault.KilledAfter)]
    public async Task Whichever_call_of_a_release_goes_wrong_every_held_task_that_is_due_is_started_once(CallFault fault)
    {
        await SweepAsync($"release-{fault}", async (run, number) =>
        {
            string[] tokens = [$"{run}-1", $"{run}-2"];
            foreach (var token in tokens)
            {
                await world.SendAsync(Some.Request(token) with { ScheduledTime = In(TimeSpan.FromDays(8)) });
            }

            Assert.Empty(await world.DeliverAsync(await world.ReceiveAsync()));
            foreach (var token in tokens)
            {
                await PassTimeAsync(token);
            }

            world.Proxy.Arm(number, fault, () => world.Release.KillOne(_random));
            await TickAsync();
            var struck = await world.Proxy.DisarmAsync();

            await TickAsync();
            await world.RedeliverAsync([], tokens);
            Assert.All(tokens, token => Assert.Single(world.ContactsOf(token)));
            return struck;
        });
    }

    [Fact]
    public async Task A_lost_reply_gives_one_contact_and_two_calls_with_the_same_token()
    {
        var id = await world.SendAsync(Some.Body(token: null));
        world.Connect.AddFaults([new Fault { Name = FaultScript.LostReply }]);
        var failed = await world.DeliverAsync(await world.ReceiveAsync());

        var token = TaskKey.DeriveToken(world.QueueArn, id);
        Assert.Equal(id, Assert.Single(failed).MessageId);
        Assert.Equal("Starting", (await world.LedgerItemAsync(token))?.State);
        await world.RedeliverAsync(failed, token);
        Assert.Equal(2, Assert.Single(world.ContactsOf(token)).Calls);
    }

    [Fact]
    public async Task A_delivery_within_the_lease_of_one_that_died_is_retried_and_does_not_call_Connect()
    {
        await world.SendAsync(Some.Body("lease-alive"));
        // 1 is the claim.
        world.Proxy.Arm(2, CallFault.KilledBefore, () => world.Dispatch.KillOne(_random));
        var failed = await world.DeliverAsync(await world.ReceiveAsync());
        Assert.Equal("PUT /contact/task", await world.Proxy.DisarmAsync());

        failed = await world.DeliverAsync(failed);

        Assert.Single(failed);
        Assert.Empty(world.ContactsOf("lease-alive"));
        await world.RedeliverAsync(failed, "lease-alive");
        Assert.Equal(1, Assert.Single(world.ContactsOf("lease-alive")).Calls);
    }

    /// <summary>Runs once for each call, until nothing goes wrong any more because there are no more calls.</summary>
    private static async Task SweepAsync(string name, Func<string, int, Task<string?>> runAsync)
    {
        var struck = new List<string>();
        for (var number = 1; number <= MaxCalls; number++)
        {
            try
            {
                if (await runAsync($"{name}-{number}", number) is not { } operation)
                {
                    TestContext.Current.TestOutputHelper?.WriteLine($"{struck.Count} calls: {string.Join(", ", struck)}");
                    Assert.NotEmpty(struck);
                    return;
                }

                struck.Add(operation);
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"{name}: after call {number} went wrong: {e.Message}", e);
            }
        }

        Assert.Fail($"{name}: still more calls after {MaxCalls}.");
    }

    private async Task TickAsync()
    {
        await world.Release.InvokeAsync("{}"u8.ToArray(), TestContext.Current.CancellationToken);
    }

    /// <summary>Lets the time pass until a held task is due and within Connect's horizon, without the wait.</summary>
    private Task PassTimeAsync(string token) => world.ChangeItemAsync(
        token,
        "SET releaseAtMs = :past, scheduledAtMs = :soon",
        "attribute_exists(requestJson)",
        new() { [":past"] = LedgerItem.Number(1), [":soon"] = LedgerItem.Milliseconds(In(TimeSpan.FromDays(2))) });

    private static DateTimeOffset In(TimeSpan ahead) =>
        DateTimeOffset.FromUnixTimeSeconds((TimeProvider.System.GetUtcNow() + ahead).ToUnixTimeSeconds());
}
