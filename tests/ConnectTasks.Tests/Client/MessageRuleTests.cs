using ConnectTasks.Client;

namespace ConnectTasks.Tests.Client;

public class MessageRuleTests
{
    private readonly ClientRig _rig = new();

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0.2, 1)]
    [InlineData(900, 900)]
    public async Task A_delay_is_sent_in_whole_seconds_rounded_up(double seconds, int sent)
    {
        await _rig.Client.SendAsync(Some.Request(), new SendOptions { Delay = TimeSpan.FromSeconds(seconds) });

        Assert.Equal(sent, _rig.Sqs.Only.DelaySeconds);
    }

    [Theory]
    [InlineData(900.001)]
    [InlineData(3_600)]
    [InlineData(-1)]
    public async Task A_delay_that_SQS_does_not_take_is_refused_with_the_way_to_schedule(double seconds)
    {
        var violation = await RefusedAsync(new SendOptions { Delay = TimeSpan.FromSeconds(seconds) });

        Assert.Equal("SendOptions.Delay", violation.Path);
        Assert.Contains("0 to 900 seconds", violation.Message, StringComparison.Ordinal);
        Assert.Contains("ScheduledTime", violation.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(8, true)]
    [InlineData(9, false)]
    public async Task There_is_room_for_eight_attributes_of_the_callers(int count, bool isSent)
    {
        var options = new SendOptions { MessageAttributes = Attributes(count) };

        var results = await _rig.Client.SendManyAsync([Some.Request()], _ => options);

        Assert.Equal(isSent, results[0].IsSent);
        if (!isSent)
            Assert.Equal(ViolationCodes.TooMany, Assert.Single(results[0].Violations).Code);
    }

    [Fact]
    public async Task The_trace_context_takes_no_room_of_the_callers_attributes()
    {
        var attributes = Attributes(8);
        attributes["traceparent"] = "p";
        attributes["tracestate"] = "s";

        await _rig.Client.SendAsync(Some.Request(), new SendOptions { MessageAttributes = attributes });

        Assert.Equal(10, _rig.Sqs.Only.MessageAttributes.Count);
    }

    [Theory]
    [InlineData("", "TooShort")]
    [InlineData("with space", "InvalidCharacter")]
    [InlineData("größe", "InvalidCharacter")]
    [InlineData(".a", "InvalidValue")]
    [InlineData("a.", "InvalidValue")]
    [InlineData("a..b", "InvalidValue")]
    [InlineData("aws.x", "InvalidValue")]
    [InlineData("Amazon.x", "InvalidValue")]
    [InlineData("ConnectTasks.Reason", "InvalidValue")]
    public async Task A_name_that_SQS_or_the_dead_letter_queue_keeps_for_itself_is_refused(string name, string code)
    {
        var attributes = new Dictionary<string, string> { ["a"] = "b", [name] = "x" };

        var violation = await RefusedAsync(new SendOptions { MessageAttributes = attributes });

        Assert.Equal((code, "SendOptions.MessageAttributes[#2]"), (violation.Code, violation.Path));
    }

    [Theory]
    [InlineData("", "TooShort")]
    [InlineData(null, "TooShort")]
    [InlineData("a\0b", "InvalidCharacter")]
    [InlineData("\uFFFE", "InvalidCharacter")]
    public async Task A_value_that_SQS_refuses_is_refused_here(string? value, string code)
    {
        var options = new SendOptions { MessageAttributes = new Dictionary<string, string> { ["my.name-1"] = value! } };

        var violation = await RefusedAsync(options);

        Assert.Equal((code, "SendOptions.MessageAttributes['my.name-1']"), (violation.Code, violation.Path));
    }

    [Fact]
    public async Task A_name_of_256_characters_and_any_text_as_value_are_taken()
    {
        var attributes = new Dictionary<string, string> { [new string('n', 256)] = "\t\r\n \u00E9 \U0001F600" };

        await _rig.Client.SendAsync(Some.Request(), new SendOptions { MessageAttributes = attributes });

        Assert.Equal(attributes.Values, _rig.Sqs.Only.MessageAttributes.Values.Select(v => v.StringValue));
        attributes = new() { [new string('n', 257)] = "x" };
        Assert.Equal("TooLong", (await RefusedAsync(new SendOptions { MessageAttributes = attributes })).Code);
    }

    [Theory]
    [InlineData('\ud83d', 'x')]
    [InlineData('\ude00', 'x')]
    [InlineData('x', '\ud83d')]
    public void Half_of_a_surrogate_pair_is_not_sendable(char first, char second) =>
        Assert.False(MessageRules.IsSendable($"{first}{second}"));

    [Fact]
    public async Task A_body_holds_no_character_that_SQS_refuses()
    {
        await _rig.Client.SendAsync(Some.Request(name: "a\0\u0001\u000B\u001F\uFFFE\uFFFF\U0001F600"));

        Assert.True(MessageRules.IsSendable(_rig.Sqs.Only.MessageBody));
    }

    private static Dictionary<string, string> Attributes(int count) =>
        Enumerable.Range(0, count).ToDictionary(i => $"name-{i}", i => $"value-{i}");

    private async Task<Violation> RefusedAsync(SendOptions options)
    {
        var sent = _rig.Sqs.Batches.Count;
        var error = await Assert.ThrowsAsync<TaskNotSentException>(
            () => _rig.Client.SendAsync(Some.Request(), options));
        Assert.Equal(sent, _rig.Sqs.Batches.Count);
        return Assert.Single(error.Result.Violations);
    }
}
