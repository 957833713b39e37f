using Amazon.Lambda.SQSEvents;
using Amazon.SQS;
using ConnectTasks.Lambda;

namespace ConnectTasks.Tests.Lambda;

public sealed class BatchHandlerTests
{
    private readonly Rig _rig = new();

    [Fact]
    public async Task One_malformed_body_leaves_its_neighbours_alone()
    {
        var failed = await _rig.DeliverAsync(Some.Record("m-1", "{not json"), Some.Record("m-2", Some.Body("ok-1")));
        Assert.Empty(failed);
        Assert.Equal("ok-1", Assert.Single(_rig.Connect.Calls).ClientToken);
        Assert.Equal("{not json", Assert.Single(_rig.Sqs.Sent).MessageBody);
    }

    [Fact]
    public async Task When_every_record_fails_all_are_reported_and_nothing_is_thrown()
    {
        _rig.Connect.Reply = ConnectFake.Error(500, "InternalServiceException");
        var failed = await _rig.DeliverAsync(Some.Record("m-1", Some.Body("a")), Some.Record("m-2", Some.Body("b")));
        Assert.Equal(["m-1", "m-2"], failed);
        Assert.Equal([2], _rig.Sqs.VisibilityBatches);
    }

    [Fact]
    public async Task A_fault_of_the_program_fails_its_record_only_and_is_logged_without_the_message()
    {
        _rig.Connect.Reply = r => r.ClientToken == "bad" ? throw new InvalidOperationException("MARK-VALUE") : ConnectFake.Ok(r);
        var failed = await _rig.DeliverAsync(Some.Record("m-1", Some.Body("bad")), Some.Record("m-2", Some.Body("ok")));
        Assert.Equal(["m-1"], failed);
        Assert.Contains("\"exception\":\"InvalidOperationException\"", _rig.LogText, StringComparison.Ordinal);
        Assert.DoesNotContain("MARK-VALUE", _rig.LogText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_event_that_is_none_of_a_queue_is_an_error()
    {
        await Assert.ThrowsAsync<ArgumentException>(
            () => _rig.Handler.HandleAsync(new SQSEvent(), new ContextFake(TimeSpan.FromSeconds(60))));
    }

    [Fact]
    public async Task A_failed_record_without_an_id_fails_the_whole_batch_with_a_reason()
    {
        _rig.Connect.Reply = ConnectFake.Error(500, "InternalServiceException");
        var record = Some.Record();
        record.MessageId = null;
        await Assert.ThrowsAsync<InvalidOperationException>(() => _rig.DeliverAsync(record));
    }

    [Fact]
    public async Task Each_attempt_has_an_owner_of_its_own_also_when_Lambda_repeats_the_invocations_id()
    {
        _rig.Connect.Reply = _ => throw new HttpRequestException();
        await _rig.DeliverAsync(Some.Record("m-1", Some.Body("a")), Some.Record("m-2", Some.Body("b")));
        await _rig.DeliverAsync(Some.Record("m-3", Some.Body("c")));
        Assert.Equal(3, _rig.DynamoDb.Items.Values.Select(i => i["owner"].S).Distinct().Count());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-5)]
    [InlineData(10)]
    public async Task With_no_time_for_an_attempt_nothing_is_begun_and_all_is_reported(int seconds)
    {
        var response = await _rig.Handler.HandleAsync(
            Some.Event(Some.Record("m-1"), Some.Record("m-2", Some.Body("t-2"))),
            new ContextFake(TimeSpan.FromSeconds(seconds)));
        Assert.Equal(["m-1", "m-2"], response.BatchItemFailures!.ConvertAll(f => f.ItemIdentifier!));
        Assert.Empty(_rig.Connect.Calls);
        Assert.Empty(_rig.DynamoDb.Items);
    }

    [Fact]
    public async Task A_batch_that_runs_out_of_time_reports_the_rest_and_starts_none_twice()
    {
        var rig = new Rig(Some.Settings() with { ConnectRatePerSecond = 0.4, ConnectBurst = 1, MaximumConcurrency = 1 });
        var records = Enumerable.Range(0, 20).Select(i => Some.Record($"m-{i}", Some.Body($"t-{i}"))).ToArray();
        var first = await PumpAsync(rig, rig.DeliverAsync(records));
        Assert.Equal(20 - rig.Connect.Calls.Count, first.Count);
        Assert.InRange(first.Count, 1, 19);
        Assert.True(rig.Time.GetUtcNow() < Some.Now.AddSeconds(60));

        var again = records.Where(r => first.Contains(r.MessageId!)).ToArray();
        while (again.Length > 0)
        {
            rig.Time.Advance(TimeSpan.FromSeconds(30));
            var failed = await PumpAsync(rig, rig.DeliverAsync(again));
            again = again.Where(r => failed.Contains(r.MessageId!)).ToArray();
        }

        Assert.Equal(20, rig.Connect.Calls.Select(c => c.ClientToken).Distinct().Count());
        Assert.Equal(20, rig.Connect.Calls.Count);
    }

    [Fact]
    public async Task Messages_received_most_often_run_last_and_those_cut_off_before_one_at_a_time()
    {
        foreach (var token in (string[])["five", "nine"])
        {
            var left = new Claim(
                TaskKey.For(Some.Instance, token), "dead", RequestFingerprint.Compute(Some.Request(token)), null, null,
                Some.Now.AddSeconds(-1));
            await _rig.Ledger.ClaimAsync(left, Some.Now.AddMinutes(-1), TestContext.Current.CancellationToken);
        }

        var running = 0;
        var order = new List<(string Token, int Running)>();
        _rig.Connect.Reply = async request =>
        {
            order.Add((request.ClientToken!, ++running));
            await Task.Delay(TimeSpan.FromSeconds(1), _rig.Time, TestContext.Current.CancellationToken);
            running--;
            return await ConnectFake.Ok(request);
        };
        await PumpAsync(_rig, _rig.DeliverAsync(
            Some.Record("m-1", Some.Body("nine"), receiveCount: 9),
            Some.Record("m-2", Some.Body("five"), receiveCount: 5),
            Some.Record("m-3", Some.Body("one"), receiveCount: 1),
            Some.Record("m-4", Some.Body("two"), receiveCount: 2)));
        Assert.Equal([("one", 1), ("two", 2), ("five", 1), ("nine", 1)], order);
    }

    [Fact]
    public async Task After_an_outage_messages_run_side_by_side_as_before()
    {
        var (running, most) = (0, 0);
        _rig.Connect.Reply = ConnectFake.Error(500, "InternalServiceException");
        await _rig.DeliverAsync([.. Enumerable.Range(0, 10).Select(i => Some.Record($"m-{i}", Some.Body($"t-{i}")))]);
        _rig.Connect.Reply = async request =>
        {
            most = Math.Max(most, ++running);
            await Task.Delay(TimeSpan.FromSeconds(1), _rig.Time, TestContext.Current.CancellationToken);
            running--;
            return await ConnectFake.Ok(request);
        };
        await PumpAsync(_rig, _rig.DeliverAsync(
            [.. Enumerable.Range(0, 10).Select(i => Some.Record($"m-{i}", Some.Body($"t-{i}"), receiveCount: 9))]));
        Assert.Equal(10, most);
    }

    [Fact]
    public async Task In_a_fifo_queue_a_failed_message_holds_back_its_group_only()
    {
        var rig = Fifo();
        rig.Connect.Reply = r => r.ClientToken == "a2" ? ConnectFake.Error(429, "ThrottlingException")(r) : ConnectFake.Ok(r);
        var failed = await rig.DeliverAsync(
            Some.Record("m-a1", Some.Body("a1"), group: "A"),
            Some.Record("m-a2", Some.Body("a2"), group: "A"),
            Some.Record("m-a3", Some.Body("a3"), group: "A"),
            Some.Record("m-b1", Some.Body("b1"), group: "B"));
        Assert.Equal(["a1", "a2", "b1"], rig.Connect.Calls.Select(c => c.ClientToken).Distinct().Order());
        Assert.Equal(["m-a2", "m-a3"], failed);
        Assert.Equal(rig.Sqs.VisibilityByHandle["handle-m-a2"], rig.Sqs.VisibilityByHandle["handle-m-a3"]);
    }

    [Fact]
    public async Task In_a_fifo_queue_a_dead_lettered_message_does_not_hold_back_its_group()
    {
        var rig = Fifo();
        var failed = await rig.DeliverAsync(
            Some.Record("m-a1", "{bad", group: "A"), Some.Record("m-a2", Some.Body("a2"), group: "A"));
        Assert.Empty(failed);
        Assert.Equal("A", rig.Sqs.Sent[0].MessageGroupId);
        Assert.Equal("m-a1", rig.Sqs.Sent[0].MessageDeduplicationId);
        Assert.Single(rig.Connect.Calls);
    }

    /// <param name="minutes">Since the command first looked; it was sent three hours earlier.</param>
    [Theory]
    [InlineData(true, 59, "m-1 m-2")]
    [InlineData(true, 61, "")]
    [InlineData(false, 59, "m-1")]
    [InlineData(false, 61, "")]
    public async Task A_command_in_doubt_lets_the_request_behind_it_in_its_group_go_first_in_the_end(
        bool fifo, int minutes, string expected)
    {
        var rig = fifo ? Fifo() : new Rig();
        // An attempt at the request has died: only the request itself can tell what came of it.
        var claim = new Claim(
            TaskKey.For(Some.Instance, "t-1"), "dead", RequestFingerprint.Compute(Some.Request()), null, null,
            Some.Now.AddMinutes(-5));
        await rig.Ledger.ClaimAsync(claim, Some.Now.AddMinutes(-10), TestContext.Current.CancellationToken);
        var cancel = $$"""{"ConnectTasks":"cancel/1","InstanceId":"{{Some.Instance}}","ClientToken":"t-1"}""";
        var command = Some.Record("m-1", cancel, age: TimeSpan.FromHours(3), group: "A");

        Assert.Equal(["m-1"], await rig.DeliverAsync(command));
        rig.Time.Advance(TimeSpan.FromMinutes(minutes));
        var failed = await rig.DeliverAsync(command, Some.Record("m-2", Some.Body(), group: "A"));

        Assert.Equal(expected, string.Join(' ', failed));
        Assert.Equal(expected == "m-1 m-2" ? 0 : 1, rig.Connect.Calls.Count);
        Assert.Equal(
            expected.Length == 0 ? ["NotPossible.InDoubt"] : [],
            rig.Sqs.Sent.Select(s => s.MessageAttributes[DeadLetterAttributes.Reason].StringValue));
    }

    /// <param name="horizon">In seconds. Of the second one the time of release has parts of a millisecond.</param>
    [Theory]
    [InlineData(518_400)]
    [InlineData(500_003)]
    public async Task A_second_delivery_of_a_released_copy_leaves_alone_what_the_first_holds_again(int horizon)
    {
        var rig = new Rig(Some.Settings() with { ScheduleHorizon = TimeSpan.FromSeconds(horizon) });
        // Released by a clock that is ahead of ours: by ours it is too early, and the ledger keeps the task again.
        var time = Some.Now.AddDays(10);
        var body = Some.Body()[..^1] + $",\"ScheduledTime\":{time.ToUnixTimeSeconds()}}}";
        Assert.Empty(await rig.DeliverAsync(Some.Record("m-1", body)));
        var copy = Some.Record("m-2", body);
        copy.MessageAttributes![Queues.ReleasedAttribute] = new()
        {
            DataType = "String",
            StringValue = Assert.Single(rig.DynamoDb.Items.Values)["releaseAtMs"].N + "/1",
        };
        Assert.Empty(await rig.DeliverAsync(copy));

        // SQS is about to delete the copy, so whatever its second delivery began would be nobody's if it failed.
        rig.Time.Advance(TimeSpan.FromDays(6));
        Assert.Empty(await rig.DeliverAsync(copy));
        Assert.EndsWith("\"outcome\":\"AlreadyHeld\"", rig.LogText.Split(",\"reason\"")[^2], StringComparison.Ordinal);
        Assert.Empty(rig.Connect.Calls);
        Assert.Equal("Held", Assert.Single(rig.DynamoDb.Items.Values)["state"].S);
    }

    [Fact]
    public async Task A_dead_letter_that_can_not_be_sent_is_retried()
    {
        _rig.Sqs.Failure = new AmazonSQSException("text");
        Assert.Equal(["m-1"], await _rig.DeliverAsync(Some.Record("m-1", "{bad")));
        _rig.Sqs.Failure = null;
        Assert.Empty(await _rig.DeliverAsync(Some.Record("m-1", "{bad", receiveCount: 2)));
        Assert.Single(_rig.Sqs.Sent);
    }

    [Fact]
    public async Task Visibility_timeouts_are_set_in_tens_and_their_failure_harms_nothing()
    {
        _rig.Connect.Reply = ConnectFake.Error(429, "ThrottlingException");
        var records = Enumerable.Range(0, 25).Select(i => Some.Record($"m-{i}", Some.Body($"t-{i}"))).ToArray();
        Assert.Equal(25, (await _rig.DeliverAsync(records)).Count);
        Assert.Equal([10, 10, 5], _rig.Sqs.VisibilityBatches);

        _rig.Sqs.Failure = new AmazonSQSException("text");
        Assert.Equal(25, (await _rig.DeliverAsync(records)).Count);
    }

    [Fact]
    public async Task A_dead_letter_keeps_the_producers_attributes_up_to_sqs_limit_and_tells_its_origin()
    {
        var record = Some.Record("m-1", "{bad", receiveCount: 3);
        for (var i = 0; i < 10; i++)
        {
            record.MessageAttributes![$"user{i}"] = new() { DataType = "String", StringValue = "v" };
        }

        record.MessageAttributes!["user0"] = new() { DataType = "Binary", BinaryValue = new MemoryStream([1, 2]) };
        await _rig.DeliverAsync(record);
        var sent = _rig.Sqs.Sent[0].MessageAttributes;
        Assert.Equal(10, sent.Count);
        Assert.Equal([1, 2], sent["user0"].BinaryValue.ToArray());
        var origin = sent[DeadLetterAttributes.Origin].StringValue;
        Assert.Contains("\"messageId\":\"m-1\"", origin, StringComparison.Ordinal);
        Assert.Contains("\"receiveCount\":3", origin, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Requests_without_a_token_are_tasks_of_their_own_and_keep_one_token_over_redelivery()
    {
        await _rig.DeliverAsync(Some.Record("m-1", Some.Body(null, "a")), Some.Record("m-2", Some.Body(null, "b")));
        Assert.Equal(2, _rig.Connect.Calls.Select(c => c.ClientToken).Distinct().Count());
        Assert.DoesNotContain(_rig.Connect.Calls, c => string.IsNullOrEmpty(c.ClientToken));
        Assert.Empty(await _rig.DeliverAsync(Some.Record("m-1", Some.Body(null, "a"), receiveCount: 2)));
        Assert.Equal(2, _rig.Connect.Calls.Count);
    }

    [Fact]
    public async Task A_lost_reply_is_retried_with_the_same_token_after_the_lease()
    {
        _rig.Connect.Reply = _ => throw new HttpRequestException();
        Assert.Equal(["m-1"], await _rig.DeliverAsync(Some.Record()));
        var wait = TimeSpan.FromSeconds(_rig.Sqs.VisibilityByHandle["handle-m-1"]);
        _rig.Connect.Reply = ConnectFake.Ok;
        Assert.Equal(["m-1"], await _rig.DeliverAsync(Some.Record(receiveCount: 2)));
        Assert.Single(_rig.Connect.Calls);
        _rig.Time.Advance(wait);
        Assert.Empty(await _rig.DeliverAsync(Some.Record(receiveCount: 3)));
        Assert.Equal(["t-1", "t-1"], _rig.Connect.Calls.Select(c => c.ClientToken));
    }

    [Fact]
    public async Task A_request_for_another_instance_is_rejected_when_one_is_configured()
    {
        var rig = new Rig(Some.Settings() with { InstanceId = "another" });
        await rig.DeliverAsync(Some.Record());
        Assert.Equal("Rejected.OtherInstance", rig.Sqs.Sent[0].MessageAttributes[DeadLetterAttributes.Reason].StringValue);
        Assert.Empty(rig.Connect.Calls);
    }

    private static Rig Fifo() => new(Some.Settings() with
    {
        TaskQueueUrl = "https://sqs/tasks.fifo",
        DeadLetterQueueUrl = "https://sqs/dead.fifo",
    });

    /// <summary>Moves the clock until the task is done.</summary>
    private static async Task<T> PumpAsync<T>(Rig rig, Task<T> task)
    {
        for (var i = 0; i < 100_000 && !task.IsCompleted; i++)
        {
            rig.Time.Advance(TimeSpan.FromMilliseconds(50));
            await Task.Yield();
        }

        return await task;
    }
}
