using System.Text.Json;
using System.Text.Json.Nodes;
using ConnectTasks.Local;

namespace ConnectTasks.Tests.Local;

public sealed class ConnectRulesTests
{
    private static readonly DateTimeOffset Now = new(2027, 1, 15, 8, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Horizon = TimeSpan.FromDays(6);

    public static TheoryData<string, int> Lengths => new()
    {
        { "InstanceId", 100 },
        { "Name", 1_024 },
        { "Description", 4_096 },
        { "ContactFlowId", 500 },
        { "PreviousContactId", 256 },
        { "RelatedContactId", 256 },
        { "ClientToken", 500 },
    };

    public static TheoryData<string, string?> Requests => new()
    {
        { """{"InstanceId": null}""", "InstanceId" },
        { """{"Name": null}""", "Name" },
        { """{"Name": ""}""", null },
        { """{"Name": 7}""", "Name" },
        { """{"InstanceId": ""}""", "InstanceId" },
        { """{"ContactFlowId": null}""", "One of" },
        { """{"ContactFlowId": null, "TaskTemplateId": "T"}""", null },
        { """{"ContactFlowId": null, "QuickConnectId": "Q"}""", null },
        { """{"TaskTemplateId": "T"}""", "Only one" },
        { """{"PreviousContactId": "P", "RelatedContactId": "R"}""", "together" },
        { """{"Attributes": {"a-b_C9": ""}}""", null },
        { """{"Attributes": {"a b": "x"}}""", "key of Attributes" },
        { """{"Attributes": {"": "x"}}""", "key of Attributes" },
        { """{"Attributes": {"a": 1}}""", "value of Attributes" },
        { """{"Attributes": []}""", "Attributes" },
        { """{"References": {"r": {"Type": "URL", "Value": "https://example.com"}}}""", null },
        { """{"References": {"r": {"Type": "ATTACHMENT", "Value": "x"}}}""", "Type of a reference" },
        { """{"References": {"r": {"Value": "x"}}}""", "Type of a reference" },
        { """{"References": {"r": "x"}}""", "References" },
        { """{"SegmentAttributes": {"connect:ContactExpiry": {"ValueMap": {}}}}""", null },
        { """{"SegmentAttributes": {"s": "x"}}""", "SegmentAttributes" },
        { """{"Attachments": []}""", "Attachments" },
        { """{"Attachments": [{"FileName": "f", "S3Url": "u"}]}""", null },
        { """{"Attachments": [{"FileName": "f"}]}""", "S3Url" },
        { """{"ScheduledTime": "2027-01-16T08:00:00Z"}""", "ScheduledTime" },
        { """{"ScheduledTime": 1e300}""", "ScheduledTime" },
        { """{"SomethingNew": 1}""", null },
    };

    [Theory]
    [MemberData(nameof(Lengths))]
    public void A_text_may_be_as_long_as_its_limit_and_no_longer(string name, int maximum)
    {
        Assert.Null(Check(request => request[name] = new string('x', maximum)));
        Assert.Equal(400, Check(request => request[name] = new string('x', maximum + 1))?.Status);
    }

    [Fact]
    public void A_character_outside_the_basic_plane_counts_once()
    {
        Assert.Null(Check(request => request["Name"] = string.Concat(Enumerable.Repeat("\U0001F600", 1_024))));
    }

    [Theory]
    [MemberData(nameof(Requests))]
    public void Each_rule_is_kept(string changes, string? refusal)
    {
        var reply = Check(request =>
        {
            foreach (var (name, value) in JsonNode.Parse(changes)!.AsObject())
                request[name] = value?.DeepClone();
        });

        if (refusal is null)
            Assert.Null(reply);
        else
            Assert.Contains(refusal, reply?.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(6 * 86_400, true)]
    [InlineData(-1, false)]
    [InlineData(6 * 86_400 + 1, false)]
    public void A_scheduled_time_lies_between_now_and_the_horizon(int secondsFromNow, bool isAccepted)
    {
        var reply = Check(request => request["ScheduledTime"] = Now.ToUnixTimeSeconds() + secondsFromNow);

        Assert.Equal(isAccepted, reply is null);
    }

    [Theory]
    [InlineData(32_768, true)]
    [InlineData(32_769, false)]
    public void Attributes_together_are_bounded_in_utf8_bytes(int bytes, bool isAccepted)
    {
        // Two keys of one byte each, and umlauts of two bytes in the second value.
        var rest = bytes - 2 - 20_000;
        var reply = Check(request => request["Attributes"] = new JsonObject
        {
            ["a"] = new string('x', rest),
            ["b"] = new string('ä', 10_000),
        });

        Assert.Equal(isAccepted, reply is null);
    }

    [Theory]
    [InlineData(4_096, true)]
    [InlineData(4_097, false)]
    public void References_together_are_bounded_in_utf8_bytes(int bytes, bool isAccepted)
    {
        JsonObject Reference(int length) => new() { ["Type"] = "STRING", ["Value"] = new string('x', length) };
        var reply = Check(request => request["References"] = new JsonObject
        {
            ["a"] = Reference(2_000),
            ["b"] = Reference(bytes - 2_002),
        });

        Assert.Equal(isAccepted, reply is null);
    }

    private static ConnectReply? Check(Action<JsonObject> change)
    {
        var request = new JsonObject { ["InstanceId"] = "INST", ["ContactFlowId"] = "FLOW", ["Name"] = "case" };
        change(request);
        using var document = JsonDocument.Parse(request.ToJsonString());
        return ConnectRules.Check(document.RootElement, Now, Horizon);
    }
}
