using ConnectTasks.Tests;

namespace ConnectTasks.EndToEnd;

/// <summary>
/// Attempts that end without an answer, step by step. The first call of an attempt is the claim, then Connect.
/// </summary>
public sealed class LostReplyTests(FaultWorld world)
{
    private const string StartTask = "PUT /contact/task";

    [Fact]
    public async Task A_lost_reply_gives_one_contact_and_two_calls_with_the_same_token()
    {
        await using var lane = await FaultLane.StartAsync(world, "lost-reply");
        await lane.SendAsync(Some.Body("lost-reply"));
        var failed = await StrikeAsync(lane, CallFault.ReplyLostOnce);

        await lane.RedeliverAsync(failed, "lost-reply");
        Assert.Equal(2, Assert.Single(world.ContactsOf("lost-reply")).Calls);
    }

    [Fact]
    public async Task Replies_that_stay_away_leave_the_lease_and_a_derived_token_is_the_same_next_time()
    {
        await using var lane = await FaultLane.StartAsync(world, "lost-replies");
        var id = await lane.SendAsync(Some.Body(token: null));
        var failed = await StrikeAsync(lane, CallFault.ReplyLost);

        var token = TaskKey.DeriveToken(lane.QueueArn, id);
        Assert.Equal(id, Assert.Single(failed).MessageId);
        Assert.Equal("Starting", (await world.LedgerItemAsync(token))?.State);
        await lane.RedeliverAsync(failed, token);
        // One request an invocation: the client repeats none, past our pace, as it would by default.
        Assert.Equal(2, Assert.Single(world.ContactsOf(token)).Calls);
    }

    [Fact]
    public async Task A_delivery_within_the_lease_of_an_attempt_that_died_is_retried_and_does_not_call_Connect()
    {
        await using var lane = await FaultLane.StartAsync(world, "lease");
        await lane.SendAsync(Some.Body("lease"));
        var failed = await StrikeAsync(lane, CallFault.KilledBefore);

        failed = await lane.DeliverAsync(failed);

        Assert.Single(failed);
        Assert.Empty(world.ContactsOf("lease"));
        await lane.RedeliverAsync(failed, "lease");
        Assert.Equal(1, Assert.Single(world.ContactsOf("lease")).Calls);
    }

    [Theory]
    [InlineData(CallFault.ReplyLost)]
    [InlineData(CallFault.ErrorAfter)]
    public async Task A_task_that_may_exist_in_Connect_is_not_cancelled_in_the_ledger_alone(CallFault fault)
    {
        await using var lane = await FaultLane.StartAsync(world, $"cancel-{fault}");
        var token = $"cancel-{fault}";
        await lane.SendAsync(Some.Body(token));
        var failed = await StrikeAsync(lane, fault);
        Assert.Single(world.ContactsOf(token));

        await lane.SendAsync(World.BodyOf(new TaskCommand
        {
            Kind = TaskCommandKind.Cancel,
            InstanceId = Some.Instance,
            ClientToken = token,
        }));
        await world.ExpireLeaseAsync(token);
        var cancellation = await lane.DeliverAsync(await lane.ReceiveAsync());

        // It waits until the request has been tried again and it is known for sure.
        Assert.Single(cancellation);
        Assert.NotEqual("Cancelled", (await world.LedgerItemAsync(token))?.State);
        Assert.Empty(await lane.DeliverAsync(failed));
        Assert.Equal("Started", (await world.LedgerItemAsync(token))?.State);
    }

    /// <summary>Delivers what is on the queue; the call to Connect goes wrong.</summary>
    private static async Task<List<Amazon.SQS.Model.Message>> StrikeAsync(FaultLane lane, CallFault fault)
    {
        lane.Arm(2, fault);
        var failed = await lane.DeliverAsync(await lane.ReceiveAsync());
        Assert.Equal(StartTask, await lane.Proxy.DisarmAsync());
        return failed;
    }
}
