using static ConnectTasks.Tests.Contracts.SomeJson;

namespace ConnectTasks.Tests.Contracts;

/// <summary>Types, nulls, escapes and nesting.</summary>
public sealed class ShapeTests
{
    [Theory]
    [InlineData("InstanceId", "5", "a number; it has to be a string")]
    [InlineData("Name", "5", "a number; it has to be a string")]
    [InlineData("Name", "true", "a boolean; it has to be a string")]
    [InlineData("Name", "[\"n\"]", "an array; it has to be a string")]
    [InlineData("Description", "{\"a\":{}}", "an object; it has to be a string")]
    [InlineData("ContactFlowId", "1", "a number; it has to be a string")]
    [InlineData("ClientToken", "12", "a number; it has to be a string")]
    [InlineData("Attributes", "[]", "an array; it has to be an object")]
    [InlineData("Attributes", "\"a\"", "a string; it has to be an object")]
    [InlineData("References", "1", "a number; it has to be an object")]
    [InlineData("SegmentAttributes", "false", "a boolean; it has to be an object")]
    [InlineData("Attachments", "{}", "an object; it has to be an array")]
    [InlineData("ScheduledTime", "{}", "an object; it has to be a number (epoch seconds) or a string (RFC 3339)")]
    [InlineData("ScheduledTime", "true", "a boolean; it has to be a number (epoch seconds) or a string (RFC 3339)")]
    public void A_wrong_type_is_named_with_what_is_expected_and_what_was_found(string name, string json, string said)
    {
        var body = With(name, json);

        Assert.Equal([$"WrongType $.{name}"], Found(body));
        Assert.Equal($"{name} is {said}.", Sentence(body));
    }

    [Theory]
    [InlineData("Attributes", """{"a":1}""", "$.Attributes.a")]
    [InlineData("Attributes", """{"a":null}""", "$.Attributes.a")]
    [InlineData("References", """{"a":{"Type":"URL","Value":"v"},"+49 1":[1]}""", "$.References[#2]")]
    [InlineData("References", """{"r":null}""", "$.References.r")]
    [InlineData("References", """{"r":"URL"}""", "$.References.r")]
    [InlineData("References", """{"r":{"Type":5,"Value":"v"}}""", "$.References.r.Type")]
    [InlineData("References", """{"r":{"Type":"URL","Value":5}}""", "$.References.r.Value")]
    [InlineData("References", """{"a.b":{"Type":"URL","Value":5}}""", "$.References['a.b'].Value")]
    [InlineData("SegmentAttributes", """{"s":"x"}""", "$.SegmentAttributes.s")]
    [InlineData("SegmentAttributes", """{"s":null}""", "$.SegmentAttributes.s")]
    [InlineData("SegmentAttributes", """{"s":{"ValueString":5}}""", "$.SegmentAttributes.s.ValueString")]
    [InlineData("SegmentAttributes", """{"s":{"ValueInteger":"5"}}""", "$.SegmentAttributes.s.ValueInteger")]
    [InlineData("SegmentAttributes", """{"s":{"ValueMap":[]}}""", "$.SegmentAttributes.s.ValueMap")]
    [InlineData("SegmentAttributes", """{"s":{"ValueMap":{"t":1}}}""", "$.SegmentAttributes.s.ValueMap.t")]
    [InlineData("SegmentAttributes", """{"s":{"ValueList":{}}}""", "$.SegmentAttributes.s.ValueList")]
    [InlineData("SegmentAttributes", """{"s":{"ValueList":[1]}}""", "$.SegmentAttributes.s.ValueList[0]")]
    [InlineData("Attachments", "[null]", "$.Attachments[0]")]
    [InlineData("Attachments", """[{"FileName":"f","S3Url":"u"},7]""", "$.Attachments[1]")]
    [InlineData("Attachments", """[{"FileName":7,"S3Url":"u"}]""", "$.Attachments[0].FileName")]
    public void A_wrong_type_further_in_is_named_by_its_path_and_once(string name, string json, string path) =>
        Assert.Equal([$"WrongType {path}"], Found(With(name, json)));

    [Theory]
    [InlineData("1.5")]
    [InlineData("1.0")]
    [InlineData("1e2")]
    [InlineData("2147483648")]
    [InlineData("-2147483649")]
    public void An_integer_of_a_segment_attribute_is_whole_and_has_32_bits(string number) => Assert.Equal(
        ["InvalidValue $.SegmentAttributes.s.ValueInteger"],
        Found(With("SegmentAttributes", "{\"s\":{\"ValueInteger\":" + number + "}}")));

    [Theory]
    [InlineData("2147483647", int.MaxValue)]
    [InlineData("-2147483648", int.MinValue)]
    [InlineData("0", 0)]
    public void The_ends_of_32_bits_are_read(string number, int expected)
    {
        var request = Read(With("SegmentAttributes", "{\"s\":{\"ValueInteger\":" + number + "}}"));

        Assert.Equal(expected, request.SegmentAttributes!["s"].ValueInteger);
    }

    [Fact]
    public void Null_is_the_same_as_absent()
    {
        string[] optional =
        [
            "Description", "TaskTemplateId", "QuickConnectId", "PreviousContactId", "RelatedContactId", "ClientToken",
            "Attributes", "References", "ScheduledTime", "SegmentAttributes", "Attachments",
        ];
        var request = Read(With([.. optional.Select(name => (name, (string?)"null"))]));

        Assert.Equal(Minimal, request);
    }

    [Fact]
    public void Null_members_of_a_segment_attribute_are_absent() => Assert.Equal(
        3,
        Read(With(
            "SegmentAttributes",
            """{"s":{"ValueString":null,"ValueInteger":3,"ValueMap":null,"ValueList":null,"ValueArn":null}}"""))
            .SegmentAttributes!["s"].ValueInteger);

    [Theory]
    [InlineData("InstanceId", "null")]
    [InlineData("InstanceId", "\"\"")]
    [InlineData("InstanceId", null)]
    [InlineData("Name", "null")]
    [InlineData("Name", null)]
    public void What_is_required_and_null_or_absent_is_missing(string name, string? json)
    {
        Assert.Equal([$"Missing $.{name}"], Found(With(name, json)));
        Assert.Equal($"{name} is required: add it.", Sentence(With(name, json)));
    }

    [Theory]
    [InlineData("""{"r":{"Type":"URL"}}""", "$.References.r.Value")]
    [InlineData("""{"r":{"Type":"URL","Value":null}}""", "$.References.r.Value")]
    [InlineData("""{"r":{"Value":"v"}}""", "$.References.r.Type")]
    [InlineData("""{"r":{"Type":null,"Value":"v"}}""", "$.References.r.Type")]
    public void A_reference_needs_its_type_and_value(string references, string path) =>
        Assert.Equal([$"Missing {path}"], Found(With("References", references)));

    [Fact]
    public void An_attachment_needs_its_name_and_url() => Assert.Equal(
        ["Missing $.Attachments[0].FileName", "Missing $.Attachments[0].S3Url"], Found(With("Attachments", "[{}]")));

    [Theory]
    [InlineData("""\ud800""")]
    [InlineData("""a\uDC00b""")]
    [InlineData("""\ud83d\ud83d\ude00""")]
    [InlineData("""\ud83d\n\ude00""")]
    [InlineData("""\\ud83d\ud83d""")]
    public void Half_of_a_surrogate_pair_in_an_escape_is_a_violation(string text)
    {
        Assert.Equal(["InvalidCharacter $.Name"], Found(With("Name", $"\"{text}\"")));
        Assert.Equal(["InvalidCharacter $.Attributes.a"], Found(With("Attributes", $$"""{"a":"{{text}}"}""")));
        Assert.Equal(["InvalidCharacter $.Attributes[#1]"], Found(With("Attributes", $$"""{"{{text}}":"a"}""")));
        Assert.Equal(["UnknownProperty $[#1]"], Found($$"""{"{{text}}":1,{{With()[1..]}}"""));
        Assert.Equal(["InvalidValue $.ScheduledTime"], Found(With("ScheduledTime", $"\"{text}\"")));
    }

    [Theory]
    [InlineData("""\ud83d\ude00""", "\U0001F600")]
    [InlineData("""\\ud83d""", "\\ud83d")]
    [InlineData("""\"\\\/\b\f\n\r\t\u0000""", "\"\\/\b\f\n\r\t\0")]
    [InlineData("""é\u00e9""", "éé")]
    public void Escapes_are_read(string text, string expected) =>
        Assert.Equal(expected, Read(With("Name", $"\"{text}\"")).Name);

    [Fact]
    public void The_deepest_nesting_is_read_and_one_more_is_named()
    {
        // The request, SegmentAttributes and the entry are three levels, and each ValueList adds two.
        static string Nested(int lists) => With(
            "SegmentAttributes",
            "{\"s\":" + string.Concat(Enumerable.Repeat("{\"ValueList\":[", lists)) + "{\"ValueString\":\"x\"}"
            + string.Concat(Enumerable.Repeat("]}", lists)) + "}");

        Read(Nested(14));
        Assert.Equal(["TooDeep $"], Found(Nested(15)));
        Assert.Contains("deeper than 32 levels at line 1, byte ", Sentence(Nested(15)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"x\":")]
    [InlineData("[")]
    public void Very_deep_nesting_is_named(string opening) => Assert.Equal(
        ["TooDeep $"], Found(string.Concat(Enumerable.Repeat(opening, 100_000))));

    [Fact]
    public void Everything_that_is_wrong_is_reported_at_once() => Assert.Equal(
        [
            "WrongType $.InstanceId",
            "UnknownProperty $.Nam",
            "WrongType $.Attributes.b",
            "AmbiguousTime $.ScheduledTime",
            "Missing $.Name",
            "TooLong $.Description",
            "InvalidCharacter $.Attributes[#2]",
            "InvalidValue $.References.r.Type",
            "TooFew $.Attachments",
            "Missing $",
            "Exclusive $",
        ],
        Found(With(
            ("InstanceId", "7"),
            ("Name", null),
            ("ContactFlowId", null),
            ("Nam", Quote("x")),
            ("Description", Quote(new string('d', 4097))),
            ("Attributes", """{"b":1,"c d":"x"}"""),
            ("References", """{"r":{"Type":"url","Value":"x"}}"""),
            ("ScheduledTime", Quote("2027-01-15T08:00:00")),
            ("Attachments", "[]"),
            ("PreviousContactId", Quote("p")),
            ("RelatedContactId", Quote("r")))));

    [Theory]
    [InlineData(20, 20)]
    [InlineData(21, 21)]
    [InlineData(50_000, 21)]
    public void After_twenty_violations_the_rest_is_counted(int wrong, int listed)
    {
        var names = string.Join(',', Enumerable.Range(0, wrong).Select(i => $"\"x{i}\":1"));

        var violations = TaskRequestJson.Read($"{{{names},{With()[1..]}").Violations;

        Assert.Equal(listed, violations.Count);
        var last = wrong switch
        {
            20 => new Violation("UnknownProperty", "$.x19", "x19 is not known: remove it or correct its name."),
            21 => new Violation("MoreViolations", "$", "1 more violation is not listed; correct these first."),
            _ => new Violation("MoreViolations", "$", "49,980 more violations are not listed; correct these first."),
        };
        Assert.Equal(last, violations[^1]);
    }
}
