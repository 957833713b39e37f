using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ConnectTasks;

/// <summary>
/// The form of a task request as a schema for other languages and tools, written from the same tables that
/// <see cref="TaskRequestJson"/> and <see cref="TaskRequestValidator"/> go by.
/// </summary>
/// <remarks>
/// A schema describes the request itself, without an envelope. No schema language can say all of the rules: what is
/// left to the function is listed in the schema.
/// </remarks>
public static class TaskRequestSchema
{
    private static readonly JsonWriterOptions Readable = new()
    {
        Indented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The schema in JSON Schema, draft 2020-12.</summary>
    public static string JsonSchema() => Text(JsonSchemaForm.Create());

    /// <summary>
    /// The schema in JSON Structure, version 0: the core with the extensions for validation and conditional
    /// composition.
    /// </summary>
    public static string JsonStructure() => Text(JsonStructureForm.Create());

    private static string Text(JsonObject schema)
    {
        var buffer = new ArrayBufferWriter<byte>(16_384);
        using (var json = new Utf8JsonWriter(buffer, Readable))
            schema.WriteTo(json);
        return Encoding.UTF8.GetString(buffer.WrittenSpan) + "\n";
    }
}
