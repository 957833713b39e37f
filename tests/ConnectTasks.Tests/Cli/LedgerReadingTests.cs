using ConnectTasks.Cli;
using ConnectTasks.Lambda;
using ConnectTasks.Local;

namespace ConnectTasks.Tests.Cli;

/// <summary>The commands read what the functions write: the names are held against each other here.</summary>
public sealed class LedgerReadingTests : IDisposable
{
    private readonly TaskRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void The_index_and_the_states_are_the_functions()
    {
        Assert.Equal((LedgerItem.DueIndex, LedgerItem.DueShards), (Ledger.DueIndex, Ledger.DueShards));
        Assert.Equal(LedgerItem.CurrentVersion, TaskRecord.KnownVersion);
        // Every state that the functions write has words here.
        Assert.All(
            typeof(LedgerItem.States).GetFields().Select(field => (string)field.GetRawConstantValue()!),
            state => Assert.DoesNotContain(
                "does not know", new TaskRecord { Key = "k", State = state }.Words, StringComparison.Ordinal));
        Assert.Contains(
            "does not know", new TaskRecord { Key = "k", State = "Another" }.Words, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reschedule_that_waits_for_its_request_is_told_as_that_and_is_not_held()
    {
        var move = new Move(Some.Now.AddDays(8), Some.Now.AddDays(3), Some.Now.AddSeconds(5));
        await _rig.Ledger.MoveAsync(_rig.Identity.Key, move, Some.Now, CancellationToken.None);

        var record = await ReadAsync();

        Assert.Equal((TaskRecord.Awaited, Some.Now.AddDays(8)), (record.State, record.ScheduledTime));
        Assert.Equal("a reschedule came first: it waits for the task's request", record.Words);
        var held = await _rig.PassTimeAsync(HeldTasks.ReadAsync(
            _rig.Deployment.Ledger, TimeZoneInfo.Utc, Some.Now, CancellationToken.None));
        Assert.StartsWith("""{"held":0,""", held.ToJson(withTasks: true), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_started_task_whose_new_time_Connect_has_not_taken_yet_is_being_moved()
    {
        await _rig.StartAsync(TaskRig.Token, Some.Now.AddDays(2));
        var move = new Move(Some.Now.AddDays(3), Some.Now, Some.Now.AddSeconds(5));
        var change = new ContactChange("contact-1", "changer", Some.Now.AddMinutes(1));
        await _rig.Ledger.WantAsync(_rig.Identity.Key, change, move, isRetry: false, Some.Now, CancellationToken.None);

        var moving = await ReadAsync();
        await _rig.Ledger.ToldAsync(
            _rig.Identity.Key, change, move, ContactChangeEnd.Taken, null, Some.Now, CancellationToken.None);
        var moved = await ReadAsync();

        Assert.Equal((Some.Now.AddDays(3), Some.Now.AddDays(2)), (moving.ScheduledTime, moving.ToldAt));
        Assert.Equal("was started in Connect, and is being moved there", moving.Words);
        Assert.Null(moved.ToldAt);
        Assert.Equal("was started in Connect", moved.Words);
    }

    [Fact]
    public async Task A_refused_request_is_not_said_to_be_tried_again()
    {
        var claim = TaskRig.ClaimOf(TaskRig.Token);
        await _rig.Ledger.ClaimAsync(claim, Some.Now, CancellationToken.None);
        var release = new Release("Refused.X", MayExist: false, Forget: true, WasTried: true, null);
        await _rig.Ledger.ReleaseAsync(claim, release, Some.Now, CancellationToken.None);

        Assert.StartsWith("was refused", (await ReadAsync()).Words, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("itemVersion", "item 9, fingerprint 1")]
    [InlineData("fingerprintVersion", "item 2, fingerprint 9")]
    public async Task An_item_of_a_later_version_is_shown_as_such(string attribute, string expected)
    {
        await _rig.StartAsync(TaskRig.Token);
        _rig.DynamoDb.Items[_rig.Identity.Key][attribute] = new() { N = "9" };

        var record = await ReadAsync();

        Assert.True(record.IsNewer);
        Assert.Equal(TaskRecord.Started, record.State);
        Assert.Contains(expected, record.Words, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_item_of_the_first_version_is_read_as_it_always_was()
    {
        await _rig.StartAsync(TaskRig.Token);
        foreach (var name in (string[])["itemVersion", "fingerprintVersion", "firstTriedMs", "waitNumber"])
            _rig.DynamoDb.Items[_rig.Identity.Key].Remove(name);

        var record = await ReadAsync();

        Assert.Equal((1, 1, false), (record.ItemVersion, record.FingerprintVersion, record.IsNewer));
        Assert.Equal("was started in Connect", record.Words);
    }

    [Fact]
    public async Task A_task_in_its_attempts_is_read_as_it_was_written()
    {
        var claim = TaskRig.ClaimOf(TaskRig.Token, Some.Now.AddDays(1));
        await _rig.Ledger.ClaimAsync(claim, Some.Now, CancellationToken.None);
        var starting = await ReadAsync();
        await _rig.Ledger.ReleaseAsync(
            claim, new Release("Throttled.X", MayExist: true, Forget: false, WasTried: true, null), Some.Now, CancellationToken.None);
        var released = await ReadAsync();

        Assert.Equal(
            (TaskRecord.Starting, Some.Now.AddSeconds(75), Some.Now.AddDays(1), 1L),
            (starting.State, starting.LeaseEnd, starting.ScheduledTime, starting.Attempts));
        Assert.Equal(
            (TaskRecord.Released, "Throttled.X", true), (released.State, released.LastReason, released.MayExist));
        Assert.Equal((Some.Now, Some.Now), (released.Created, released.Updated));
        Assert.Equal(Some.Now.AddDays(35), released.Expires);
    }

    [Fact]
    public async Task A_held_moved_and_started_task_is_read_as_it_was_written()
    {
        await _rig.HoldAsync(TaskRig.Token, Some.Now.AddDays(9), Some.Now.AddDays(4), "tenant-1");
        var held = await ReadAsync();
        var move = new Move(Some.Now.AddDays(8), Some.Now.AddDays(3), Some.Now.AddSeconds(5));
        await _rig.Ledger.MoveAsync(_rig.Identity.Key, move, Some.Now, CancellationToken.None);
        var moved = await ReadAsync();
        await _rig.StartAsync("started");
        var started = await _rig.Deployment.Ledger.ReadAsync(
            TaskKey.For(Some.Instance, "started"), CancellationToken.None);

        Assert.Equal(
            (TaskRecord.Held, Some.Now.AddDays(9), Some.Now.AddDays(4)),
            (held.State, held.ScheduledTime, held.ReleaseAt));
        Assert.Equal((1L, "tenant-1"), (held.WaitNumber, held.MessageGroup));
        Assert.Equal(2, moved.WaitNumber);
        Assert.Null(held.Expires);
        Assert.Equal((Some.Now.AddDays(8), move.SentAt), (moved.ScheduledTime, moved.MovedAt));
        Assert.Equal((TaskRecord.Started, "contact-1"), (started!.State, started.ContactId));
    }

    [Fact]
    public async Task What_has_expired_is_not_known_though_it_is_not_deleted_yet()
    {
        await _rig.StartAsync(TaskRig.Token);
        _rig.Time.Advance(TimeSpan.FromDays(36));

        Assert.Null(await _rig.Deployment.Ledger.ReadAsync(_rig.Identity.Key, CancellationToken.None));
    }

    [Fact]
    public async Task All_held_tasks_are_found_over_shards_pages_and_batches_that_are_cut_short()
    {
        for (var i = 0; i < 60; i++)
            await _rig.HoldAsync($"h-{i}", Some.Now.AddDays(9 + (i % 3)), Some.Now.AddDays(4));
        await _rig.StartAsync("started");
        (_rig.DynamoDb.MaxPage, _rig.DynamoDb.MaxBatch) = (3, 2);

        var held = await _rig.PassTimeAsync(HeldTasks.ReadAsync(
            _rig.Deployment.Ledger, TimeZoneInfo.Utc, Some.Now.AddDays(5), CancellationToken.None));

        Assert.Equal(60, held.Due);
        Assert.StartsWith(
            """{"held":60,"due":60,"zone":"UTC","days":[{"day":"2027-01-24","count":20,"""
            + """
            "first":"2027-01-24T08:00:00+00:00","last":"2027-01-24T08:00:00+00:00"},
            """,
            held.ToJson(withTasks: false),
            StringComparison.Ordinal);
    }

    private async Task<TaskRecord> ReadAsync() =>
        (await _rig.Deployment.Ledger.ReadAsync(_rig.Identity.Key, CancellationToken.None))!;
}
