using System.Text.Json.Nodes;
using Limits = ConnectTasks.TaskRequestLimits;

namespace ConnectTasks;

/// <summary>A task request in JSON Structure, version 0.</summary>
internal static class JsonStructureForm
{
    private const string Reference = nameof(TaskReference);
    private const string Segment = nameof(SegmentAttribute);
    private const string Attachment = nameof(TaskAttachmentFile);

    public static JsonObject Create()
    {
        var properties = new JsonObject();
        var required = new List<string>();
        foreach (var property in Enum.GetValues<TaskProperty>())
        {
            var rule = TaskProperties.Rule(property);
            var schema = PropertyOf(rule);
            schema["description"] = SchemaWords.DescriptionOf(property);
            properties.Add(rule.Name, schema);
            if (rule.IsRequired)
                required.Add(rule.Name);
        }
        return new JsonObject
        {
            ["$schema"] = "https://json-structure.org/meta/extended/v0/#",
            ["$id"] = "https://connect-tasks.example/schemas/v1/task-request.structure.json",
            ["$uses"] = new JsonArray("JSONStructureValidation", "JSONStructureConditionalComposition"),
            ["$comment"] = SchemaWords.CommentOn([.. SchemaWords.Unsaid, .. SchemaWords.UnsaidInStructure]),
            ["name"] = nameof(TaskRequest),
            ["description"] = SchemaWords.Description,
            ["type"] = "object",
            ["properties"] = properties,
            ["required"] = Names(required),
            ["additionalProperties"] = false,
            // Sets of required properties would say it too, but not every validator knows them.
            ["oneOf"] = OneOf(SchemaWords.Handlers.Select(handler => TaskProperties.Rule(handler).Name)),
            ["not"] = Given([.. SchemaWords.EarlierContacts.Select(contact => TaskProperties.Rule(contact).Name)]),
            ["examples"] = SchemaWords.Examples(),
            ["definitions"] = new JsonObject
            {
                [Reference] = ReferenceOf(),
                [Segment] = SegmentOf(),
                [Attachment] = AttachmentOf(),
            },
        };
    }

    private static JsonObject PropertyOf(PropertyRule rule) => rule.Kind switch
    {
        PropertyKind.Text => Text(rule.MinLength, rule.MaxLength),
        // An ARN is longer than the id in it.
        PropertyKind.Id => Text(rule.MinLength, int.MaxValue, SchemaWords.IdPattern),
        PropertyKind.Time => new JsonObject { ["type"] = new JsonArray("number", "datetime") },
        PropertyKind.AttributeMap => MapOf(
            Text(1, Limits.AttributeNameMaxCharacters, SchemaWords.AttributeNamePattern),
            Text(0, Limits.AttributeValueMaxCharacters)),
        PropertyKind.ReferenceMap => MapOf(Text(1, Limits.ReferenceNameMaxCharacters), Defined(Reference)),
        PropertyKind.SegmentMap => SegmentMap(),
        PropertyKind.AttachmentList => new JsonObject
        {
            ["type"] = "array",
            ["items"] = Defined(Attachment),
            ["minItems"] = 1,
            ["maxItems"] = Limits.AttachmentsMaxCount,
        },
    };

    private static JsonObject ReferenceOf()
    {
        var type = new JsonObject
        {
            ["type"] = "string",
            ["enum"] = Names(TaskProperties.ReferenceTypes),
        };
        return ObjectOf(
            SchemaWords.ReferenceDescription,
            TaskProperties.ReferenceNames,
            Names(["Type", "Value"]),
            type,
            Text(0, Limits.ReferenceValueMaxCharacters));
    }

    private static JsonObject AttachmentOf() => ObjectOf(
        SchemaWords.AttachmentDescription,
        TaskProperties.AttachmentNames,
        Names(["FileName", "S3Url"]),
        Text(1, Limits.AttachmentFileNameMaxCharacters, SchemaWords.FileNamePattern),
        Text(1, Limits.AttachmentUrlMaxCharacters));

    private static JsonObject SegmentOf()
    {
        var segment = ObjectOf(
            SchemaWords.SegmentDescription,
            TaskProperties.SegmentNames,
            null,
            Text(0, Limits.SegmentAttributeValueMaxCharacters),
            new JsonObject { ["type"] = "int32" },
            SegmentMap(),
            new JsonObject { ["type"] = "array", ["items"] = Defined(Segment) },
            Text(0, Limits.SegmentAttributeValueMaxCharacters));
        segment["oneOf"] = OneOf(((JsonObject)segment["properties"]!).Select(property => property.Key));
        return segment;
    }

    private static JsonObject SegmentMap() => MapOf(
        Text(1, Limits.SegmentAttributeNameMaxCharacters, SchemaWords.SegmentNamePattern), Defined(Segment));

    private static JsonObject ObjectOf(
        string description, PropertyNames names, JsonArray? required, params JsonObject[] schemas)
    {
        var properties = new JsonObject();
        for (var i = 0; i < schemas.Length; i++)
        {
            schemas[i]["description"] = SchemaWords.DescriptionOf(names[i]);
            properties.Add(names[i], schemas[i]);
        }
        var schema = new JsonObject
        {
            ["description"] = description,
            ["type"] = "object",
            ["properties"] = properties,
            ["additionalProperties"] = false,
        };
        if (required is not null)
            schema["required"] = required;
        return schema;
    }

    private static JsonObject MapOf(JsonObject names, JsonObject values) => new()
    {
        ["type"] = "map",
        ["keyNames"] = names,
        ["values"] = values,
    };

    private static JsonObject Text(int minLength, int maxLength, string? pattern = null)
    {
        var text = new JsonObject { ["type"] = "string" };
        if (minLength > 0)
            text["minLength"] = minLength;
        if (maxLength < int.MaxValue)
            text["maxLength"] = maxLength;
        if (pattern is not null)
            text["pattern"] = pattern;
        return text;
    }

    private static JsonArray OneOf(IEnumerable<string> properties) =>
        new([.. properties.Select(property => Given([property]))]);

    /// <summary>All of the properties are there.</summary>
    private static JsonObject Given(string[] properties) => new()
    {
        ["type"] = "object",
        ["properties"] = new JsonObject(properties.Select(property => KeyValuePair.Create<string, JsonNode?>(
            property, new JsonObject { ["type"] = "any" }))),
        ["required"] = Names(properties),
        ["additionalProperties"] = true,
    };

    private static JsonArray Names(IEnumerable<string> names) => new([.. names.Select(name => JsonValue.Create(name))]);

    private static JsonObject Defined(string name) => new()
    {
        ["type"] = new JsonObject { ["$ref"] = $"#/definitions/{name}" },
    };
}
