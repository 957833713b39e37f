using System.Text.Json;
using ConnectTasks.Tests.Lambda;
using static ConnectTasks.Tests.Contracts.SomeJson;

namespace ConnectTasks.Tests.Contracts;

public sealed class EnvelopeTests
{
    private const string Cancel =
        $$"""{"ConnectTasks":"cancel/1","InstanceId":"{{Instance}}","ClientToken":"t-1"}""";

    private static string Sns(string message, string id = "n-1") =>
        $$"""{"Type":"Notification","MessageId":"{{id}}","TopicArn":"t","Message":{{Quote(message)}}}""";

    private static string Event(string detail, string id = "e-1") =>
        $$"""{"version":"0","id":"{{id}}","detail-type":"task","source":"app","resources":[],"detail":{{detail}}}""";

    private static string[] Found(string body) =>
        [.. TaskMessage.Read(body).Violations.Select(violation => $"{violation.Code} {violation.Path}")];

    private static string Sentence(string body) => Assert.Single(TaskMessage.Read(body).Violations).Message;

    public static TheoryData<string, string, string?> Around => new()
    {
        { "nothing", With(), null },
        { "a byte-order mark", "\uFEFF" + With(), null },
        { "a notification", Sns(With()), "n-1" },
        { "a notification of two properties", $$"""{"Type":"Notification","Message":{{Quote(With())}}}""", null },
        { "a byte-order mark in a notification", "\uFEFF" + Sns("\uFEFF" + With()), "n-1" },
        { "an event", Event(With()), "e-1" },
        { "an event in a notification", Sns(Event(With())), "e-1" },
        { "a string", Quote(With()), null },
        { "a string in a notification", Sns(Quote(With())), "n-1" },
        { "a notification in a string", Quote(Sns(With())), "n-1" },
        { "an event in a string in a notification", Sns(Quote(Event(With()))), "e-1" },
    };

    [Theory]
    [MemberData(nameof(Around))]
    public void A_request_is_the_same_with_and_without_an_envelope(string name, string body, string? id)
    {
        var read = TaskMessage.Read(body);

        Assert.True(read.Violations.Count == 0, name);
        Assert.Equal(RequestFingerprint.Compute(Read(With())), RequestFingerprint.Compute(read.Request!));
        Assert.Equal(id, read.EnvelopeId);
        Assert.Null(read.Command);
    }

    [Fact]
    public void A_command_may_be_in_an_envelope_too() => Assert.All(
        (string[])[Cancel, "\uFEFF" + Cancel, Sns(Cancel), Event(Cancel), Sns(Event(Cancel)), Quote(Cancel)],
        body => Assert.Equal("t-1", TaskMessage.Read(body).Command?.ClientToken));

    [Fact]
    public void A_request_in_an_event_may_be_as_deep_as_a_bare_one()
    {
        // 32 levels: the request, SegmentAttributes, then a value and its map in turn.
        var value = """{"ValueString":"x"}""";
        for (var level = 0; level < 14; level++)
            value = "{\"ValueMap\":{\"m\":" + value + "}}";
        var deep = With("SegmentAttributes", "{\"s\":{\"ValueList\":[" + value + "]}}");
        Assert.Empty(Found(With("SegmentAttributes", "{\"s\":" + value + "}")));

        Assert.Empty(Found(Event(With("SegmentAttributes", "{\"s\":" + value + "}"))));
        Assert.Equal("TooDeep", Found(Event(deep))[0].Split(' ')[0]);
    }

    [Theory]
    [InlineData("$.Type")]
    [InlineData("$['detail-type']")]
    public void A_body_with_a_property_of_a_request_is_no_envelope(string marker)
    {
        var body = marker == "$.Type"
            ? With(("Type", Quote("Notification")), ("Message", Quote(With())))
            : With(("detail-type", Quote("t")), ("source", Quote("s")), ("detail", With()));

        Assert.Contains($"UnknownProperty {marker}", Found(body));
    }

    [Fact]
    public void What_is_wrong_in_an_envelope_is_said_with_the_way_in() => Assert.Equal(
        [
            "UnknownProperty $.Message → $.detail.Atributes",
            "InvalidValue $.Message → $.detail.ScheduledTime",
            "Missing $.Message → $.detail.Name",
        ],
        Found(Sns(Event(With(("Name", null), ("Atributes", "{}"), ("ScheduledTime", "0"))))));

    [Theory]
    [InlineData("""{"Type":"Notification","Message":{}}""", "WrongType $.Message")]
    [InlineData("""{"Type":"Notification","Message":null}""", "WrongType $.Message")]
    [InlineData("""{"Type":"Notification","Message":"\ud800"}""", "WrongType $.Message")]
    [InlineData("""{"Type":"Notification","Message":"{}","Message":"{}"}""", "DuplicateProperty $.Message")]
    [InlineData("""{"detail-type":"t","source":"s"}""", "Missing $.detail")]
    [InlineData("""{"detail-type":"t","source":"s","detail":[]}""", "WrongType $.detail")]
    [InlineData("""{"detail-type":"t","source":"s","detail":{},"detail":{}}""", "DuplicateProperty $.detail")]
    [InlineData("""{"Type":"Notification"}""", "UnknownProperty $.Type")]
    [InlineData("""{"Type":"Other","Message":"{}"}""", "UnknownProperty $.Type")]
    [InlineData("""{"detail-type":"t","detail":{}}""", "UnknownProperty $['detail-type']")]
    public void A_broken_envelope_is_named(string body, string found) => Assert.Equal(found, Found(body)[0]);

    [Fact]
    public void Envelopes_of_one_kind_in_one_another_are_named()
    {
        Assert.Equal(["NestedEnvelope $.Message → $"], Found(Sns(Sns(With()))));
        Assert.Equal(["NestedEnvelope $.detail"], Found(Event(Event(With()))));
        Assert.Equal(["DoubleEncoded $ → $"], Found(Quote(Quote(With()))));
        Assert.Equal(["NestedEnvelope $.Message → $.detail"], Found(Sns(Event(Sns(With())))));
    }

    [Theory]
    [InlineData("""["software.amazon.payloadoffloading.PayloadS3Pointer",{"s3BucketName":"b","s3Key":"k"}]""")]
    [InlineData("""["com.amazon.sqs.javamessaging.MessageS3Pointer",{"s3BucketName":"b","s3Key":"k"}]""")]
    [InlineData("""{"s3BucketName":"b","s3Key":"k"}""")]
    [InlineData("""{"software.amazon.payloadoffloading.PayloadS3Pointer":{"s3BucketName":"b","s3Key":"k"}}""")]
    [InlineData("""{"S3Payload":{"Id":"i","Bucket":"b","Key":"k"}}""")]
    public void A_pointer_to_a_payload_elsewhere_is_named(string body)
    {
        Assert.Equal(["OffloadedPayload $"], Found(body));
        Assert.Equal(["OffloadedPayload $.Message → $"], Found(Sns(body)));
        Assert.Contains("Amazon S3", Sentence(body), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("JSON", "")]
    [InlineData("JSON", " ")]
    [InlineData("JSON", "\n")]
    [InlineData("JSON", "\uFEFF")]
    [InlineData("gzip", null)]
    public void Base64_is_named(string content, string? start)
    {
        var bytes = start is null
            ? [0x1F, 0x8B, 0x08, 0, 0, 0, 0, 0, 0]
            : System.Text.Encoding.UTF8.GetBytes(
                start == "\uFEFF" ? start + With() : string.Concat("{", start, With().AsSpan(1)));
        var body = Convert.ToBase64String(bytes, Base64FormattingOptions.InsertLineBreaks);

        Assert.Equal(["Base64Body $"], Found(body));
        Assert.Equal(["Base64Body $"], Found(body.TrimEnd('=').Replace('+', '-').Replace('/', '_')));
        Assert.Contains(content, Sentence(body), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("hello")]
    [InlineData("eyesight")]
    [InlineData("0123456789abcdef")]
    [InlineData("eyJ")]
    [InlineData("{eyJhIjoiYiJ9}")]
    public void What_only_looks_a_little_like_Base64_is_just_no_JSON(string body) =>
        Assert.Equal(["MalformedJson $"], Found(body));

    [Theory]
    [InlineData("{&quot;Name&quot;:&quot;n&quot;}")]
    [InlineData("{ \n &#34;Name&#34;:1}")]
    [InlineData("&#x7B;&#x22;Name&#X22;:1}")]
    [InlineData("[&QUOT;x&QUOT;]")]
    public void HTML_escapes_are_named(string body) => Assert.Equal(["HtmlEscapedBody $"], Found(body));

    [Theory]
    [InlineData("""{"Name":"a &quot; b" """)]
    [InlineData("a &quot; b")]
    [InlineData("{&amp;}")]
    public void Entities_elsewhere_are_just_no_JSON(string body) => Assert.Equal(["MalformedJson $"], Found(body));

    [Theory]
    [InlineData("\uFEFF\uFEFF{}", "(U+FEFF) that is not the first")]
    [InlineData("{\uFEFF}", "(U+FEFF) that is not the first")]
    [InlineData("\u00EF\u00BB\u00BF{}", "read in another encoding")]
    public void A_byte_order_mark_that_is_in_the_way_is_named(string body, string part) =>
        Assert.Contains(part, Sentence(body), StringComparison.Ordinal);

    [Theory]
    [InlineData("SubscriptionConfirmation")]
    [InlineData("UnsubscribeConfirmation")]
    public void A_confirmation_of_a_subscription_is_named(string type)
    {
        var body = Sns("text").Replace("Notification", type, StringComparison.Ordinal);

        Assert.Equal(["SnsConfirmation $"], Found(body));
        Assert.Contains("SubscribeURL", Sentence(body), StringComparison.Ordinal);
    }

    [Fact]
    public void A_sentence_about_the_whole_says_what_it_is_inside_of() => Assert.StartsWith(
        "Inside an SNS notification: The body is empty:", Sentence(Sns(" ")), StringComparison.Ordinal);

    [Fact]
    public async Task What_SNS_delivers_again_in_another_message_starts_no_second_task()
    {
        var rig = new Rig();

        await rig.DeliverAsync(Some.Record("m-1", Sns(With(), "n-1")));
        await rig.DeliverAsync(Some.Record("m-2", Sns(With(), "n-1")));
        await rig.DeliverAsync(Some.Record("m-3", Sns(With(), "n-2")));
        await rig.DeliverAsync(Some.Record("m-4", Sns(Event(With(), "e-1"), "n-3")));
        await rig.DeliverAsync(Some.Record("m-5", Event(With(), "e-1")));

        Assert.Equal(3, rig.Connect.Calls.Select(call => call.ClientToken).Distinct().Count());
        Assert.Equal(3, rig.Connect.Calls.Count);
        Assert.Empty(rig.Sqs.Sent);
    }

    [Fact]
    public async Task A_dead_letter_of_an_envelope_has_its_unchanged_body()
    {
        var rig = new Rig();
        var body = Sns(JsonSerializer.Serialize(new { InstanceId = 1 }));

        Assert.Empty(await rig.DeliverAsync(Some.Record("m-1", body)));

        var letter = Assert.Single(rig.Sqs.Sent);
        Assert.Equal(body, letter.MessageBody);
        Assert.Equal("Rejected.WrongType", letter.MessageAttributes[DeadLetterAttributes.Reason].StringValue);
    }
}
