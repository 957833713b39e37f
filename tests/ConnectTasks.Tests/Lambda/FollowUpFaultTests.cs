using Amazon.Lambda.SQSEvents;
using ConnectTasks.Lambda;

namespace ConnectTasks.Tests.Lambda;

/// <summary>Commands, and tasks that wait for their time, where AWS is less kind than it might be.</summary>
public sealed class FollowUpFaultTests
{
    private static readonly DateTimeOffset Later = Some.Now.AddDays(2);
    private readonly Rig _rig = new();

    private static string Cancel =>
        $$"""{"ConnectTasks":"cancel/1","InstanceId":"{{Some.Instance}}","ClientToken":"t-1"}""";

    [Fact]
    public async Task A_contact_that_is_not_found_right_after_its_start_is_looked_for_again_and_then_cancelled()
    {
        await StartAsync(_rig);
        _rig.Connect.Fail("Describe", 404, "ResourceNotFoundException");
        Assert.Equal(["c"], await _rig.DeliverAsync(Sent("c", Cancel)));
        Assert.Equal("NotFoundYet.ResourceNotFoundException", _rig.LastReason);
        Assert.InRange(_rig.Sqs.VisibilityByHandle["handle-c"], 30, 34);

        _rig.Time.Advance(TimeSpan.FromSeconds(31));
        _rig.Connect.Failures.Clear();
        Assert.Empty(await _rig.DeliverAsync(Sent("c", Cancel)));
        Assert.Equal("Commanded.Cancel.InConnect", _rig.LastReason);
        Assert.Equal(["contact-of-t-1"], _rig.Connect.Stopped);
    }

    [Theory]
    [InlineData("Describe", 404, "ResourceNotFoundException", "Commanded.Cancel.Over")]
    [InlineData("Stop", 404, "ResourceNotFoundException", "Commanded.Cancel.Over")]
    [InlineData("Stop", 400, "InvalidRequestException", "NotPossible.InvalidRequestException")]
    public async Task After_the_patience_the_answer_is_final_and_took_three_calls(
        string call, int status, string code, string reason)
    {
        await StartAsync(_rig);
        var calls = 0;
        _rig.Connect.Latency = name =>
        {
            calls += name == call ? 1 : 0;
            return Task.CompletedTask;
        };
        _rig.Connect.Fail(call, status, code);
        while ((await _rig.DeliverAsync(Sent("c", Cancel))).Count > 0)
        {
            _rig.Time.Advance(TimeSpan.FromSeconds(_rig.Sqs.VisibilityByHandle["handle-c"]));
        }

        Assert.Equal(reason, _rig.LastReason);
        Assert.Equal(3, calls);
        Assert.InRange(_rig.Time.GetUtcNow() - Some.Now, TimeSpan.FromSeconds(300), TimeSpan.FromSeconds(310));
    }

    [Fact]
    public async Task The_patience_begins_anew_with_a_try_that_got_no_answer()
    {
        await StartAsync(_rig);
        var move = Sent("m", Reschedule(Some.Now.AddDays(4)));
        _rig.Connect.Fail("Move", 404, "ResourceNotFoundException");
        await _rig.DeliverAsync(move);
        _rig.Time.Advance(TimeSpan.FromSeconds(200));
        // It may have moved the contact, which for that is not to be found for some minutes more.
        _rig.Connect.Fail("Move", 500, "InternalServiceException");
        Assert.Equal(["m"], await _rig.DeliverAsync(move));
        _rig.Time.Advance(TimeSpan.FromSeconds(200));
        _rig.Connect.Fail("Move", 404, "ResourceNotFoundException");
        Assert.Equal(["m"], await _rig.DeliverAsync(move));
        Assert.Equal("NotFoundYet.ResourceNotFoundException", _rig.LastReason);
    }

    [Fact]
    public async Task A_contact_that_is_over_is_cancelled_though_its_description_is_older()
    {
        await StartAsync(_rig);
        _rig.Connect.Fail("Stop", 410, "ContactNotFoundException");
        Assert.Empty(await _rig.DeliverAsync(Sent("c", Cancel)));
        Assert.Equal("Commanded.Cancel.Over", _rig.LastReason);
    }

    [Fact]
    public async Task A_description_that_is_older_than_the_last_move_does_not_make_a_waiting_task_a_running_one()
    {
        await StartAsync(_rig);
        await _rig.DeliverAsync(Sent("m", Reschedule(Some.Now.AddDays(4))));
        _rig.Time.Advance(TimeSpan.FromSeconds(10));
        // Connect still shows a time that has come.
        _rig.Connect.Described = new() { ScheduledTimestamp = Some.Now.UtcDateTime };
        Assert.Equal(["c"], await _rig.DeliverAsync(Sent("c", Cancel)));
        Assert.Equal("NotFoundYet.Running", _rig.LastReason);
    }

    [Fact]
    public async Task A_description_without_a_contact_decides_nothing()
    {
        await StartAsync(_rig);
        _rig.Connect.Described = null;
        Assert.Equal(["c"], await _rig.DeliverAsync(Sent("c", Cancel)));
        Assert.Equal("Unavailable.NoContact", _rig.LastReason);
    }

    [Fact]
    public async Task A_task_that_waits_in_Connect_for_longer_than_the_ledgers_retention_stays_known()
    {
        var at = Some.Now.AddDays(80);
        var rig = new Rig(Some.Settings() with { ScheduleHorizon = TimeSpan.FromDays(90) });
        await rig.DeliverAsync(Sent("r", Scheduled(at)));
        rig.Time.Advance(TimeSpan.FromDays(40));
        rig.Connect.Described = new() { ScheduledTimestamp = at.UtcDateTime };

        await rig.DeliverAsync(Sent("again", Scheduled(at)));
        Assert.Equal("AlreadyStarted", rig.LastReason);
        await rig.DeliverAsync(Sent("m", Reschedule(at.AddDays(5)), rig));
        Assert.Equal("Commanded.Reschedule.InConnect", rig.LastReason);
        await rig.DeliverAsync(Sent("c", Cancel));
        Assert.Equal(["contact-of-t-1"], rig.Connect.Stopped);
        Assert.Single(rig.Connect.Calls);
    }

    [Fact]
    public async Task A_cancelled_task_stays_cancelled_until_after_its_time()
    {
        await _rig.DeliverAsync(Sent("r", Scheduled(Some.Now.AddDays(200))));
        await _rig.DeliverAsync(Sent("c", Cancel));
        _rig.Time.Advance(TimeSpan.FromDays(40));
        await _rig.DeliverAsync(Sent("again", Scheduled(Some.Now.AddDays(200))));
        Assert.Equal("Cancelled", _rig.LastReason);
    }

    [Theory]
    [InlineData(10, 30)]
    [InlineData(30, 10)]
    public async Task Of_two_reschedules_in_one_batch_the_one_sent_last_wins_in_Connect_and_in_the_ledger(
        int firstTakes, int lastTakes)
    {
        await StartAsync(_rig);
        var calls = 0;
        _rig.Connect.Latency = call => call == "Move"
            ? Task.Delay(TimeSpan.FromSeconds(calls++ == 0 ? firstTakes : lastTakes), _rig.Time)
            : Task.CompletedTask;
        var first = Sent("m1", Reschedule(Some.Now.AddDays(3)), _rig, seconds: 1);
        var last = Sent("m2", Reschedule(Some.Now.AddDays(4)), _rig, seconds: 2);
        string[] left = ["m1", "m2"];
        while (left.Length > 0)
        {
            var records = new[] { first, last }.Where(r => left.Contains(r.MessageId)).ToArray();
            var delivery = _rig.DeliverAsync(records);
            while (!delivery.IsCompleted)
            {
                _rig.Time.Advance(TimeSpan.FromSeconds(1));
                await Task.Yield();
            }

            left = [.. await delivery];
            _rig.Time.Advance(TimeSpan.FromMinutes(2));
        }

        Assert.Equal(Some.Now.AddDays(4).UtcDateTime, _rig.Connect.Moved[^1].ScheduledTime);
        var item = LedgerItem.From(Assert.Single(_rig.DynamoDb.Items.Values))!;
        Assert.Equal((Some.Now.AddDays(4), null), (item.ScheduledTime, item.ToldAt));
        Assert.Empty(_rig.Sqs.Sent);
    }

    [Fact]
    public async Task A_reschedule_that_overtakes_its_request_after_a_backlog_reaches_it()
    {
        var command = Some.Record("m", Reschedule(Some.Now.AddDays(3)), age: TimeSpan.FromMinutes(20));
        Assert.Equal(["m"], await _rig.DeliverAsync(command));
        Assert.Equal("Deferred.Request", _rig.LastReason);
        _rig.Time.Advance(TimeSpan.FromMinutes(45));
        Assert.Empty(await _rig.DeliverAsync(Some.Record("r", Scheduled(Later), age: TimeSpan.FromMinutes(20))));
        Assert.Empty(await _rig.DeliverAsync(command));
        Assert.Equal("Commanded.Reschedule.MovedBefore", _rig.LastReason);
        Assert.Equal(Some.Now.AddDays(3).UtcDateTime, Assert.Single(_rig.Connect.Calls).ScheduledTime);
    }

    [Fact]
    public async Task A_reschedule_without_a_request_is_told_of_and_holds_for_a_request_that_comes_later()
    {
        var command = Some.Record("m", Reschedule(Some.Now.AddDays(3)));
        Assert.Equal(["m"], await _rig.DeliverAsync(command));
        _rig.Time.Advance(TimeSpan.FromMinutes(61));
        Assert.Empty(await _rig.DeliverAsync(command));
        Assert.Equal("NotPossible.UnknownTask", _rig.LastReason);
        await _rig.DeliverAsync(Some.Record("r", Scheduled(Later)));
        Assert.Equal(Some.Now.AddDays(3).UtcDateTime, Assert.Single(_rig.Connect.Calls).ScheduledTime);
    }

    [Fact]
    public async Task A_released_task_that_is_moved_away_and_back_is_released_again_also_on_a_FIFO_queue()
    {
        var rig = new Rig(Some.Settings() with
        {
            TaskQueueUrl = "https://sqs/tasks.fifo",
            DeadLetterQueueUrl = "https://sqs/dead.fifo",
        });
        await rig.DeliverAsync(Some.Record("r", Scheduled(Some.Now.AddDays(10)), group: "g"));
        rig.Time.Advance(TimeSpan.FromDays(4.6));
        await rig.TickAsync();
        await rig.DeliverAsync(Sent("m1", Reschedule(Some.Now.AddDays(20)), rig, seconds: 1));
        await rig.DeliverAsync(Copy(rig.Sqs.Sent[0]));
        Assert.Equal("AlreadyHeld", rig.LastReason);
        await rig.DeliverAsync(Sent("m2", Reschedule(Some.Now.AddDays(10)), rig, seconds: 2));
        await rig.TickAsync();

        Assert.Equal(["g", "g"], rig.Sqs.Sent.Select(s => s.MessageGroupId));
        Assert.Equal(2, rig.Sqs.Sent.Select(s => s.MessageDeduplicationId).Distinct().Count());
        await rig.DeliverAsync(Copy(rig.Sqs.Sent[1]));
        Assert.Equal("Started", rig.LastReason);
    }

    [Fact]
    public async Task The_copy_of_an_earlier_wait_does_not_end_a_later_one_of_the_same_time()
    {
        await _rig.DeliverAsync(Some.Record("r", Scheduled(Some.Now.AddDays(10)), group: "tenant"));
        _rig.Time.Advance(TimeSpan.FromDays(4.6));
        await _rig.TickAsync();
        Assert.Equal(("tenant", null), (_rig.Sqs.Sent[0].MessageGroupId, _rig.Sqs.Sent[0].MessageDeduplicationId));
        await _rig.DeliverAsync(Sent("m1", Reschedule(Some.Now.AddDays(20)), _rig, seconds: 1));
        await _rig.DeliverAsync(Sent("m2", Reschedule(Some.Now.AddDays(10)), _rig, seconds: 2));
        await _rig.DeliverAsync(Copy(_rig.Sqs.Sent[0]));
        Assert.Equal("AlreadyHeld", _rig.LastReason);
    }

    [Fact]
    public async Task Throttled_commands_are_counted_by_themselves()
    {
        var rig = new Rig(metrics: true);
        await StartAsync(rig);
        rig.Connect.Fail("Describe", 429, "ThrottlingException");
        await rig.DeliverAsync(Sent("c", Cancel));
        Assert.Contains("\"ThrottledCommand\":1", rig.LogText, StringComparison.Ordinal);
        Assert.DoesNotContain("\"Throttled\":1", rig.LogText, StringComparison.Ordinal);
    }

    private static async Task StartAsync(Rig rig)
    {
        await rig.DeliverAsync(Some.Record("r", Scheduled(Later)));
        rig.Connect.Described = new() { ScheduledTimestamp = Later.UtcDateTime };
    }

    /// <summary>A record of a message that is sent now, or some seconds later.</summary>
    private static SQSEvent.SQSMessage Sent(string id, string body, Rig? rig = null, int seconds = 0) => Some.Record(
        id, body, age: Some.Now - (rig?.Time.GetUtcNow() ?? Some.Now) - TimeSpan.FromSeconds(seconds), group: "g");

    private static SQSEvent.SQSMessage Copy(Amazon.SQS.Model.SendMessageRequest sent)
    {
        var record = Some.Record("copy", sent.MessageBody, group: sent.MessageGroupId);
        record.MessageAttributes![Queues.ReleasedAttribute] = new()
        {
            DataType = "String",
            StringValue = sent.MessageAttributes[Queues.ReleasedAttribute].StringValue,
        };
        return record;
    }

    private static string Scheduled(DateTimeOffset at) =>
        Some.Body()[..^1] + $",\"ScheduledTime\":{at.ToUnixTimeSeconds()}}}";

    private static string Reschedule(DateTimeOffset at) =>
        $$"""{"ConnectTasks":"reschedule/1","InstanceId":"{{Some.Instance}}","ClientToken":"t-1","ScheduledTime":{{at.ToUnixTimeSeconds()}}}""";
}
