using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace ConnectTasks.Tests.Contracts;

/// <summary>The part of JSON Structure that our schema uses, by its specification; anything else is an error.</summary>
internal sealed class StructureChecker(JsonNode document)
{
    private static readonly HashSet<string> Keywords =
    [
        "$schema", "$id", "$uses", "$comment", "name", "description", "examples", "definitions", "type", "properties",
        "required", "additionalProperties", "oneOf", "not", "keyNames", "values", "items", "minItems", "maxItems",
        "minLength", "maxLength", "pattern", "enum",
    ];

    public bool IsValid(JsonNode? instance) => IsValid(document.AsObject(), instance);

    private bool IsValid(JsonObject schema, JsonNode? value)
    {
        Assert.Empty(schema.Select(keyword => keyword.Key).Except(Keywords));
        return IsOfType(schema, schema["type"]!, value)
            && (schema["oneOf"] is not JsonArray oneOf || oneOf.Count(one => IsValid(one!.AsObject(), value)) == 1)
            && (schema["not"] is not JsonObject not || !IsValid(not, value));
    }

    private bool IsOfType(JsonObject schema, JsonNode type, JsonNode? value)
    {
        if (type is JsonArray union)
            return union.Any(one => IsOfType(schema, one!, value));
        if (type is JsonObject reference)
        {
            var name = ((string)reference["$ref"]!)["#/definitions/".Length..];
            return IsValid(document["definitions"]![name]!.AsObject(), value);
        }
        return (string)type! switch
        {
            "any" => true,
            "string" => Text(value) is { } text && IsText(schema, text),
            "datetime" => Text(value) is { } text
                && Regex.IsMatch(text, SchemaWords.TimePattern)
                && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, out _),
            "number" => value?.GetValueKind() == JsonValueKind.Number,
            "int32" => value?.GetValueKind() == JsonValueKind.Number
                && int.TryParse(
                    value.ToJsonString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _),
            "array" => value is JsonArray array
                && array.Count >= ((int?)schema["minItems"] ?? 0)
                && array.Count <= ((int?)schema["maxItems"] ?? int.MaxValue)
                && array.All(item => IsValid(schema["items"]!.AsObject(), item)),
            "map" => value is JsonObject map && map.All(entry =>
                IsText(schema["keyNames"]!.AsObject(), entry.Key)
                && IsValid(schema["values"]!.AsObject(), entry.Value)),
            "object" => value is JsonObject properties && IsObject(schema, properties),
            _ => throw new ArgumentOutOfRangeException(nameof(type)),
        };
    }

    private bool IsObject(JsonObject schema, JsonObject value)
    {
        var known = schema["properties"]!.AsObject();
        return (schema["required"]?.AsArray() ?? []).All(name => value.ContainsKey((string)name!))
            && value.All(property => known[property.Key] is JsonObject rule
                ? IsValid(rule, property.Value)
                : (bool)schema["additionalProperties"]!);
    }

    private static bool IsText(JsonObject schema, string text) =>
        text.EnumerateRunes().Count() is var length
        && length >= ((int?)schema["minLength"] ?? 0)
        && length <= ((int?)schema["maxLength"] ?? int.MaxValue)
        && (schema["pattern"] is not { } pattern || Regex.IsMatch(text, (string)pattern!))
        && (schema["enum"] is not JsonArray values || values.Any(one => (string)one! == text));

    private static string? Text(JsonNode? value) =>
        value?.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : null;
}
