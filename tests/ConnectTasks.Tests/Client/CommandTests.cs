using ConnectTasks.Client;

namespace ConnectTasks.Tests.Client;

public class CommandTests
{
    private const string InstanceArn = $"arn:aws:connect:us-east-1:000000000000:instance/{Some.Instance}";

    private const string Named = $"""
        "InstanceId":"{Some.Instance}","ClientToken":"t-1"
        """;

    private readonly ClientRig _rig = new();

    [Theory]
    [InlineData(Some.Instance, false, "")]
    [InlineData(InstanceArn, true, ",\"EndIfRunning\":true")]
    public async Task A_cancellation_names_the_task(string instance, bool endIfRunning, string rest)
    {
        Assert.True((await _rig.Client.CancelAsync(instance, "t-1", endIfRunning)).IsSent);

        Assert.Equal(
            $$"""{"ConnectTasks":"cancel/1",{{Named}}{{rest}}}""", _rig.Sqs.Only.MessageBody);
    }

    [Fact]
    public async Task A_rescheduling_names_the_task_and_the_second_that_is_not_before_the_time()
    {
        Assert.True((await _rig.Client.RescheduleAsync(InstanceArn, "t-1", Some.Now.AddTicks(1))).IsSent);

        Assert.Equal(
            $$"""{"ConnectTasks":"reschedule/1",{{Named}},"ScheduledTime":1800000001}""", _rig.Sqs.Only.MessageBody);
    }

    [Theory]
    [InlineData("", "t-1", "$.InstanceId")]
    [InlineData("not/an/id", "t-1", "$.InstanceId")]
    [InlineData(Some.Instance, "", "$")]
    [InlineData(Some.Instance, " ", "$")]
    public async Task A_command_for_no_task_is_not_sent(string instance, string token, string path)
    {
        var error = await Assert.ThrowsAsync<TaskNotSentException>(() => _rig.Client.CancelAsync(instance, token));

        Assert.Equal(path, Assert.Single(error.Result.Violations).Path);
        Assert.Null(error.Result.Request);
        Assert.Empty(_rig.Sqs.Batches);
    }

    [Fact]
    public async Task A_token_over_the_limit_and_a_time_that_cannot_be_are_not_sent()
    {
        var token = new string('x', TaskRequestLimits.ClientTokenMaxCharacters + 1);

        var error = await Assert.ThrowsAsync<TaskNotSentException>(
            () => _rig.Client.RescheduleAsync(Some.Instance, token, DateTimeOffset.UnixEpoch));

        Assert.Equal(["$.ClientToken", "$.ScheduledTime"], error.Result.Violations.Select(v => v.Path));
    }

    [Fact]
    public async Task A_command_says_when_it_was_sent_and_a_request_does_not()
    {
        await _rig.Client.CancelAsync(Some.Instance, "t-1");
        await _rig.Client.SendAsync(Some.Request());

        var attribute = Assert.Single(_rig.Sqs.Entries.First().MessageAttributes);
        Assert.Equal(("ConnectTasks.SentAt", "String"), (attribute.Key, attribute.Value.DataType));
        Assert.Equal("1800000000000", attribute.Value.StringValue);
        Assert.Null(_rig.Sqs.Entries.Last().MessageAttributes);
    }

    [Fact]
    public async Task A_command_that_is_sent_again_within_a_call_keeps_its_time()
    {
        _rig.Sqs.Reply = (n, request) => n == 1 ? SqsQueueFake.Take(request, except: [0]) : SqsQueueFake.Take(request);

        await _rig.Client.CancelAsync(Some.Instance, "t-1");

        Assert.Equal(["1800000000000", "1800000000000"], SentAt());
    }

    [Fact]
    public async Task Commands_of_one_millisecond_keep_their_order()
    {
        await _rig.Client.RescheduleAsync(Some.Instance, "t-1", Some.Now.AddHours(1));
        await _rig.Client.RescheduleAsync(Some.Instance, "t-1", Some.Now.AddHours(2));
        await _rig.Client.CancelAsync(Some.Instance, "t-1");

        Assert.Equal(["1800000000000", "1800000000001", "1800000000002"], SentAt());
    }

    [Theory]
    [InlineData(-400, 1)]
    [InlineData(-5_000, -5_000)]
    public void A_clock_that_is_set_back_a_little_turns_no_order_round(int step, int expected)
    {
        var time = new SteppingTimeProvider();
        var clock = new CommandClock(time);
        var first = clock.Next();
        time.Step(step);

        Assert.Equal(expected, (clock.Next() - first).TotalMilliseconds);
    }

    [Theory]
    [InlineData(7, true)]
    [InlineData(8, false)]
    public async Task There_is_room_for_seven_attributes_of_the_callers_beside_the_time_of_a_command(
        int count, bool isSent)
    {
        var attributes = Enumerable.Range(0, count).ToDictionary(i => $"name-{i}", i => $"value-{i}");
        attributes["traceparent"] = "p";
        attributes["tracestate"] = "s";

        var error = await Record.ExceptionAsync(() => _rig.Client.CancelAsync(
            Some.Instance, "t-1", options: new SendOptions { MessageAttributes = attributes }));

        if (isSent)
        {
            Assert.Equal(10, _rig.Sqs.Only.MessageAttributes.Count);
            return;
        }

        var violation = Assert.Single(Assert.IsType<TaskNotSentException>(error).Result.Violations);
        Assert.Equal(
            ("TooMany", "There are 8 message attributes; SQS takes 10 on a message, of which a cancellation or a "
                + "rescheduling needs one and the trace context two: keep 7."),
            (violation.Code, violation.Message));
        Assert.Empty(_rig.Sqs.Batches);
    }

    private IEnumerable<string> SentAt() =>
        _rig.Sqs.Entries.Select(e => e.MessageAttributes[TaskMessageAttributes.SentAt].StringValue);

    private sealed class SteppingTimeProvider : TimeProvider
    {
        private DateTimeOffset _now = Some.Now;

        public override DateTimeOffset GetUtcNow() => _now;

        public void Step(int milliseconds) => _now = _now.AddMilliseconds(milliseconds);
    }
}
