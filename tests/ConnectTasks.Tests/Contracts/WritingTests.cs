using System.Text;
using static ConnectTasks.Tests.Contracts.SomeJson;

namespace ConnectTasks.Tests.Contracts;

public sealed class WritingTests
{
    [Fact]
    public void What_is_absent_is_not_written() => Assert.Equal(
        $$"""{"InstanceId":"{{Instance}}","Name":"case","ContactFlowId":"{{Flow}}"}""", Written(Minimal));

    [Fact]
    public void Everything_is_written_in_a_stable_order() => Assert.Equal(
        """
        {"InstanceId":"i","Name":"n","Description":"d","ContactFlowId":"f","TaskTemplateId":"t","QuickConnectId":"q",
        "PreviousContactId":"p","RelatedContactId":"r","ClientToken":"c","Attributes":{"b":"1","a":"2"},
        "References":{"x":{"Type":"URL","Value":"v"}},"ScheduledTime":1800000001,
        "SegmentAttributes":{"s":{"ValueMap":{"m":{"ValueInteger":3}}},
        "l":{"ValueList":[{"ValueString":"x"},{"ValueArn":"y"}]}},
        "Attachments":[{"FileName":"g","S3Url":"u"}]}
        """.ReplaceLineEndings(""),
        Written(new TaskRequest
        {
            InstanceId = "i",
            Name = "n",
            Description = "d",
            ContactFlowId = "f",
            TaskTemplateId = "t",
            QuickConnectId = "q",
            PreviousContactId = "p",
            RelatedContactId = "r",
            ClientToken = "c",
            Attributes = new Dictionary<string, string> { ["b"] = "1", ["a"] = "2" },
            References = new Dictionary<string, TaskReference> { ["x"] = new("URL", "v") },
            ScheduledTime = new DateTimeOffset(2027, 1, 15, 13, 45, 0, TimeSpan.FromMinutes(345)).AddTicks(1),
            SegmentAttributes = new Dictionary<string, SegmentAttribute>
            {
                ["s"] = new()
                {
                    ValueMap = new Dictionary<string, SegmentAttribute> { ["m"] = new() { ValueInteger = 3 } },
                },
                ["l"] = new() { ValueList = [new() { ValueString = "x" }, new() { ValueArn = "y" }] },
            },
            Attachments = [new("g", "u")],
        }));

    [Theory]
    [InlineData("é 東京 <&>'+", "é 東京 <&>'+")]
    [InlineData("\"\\\n\0", "\\\"\\\\\\n\\u0000")]
    [InlineData("\uffff\u2028", "\\uFFFF\\u2028")]
    public void Texts_stay_readable_and_what_a_queue_refuses_is_escaped(string name, string written) =>
        Assert.Contains($"\"Name\":\"{written}\"", Written(Minimal with { Name = name }), StringComparison.Ordinal);

    [Fact]
    public void What_is_written_reads_back_as_the_same_request()
    {
        var request = Minimal with
        {
            InstanceId = Arn(),
            Name = "\U0001F600 \"\\\0\u2028\uffff é",
            Description = "",
            ClientToken = " t ",
            Attributes = new Dictionary<string, string> { ["a"] = "\n" },
            References = new Dictionary<string, TaskReference> { ["\"r\" é"] = new("DATE", "1") },
            ScheduledTime = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000).ToOffset(TimeSpan.FromHours(9)),
            SegmentAttributes = new Dictionary<string, SegmentAttribute> { ["s"] = new() { ValueInteger = -1 } },
            Attachments = [new("a b.pdf", "https://s3.example.com/a?b=c&d=é#e")],
        };

        var read = Read(Written(request));

        Assert.Equal(RequestFingerprint.Compute(request), RequestFingerprint.Compute(read));
        Assert.Equal(" t ", read.ClientToken);
        Assert.Equal(request.Attachments, read.Attachments!);
        Assert.Equal(Written(TaskRequestValidator.Check(request).Request!), Written(read));
    }

    [Fact]
    public void The_deepest_valid_object_reads_back()
    {
        Assert.Empty(Found(Nested(14)));
        Read(Written(Nested(14)));
        Assert.Equal(["TooDeep"], TaskRequestValidator.Validate(Nested(15)).Select(violation => violation.Code));
        Assert.Equal(["TooDeep $"], Found(Written(Nested(15))));
    }

    [Fact]
    public void An_object_that_contains_itself_is_too_deep()
    {
        var map = new Dictionary<string, SegmentAttribute>();
        map["s"] = new() { ValueMap = map };

        var violations = TaskRequestValidator.Validate(Minimal with { SegmentAttributes = map });

        Assert.Equal(ViolationCodes.TooDeep, Assert.Single(violations).Code);
    }

    [Fact]
    public void Nulls_in_an_object_are_violations_not_exceptions() => Assert.Equal(
        [
            "Missing $.InstanceId",
            "Missing $.Name",
            "WrongType $.Attributes.a",
            "WrongType $.References.r",
            "Missing $.References.s.Type",
            "Missing $.References.s.Value",
            "WrongType $.SegmentAttributes.s",
            "WrongType $.SegmentAttributes.l.ValueList[0]",
            "WrongType $.Attachments[0]",
            "Missing $.Attachments[1].FileName",
            "Missing $.Attachments[1].S3Url",
        ],
        Found(new TaskRequest
        {
            InstanceId = null!,
            Name = null!,
            ContactFlowId = Flow,
            Attributes = new Dictionary<string, string> { ["a"] = null! },
            References = new Dictionary<string, TaskReference> { ["r"] = null!, ["s"] = new(null!, null!) },
            SegmentAttributes = new Dictionary<string, SegmentAttribute>
            {
                ["s"] = null!,
                ["l"] = new() { ValueList = [null!] },
            },
            Attachments = [null!, new(null!, null!)],
        }));

    [Fact]
    public void Half_of_a_surrogate_pair_in_an_object_is_a_violation() => Assert.Equal(
        [
            "InvalidCharacter $.Name",
            "InvalidCharacter $.ClientToken",
            "InvalidCharacter $.References[#1]",
            "InvalidCharacter $.References[#1].Value",
        ],
        Found(Minimal with
        {
            Name = "a\ud800",
            ClientToken = "\udc00a",
            References = new Dictionary<string, TaskReference> { ["\ud800"] = new("STRING", "\ud800\ud800\udc00") },
        }));

    [Fact]
    public void A_request_in_a_log_shows_no_data()
    {
        object[] values =
        [
            Minimal with { Description = "secret" },
            new TaskReference("URL", "secret"),
            new SegmentAttribute { ValueString = "secret" },
            new TaskAttachmentFile("secret", "secret"),
        ];

        Assert.All(values, value => Assert.Equal(value.GetType().Name, value.ToString()));
    }

    private static string Written(TaskRequest request) => Encoding.UTF8.GetString(TaskRequestJson.Write(request));

    private static TaskRequest Nested(int lists)
    {
        var segment = new SegmentAttribute { ValueString = "x" };
        for (; lists > 0; lists--)
            segment = new SegmentAttribute { ValueList = [segment] };
        return Minimal with { SegmentAttributes = new Dictionary<string, SegmentAttribute> { ["s"] = segment } };
    }
}
