using static ConnectTasks.Tests.Contracts.SomeJson;

namespace ConnectTasks.Tests.Contracts;

/// <summary>Ids and ARNs, exclusivity, and the rules about single values.</summary>
public sealed class RuleTests
{
    public static TheoryData<string, string?> IdProperties => new()
    {
        { "InstanceId", null },
        { "ContactFlowId", "contact-flow" },
        { "TaskTemplateId", "task-template" },
        { "QuickConnectId", "transfer-destination" },
        { "PreviousContactId", "contact" },
        { "RelatedContactId", "contact" },
    };

    [Theory]
    [MemberData(nameof(IdProperties))]
    public void The_id_is_taken_out_of_an_ARN_of_any_partition(string property, string? type)
    {
        Assert.All(["aws", "aws-cn", "aws-us-gov", "aws-iso-b"], partition =>
        {
            var request = Read(WithId(property, Arn(type, start: $"arn:{partition}:connect:")));

            Assert.Equal(type is null ? Instance : Flow, IdOf(property, request));
        });
    }

    [Fact]
    public void Ids_of_an_instance_that_is_itself_an_ARN_are_taken_out()
    {
        var request = Read(With(
            ("InstanceId", Quote(Arn())),
            ("ContactFlowId", Quote(Arn("contact-flow"))),
            ("PreviousContactId", Quote("c"))));

        Assert.Equal(Minimal with { PreviousContactId = "c" }, request);
    }

    [Fact]
    public void The_version_of_a_flow_stays_with_its_id() => Assert.Equal(
        Flow + ":3", Read(With("ContactFlowId", Quote(Arn("contact-flow", Flow + ":3")))).ContactFlowId);

    [Theory]
    [MemberData(nameof(IdProperties))]
    public void An_ARN_of_something_else_is_refused(string property, string? type)
    {
        string[] wrong =
        [
            Arn("queue"),
            Arn(type is null ? "contact-flow" : null),
            Arn(type) + "/x",
            Arn(type, start: "arn:aws:lambda:"),
            Arn(type, start: "arn::connect:"),
            $"arn:aws:connect:us-east-1::instance/{Instance}" + (type is null ? "" : $"/{type}/{Flow}"),
            "arn:aws:connect:us-east-1:123456789012:" + (type ?? "contact-flow") + "/" + Flow,
            "arn:aws:connect",
            "arn:",
            "ARN:AWS:CONNECT",
        ];

        Assert.All(wrong, arn => Assert.Equal([$"InvalidValue $.{property}"], Found(WithId(property, arn))));
        Assert.All(wrong, arn => Assert.StartsWith(
            $"{property} is an ARN, but not of the form arn:PARTITION:connect:REGION:ACCOUNT:instance/ID"
            + (type is null ? ":" : $"/{type}/ID:"),
            Sentence(WithId(property, arn)),
            StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(IdProperties))]
    public void An_ARN_of_another_instance_contradicts_InstanceId(string property, string? type)
    {
        if (type is null)
            return;
        var body = WithId(property, Arn(type, instance: OtherInstance));

        Assert.Equal([$"Contradictory $.{property}"], Found(body));
        Assert.Contains("another instance than InstanceId", Sentence(body), StringComparison.Ordinal);
        Assert.Equal(["Missing $.InstanceId"], Found(With(
            ("InstanceId", null), ("ContactFlowId", Quote(Arn("contact-flow"))))));
    }

    [Theory]
    [MemberData(nameof(IdProperties))]
    public void White_space_and_control_characters_in_an_id_are_named_not_trimmed(string property, string? type)
    {
        _ = type;
        Assert.All(
            [" id", "id ", "i d", "id\n", "id\t", "id\u00a0", "\u2003id", "i\0d", "i\u007fd", " "],
            id => Assert.Equal([$"InvalidCharacter $.{property}"], Found(WithId(property, id))));
        Assert.Equal(
            $"{property} holds white space or a control character, the first as character 3 (counted from 1): "
            + "remove it.",
            Sentence(WithId(property, "id ")));
    }

    [Theory]
    [InlineData("a#b")]
    [InlineData("a/b")]
    [InlineData("a_b")]
    [InlineData("ä")]
    public void An_instance_id_has_letters_digits_and_hyphens(string id) =>
        Assert.Equal(["InvalidCharacter $.InstanceId"], Found(With("InstanceId", Quote(id))));

    [Theory]
    [InlineData(false, false, false, "Missing $", "has none: add one.")]
    [InlineData(true, true, false, "Exclusive $", "has 2: keep one.")]
    [InlineData(true, false, true, "Exclusive $", "has 2: keep one.")]
    [InlineData(false, true, true, "Exclusive $", "has 2: keep one.")]
    [InlineData(true, true, true, "Exclusive $", "has 3: keep one.")]
    public void Exactly_one_of_flow_template_and_quick_connect_is_given(
        bool flow, bool template, bool quickConnect, string violation, string said)
    {
        var body = With(
            ("ContactFlowId", flow ? Quote("f") : null),
            ("TaskTemplateId", template ? Quote("t") : null),
            ("QuickConnectId", quickConnect ? Quote("q") : null));

        Assert.Equal([violation], Found(body));
        Assert.EndsWith(said, Sentence(body), StringComparison.Ordinal);
    }

    [Fact]
    public void Previous_and_related_contact_exclude_one_another() => Assert.Equal(
        ["Exclusive $"], Found(With(("PreviousContactId", Quote("p")), ("RelatedContactId", Quote("r")))));

    [Theory]
    [InlineData("URL")]
    [InlineData("NUMBER")]
    [InlineData("STRING")]
    [InlineData("EMAIL")]
    public void The_types_of_references_are_taken_with_any_value(string type) => Assert.All(["", "x"], value =>
        Assert.Equal(type, Read(WithReference(type, value)).References!["r"].Type));

    [Theory]
    [InlineData("url", "r.Type is not written as the service does: send URL, in capitals.")]
    [InlineData("Date", "r.Type is not written as the service does: send DATE, in capitals.")]
    [InlineData("ATTACHMENT", "r.Type is ATTACHMENT, which the service refuses when a task is created")]
    [InlineData("attachment", "r.Type is ATTACHMENT, which the service refuses when a task is created")]
    [InlineData("LINK", "r.Type is not one of URL, NUMBER, STRING, DATE, EMAIL")]
    [InlineData("", "r.Type is not one of URL, NUMBER, STRING, DATE, EMAIL")]
    [InlineData("EMAIL_MESSAGE", "r.Type is not one of URL, NUMBER, STRING, DATE, EMAIL")]
    public void Another_type_of_a_reference_is_refused_with_the_reason(string type, string said)
    {
        Assert.Equal(["InvalidValue $.References.r.Type"], Found(WithReference(type, "x")));
        Assert.StartsWith("References." + said, Sentence(WithReference(type, "x")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1800000000", true)]
    [InlineData("-300000000", true)]
    [InlineData("0", true)]
    [InlineData("2027-01-15", false)]
    [InlineData("1800000000.5", false)]
    [InlineData("", false)]
    [InlineData("-", false)]
    [InlineData("+1", false)]
    [InlineData("١٢", false)]
    public void The_value_of_a_date_is_an_epoch_time(string value, bool isTaken) => Assert.Equal(
        isTaken ? [] : ["InvalidValue $.References.r.Value"], Found(WithReference("DATE", value)));

    [Theory]
    [InlineData("""{}""", "Missing $.SegmentAttributes.s")]
    [InlineData("""{"ValueString":"","ValueInteger":1}""", "Exclusive $.SegmentAttributes.s")]
    [InlineData("""{"ValueArn":"a","ValueMap":{}}""", "Exclusive $.SegmentAttributes.s")]
    [InlineData("""{"ValueMap":{"t":{}}}""", "Missing $.SegmentAttributes.s.ValueMap.t")]
    [InlineData("""{"ValueList":[{"ValueArn":"","ValueString":""}]}""", "Exclusive $.SegmentAttributes.s.ValueList[0]")]
    public void A_segment_attribute_has_exactly_one_value(string segment, string violation) =>
        Assert.Equal([violation], Found(With("SegmentAttributes", "{\"s\":" + segment + "}")));

    [Fact]
    public void Contact_expiry_and_creator_are_taken() => Assert.Empty(Found(With(
        "SegmentAttributes",
        """
        {
          "connect:ContactExpiry": { "ValueMap": { "ExpiryDuration": { "ValueInteger": 135 } } },
          "connect:CreatedByUser": { "ValueString": "arn:aws:connect:us-west-2:123456789012:instance/i/agent/a" }
        }
        """)));

    [Theory]
    [InlineData("a\u0001.pdf")]
    [InlineData("a\u202egpj.exe")]
    [InlineData("a\ue000")]
    [InlineData("a\n")]
    public void A_file_name_has_no_control_format_or_private_characters(string name) => Assert.Equal(
        ["InvalidCharacter $.Attachments[0].FileName"], Found(Minimal with { Attachments = [new(name, "u")] }));

    [Fact]
    public void A_file_name_may_have_any_script() =>
        Assert.Empty(Found(Minimal with { Attachments = [new("Angebot für 東京 \U0001F600.pdf", "u")] }));

    [Fact]
    public void Empty_maps_are_absent() => Assert.Equal(
        Minimal, Read(With(("Attributes", "{}"), ("References", "{}"), ("SegmentAttributes", "{}"))));

    private static string WithReference(string type, string value) => With(
        "References", "{\"r\":{\"Type\":" + Quote(type) + ",\"Value\":" + Quote(value) + "}}");

    private static string WithId(string property, string id) => property is "TaskTemplateId" or "QuickConnectId"
        ? With(("ContactFlowId", null), (property, Quote(id)))
        : With(property, Quote(id));

    private static string? IdOf(string property, TaskRequest request) => property switch
    {
        "InstanceId" => request.InstanceId,
        "ContactFlowId" => request.ContactFlowId,
        "TaskTemplateId" => request.TaskTemplateId,
        "QuickConnectId" => request.QuickConnectId,
        "PreviousContactId" => request.PreviousContactId,
        _ => request.RelatedContactId,
    };
}
