using System.Text.Json;
using static ConnectTasks.Tests.Contracts.SomeJson;

namespace ConnectTasks.Tests.Contracts;

public sealed class RequestFingerprintTests
{
    private static readonly TaskRequest Full = new()
    {
        InstanceId = Instance,
        Name = "Call back",
        Description = "About the renewal, ä 東 \U0001F600",
        ContactFlowId = Flow,
        TaskTemplateId = "template",
        QuickConnectId = "quick",
        PreviousContactId = "previous",
        RelatedContactId = "related",
        ClientToken = "t-1",
        Attributes = new Dictionary<string, string> { ["b"] = "2", ["a"] = "1", ["B"] = "" },
        References = new Dictionary<string, TaskReference>
        {
            ["page"] = new("URL", "https://example.com"),
            ["on"] = new("DATE", "1800000000"),
        },
        ScheduledTime = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000),
        SegmentAttributes = new Dictionary<string, SegmentAttribute>
        {
            ["connect:ContactExpiry"] = Map("ExpiryDuration", new() { ValueInteger = 30 }),
            ["list"] = new() { ValueList = [new() { ValueString = "x" }, new() { ValueArn = "arn:aws:x:::y" }] },
        },
        Attachments = [new("a.pdf", "https://s3.example.com/a?X-Amz-Date=1"), new("b.pdf", "https://s3.example.com/b")],
    };

    // Kept by the ledger for weeks: a change of these values makes every task in flight look like another request.
    [Fact]
    public void Fingerprints_never_change()
    {
        var large = Minimal with { Attributes = new Dictionary<string, string> { ["k"] = new('v', 20_000) } };

        Assert.Equal(
            "0a18c399350a4a6bf0f85a334ed13fdadc3dbf610a6a1058814663da91186164", RequestFingerprint.Compute(Minimal));
        Assert.Equal(
            "4a2faad72b9df186569e8bed53f0afc830f2a0ac50f8976ba0b271fb52d2d365", RequestFingerprint.Compute(Full));
        Assert.Equal(
            "6acfce00b8bc8e7667cc2b318b7b767156afcd6260fbcc16b3e628b8973e44d6",
            RequestFingerprint.Compute(large));
    }

    // Lines are only ever added: those of an earlier version stay, and with them the code that computes it.
    [Fact]
    public void The_requests_of_the_golden_file_have_its_fingerprints()
    {
        var versions = new HashSet<int>();
        foreach (var line in File.ReadLines(Path.Combine(Samples.Folder, "fingerprints.jsonl")))
        {
            using var golden = JsonDocument.Parse(line);
            var body = golden.RootElement.GetProperty("request").GetRawText();
            versions.Add(golden.RootElement.GetProperty("version").GetInt32());

            Assert.Equal(
                golden.RootElement.GetProperty("fingerprint").GetString(), RequestFingerprint.Compute(Read(body)));
        }

        Assert.Equal([RequestFingerprint.FormVersion], versions);
    }

    [Theory]
    [InlineData("ScheduledTime", "1800000000", "1.8e9")]
    [InlineData("ScheduledTime", "1800000000", "\"2027-01-15T08:00:00Z\"")]
    [InlineData("ScheduledTime", "1800000000", "\"2027-01-15T13:45:00+05:45\"")]
    [InlineData("ScheduledTime", "1800000000", "1799999999.25")]
    [InlineData("Name", "\"caf\u00e9\"", "\"caf\\u00e9\"")]
    [InlineData("Description", null, "null")]
    [InlineData("Attributes", null, "{}")]
    [InlineData("Attributes", null, "null")]
    [InlineData("References", null, "{}")]
    [InlineData("SegmentAttributes", null, "{}")]
    [InlineData("Attributes", """{"a":"1","b":"2"}""", """{"b":"2","a":"1"}""")]
    [InlineData("References", """{"r":{"Type":"URL","Value":"v"}}""", """{"r":{"value":"v","type":"URL"}}""")]
    [InlineData("SegmentAttributes", """{"s":{"ValueInteger":1}}""", """{"s":{"ValueString":null,"ValueInteger":1}}""")]
    [InlineData("ClientToken", "\"a\"", "\"b\"")]
    [InlineData(
        "Attachments",
        """[{"FileName":"f","S3Url":"https://s3/f?X-Amz-Date=1"}]""",
        """[{"FileName":"f","S3Url":"https://s3/f?X-Amz-Date=2"}]""")]
    public void Spellings_of_one_request_have_one_fingerprint(string property, string? one, string? other)
    {
        Assert.Equal(FingerprintOf(property, one), FingerprintOf(property, other));
    }

    [Fact]
    public void An_ARN_and_its_id_have_one_fingerprint_read_or_not()
    {
        var arns = Minimal with
        {
            InstanceId = Arn(),
            ContactFlowId = Arn("contact-flow"),
            PreviousContactId = Arn("contact", "c-1"),
        };

        Assert.Equal(
            RequestFingerprint.Compute(Minimal with { PreviousContactId = "c-1" }), RequestFingerprint.Compute(arns));
        Assert.Equal(
            RequestFingerprint.Compute(arns),
            RequestFingerprint.Compute(TaskRequestValidator.Check(arns).Request!));
    }

    [Fact]
    public void Every_change_of_a_request_changes_its_fingerprint()
    {
        TaskRequest[] changed =
        [
            Full,
            Full with { InstanceId = OtherInstance },
            Full with { Name = "call back" },
            Full with { Name = "Call back " },
            Full with { Name = "" },
            Full with { Description = null },
            Full with { Description = "" },
            Full with { ContactFlowId = null },
            Full with { TaskTemplateId = null, QuickConnectId = "template" },
            Full with { QuickConnectId = null },
            Full with { PreviousContactId = "related", RelatedContactId = "previous" },
            Full with { PreviousContactId = null },
            Full with { RelatedContactId = null },
            Full with { ScheduledTime = null },
            Full with { ScheduledTime = Full.ScheduledTime!.Value.AddSeconds(1) },
            Full with { Attributes = null },
            Full with { Attributes = new Dictionary<string, string> { ["a"] = "1", ["b"] = "2" } },
            Full with { Attributes = new Dictionary<string, string> { ["a"] = "2", ["b"] = "1", ["B"] = "" } },
            Full with { Attributes = new Dictionary<string, string> { ["a"] = "1b", ["B"] = "2" } },
            Full with { References = null },
            WithReference("page", new("URL", "https://example.com")),
            WithReference("page", new("STRING", "https://example.com")),
            WithReference("page", new("URL", "https://example.com/")),
            WithReference("Page", new("URL", "https://example.com")),
            Full with { SegmentAttributes = null },
            WithSegment(new() { ValueString = "1" }),
            WithSegment(new() { ValueArn = "1" }),
            WithSegment(new() { ValueInteger = 1 }),
            WithSegment(new() { ValueInteger = -1 }),
            WithSegment(new() { ValueMap = new Dictionary<string, SegmentAttribute>() }),
            WithSegment(Map("1", new() { ValueString = "1" })),
            WithSegment(new() { ValueList = [] }),
            WithSegment(new() { ValueList = [new() { ValueString = "1" }] }),
            WithSegment(new() { ValueList = [new() { ValueString = "1" }, new() { ValueString = "2" }] }),
            WithSegment(new() { ValueList = [new() { ValueString = "2" }, new() { ValueString = "1" }] }),
            WithSegment(new() { ValueList = [new() { ValueList = [new() { ValueString = "1" }] }] }),
            Full with { Attachments = null },
            Full with { Attachments = [Full.Attachments![1], Full.Attachments[0]] },
            Full with { Attachments = [Full.Attachments[0]] },
            Full with { Attachments = [Full.Attachments[0] with { FileName = "c.pdf" }, Full.Attachments[1]] },
            Full with { Attachments = [new("a.pdf", "https://s3.example.com/c"), Full.Attachments[1]] },
        ];

        Assert.Equal(changed.Length, changed.Select(RequestFingerprint.Compute).Distinct().Count());
    }

    [Fact]
    public void Names_sort_by_their_code_units_whatever_the_order_they_came_in()
    {
        string[] names = ["a", "B", "A-1", "A_1", "A1", "b"];
        var one = names.ToDictionary(name => name, name => name);
        var other = names.Reverse().ToDictionary(name => name, name => name);

        Assert.Equal(
            RequestFingerprint.Compute(Minimal with { Attributes = one }),
            RequestFingerprint.Compute(Minimal with { Attributes = other }));
    }

    [Fact]
    public void A_same_token_on_another_request_is_told_apart()
    {
        var first = Read(With(("ClientToken", Quote("p-1"))));
        var second = Read(With(("ClientToken", Quote("p-1")), ("Name", Quote("other"))));

        Assert.Equal(
            TaskKey.For(first.InstanceId, first.ClientToken!), TaskKey.For(second.InstanceId, second.ClientToken!));
        Assert.NotEqual(RequestFingerprint.Compute(first), RequestFingerprint.Compute(second));
    }

    private static string FingerprintOf(string property, string? json) =>
        RequestFingerprint.Compute(Read(With(property, json)));

    private static TaskRequest WithReference(string name, TaskReference reference) =>
        Full with { References = new Dictionary<string, TaskReference> { [name] = reference } };

    private static TaskRequest WithSegment(SegmentAttribute segment) =>
        Full with { SegmentAttributes = new Dictionary<string, SegmentAttribute> { ["s"] = segment } };

    private static SegmentAttribute Map(string name, SegmentAttribute value) =>
        new() { ValueMap = new Dictionary<string, SegmentAttribute> { [name] = value } };
}
