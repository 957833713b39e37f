using ConnectTasks.Lambda;

namespace ConnectTasks.Tests.Lambda;

public abstract partial class LedgerContract
{
    private static readonly DateTimeOffset InConnectAt = Some.Now.AddDays(2);

    [Fact]
    public async Task A_started_task_has_its_wanted_time_before_connect_is_told_and_after()
    {
        await StartScheduledAsync();
        Assert.True((await WantAsync("x", days: 3, sentMinute: 1)).Done);
        var wanted = (await Ledger.ReadAsync(_key, None)).Item!;
        Assert.Equal((Some.Now.AddDays(3), InConnectAt), (wanted.ScheduledTime, wanted.ToldAt));

        Assert.Equal(LedgerWriteState.Done, await ToldAsync("x", days: 3, sentMinute: 1, ContactChangeEnd.Taken));
        var told = (await Ledger.ReadAsync(_key, None)).Item!;
        Assert.Equal((Some.Now.AddDays(3), null), (told.ScheduledTime, told.ToldAt));
        Assert.Null(told.ChangeLeaseEnd);
        // The client's own retry meets its first try.
        Assert.Equal(LedgerWriteState.Done, await ToldAsync("x", days: 3, sentMinute: 1, ContactChangeEnd.Taken));
    }

    [Fact]
    public async Task One_command_at_a_time_tells_connect_until_its_lease_ends()
    {
        await StartScheduledAsync();
        Assert.True((await WantAsync("x", days: 3, sentMinute: 1)).Done);
        var refusing = (await WantAsync("y", days: 4, sentMinute: 2)).Item!;
        Assert.Equal(_now.AddSeconds(75), refusing.ChangeLeaseEnd);
        Assert.Equal(Some.Now.AddDays(3), refusing.ScheduledTime);

        _now = _now.AddSeconds(76);
        Assert.True((await WantAsync("y", days: 4, sentMinute: 2)).Done);
        Assert.Equal(LedgerWriteState.NotOwner, await ToldAsync("x", days: 3, sentMinute: 1, ContactChangeEnd.Taken));
        Assert.Equal(InConnectAt, (await Ledger.ReadAsync(_key, None)).Item!.ToldAt);
    }

    [Fact]
    public async Task A_move_that_was_sent_earlier_or_together_with_another_is_superseded()
    {
        await StartScheduledAsync();
        Assert.True((await WantAsync("x", days: 3, sentMinute: 2)).Done);
        await ToldAsync("x", days: 3, sentMinute: 2, ContactChangeEnd.Taken);
        Assert.False((await WantAsync("y", days: 4, sentMinute: 1)).Done);
        Assert.False((await WantAsync("y", days: 5, sentMinute: 2)).Done);
        Assert.Equal(Some.Now.AddDays(3), (await Ledger.ReadAsync(_key, None)).Item!.ScheduledTime);
    }

    [Fact]
    public async Task A_time_that_connect_refuses_is_taken_back_and_one_to_be_tried_again_stays_wanted()
    {
        await StartScheduledAsync();
        await WantAsync("x", days: 3, sentMinute: 1);
        await ToldAsync("x", days: 3, sentMinute: 1, ContactChangeEnd.NotYet);
        Assert.True((await WantAsync("y", days: 3, sentMinute: 1)).Done);
        await ToldAsync("y", days: 3, sentMinute: 1, ContactChangeEnd.Refused);
        var item = (await Ledger.ReadAsync(_key, None)).Item!;
        Assert.Equal((InConnectAt, null, "TooLate"), (item.ScheduledTime, item.ToldAt, item.LastReason));
    }

    [Fact]
    public async Task A_reschedule_that_comes_before_its_request_is_kept_for_it()
    {
        var kept = await MoveAsync(days: 20, sentMinute: 1);
        Assert.Equal((false, LedgerItem.States.Awaited), (kept.Done, kept.Item!.State));
        // Another look, later; an earlier command changes nothing.
        _now = _now.AddMinutes(5);
        Assert.Equal(Some.Now, (await MoveAsync(days: 20, sentMinute: 1)).Item!.AwaitedSince);
        Assert.Equal(Some.Now.AddDays(20), (await MoveAsync(days: 10, sentMinute: 0)).Item!.ScheduledTime);

        var claimed = await Ledger.ClaimAsync(Claim("a", "f") with { ScheduledTime = InConnectAt }, _now, None);
        Assert.Equal((ClaimState.Claimed, Some.Now.AddDays(20)), (claimed.State, claimed.ScheduledTime));
    }

    [Fact]
    public async Task An_awaited_task_can_be_cancelled()
    {
        await MoveAsync(days: 20, sentMinute: 1);
        Assert.True((await Ledger.CancelAsync(_key, _now, None)).Done);
        Assert.Equal(ClaimState.Cancelled, (await ClaimAsync("a")).State);
    }

    [Fact]
    public async Task What_has_a_time_outlives_it()
    {
        var far = Some.Now.AddDays(200);
        long Ttl(DateTimeOffset time) => (time + Retention).ToUnixTimeSeconds();
        async Task<long?> KeptAsync() => (await Ledger.ReadAsync(_key, None)).Item!.TtlEpochSeconds;

        // A cancellation that comes before its request learns the time from it.
        await Ledger.CancelAsync(_key, _now, None);
        Assert.Equal(Ttl(_now), await KeptAsync());
        var claim = Claim("a", "f") with { ScheduledTime = far };
        Assert.Equal(ClaimState.Cancelled, (await Ledger.ClaimAsync(claim, _now, None)).State);
        Assert.Equal(Ttl(far), await KeptAsync());
    }

    [Fact]
    public async Task A_started_task_and_a_cancelled_held_one_outlive_their_times()
    {
        await StartScheduledAsync();
        Assert.Equal((InConnectAt + Retention).ToUnixTimeSeconds(), (await Ledger.ReadAsync(_key, None)).Item!.TtlEpochSeconds);
        await WantAsync("x", days: 5, sentMinute: 1);
        Assert.Equal((Some.Now.AddDays(5) + Retention).ToUnixTimeSeconds(), (await Ledger.ReadAsync(_key, None)).Item!.TtlEpochSeconds);
    }

    [Fact]
    public async Task A_held_task_that_is_cancelled_is_known_until_after_its_time()
    {
        await HoldAsync();
        Assert.True((await Ledger.CancelAsync(_key, _now, None)).Done);
        Assert.Equal((Scheduled + Retention).ToUnixTimeSeconds(), (await Ledger.ReadAsync(_key, None)).Item!.TtlEpochSeconds);
    }

    [Fact]
    public async Task Each_hold_and_each_move_is_a_wait_of_its_own_which_only_its_own_copy_ends()
    {
        await HoldAsync();
        var first = (await Ledger.ReadAsync(_key, None)).Item!;
        Assert.Equal((1, "group-1"), (first.WaitNumber, first.MessageGroup));
        await MoveAsync(days: 20, sentMinute: 1);
        await Ledger.MoveAsync(_key, new Move(Scheduled, ReleaseAt, Some.Now.AddMinutes(2)), _now, None);
        var again = (await Ledger.ReadAsync(_key, None)).Item!;
        Assert.Equal((first.ReleaseAtMs, 3), (again.ReleaseAtMs, again.WaitNumber));
        _now = ReleaseAt;
        var old = Claim("a", "f") with { Copy = new ReleasedCopy(ReleaseAt, 1) };
        Assert.Equal(ClaimState.AlreadyHeld, (await Ledger.ClaimAsync(old, _now, None)).State);
        var its = Claim("a", "f") with { Copy = new ReleasedCopy(ReleaseAt, 3) };
        Assert.Equal(ClaimState.Claimed, (await Ledger.ClaimAsync(its, _now, None)).State);
    }

    [Fact]
    public async Task The_first_real_try_is_remembered_until_the_request_is_done_with()
    {
        await ClaimAsync("a");
        await Ledger.ReleaseAsync(Claim("a", "f"), new Release("Deferred.Pace", false, false, WasTried: false, null), _now, None);
        _now = _now.AddMinutes(1);
        Assert.Null((await ClaimAsync("b")).FirstTried);
        await Ledger.ReleaseAsync(Claim("b", "f"), new Release("Throttled", false, false, WasTried: true, null), _now, None);
        var firstTried = _now;
        _now = _now.AddMinutes(1);
        Assert.Equal(firstTried, (await ClaimAsync("c")).FirstTried);
        await Ledger.ReleaseAsync(Claim("c", "f"), new Release("Refused", false, Forget: true, WasTried: true, null), _now, None);
        Assert.Null((await ClaimAsync("d")).FirstTried);
    }

    [Fact]
    public async Task A_clients_own_retry_of_a_claim_is_no_earlier_attempt()
    {
        await ClaimAsync("a");
        var again = await ClaimAsync("a");
        Assert.Equal((ClaimState.Claimed, false, false, false), (again.State, again.MayExist, again.WasKnown, again.WasLeftBehind));
    }

    [Fact]
    public async Task A_clients_own_retry_of_a_claim_hides_what_was_before_it()
    {
        await ClaimAsync("dead");
        _now = _now.AddMinutes(10);
        // The answer to the first try, which tells that an attempt was left behind, is lost.
        await ClaimAsync("a");
        var again = await ClaimAsync("a");
        Assert.Equal((ClaimState.Claimed, true, true, true), (again.State, again.MayExist, again.WasKnown, again.WasLeftBehind));
    }

    [Fact]
    public async Task A_command_waits_for_a_task_whose_attempt_has_died_but_does_not_touch_one_that_lives()
    {
        await ClaimAsync("a");
        await Ledger.AwaitAsync(_key, _now.AddSeconds(1), None);
        Assert.Null((await Ledger.ReadAsync(_key, None)).Item!.AwaitedSince);
        var later = _now.AddMinutes(10);
        await Ledger.AwaitAsync(_key, later, None);
        Assert.Equal(later, (await Ledger.ReadAsync(_key, None)).Item!.AwaitedSince);
    }

    private async Task StartScheduledAsync()
    {
        var claim = Claim("a", "f") with { ScheduledTime = InConnectAt };
        await Ledger.ClaimAsync(claim, _now, None);
        await Ledger.CompleteAsync(claim, "contact-1", InConnectAt, _now, None);
    }

    private Task<LedgerChange> WantAsync(string owner, int days, int sentMinute) =>
        Ledger.WantAsync(_key, Change(owner), MoveTo(days, sentMinute), isRetry: false, _now, None);

    private async Task<LedgerWriteState> ToldAsync(string owner, int days, int sentMinute, ContactChangeEnd end) =>
        (await Ledger.ToldAsync(_key, Change(owner), MoveTo(days, sentMinute), end, "TooLate", _now, None)).State;

    private ContactChange Change(string owner) => new("contact-1", owner, _now.AddSeconds(75));

    private static Move MoveTo(int days, int sentMinute) =>
        new(Some.Now.AddDays(days), Some.Now, Some.Now.AddMinutes(sentMinute));
}
