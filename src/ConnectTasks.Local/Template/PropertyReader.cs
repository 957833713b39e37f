using System.Globalization;
using System.Text.Json.Nodes;

namespace ConnectTasks.Local;

/// <summary>Reads evaluated properties, and knows where in the template they stand when one is wrong.</summary>
internal sealed class PropertyReader(JsonObject properties, string path)
{
    public string Path => path;

    public bool Has(string name) => properties[name] is not null;

    public IEnumerable<string> Names => properties.Where(p => p.Value is not null).Select(p => p.Key);

    public JsonNode? Raw(string name) => properties[name];

    public string? Text(string name) => properties[name] switch
    {
        null => null,
        JsonValue value => value.ToString(),
        _ => throw Wrong(name, "a single value"),
    };

    public string RequiredText(string name) => Text(name) ?? throw Wrong(name, "given");

    public int? Integer(string name, int minimum, int maximum)
    {
        if (Text(name) is not { } text)
            return null;
        return int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
            && value >= minimum && value <= maximum
                ? value
                : throw Wrong(name, $"a whole number from {minimum} to {maximum}");
    }

    public bool? Boolean(string name) => Text(name)?.ToLowerInvariant() switch
    {
        null => null,
        "true" => true,
        "false" => false,
        _ => throw Wrong(name, "true or false"),
    };

    public PropertyReader? Section(string name) => properties[name] switch
    {
        null => null,
        JsonObject section => new PropertyReader(section, $"{path}.{name}"),
        _ => throw Wrong(name, "a map"),
    };

    public IReadOnlyList<string> Texts(string name) =>
    [
        .. Array(name).Select(item => (item as JsonValue)?.ToString() ?? throw Wrong(name, "a list of texts")),
    ];

    public IReadOnlyList<PropertyReader> Sections(string name) =>
    [
        .. Array(name).Select((item, index) => item is JsonObject section
            ? new PropertyReader(section, $"{path}.{name}[{index}]")
            : throw Wrong(name, "a list of maps")),
    ];

    public LocalException Wrong(string name, string expectation) => new($"{path}.{name} must be {expectation}.");

    private JsonArray Array(string name) => properties[name] switch
    {
        null => [],
        JsonArray array => array,
        _ => throw Wrong(name, "a list"),
    };
}
