using static ConnectTasks.Tests.Contracts.SomeJson;

namespace ConnectTasks.Tests.Contracts;

/// <summary>At, under and over every limit.</summary>
public sealed class LimitTests
{
    // Two UTF-16 units, four UTF-8 bytes, one character.
    private const string Wide = "\U0001F600";

    public static TheoryData<string, int, int> Texts => new()
    {
        { "InstanceId", 1, TaskRequestLimits.InstanceIdMaxCharacters },
        { "Name", 0, TaskRequestLimits.NameMaxCharacters },
        { "Description", 0, TaskRequestLimits.DescriptionMaxCharacters },
        { "ContactFlowId", 1, TaskRequestLimits.ContactFlowIdMaxCharacters },
        { "TaskTemplateId", 1, TaskRequestLimits.TaskTemplateIdMaxCharacters },
        { "PreviousContactId", 1, TaskRequestLimits.ContactIdMaxCharacters },
        { "RelatedContactId", 1, TaskRequestLimits.ContactIdMaxCharacters },
        { "ClientToken", 0, TaskRequestLimits.ClientTokenMaxCharacters },
    };

    [Theory]
    [MemberData(nameof(Texts))]
    public void A_text_is_taken_up_to_its_limit(string property, int minimum, int maximum)
    {
        Assert.Empty(Found(WithText(property, new string('x', minimum))));
        Assert.Empty(Found(WithText(property, new string('x', maximum - 1))));
        Assert.Empty(Found(WithText(property, new string('x', maximum))));
        Assert.Equal([$"TooLong $.{property}"], Found(WithText(property, new string('x', maximum + 1))));
    }

    [Theory]
    [InlineData("ContactFlowId")]
    [InlineData("TaskTemplateId")]
    [InlineData("QuickConnectId")]
    [InlineData("PreviousContactId")]
    [InlineData("RelatedContactId")]
    public void An_optional_id_that_is_there_is_not_empty(string property)
    {
        Assert.Equal([$"TooShort $.{property}"], Found(WithText(property, "")));
        Assert.Equal($"{property} is empty; it needs at least 1 character.", Sentence(WithText(property, "")));
    }

    [Fact]
    public void A_quick_connect_id_has_no_stated_limit() =>
        Assert.Empty(Found(WithText("QuickConnectId", new string('q', 5_000))));

    [Theory]
    [InlineData("Name", TaskRequestLimits.NameMaxCharacters)]
    [InlineData("Description", TaskRequestLimits.DescriptionMaxCharacters)]
    [InlineData("ClientToken", TaskRequestLimits.ClientTokenMaxCharacters)]
    [InlineData("ContactFlowId", TaskRequestLimits.ContactFlowIdMaxCharacters)]
    public void Characters_are_code_points(string property, int maximum)
    {
        Assert.Empty(Found(WithText(property, Repeat(Wide, maximum))));
        Assert.Equal([$"TooLong $.{property}"], Found(WithText(property, Repeat(Wide, maximum) + "x")));
    }

    [Fact]
    public void A_text_over_its_limit_is_measured() => Assert.Equal(
        "Description has 600,000 characters; the limit is 4,096 characters: shorten it.",
        Sentence(With("Description", Quote(new string('d', 600_000)))));

    [Fact]
    public void Blank_tokens_are_absent_however_long() =>
        Assert.All(["", " ", "\t", " \u00a0", new string(' ', 501)], blank =>
            Assert.Null(Read(With("ClientToken", Quote(blank))).ClientToken));

    [Fact]
    public void A_token_is_kept_as_it_is() =>
        Assert.Equal(" T-é ", Read(With("ClientToken", Quote(" T-é "))).ClientToken);

    [Fact]
    public void Attributes_are_limited_together_in_bytes()
    {
        var value = new string('v', 32_766);
        Assert.Empty(Found(WithAttributes(("k", value), ("l", ""))));
        Assert.Equal(["TooLong $.Attributes"], Found(WithAttributes(("k", value), ("l", "v"))));
        Assert.Equal(
            "Attributes has 32,769 bytes in UTF-8, all names and values together; the limit is 32,768 bytes: "
            + "send less.",
            Sentence(WithAttributes(("k", value), ("l", "v"))));
        // 8,191 wide characters are 32,764 bytes.
        Assert.Empty(Found(WithAttributes(("abcd", Repeat(Wide, 8_191)))));
        Assert.Equal(["TooLong $.Attributes"], Found(WithAttributes(("abcde", Repeat(Wide, 8_191)))));
    }

    [Fact]
    public void An_attribute_is_limited_in_characters()
    {
        Assert.Empty(Found(WithAttributes(("k", new string('v', 32_767)))));
        Assert.Equal(
            ["TooLong $.Attributes.k", "TooLong $.Attributes"], Found(WithAttributes(("k", new string('v', 32_768)))));
        Assert.Empty(Found(WithAttributes((new string('k', 32_767), "v"))));
        Assert.Equal(
            ["TooLong $.Attributes[#1]", "TooLong $.Attributes"],
            Found(WithAttributes((new string('k', 32_768), "v"))));
    }

    [Theory]
    [InlineData("a-b_C9", true)]
    [InlineData("9", true)]
    [InlineData("a b", false)]
    [InlineData("a.b", false)]
    [InlineData("\u00e4", false)]
    [InlineData("a:b", false)]
    public void The_name_of_an_attribute_has_letters_digits_hyphens_and_underscores(string name, bool isTaken)
    {
        var violations = TaskRequestJson.Read(WithAttributes((name, "v"))).Violations;

        Assert.Equal(isTaken ? [] : ["InvalidCharacter"], violations.Select(violation => violation.Code));
    }

    [Fact]
    public void A_name_in_a_map_is_not_empty()
    {
        Assert.Equal(["TooShort $.Attributes[#1]"], Found(WithAttributes(("", "v"))));
        Assert.Equal(["TooShort $.References[#1]"], Found(WithReferences(("", "STRING", "v"))));
        Assert.Equal(
            ["TooShort $.SegmentAttributes[#1]"], Found(With("SegmentAttributes", """{"":{"ValueString":""}}""")));
        Assert.Equal(
            "The name of Attributes[#1] is empty; it needs at least 1 character.", Sentence(WithAttributes(("", "v"))));
    }

    [Fact]
    public void References_are_limited_together_in_bytes_and_each_in_characters()
    {
        Assert.Empty(Found(WithReferences(("r", "STRING", new string('v', 4_095)))));
        Assert.Equal(["TooLong $.References"], Found(WithReferences(("r", "STRING", new string('v', 4_096)))));
        Assert.Equal(
            ["TooLong $.References.r.Value", "TooLong $.References"],
            Found(WithReferences(("r", "STRING", new string('v', 4_097)))));
        Assert.Empty(Found(WithReferences((new string('n', 4_096), "STRING", ""))));
        Assert.Equal(
            ["TooLong $.References[#1]", "TooLong $.References"],
            Found(WithReferences((new string('n', 4_097), "STRING", ""))));
        Assert.Equal(["TooLong $.References"], Found(WithReferences(("ref", "STRING", Repeat(Wide, 1_024)))));
    }

    [Theory]
    [InlineData("connect:ContactExpiry", true)]
    [InlineData("a-b_C9", true)]
    [InlineData("a.b", false)]
    [InlineData("a b", false)]
    public void The_name_of_a_segment_attribute_may_have_a_colon_too(string name, bool isTaken)
    {
        var inner = "{" + Quote(name) + ":{\"ValueString\":\"\"}}";

        Assert.Equal(isTaken, Found(With("SegmentAttributes", inner)).Length == 0);
        Assert.Equal(isTaken, Found(With("SegmentAttributes", "{\"s\":{\"ValueMap\":" + inner + "}}")).Length == 0);
    }

    [Theory]
    [InlineData("ValueString")]
    [InlineData("ValueArn")]
    public void Segment_attributes_are_limited_in_characters(string value)
    {
        string Segment(string name, string text) =>
            With("SegmentAttributes", "{" + Quote(name) + ":{" + Quote(value) + ":" + Quote(text) + "}}");

        Assert.Empty(Found(Segment(new string('n', 128), new string('v', 1_024))));
        Assert.Empty(Found(Segment("n", "")));
        Assert.Equal(["TooLong $.SegmentAttributes[#1]"], Found(Segment(new string('n', 129), "")));
        Assert.Equal([$"TooLong $.SegmentAttributes.n.{value}"], Found(Segment("n", new string('v', 1_025))));
    }

    [Fact]
    public void One_to_five_files_are_attached()
    {
        string Files(int count) =>
            With("Attachments", $"[{string.Join(',', Enumerable.Repeat("""{"FileName":"f","S3Url":"u"}""", count))}]");

        Assert.Equal(["TooFew $.Attachments"], Found(Files(0)));
        Assert.Empty(Found(Files(1)));
        Assert.Empty(Found(Files(5)));
        Assert.Equal(["TooMany $.Attachments"], Found(Files(6)));
        Assert.Equal("Attachments has 6 files; the limit is 5 files: attach fewer.", Sentence(Files(6)));
    }

    [Theory]
    [InlineData(1, 1, null)]
    [InlineData(256, 2_000, null)]
    [InlineData(0, 1, "TooShort $.Attachments[0].FileName")]
    [InlineData(257, 1, "TooLong $.Attachments[0].FileName")]
    [InlineData(1, 0, "TooShort $.Attachments[0].S3Url")]
    [InlineData(1, 2_001, "TooLong $.Attachments[0].S3Url")]
    public void An_attachment_is_limited_in_characters(int name, int url, string? violation)
    {
        var request = Minimal with { Attachments = [new(new string('f', name), new string('u', url))] };

        string[] expected = violation is null ? [] : [violation];
        Assert.Equal(expected, Found(request));
        Assert.Equal(expected, Found(TaskRequestJson.Read(TaskRequestJson.Write(request))));
    }

    private static string WithText(string property, string text) => property is "TaskTemplateId" or "QuickConnectId"
        ? With(("ContactFlowId", null), (property, Quote(text)))
        : With(property, Quote(text));

    private static string WithAttributes(params (string Name, string Value)[] attributes) => With(
        "Attributes", "{" + string.Join(',', attributes.Select(a => $"{Quote(a.Name)}:{Quote(a.Value)}")) + "}");

    private static string WithReferences(params (string Name, string Type, string Value)[] references) => With(
        "References",
        "{" + string.Join(',', references.Select(
            r => $"{Quote(r.Name)}:" + "{\"Type\":" + Quote(r.Type) + ",\"Value\":" + Quote(r.Value) + "}")) + "}");

    private static string Repeat(string text, int count) => string.Concat(Enumerable.Repeat(text, count));
}
