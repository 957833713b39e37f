using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace ConnectTasks.Cli;

/// <summary>
/// Bodies and attributes for a screen. Masked, what may be personal data is only its length: all values but ids,
/// tokens,
/// types and times, and names that producers choose unless they look like names.
/// </summary>
internal static partial class DlqMask
{
    private static readonly JsonWriterOptions Pretty =
        new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly HashSet<string> Shown = new(StringComparer.OrdinalIgnoreCase)
    {
        "InstanceId", "ContactFlowId", "TaskTemplateId", "QuickConnectId", "PreviousContactId", "RelatedContactId",
        "ClientToken", "ScheduledTime", "Type", "ConnectTasks", "EndIfRunning",
    };

    private static readonly HashSet<string> Maps = new(StringComparer.OrdinalIgnoreCase)
    {
        "Attributes", "SegmentAttributes",
    };

    /// <summary>The body, indented if it is JSON.</summary>
    public static string Body(string body, bool isRevealed)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            using var buffer = new MemoryStream();
            using (var json = new Utf8JsonWriter(buffer, Pretty))
                Write(json, document.RootElement, isShown: isRevealed, isRevealed, isInMap: false);
            return Printable.Text(Encoding.UTF8.GetString(buffer.ToArray()).ReplaceLineEndings("\n"));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return isRevealed ? Printable.Text(body) : $"(not JSON: {Printable.Count(body.Length, "character")})";
        }
    }

    /// <summary>The value of a message attribute.</summary>
    public static string Attribute(string name, string? value, bool isRevealed) =>
        value is null ? "(binary)"
        : isRevealed || name is "traceparent" or "tracestate" ? Printable.Text(value)
        : Length(value);

    private static void Write(Utf8JsonWriter json, JsonElement value, bool isShown, bool isRevealed, bool isInMap)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                json.WriteStartObject();
                foreach (var property in value.EnumerateObject())
                {
                    json.WritePropertyName(isRevealed || NameLike().IsMatch(property.Name)
                        ? property.Name
                        : $"(name of {Printable.Count(property.Name.Length, "character")})");
                    // The producer's own names in a map say nothing of what they hold.
                    var isShownToo = isRevealed || (!isInMap && Shown.Contains(property.Name));
                    Write(json, property.Value, isShownToo, isRevealed, isInMap || Maps.Contains(property.Name));
                }

                json.WriteEndObject();
                break;
            case JsonValueKind.Array:
                json.WriteStartArray();
                foreach (var element in value.EnumerateArray())
                    Write(json, element, isRevealed, isRevealed, isInMap);
                json.WriteEndArray();
                break;
            case JsonValueKind.String when !isRevealed && !(isShown && IdLike().IsMatch(value.GetString()!)):
                json.WriteStringValue(Length(value.GetString()!));
                break;
            case JsonValueKind.Number when !isShown:
                json.WriteStringValue("(number)");
                break;
            default:
                value.WriteTo(json);
                break;
        }
    }

    private static string Length(string text) =>
        string.Create(CultureInfo.InvariantCulture, $"({Printable.Count(text.Length, "character")})");

    /// <summary>An id, an ARN, a token or a time: without spaces, and no address of a person.</summary>
    [GeneratedRegex(@"^[A-Za-z0-9:/_.+\-]{1,500}$")]
    private static partial Regex IdLike();

    [GeneratedRegex(@"^[A-Za-z][A-Za-z0-9_.:\-]{0,63}$")]
    private static partial Regex NameLike();
}
