using System.Diagnostics;
using System.Net;
using Amazon.Runtime;
using Amazon.SQS;
using ConnectTasks.Client;

namespace ConnectTasks.Tests.Client;

public class SendTests
{
    private const string Written = $"""
        "InstanceId":"{Some.Instance}","Name":"case","ContactFlowId":"{Some.Flow}","ClientToken":"t-1"
        """;

    private readonly ClientRig _rig = new();

    [Fact]
    public async Task The_body_holds_what_was_given_and_no_nulls()
    {
        var result = await _rig.Client.SendAsync(Some.Request());

        Assert.Equal(
            $$"""{{{Written}}}""", _rig.Sqs.Only.MessageBody);
        Assert.Equal(ClientRig.QueueUrl, _rig.Sqs.Batches[0].QueueUrl);
        Assert.Equal((SendStatus.Sent, 0), (result.Status, result.Index));
        Assert.StartsWith("message-", result.MessageId, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_body_is_the_normal_form_of_the_request()
    {
        var request = Some.Request() with
        {
            InstanceId = $"arn:aws:connect:us-east-1:000000000000:instance/{Some.Instance}",
            ScheduledTime = Some.Now.AddMilliseconds(1).ToOffset(TimeSpan.FromHours(5.75)),
        };

        await _rig.Client.SendAsync(request);

        Assert.Equal(
            $$"""{{{Written}},"ScheduledTime":1800000001}""", _rig.Sqs.Only.MessageBody);
    }

    [Fact]
    public async Task Nothing_goes_with_a_message_that_nobody_asked_for()
    {
        await _rig.Client.SendAsync(Some.Request());

        var entry = _rig.Sqs.Only;
        Assert.Null(entry.DelaySeconds);
        Assert.Null(entry.MessageGroupId);
        Assert.Null(entry.MessageDeduplicationId);
        Assert.True(entry.MessageAttributes is null or { Count: 0 });
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(" ")]
    public async Task A_request_without_a_token_is_not_sent_and_the_way_to_one_is_named(string? token)
    {
        var error = await Assert.ThrowsAsync<TaskNotSentException>(() => _rig.Client.SendAsync(Some.Request(token)));

        Assert.Equal(("Missing", "$.ClientToken"), (error.Result.Violations[0].Code, error.Result.Violations[0].Path));
        Assert.Contains("ClientToken.FromKey", error.Message, StringComparison.Ordinal);
        Assert.False(error.Result.CanResend);
        Assert.Empty(_rig.Sqs.Batches);
    }

    [Fact]
    public async Task Every_violation_of_request_and_options_is_reported_at_once()
    {
        var request = Some.Request(token: null) with
        {
            ContactFlowId = null,
            PreviousContactId = "a",
            RelatedContactId = "b",
        };
        var options = new SendOptions { Delay = TimeSpan.FromHours(1), MessageGroupId = "ä" };

        var error = await Assert.ThrowsAsync<TaskNotSentException>(() => _rig.Client.SendAsync(request, options));

        Assert.Equal(
            ["$", "$", "$.ClientToken", "SendOptions.Delay", "SendOptions.MessageGroupId"],
            error.Result.Violations.Select(v => v.Path));
    }

    [Fact]
    public async Task An_error_of_the_queue_is_thrown_with_its_code_and_cause()
    {
        var cause = new AmazonSQSException("no", ErrorType.Sender, "AccessDenied", "r", HttpStatusCode.Forbidden);
        _rig.Sqs.Reply = (_, _) => throw cause;

        var error = await Assert.ThrowsAsync<TaskNotSentException>(() => _rig.Client.SendAsync(Some.Request()));

        Assert.Same(cause, error.InnerException);
        Assert.Equal((SendStatus.Failed, "AccessDenied"), (error.Result.Status, error.Result.ErrorCode));
        Assert.False(error.Result.CanResend);
        Assert.Contains("AccessDenied", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cancelled_call_throws_as_any_other()
    {
        using var source = new CancellationTokenSource();
        _rig.Sqs.Reply = (_, _) =>
        {
            source.Cancel();
            throw new TaskCanceledException();
        };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => _rig.Client.SendAsync(Some.Request(), cancellationToken: source.Token));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => _rig.Client.SendAsync(Some.Request(), cancellationToken: source.Token));
        Assert.Single(_rig.Sqs.Batches);
    }

    [Fact]
    public async Task A_time_out_that_the_caller_did_not_ask_for_is_unknown()
    {
        _rig.Sqs.Reply = (_, _) => throw new TaskCanceledException();

        var error = await Assert.ThrowsAsync<TaskNotSentException>(() => _rig.Client.SendAsync(Some.Request()));

        Assert.Equal((SendStatus.Unknown, true), (error.Result.Status, error.Result.CanResend));
    }

    [Fact]
    public async Task The_trace_context_goes_along()
    {
        using var activity = new Activity("order").SetIdFormat(ActivityIdFormat.W3C);
        activity.TraceStateString = "vendor=1";
        activity.Start();

        await _rig.Client.SendAsync(Some.Request());

        var attributes = _rig.Sqs.Only.MessageAttributes;
        Assert.Equal(activity.Id, attributes["traceparent"].StringValue);
        Assert.Equal("vendor=1", attributes["tracestate"].StringValue);
        Assert.All(attributes.Values, a => Assert.Equal("String", a.DataType));
        Assert.Equal(2, attributes.Count);
    }

    [Fact]
    public async Task A_trace_context_of_the_callers_own_is_kept()
    {
        using var activity = new Activity("order").SetIdFormat(ActivityIdFormat.W3C).Start();
        activity.TraceStateString = "vendor=1";
        var own = new Dictionary<string, string>
        {
            ["traceparent"] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        };

        await _rig.Client.SendAsync(Some.Request(), new SendOptions { MessageAttributes = own });

        Assert.Equal(own["traceparent"], Assert.Single(_rig.Sqs.Only.MessageAttributes).Value.StringValue);
    }

    [Fact]
    public async Task No_value_of_a_request_gets_into_what_is_logged()
    {
        var request = new TaskRequest
        {
            InstanceId = "MARK-INST!",
            ContactFlowId = "MARK FLOW",
            Name = "MARK-NAME" + new string('x', 1_024),
            ClientToken = "MARK-TOKEN" + new string('x', 500),
            Attributes = new Dictionary<string, string> { ["MARK ATTR"] = "MARK-VALUE" },
            References = new Dictionary<string, TaskReference> { ["r"] = new("MARK-TYPE", "MARK-URL") },
        };
        var options = new SendOptions
        {
            MessageGroupId = "MARK GROUP",
            MessageAttributes = new Dictionary<string, string> { ["MARK NAME"] = "MARK", ["ok"] = "MARK\0" },
        };

        var error = await Assert.ThrowsAsync<TaskNotSentException>(() => _rig.Client.SendAsync(request, options));

        Assert.True(error.Result.Violations.Count >= 9);
        Assert.DoesNotContain("MARK", error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("MARK", error.Result.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("MARK", string.Concat(error.Result.Violations), StringComparison.Ordinal);
    }
}
