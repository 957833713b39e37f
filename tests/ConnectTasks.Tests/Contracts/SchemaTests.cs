using System.Text.Json;
using System.Text.Json.Nodes;
using Json.Schema;
using static ConnectTasks.Tests.Contracts.SomeJson;

namespace ConnectTasks.Tests.Contracts;

public sealed class SchemaTests
{
    private static readonly JsonSchema Schema = JsonSchema.FromText(TaskRequestSchema.JsonSchema());

    private static readonly StructureChecker Structure = new(JsonNode.Parse(TaskRequestSchema.JsonStructure())!);

    /// <summary>The text of a schema in the repository and the package.</summary>
    public static string Published(string file) => File.ReadAllText(
        Path.Combine(Samples.RepositoryRoot, "src", "ConnectTasks.Contracts", "Schemas", file));

    public static bool IsValid(string body)
    {
        using var document = JsonDocument.Parse(body);
        return Schema.Evaluate(document.RootElement).IsValid;
    }

    public static bool IsValidStructure(string body) => Structure.IsValid(JsonNode.Parse(body));

    [Fact]
    public void The_published_schemas_are_what_the_code_says()
    {
        Assert.Equal(TaskRequestSchema.JsonSchema(), Published("task-request.schema.json"));
        Assert.Equal(TaskRequestSchema.JsonStructure(), Published("task-request.structure.json"));
    }

    [Fact]
    public void The_JSON_Schema_is_one_by_its_own_meta_schema()
    {
        using var document = JsonDocument.Parse(TaskRequestSchema.JsonSchema());

        Assert.True(MetaSchemas.Draft202012.Evaluate(document.RootElement).IsValid);
    }

    [Fact]
    public void The_examples_are_valid_and_show_every_property()
    {
        var examples = JsonNode.Parse(TaskRequestSchema.JsonSchema())!["examples"]!.AsArray();

        Assert.All(examples, example =>
        {
            Assert.Empty(Found(example!.ToJsonString()));
            Assert.True(IsValid(example.ToJsonString()));
            Assert.True(IsValidStructure(example.ToJsonString()));
        });
        // Those that exclude a property of the example are not there.
        Assert.Equal(
            ["QuickConnectId", "RelatedContactId"],
            Enum.GetNames<TaskProperty>().Except(
                examples.SelectMany(example => example!.AsObject()).Select(property => property.Key)));
    }

    [Fact]
    public void Every_property_has_a_description_in_both_languages()
    {
        Check(JsonNode.Parse(TaskRequestSchema.JsonSchema())!);
        Check(JsonNode.Parse(TaskRequestSchema.JsonStructure())!);

        static void Check(JsonNode schema)
        {
            Assert.Equal(Enum.GetNames<TaskProperty>(), schema["properties"]!.AsObject().Select(p => p.Key));
            Assert.All(schema["properties"]!.AsObject(), p => Assert.NotEmpty((string)p.Value!["description"]!));
        }
    }

    // What the function judges otherwise, because the schema cannot say it: see the table below.
    private static readonly string[] Unsaid =
    [
        "bad-attribute-twice.json", "bad-attributes-too-many-bytes.json", "bad-flow-of-another-instance.json",
        "bad-property-twice.json", "bad-references-too-many-bytes.json", "bad-time-of-no-day.json",
        "good-names-in-other-case.json",
    ];

    [Fact]
    public void The_schema_judges_the_samples_as_the_function_does_but_for_what_it_cannot_say()
    {
        var others = Samples.Names.Where(name =>
        {
            var body = Samples.Body(name);
            var violations = TaskRequestJson.Read(body).Violations;
            // Text that is no JSON, or holds half a character, reaches no schema.
            return !IsText(violations) && IsValid(body.TrimStart('\uFEFF')) != (violations.Count == 0);
        });

        Assert.Equal(Unsaid, others);
    }

    [Fact]
    public void The_structure_takes_the_good_samples_but_for_what_it_cannot_say()
    {
        var others = Samples.Names.Where(name =>
        {
            var body = Samples.Body(name);
            return TaskRequestJson.Read(body).Violations.Count == 0 && !IsValidStructure(body.TrimStart('\uFEFF'));
        });

        Assert.Equal(["good-names-in-other-case.json", "good-null-is-absent.json"], others);
    }

    /// <summary>A rule in the comment, a body, what the schema says of it; the function says otherwise.</summary>
    public static TheoryData<string, string, bool> Rules => new()
    {
        { "a name occurs once in its object", With()[..^1] + ",\"Name\":\"again\"}", true },
        { "nested at most 32 levels deep", With("SegmentAttributes", Deep(16)), true },
        { "match in any case", With(("Name", null), ("name", Quote("n"))), false },
        { "at most 32,768 UTF-8 bytes", With("Attributes", $$"""{"a":"{{new string('ü', 16_384)}}"}"""), true },
        { "References 4,096", With("References", Reference("STRING", new string('x', 4_096))), true },
        {
            "of the instance that InstanceId names",
            With("ContactFlowId", Quote(Arn("contact-flow", instance: OtherInstance))),
            true
        },
        { "names a day that there is", With("ScheduledTime", Quote("2027-02-29T08:00:00Z")), true },
        { "from 1970 to 9999", With("ScheduledTime", Quote("1969-01-01T08:00:00Z")), true },
        { "white space is none", With("ClientToken", Quote(new string(' ', 501))), false },
        { "without a fraction and an exponent", With("SegmentAttributes", """{"s":{"ValueInteger":1.0}}"""), true },
        { "no format and no private-use", With("Attachments", """[{"FileName":"a\u200Bb","S3Url":"u"}]"""), true },
    };

    [Theory]
    [MemberData(nameof(Rules))]
    public void What_the_schema_cannot_say_is_in_its_comment(string rule, string body, bool isValid)
    {
        var comment = (string)JsonNode.Parse(TaskRequestSchema.JsonSchema())!["$comment"]!;
        Assert.Contains(rule, comment, StringComparison.Ordinal);
        Assert.Equal(isValid, IsValid(body));
        Assert.Equal(!isValid, TaskRequestJson.Read(body).Violations.Count == 0);
    }

    /// <summary>The same for what JSON Structure cannot say beside that.</summary>
    public static TheoryData<string, string, bool> StructureRules => new()
    {
        { "null is the same as absent", With("Description", "null"), false },
        { "an id that is an ARN has the form", With("ContactFlowId", Quote(Arn("queue"))), true },
        { "no longer than is said", With("PreviousContactId", Quote(new string('c', 257))), true },
        { "is more than 0", With("ScheduledTime", "0"), true },
        { "the type DATE is an epoch time", With("References", Reference("DATE", "tomorrow")), true },
    };

    [Theory]
    [MemberData(nameof(StructureRules))]
    public void What_the_structure_cannot_say_is_in_its_comment(string rule, string body, bool isValid)
    {
        var comment = (string)JsonNode.Parse(TaskRequestSchema.JsonStructure())!["$comment"]!;
        Assert.Contains(rule, comment, StringComparison.Ordinal);
        Assert.Equal(isValid, IsValidStructure(body));
        Assert.Equal(!isValid, TaskRequestJson.Read(body).Violations.Count == 0);
        Assert.Equal(!isValid, IsValid(body));
    }

    private static bool IsText(IReadOnlyList<Violation> violations) => violations.Count == 1
        && violations[0].Code is ViolationCodes.EmptyBody or ViolationCodes.MalformedJson or ViolationCodes.TrailingText
            or ViolationCodes.InvalidCharacter
        && (violations[0].Path is "$" || violations[0].Message.Contains("surrogate", StringComparison.Ordinal));

    private static string Reference(string type, string value) =>
        $$$"""{"r":{"Type":"{{{type}}}","Value":"{{{value}}}"}}""";

    private static string Deep(int maps)
    {
        var value = """{"ValueString":"x"}""";
        for (var level = 0; level < maps; level++)
            value = "{\"ValueMap\":{\"m\":" + value + "}}";
        return "{\"s\":" + value + "}";
    }
}
