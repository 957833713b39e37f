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
}
