using System.Text.Json;
using ConnectTasks.Local;

namespace ConnectTasks.Tests.Local;

/// <summary>What the page can do, and what it says of what it can't.</summary>
public sealed class PageActionsTests : IAsyncLifetime
{
    private readonly PageRig _rig = new();
    private PageFeed? _feed;
    private PageActions? _actions;

    public ValueTask InitializeAsync()
    {
        _feed = new PageFeed(_rig.System);
        _actions = new PageActions(_rig.System, _feed);
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _actions!.DisposeAsync();
        await _feed!.DisposeAsync();
        _rig.Dispose();
    }

    [Theory]
    [InlineData("valid", true)]
    [InlineData("scheduled", true)]
    [InlineData("held", true)]
    [InlineData("broken", false)]
    public async Task A_sample_is_what_its_name_says(string kind, bool isValid)
    {
        var result = await RunAsync("sample", new { kind });
        Assert.Equal("new-1", result.MessageId);
        var read = TaskMessage.Read(Assert.Single(_rig.Sqs.Sent).MessageBody);
        Assert.Equal(isValid, read.Request is not null);
        var ahead = read.Request?.ScheduledTime - Some.Now;
        Assert.Equal(kind switch { "scheduled" => 2, "held" => 30 * 24 * 60, _ => null }, ahead?.TotalMinutes);
    }

    [Fact]
    public async Task A_duplicate_repeats_the_last_valid_sample_or_comes_twice()
    {
        await RunAsync("sample", new { kind = "duplicate" });
        await RunAsync("sample", new { kind = "broken" });
        await RunAsync("sample", new { kind = "duplicate" });
        var bodies = _rig.Sqs.Sent.ConvertAll(sent => sent.MessageBody);
        Assert.Equal((bodies[0], bodies[0]), (bodies[1], bodies[3]));
    }

    [Theory]
    [InlineData("""{"InstanceId":"any","ContactFlowId":"f","Name":"n"}""", "Valid: a task that starts at once.", "")]
    [InlineData("""{"InstanceId":"any","ContactFlowId":"f","Name":"n","ScheduledTime":1900000000}""",
        "Valid: a task that starts at 2030-03-17 17:46:40 UTC.", "")]
    [InlineData("""{"ConnectTasks":"cancel/1","InstanceId":"any","ClientToken":"t"}""", "Valid: a cancellation.", "")]
    [InlineData("""{"InstanceId":"any","ContactFlowId":"f"}""",
        "Not valid: 1 rule is broken. It would be dead-lettered.", "$.Name")]
    [InlineData("""{"InstanceId":"any","Naem":"n","References":{"A":{"Type":"LINK","Value":"v"}}}""",
        "Not valid: 4 rules are broken. It would be dead-lettered.", "$.Naem $.References.A.Type $.Name $")]
    public async Task A_check_gives_the_functions_verdict_and_sends_nothing(string body, string verdict, string paths)
    {
        var result = await RunAsync("check", new { body });
        Assert.Equal(verdict, result.Done);
        Assert.Equal(
            paths.Split(' ', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal),
            result.Violations!.Select(violation => violation.Path).Order(StringComparer.Ordinal));
        Assert.Empty(_rig.Sqs.Sent);
    }

    [Theory]
    [InlineData("sample", """{"kind":"odd"}""", "A sample is one of valid, scheduled, held, duplicate, broken.")]
    [InlineData("send", """{"body":""}""", "The body is empty: SQS takes no such message. Paste or write one.")]
    [InlineData("burst", """{"count":0,"perSecond":1}""", "A burst has 1 to 10000 messages, and 1 to 500 a second.")]
    [InlineData("burst", """{"count":1,"perSecond":null}""", "A burst has 1 to 10000 messages, and 1 to 500 a second.")]
    [InlineData("faults", """{"kind":"throttle","times":10001}""",
        "Calls must be a whole number from 1 to 10000.")]
    [InlineData("faults", """{"kind":"throttle","times":-3}""", "Calls must be a whole number from 1 to 10000.")]
    [InlineData("faults", """{"kind":"not-there-yet","times":3,"seconds":0}""",
        "Seconds must be above 0 and at most 900.")]
    [InlineData("faults", """{"kind":"gone","times":3,"call":"StartTaskContact"}""",
        "\"call\" of gone must be StopContact, UpdateContactSchedule, DescribeContact or any, not \"StartTaskContact\".")]
    [InlineData("faults", """{"kind":"odd","times":3}""",
        "How must be one of throttle, outage, lost-replies, stalled, empty, denied, denied-400, not-there-yet, "
        + "not-there-yet-400, stale, gone. Choose one.")]
    [InlineData("kill", "{}", "No process of the function runs now: send something first.")]
    [InlineData("redrive", """{"id":"gone","body":"x"}""",
        "It is not on the dead-letter queue now: someone else has it in hand, or it is gone.")]
    [InlineData("cancel", """{"instanceId":"any"}""",
        "ClientToken is required: it names the task that the command is for.")]
    [InlineData("reschedule", """{"instanceId":"any","clientToken":"t","time":"tomorrow"}""",
        "ScheduledTime is required: a reschedule needs the new time.")]
    [InlineData("sample", "[]", "Send the arguments as a JSON object.")]
    public async Task What_cannot_be_done_is_said_in_a_sentence(string name, string arguments, string error)
    {
        var result = await RunAsync(name, JsonSerializer.Deserialize<JsonElement>(arguments));
        Assert.Equal(error, result.Error);
        Assert.Empty(_rig.Sqs.Sent);
        Assert.Equal(0, _rig.Connect.Totals.FaultsLeft);
    }

    [Theory]
    [InlineData("throttle", 429, false)]
    [InlineData("outage", 500, false)]
    [InlineData("lost-replies", 200, true)]
    [InlineData("denied", 403, false)]
    [InlineData("denied-400", 400, false)]
    [InlineData("stalled", 200, false)]
    [InlineData("empty", 200, false)]
    public async Task Faults_meet_the_next_calls_until_they_are_stopped(string kind, int status, bool isLost)
    {
        await RunAsync("faults", new { kind, times = 3 });
        var reply = _rig.Connect.StartTask(System.Text.Encoding.UTF8.GetBytes(Some.Body()), isSigned: true);
        Assert.Equal((status, isLost, 2), (reply.Status, reply.IsLost, _rig.Connect.Totals.FaultsLeft));
        await RunAsync("stop-faults", new { });
        Assert.Equal(0, _rig.Connect.Totals.FaultsLeft);
    }

    [Theory]
    [InlineData("gone", "StopContact", 410, "The next 3 calls of StopContact meet it.")]
    [InlineData("gone", null, 410, "The next 3 calls about a contact meet it.")]
    [InlineData("outage", "any", 500, "The next 3 calls of Connect meet it.")]
    public async Task Faults_meet_the_calls_that_they_are_for(string kind, string? call, int status, string done)
    {
        var result = await RunAsync("faults", new { kind, call, times = 3 });
        Assert.Equal(done, result.Done);
        var stop = """{"InstanceId":"any","ContactId":"c"}"""u8.ToArray();
        Assert.Equal((status, 2), (_rig.Connect.Stop(stop, isSigned: true).Status, _rig.Connect.Totals.FaultsLeft));
    }

    [Theory]
    [InlineData("not-there-yet", "For 10 s after a change Connect answers 404 about it.")]
    [InlineData("not-there-yet-400", "For 10 s after a change Connect answers 400 about it.")]
    [InlineData("stale", "For 10 s after a change Connect shows a contact as it was before.")]
    public async Task What_lasts_is_said_until_the_faults_are_stopped(string kind, string sentence)
    {
        var result = await RunAsync("faults", new { kind, seconds = 10 });
        Assert.Equal(sentence, result.Done);
        Assert.Equal(sentence, PageFaults.Lasting(_rig.Connect.LastingFaults));
        await RunAsync("stop-faults", new { });
        Assert.Null(PageFaults.Lasting(_rig.Connect.LastingFaults));
    }

    [Fact]
    public async Task A_redrive_sends_the_mended_body_with_its_origin_and_then_deletes_the_letter()
    {
        _rig.Sqs.Add("d-1", "Rejected.Missing");
        _rig.Sqs.Add("d-2", "Rejected.Missing");
        var result = await RunAsync("redrive", new { id = "d-2", body = Some.Body("mended") });
        Assert.Equal("new-1", result.MessageId);
        var sent = Assert.Single(_rig.Sqs.Sent);
        Assert.Equal((DlqUrl, Some.Body("mended")), (sent.QueueUrl, sent.MessageBody));
        Assert.Equal("first-d-2", DeadLetterOrigin.Parse(
            sent.MessageAttributes[DeadLetterAttributes.Origin].StringValue)?.MessageId);
        Assert.Equal(["d-1"], _rig.Sqs.Dead.Select(letter => letter.MessageId));
        Assert.True(_rig.Sqs.Calls.IndexOf("send") < _rig.Sqs.Calls.IndexOf("delete"));
        Assert.Empty(_rig.Sqs.Hidden);
    }

    [Fact]
    public async Task Commands_go_through_the_task_queue()
    {
        await RunAsync("cancel", new { instanceId = Some.Instance, clientToken = "t-1", endIfRunning = true });
        const string time = "2030-03-17T18:46:40+01:00";
        await RunAsync("reschedule", new { instanceId = Some.Instance, clientToken = "t-1", time });
        var commands = _rig.Sqs.Sent.ConvertAll(sent => TaskMessage.Read(sent.MessageBody).Command!);
        Assert.Equal((TaskCommandKind.Cancel, true), (commands[0].Kind, commands[0].EndIfRunning));
        Assert.Equal((TaskCommandKind.Reschedule, 1_900_000_000),
            (commands[1].Kind, commands[1].ScheduledTime?.ToUnixTimeSeconds()));
    }

    private static string DlqUrl => ConnectTasks.Tests.Cli.DlqFake.TaskUrl;

    private async Task<ActionResult> RunAsync<T>(string name, T arguments) =>
        (await _actions!.RunAsync(name, JsonSerializer.SerializeToElement(arguments), CancellationToken.None))!;
}
