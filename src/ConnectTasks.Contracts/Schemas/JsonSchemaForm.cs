using System.Text.Json.Nodes;
using Limits = ConnectTasks.TaskRequestLimits;

namespace ConnectTasks;

/// <summary>A task request in JSON Schema, draft 2020-12.</summary>
internal static class JsonSchemaForm
{
    private const string Segment = "segmentAttribute";
    private const string SegmentMap = "segmentAttributeMap";

    public static JsonObject Create()
    {
        var properties = new JsonObject();
        var required = new JsonArray();
        foreach (var property in Enum.GetValues<TaskProperty>())
        {
            var rule = TaskProperties.Rule(property);
            properties.Add(rule.Name, PropertyOf(property, rule));
            if (rule.IsRequired)
                required.Add((JsonNode)rule.Name);
        }
        return new JsonObject
        {
            ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
            ["$id"] = "https://connect-tasks.example/schemas/v1/task-request.schema.json",
            ["$comment"] = SchemaWords.CommentOn(SchemaWords.Unsaid),
            ["title"] = SchemaWords.Title,
            ["description"] = SchemaWords.Description,
            ["type"] = "object",
            ["properties"] = properties,
            ["required"] = required,
            ["additionalProperties"] = false,
            ["oneOf"] = Given(SchemaWords.Handlers.Select(handler => TaskProperties.Rule(handler).Name)),
            ["not"] = Given([.. SchemaWords.EarlierContacts.Select(contact => TaskProperties.Rule(contact).Name)]),
            ["examples"] = SchemaWords.Examples(),
            ["$defs"] = new JsonObject { [SegmentMap] = SegmentMapOf(), [Segment] = SegmentOf() },
        };
    }

    private static JsonObject PropertyOf(TaskProperty property, PropertyRule rule)
    {
        var schema = rule.Kind switch
        {
            PropertyKind.Text => Limited(rule.MinLength, rule.MaxLength),
            PropertyKind.Id => IdOf(rule),
            PropertyKind.Time => Time(),
            PropertyKind.AttributeMap => MapOf(
                Named(Limits.AttributeNameMaxCharacters, SchemaWords.AttributeNamePattern),
                Limited(0, Limits.AttributeValueMaxCharacters)),
            PropertyKind.ReferenceMap => MapOf(Named(Limits.ReferenceNameMaxCharacters, null), Reference()),
            PropertyKind.SegmentMap => new JsonObject { ["anyOf"] = new JsonArray(Defined(SegmentMap), Null()) },
            PropertyKind.AttachmentList => new JsonObject
            {
                ["type"] = "array",
                ["minItems"] = 1,
                ["maxItems"] = Limits.AttachmentsMaxCount,
                ["items"] = Attachment(),
            },
        };
        schema.Insert(0, "description", SchemaWords.DescriptionOf(property));
        // Null is the same as absent.
        if (!rule.IsRequired && schema["type"] is { } type)
            schema["type"] = new JsonArray(type.DeepClone(), "null");
        return schema;
    }

    private static JsonObject IdOf(PropertyRule rule)
    {
        var id = Limited(rule.MinLength, rule.MaxLength);
        id["pattern"] = rule.ArnType is null ? SchemaWords.InstanceIdPattern : SchemaWords.IdPattern;
        id["not"] = new JsonObject { ["pattern"] = "^[Aa][Rr][Nn]:" };
        var alternatives = new JsonArray(id, new JsonObject { ["type"] = "string", ["pattern"] = ArnPatternOf(rule) });
        if (!rule.IsRequired)
            alternatives.Add((JsonNode)Null());
        return new JsonObject { ["anyOf"] = alternatives };
    }

    private static string ArnPatternOf(PropertyRule rule)
    {
        const string Part = @"[^:\s\x00-\x1F\x7F-\x9F]+";
        const string Name = @"[^/\s\x00-\x1F\x7F-\x9F]";
        const string Start = $"^[Aa][Rr][Nn]:{Part}:connect:{Part}:{Part}:instance/";
        var length = rule.MaxLength == int.MaxValue ? "+" : $"{{{rule.MinLength},{rule.MaxLength}}}";
        return rule.ArnType is null
            ? $"{Start}[A-Za-z0-9-]{length}$"
            : $"{Start}{Name}+/{rule.ArnType}/{Name}{length}$";
    }

    private static JsonObject Time() => new()
    {
        ["anyOf"] = new JsonArray(
            new JsonObject
            {
                ["type"] = "number",
                ["exclusiveMinimum"] = 0,
                ["maximum"] = Limits.ScheduledTimeMaxEpochSeconds,
            },
            new JsonObject
            {
                ["type"] = "string",
                ["format"] = "date-time",
                ["pattern"] = SchemaWords.TimePattern,
            },
            Null()),
        ["examples"] = new JsonArray(1_800_000_000, "2027-01-15T08:00:00Z", "2027-01-15T09:00:00+01:00"),
    };

    private static JsonObject Reference()
    {
        var reference = ObjectOf(
            SchemaWords.ReferenceDescription,
            TaskProperties.ReferenceNames,
            new JsonObject
            {
                ["type"] = "string",
                ["enum"] = new JsonArray([.. TaskProperties.ReferenceTypes.Select(type => JsonValue.Create(type))]),
            },
            Limited(0, Limits.ReferenceValueMaxCharacters));
        reference["required"] = new JsonArray("Type", "Value");
        reference["if"] = new JsonObject
        {
            ["properties"] = new JsonObject { ["Type"] = new JsonObject { ["const"] = "DATE" } },
            ["required"] = new JsonArray("Type"),
        };
        reference["then"] = new JsonObject
        {
            ["properties"] = new JsonObject
            {
                ["Value"] = new JsonObject { ["pattern"] = SchemaWords.EpochTimePattern },
            },
        };
        return reference;
    }

    private static JsonObject Attachment()
    {
        var fileName = Limited(1, Limits.AttachmentFileNameMaxCharacters);
        fileName["pattern"] = SchemaWords.FileNamePattern;
        var attachment = ObjectOf(
            SchemaWords.AttachmentDescription,
            TaskProperties.AttachmentNames,
            fileName,
            Limited(1, Limits.AttachmentUrlMaxCharacters));
        attachment["required"] = new JsonArray("FileName", "S3Url");
        return attachment;
    }

    private static JsonObject SegmentMapOf() => MapOf(
        Named(Limits.SegmentAttributeNameMaxCharacters, SchemaWords.SegmentNamePattern), Defined(Segment));

    private static JsonObject SegmentOf()
    {
        JsonObject Text() => new()
        {
            ["type"] = new JsonArray("string", "null"),
            ["maxLength"] = Limits.SegmentAttributeValueMaxCharacters,
        };
        var segment = ObjectOf(
            SchemaWords.SegmentDescription,
            TaskProperties.SegmentNames,
            Text(),
            new JsonObject
            {
                ["type"] = new JsonArray("integer", "null"),
                ["minimum"] = int.MinValue,
                ["maximum"] = int.MaxValue,
            },
            new JsonObject { ["anyOf"] = new JsonArray(Defined(SegmentMap), Null()) },
            new JsonObject { ["type"] = new JsonArray("array", "null"), ["items"] = Defined(Segment) },
            Text());
        segment["oneOf"] = Given(((JsonObject)segment["properties"]!).Select(property => property.Key));
        return segment;
    }

    private static JsonObject ObjectOf(string description, PropertyNames names, params JsonObject[] schemas)
    {
        var properties = new JsonObject();
        for (var i = 0; i < schemas.Length; i++)
        {
            schemas[i].Insert(0, "description", SchemaWords.DescriptionOf(names[i]));
            properties.Add(names[i], schemas[i]);
        }
        return new JsonObject
        {
            ["description"] = description,
            ["type"] = "object",
            ["properties"] = properties,
            ["additionalProperties"] = false,
        };
    }

    private static JsonObject MapOf(JsonObject names, JsonObject values) => new()
    {
        ["type"] = "object",
        ["propertyNames"] = names,
        ["additionalProperties"] = values,
    };

    private static JsonObject Named(int maxLength, string? pattern)
    {
        var name = new JsonObject { ["minLength"] = 1, ["maxLength"] = maxLength };
        if (pattern is not null)
            name["pattern"] = pattern;
        return name;
    }

    private static JsonObject Limited(int minLength, int maxLength)
    {
        var text = new JsonObject { ["type"] = "string" };
        if (minLength > 0)
            text["minLength"] = minLength;
        if (maxLength < int.MaxValue)
            text["maxLength"] = maxLength;
        return text;
    }

    /// <summary>One alternative a property: that it is there and not null.</summary>
    private static JsonArray Given(IEnumerable<string> properties) =>
        new([.. properties.Select(property => Given([property]))]);

    /// <summary>All of the properties are there and not null.</summary>
    private static JsonObject Given(string[] properties) => new()
    {
        ["properties"] = new JsonObject(properties.Select(property => KeyValuePair.Create<string, JsonNode?>(
            property, new JsonObject { ["not"] = Null() }))),
        ["required"] = new JsonArray([.. properties.Select(property => JsonValue.Create(property))]),
    };

    private static JsonObject Defined(string name) => new() { ["$ref"] = $"#/$defs/{name}" };

    private static JsonObject Null() => new() { ["type"] = "null" };
}
