using System.Text;
using static ConnectTasks.Tests.Contracts.SomeJson;

namespace ConnectTasks.Tests.Contracts;

public sealed class StrictJsonTests
{
    private const string Full = """
        {
          "InstanceId": "00000000-0000-4000-8000-00000000a001",
          "Name": "Call back",
          "Description": "About the renewal",
          "ContactFlowId": "00000000-0000-4000-8000-00000000f001",
          "PreviousContactId": "c-1",
          "ClientToken": "t-1",
          "Attributes": { "orderId": "4711", "empty": "" },
          "References": { "page": { "Type": "URL", "Value": "https://example.com" } },
          "ScheduledTime": 1800000000,
          "SegmentAttributes": {
            "connect:ContactExpiry": { "ValueMap": { "ExpiryDuration": { "ValueInteger": 30 } } },
            "list": { "ValueList": [{ "ValueString": "x" }, { "ValueArn": "arn:aws:x:::y" }] }
          },
          "Attachments": [{ "FileName": "a.pdf", "S3Url": "https://s3.example.com/a?sig=1" }]
        }
        """;

    [Fact]
    public void Every_property_is_read()
    {
        var request = Read(Full);

        Assert.Equal(Instance, request.InstanceId);
        Assert.Equal("Call back", request.Name);
        Assert.Equal("About the renewal", request.Description);
        Assert.Equal(Flow, request.ContactFlowId);
        Assert.Equal("c-1", request.PreviousContactId);
        Assert.Equal("t-1", request.ClientToken);
        Assert.Equal([new("orderId", "4711"), new("empty", "")], request.Attributes!);
        Assert.Equal(new TaskReference("URL", "https://example.com"), request.References!["page"]);
        Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(1_800_000_000), request.ScheduledTime);
        Assert.Equal(
            30, request.SegmentAttributes!["connect:ContactExpiry"].ValueMap!["ExpiryDuration"].ValueInteger);
        Assert.Equal("x", request.SegmentAttributes["list"].ValueList![0].ValueString);
        Assert.Equal("arn:aws:x:::y", request.SegmentAttributes["list"].ValueList![1].ValueArn);
        Assert.Equal(new TaskAttachmentFile("a.pdf", "https://s3.example.com/a?sig=1"), request.Attachments![0]);
    }

    [Theory]
    [InlineData("TaskTemplateId")]
    [InlineData("QuickConnectId")]
    [InlineData("RelatedContactId")]
    public void The_other_ids_are_read_too(string property)
    {
        var body = property == "RelatedContactId"
            ? With(property, Quote("id-1"))
            : With(("ContactFlowId", null), (property, Quote("id-1")));

        var request = Read(body);

        Assert.Equal("id-1", request.TaskTemplateId ?? request.QuickConnectId ?? request.RelatedContactId);
    }

    [Fact]
    public void Property_names_match_in_any_case_nested_ones_too()
    {
        // Every letter's case is turned; names that the producer chooses and values stay as they are.
        string[] names =
        [
            "InstanceId", "Name", "Description", "ContactFlowId", "PreviousContactId", "ClientToken", "Attributes",
            "References", "ScheduledTime", "SegmentAttributes", "Attachments", "Type", "Value", "ValueMap",
            "ValueInteger", "ValueList", "ValueString", "ValueArn", "FileName", "S3Url",
        ];
        var body = Full;
        foreach (var name in names)
            body = body.Replace($"\"{name}\":", $"\"{Turn(name)}\":", StringComparison.Ordinal);

        Assert.Equal(RequestFingerprint.Compute(Read(Full)), RequestFingerprint.Compute(Read(body)));

        static string Turn(string name) =>
            string.Concat(name.Select(c => char.IsUpper(c) ? char.ToLowerInvariant(c) : char.ToUpperInvariant(c)));
    }

    [Fact]
    public void An_escaped_property_name_is_the_same_name() =>
        Assert.Equal("x", Read("""{"\u0049nstanceId":"i-1","N\u0061me":"x","ContactFlowId":"f"}""").Name);

    [Theory]
    [InlineData("""  "Name":"n","Name":"n"  """, "$.Name")]
    [InlineData("""  "Name":"n","NAME":"m"  """, "$.Name")]
    [InlineData("""  "Name":"n","N\u0041ME":null  """, "$.Name")]
    [InlineData("""  "Name":"n","References":{"r":{"Type":"URL","Value":"","type":"URL"}}  """, "$.References.r.Type")]
    [InlineData("""  "Name":"n","Attributes":{"a":"1","b":"2","a":"1"}  """, "$.Attributes.a")]
    [InlineData("""  "Name":"n","Attributes":{"a":"1","\u0061":{}}  """, "$.Attributes.a")]
    [InlineData("""  "Name":"n","Attributes":{"x":"","b":"","1":"","c":"","1":""}  """, "$.Attributes[#3]")]
    public void The_same_property_twice_is_named(string properties, string path) => Assert.Equal(
        [$"DuplicateProperty {path}"], Found("{\"InstanceId\":\"i-1\",\"ContactFlowId\":\"f\"," + properties + "}"));

    [Fact]
    public void Names_of_the_producer_are_case_sensitive() =>
        Assert.Equal(2, Read(With("Attributes", """{"a":"1","A":"2"}""")).Attributes!.Count);

    [Theory]
    [InlineData("Atributes", "Attributes")]
    [InlineData("atributes", "Attributes")]
    [InlineData("InstnaceId", "InstanceId")]
    [InlineData("ContactFlow", "ContactFlowId")]
    [InlineData("FlowId", null)]
    [InlineData("ContactFlowID1", "ContactFlowId")]
    [InlineData("Nam", "Name")]
    [InlineData("Foo", null)]
    [InlineData("a", null)]
    public void An_unknown_property_is_named_and_the_nearest_suggested(string name, string? suggestion)
    {
        var body = With(name, "{}");

        Assert.Equal([$"UnknownProperty $.{name}"], Found(body));
        Assert.Equal(
            suggestion is null
                ? $"{name} is not known: remove it or correct its name."
                : $"{name} is not known: did you mean {suggestion}?",
            Sentence(body));
    }

    [Theory]
    [InlineData("+49 170 1234567")]
    [InlineData("me@example.com")]
    [InlineData("")]
    [InlineData("Währung")]
    [InlineData("a12345678901234567890123456789012345678901234567890123456789012345")]
    public void An_unknown_property_whose_name_may_be_data_is_counted_and_measured(string name)
    {
        var body = With(name, "1");

        Assert.Equal(["UnknownProperty $[#4]"], Found(body));
        Assert.Equal(
            $"A property whose name is {name.Length} characters long is not known: remove it or correct its name.",
            Sentence(body));
    }

    [Fact]
    public void A_name_with_a_stray_character_gets_its_suggestion_too() => Assert.Equal(
        "A property whose name is 14 characters long is not known: did you mean ContactFlowId?",
        Sentence(With(("ContactFlowId", null), ("ContactFlowId ", Quote("f")), ("QuickConnectId", Quote("q")))));

    [Fact]
    public void An_unknown_nested_property_is_named_with_its_path() => Assert.Equal(
        [
            "UnknownProperty $.References.r.Status",
            "UnknownProperty $.SegmentAttributes['connect:x'].ValueStrings",
            "UnknownProperty $.Attachments[0].Size",
        ],
        Found(With(
            ("References", """{"r":{"Type":"URL","Value":"v","Status":"APPROVED"}}"""),
            ("SegmentAttributes", """{"connect:x":{"ValueString":"x","ValueStrings":[]}}"""),
            ("Attachments", """[{"FileName":"f","S3Url":"u","Size":{"a":[1,{"b":2}]}}]"""))));

    [Theory]
    [InlineData("hello", "MalformedJson", "line 1, byte 1")]
    [InlineData("{\"InstanceId\":\"i\",}", "MalformedJson", "remove the comma before the closing bracket")]
    [InlineData("[1,]", "MalformedJson", "remove the comma before the closing bracket")]
    [InlineData("{/*x*/\"Name\":\"n\"}", "MalformedJson", "comments are not JSON")]
    [InlineData("// x\n{}", "MalformedJson", "comments are not JSON")]
    [InlineData("{\"Name\":\"n\"", "MalformedJson", "ends in the middle")]
    [InlineData("{\"Name\":\"n", "MalformedJson", "ends in the middle")]
    [InlineData("{\"Name\":", "MalformedJson", "ends in the middle")]
    [InlineData("{'Name':'n'}", "MalformedJson", "double quotes, not in single ones")]
    [InlineData("{Name:\"n\"}", "MalformedJson", "a name in double quotes or the end of the object")]
    [InlineData("{\"ScheduledTime\":NaN}", "MalformedJson", "NaN and Infinity are not JSON numbers")]
    [InlineData("{\"ScheduledTime\":-Infinity}", "MalformedJson", "NaN and Infinity are not JSON numbers")]
    [InlineData("{\"ScheduledTime\":01}", "MalformedJson", "line 1, byte 19")]
    [InlineData("{\"Name\":\"a\nb\"}", "MalformedJson", "a control character in a string has to be escaped")]
    [InlineData("{\"Name\":\"a\\x\"}", "MalformedJson", "line 1, byte 12")]
    [InlineData("{&quot;Name&quot;:1}", "MalformedJson", "looks HTML-escaped")]
    [InlineData("{\n \"Name\": \"n\"\n \"Description\": 1\n}", "MalformedJson", "line 3, byte 2")]
    [InlineData("eyJJbnN0YW5jZUlkIjoiaSJ9", "MalformedJson", "line 1, byte 1")]
    [InlineData("{}{}", "TrailingText", "line 1, byte 3")]
    [InlineData("{} x", "TrailingText", "line 1, byte 4")]
    [InlineData("{},", "TrailingText", "one JSON object in a message")]
    [InlineData("[]\n]", "TrailingText", "line 2, byte 1")]
    [InlineData("\"a\" \"b\"", "TrailingText", "line 1, byte 5")]
    public void What_is_not_JSON_is_said_with_its_place_and_nothing_else(string body, string code, string part)
    {
        Assert.Equal([$"{code} $"], Found(body));
        Assert.Contains(part, Sentence(body), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[]", "an array")]
    [InlineData("""["software.amazon.payloadoffloading.PayloadS3Pointer",{"s3BucketName":"b"}]""", "an array")]
    [InlineData("42", "a number")]
    [InlineData("null", "null")]
    [InlineData("true", "a boolean")]
    [InlineData("\"\"", "a string")]
    [InlineData("\"text\"", "a string")]
    public void A_body_that_is_no_object_is_named_by_its_type(string body, string type)
    {
        Assert.Equal(["NotAnObject $"], Found(body));
        Assert.Equal($"The body is {type}: send one JSON object, the task request.", Sentence(body));
    }

    [Fact]
    public void A_body_that_is_encoded_twice_is_named_as_that() => Assert.Equal(
        "The body is a JSON string that holds JSON: send the object itself, encoded once.", Sentence(Quote(With())));

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("\r\n\t")]
    [InlineData("\uFEFF")]
    [InlineData(null)]
    public void An_empty_body_is_named(string? body) =>
        Assert.Equal(["EmptyBody $"], Found(TaskRequestJson.Read(body)));

    [Fact]
    public void An_empty_object_lacks_everything_that_is_required() =>
        Assert.Equal(["Missing $.InstanceId", "Missing $.Name", "Missing $"], Found("{}"));

    [Fact]
    public void A_byte_order_mark_at_the_start_is_passed_over() => Assert.Equal(
        RequestFingerprint.Compute(Read(Full)), RequestFingerprint.Compute(Read("\uFEFF" + Full)));

    [Theory]
    [InlineData("\uFEFF\uFEFF{}")]
    [InlineData("{\uFEFF}")]
    public void A_byte_order_mark_elsewhere_is_not_JSON(string body) => Assert.Equal(["MalformedJson $"], Found(body));

    [Fact]
    public void Bytes_that_are_not_UTF_8_are_named_with_their_place()
    {
        var bytes = Encoding.UTF8.GetBytes(With("Name", Quote("case")));
        bytes[^3] = 0xFF;

        var violation = Assert.Single(TaskRequestJson.Read(bytes).Violations);

        Assert.Equal("InvalidEncoding", violation.Code);
        Assert.Contains($"at byte {bytes.Length - 2}", violation.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Half_of_a_surrogate_pair_in_the_text_is_named_with_its_place()
    {
        var violation = Assert.Single(TaskRequestJson.Read("{\"Name\":\"\ud83d\"}").Violations);

        Assert.Equal("InvalidEncoding", violation.Code);
        Assert.Contains("character 10 ", violation.Message, StringComparison.Ordinal);
    }
}
