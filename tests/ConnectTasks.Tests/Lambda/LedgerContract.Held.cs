using ConnectTasks.Lambda;

namespace ConnectTasks.Tests.Lambda;

/// <summary>What the ledger promises of tasks that wait, are moved or are called off.</summary>
public abstract partial class LedgerContract
{
    private static readonly DateTimeOffset Scheduled = Some.Now.AddDays(10);
    private static readonly DateTimeOffset ReleaseAt = Some.Now.AddDays(4);

    [Fact]
    public async Task A_held_task_is_no_ones_has_no_time_to_live_and_is_claimed_only_by_the_copy_that_ends_its_wait()
    {
        await HoldAsync();
        var item = (await Ledger.ReadAsync(_key, None)).Item!;
        Assert.Equal(("Held", "{request}", null), (item.State, item.Request, item.TtlEpochSeconds));
        Assert.Equal(Scheduled, item.ScheduledTime);
        Assert.Equal(ClaimState.AlreadyHeld, (await ClaimAsync("b")).State);
        Assert.Equal(ClaimState.TokenReused, (await ClaimAsync("b", "other")).State);
        _now = ReleaseAt.AddDays(1);
        Assert.Equal(ClaimState.AlreadyHeld, (await ClaimAsync("b")).State);
        Assert.Equal(ClaimState.AlreadyHeld, (await ClaimAsync("b", releasedAt: ReleaseAt.AddMilliseconds(-1))).State);
        _now = ReleaseAt.AddMinutes(-1);
        var claimed = await ClaimAsync("b", releasedAt: ReleaseAt);
        Assert.Equal((ClaimState.Claimed, true, Scheduled), (claimed.State, claimed.WasKnown, claimed.ScheduledTime));
    }

    [Fact]
    public async Task Only_what_is_due_is_listed_page_by_page_and_no_longer_after_it_was_queued()
    {
        await HoldAsync();
        Assert.DoesNotContain(_key, await DueAsync(ReleaseAt.AddMilliseconds(-1)));
        Assert.Contains(_key, await DueAsync(ReleaseAt));
        var sent = (await Ledger.ReadAsync(_key, None)).Item!;
        var other = await Ledger.MarkQueuedAsync(sent with { Attempts = 2 }, ReleaseAt, None);
        Assert.Equal(LedgerWriteState.NotOwner, other.State);
        var mark = await Ledger.MarkQueuedAsync(sent, ReleaseAt, None);
        Assert.Equal(LedgerWriteState.Done, mark.State);
        Assert.DoesNotContain(_key, await DueAsync(ReleaseAt.AddDays(1)));
        Assert.Equal("Queued", (await Ledger.ReadAsync(_key, None)).Item!.State);
        var again = await Ledger.MarkQueuedAsync(sent, ReleaseAt, None);
        Assert.Equal(LedgerWriteState.NotOwner, again.State);
    }

    [Fact]
    public async Task A_moved_task_is_due_at_its_new_time_and_the_move_that_was_sent_last_wins()
    {
        await HoldAsync();
        Assert.True((await MoveAsync(days: 20, sentMinute: 2)).Done);
        Assert.False((await MoveAsync(days: 30, sentMinute: 1)).Done);
        Assert.Equal(Some.Now.AddDays(20), (await Ledger.ReadAsync(_key, None)).Item!.ScheduledTime);
        _now = ReleaseAt;
        Assert.Equal(ClaimState.AlreadyHeld, (await ClaimAsync("b")).State);
        var newRelease = Some.Now.AddDays(14);
        Assert.Equal(Some.Now.AddDays(20), (await ClaimAsync("b", releasedAt: newRelease, wait: 2)).ScheduledTime);
    }

    [Theory]
    [InlineData(-1, true)]
    [InlineData(0, false)]
    public async Task A_queued_task_is_claimed_by_its_copy_at_once_and_by_any_message_when_it_is_due(
        int minutes, bool onlyByItsCopy)
    {
        await HoldAsync();
        await Ledger.MarkQueuedAsync((await Ledger.ReadAsync(_key, None)).Item!, ReleaseAt, None);
        _now = ReleaseAt.AddMinutes(minutes);
        var other = await ClaimAsync("b");
        Assert.Equal(onlyByItsCopy ? ClaimState.AlreadyHeld : ClaimState.Claimed, other.State);
        var copy = await ClaimAsync("c", releasedAt: ReleaseAt);
        Assert.Equal(onlyByItsCopy ? ClaimState.Claimed : ClaimState.InFlight, copy.State);
    }

    [Fact]
    public async Task A_queued_task_that_is_moved_waits_anew()
    {
        await HoldAsync();
        await Ledger.MarkQueuedAsync((await Ledger.ReadAsync(_key, None)).Item!, ReleaseAt, None);
        _now = ReleaseAt;
        Assert.True((await MoveAsync(days: 20, sentMinute: 2)).Done);
        Assert.Equal(ClaimState.AlreadyHeld, (await ClaimAsync("b", releasedAt: ReleaseAt)).State);
        Assert.Contains(_key, await DueAsync(Some.Now.AddDays(14)));
    }

    [Fact]
    public async Task A_task_that_is_being_retried_takes_its_new_time_with_the_next_attempt()
    {
        await ClaimAsync("a");
        await ReleaseAsync("a", forget: false);
        Assert.True((await MoveAsync(days: 20, sentMinute: 1)).Done);
        Assert.Equal(Some.Now.AddDays(20), (await ClaimAsync("b")).ScheduledTime);
    }

    [Fact]
    public async Task A_cancelled_task_never_starts_also_if_the_cancellation_came_first()
    {
        Assert.True((await Ledger.CancelAsync(_key, _now, None)).Done);
        Assert.True((await Ledger.CancelAsync(_key, _now, None)).Done);
        Assert.Equal(ClaimState.Cancelled, (await ClaimAsync("a")).State);
        Assert.False((await MoveAsync(days: 20, sentMinute: 1)).Done);
    }

    [Fact]
    public async Task A_held_task_that_is_cancelled_is_not_due_any_more()
    {
        await HoldAsync();
        Assert.True((await Ledger.CancelAsync(_key, _now, None)).Done);
        Assert.DoesNotContain(_key, await DueAsync(ReleaseAt.AddDays(1)));
        _now = ReleaseAt;
        Assert.Equal(ClaimState.Cancelled, (await ClaimAsync("a")).State);
    }

    [Fact]
    public async Task A_task_in_flight_started_or_perhaps_started_is_not_called_off_in_the_ledger()
    {
        await ClaimAsync("a");
        Assert.Equal("Starting", (await Ledger.CancelAsync(_key, _now, None)).Item!.State);
        await Ledger.ReleaseAsync(Claim("a", "f"), new Release("Throttled", MayExist: true, false, WasTried: true, null), _now, None);
        Assert.Equal("Released", (await Ledger.CancelAsync(_key, _now, None)).Item!.State);
        Assert.True((await ClaimAsync("b")).MayExist);
        await CompleteAsync("b", "contact-1");
        Assert.Equal("contact-1", (await Ledger.CancelAsync(_key, _now, None)).Item!.ContactId);
        Assert.Equal(LedgerWriteState.Done, (await Ledger.RecordStopAsync(_key, "contact-1", null, _now, None)).State);
        Assert.True((await Ledger.CancelAsync(_key, _now, None)).Done);
    }

    private async Task HoldAsync()
    {
        await ClaimAsync("a");
        var write = await Ledger.HoldAsync(Claim("a", "f"), new Hold("{request}", Scheduled, ReleaseAt, false, "group-1"), isOwned: true, _now, None);
        Assert.Equal(LedgerWriteState.Done, write.State);
    }

    private Task<LedgerChange> MoveAsync(int days, int sentMinute)
    {
        var time = Some.Now.AddDays(days);
        return Ledger.MoveAsync(_key, new Move(time, time.AddDays(-6), Some.Now.AddMinutes(sentMinute)), _now, None);
    }

    private async Task<List<string>> DueAsync(DateTimeOffset now)
    {
        var shard = int.Parse(LedgerItem.ShardOf(_key), System.Globalization.CultureInfo.InvariantCulture);
        var keys = new List<string>();
        DuePage? page = null;
        do
        {
            page = await Ledger.DueAsync(shard, now, page, None);
            Assert.Null(page.ErrorCode);
            keys.AddRange(page.Keys);
        }
        while (page.Next is not null);

        return keys;
    }
}
