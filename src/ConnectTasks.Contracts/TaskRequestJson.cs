using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace ConnectTasks;

/// <summary>What reading a body gave: a request, or all that is wrong with it.</summary>
/// <param name="Request">The request, with ids taken out of ARNs; null if there is any violation.</param>
/// <param name="Violations">What is wrong; empty if nothing is.</param>
public sealed record ReadResult(TaskRequest? Request, IReadOnlyList<Violation> Violations);

/// <summary>The request as JSON: the body of a message.</summary>
public static class TaskRequestJson
{
    /// <summary>The properties of a request, in the order in which they are written.</summary>
    internal static readonly string[] Properties =
    [
        nameof(TaskRequest.InstanceId), nameof(TaskRequest.Name), nameof(TaskRequest.Description),
        nameof(TaskRequest.ContactFlowId), nameof(TaskRequest.TaskTemplateId), nameof(TaskRequest.QuickConnectId),
        nameof(TaskRequest.PreviousContactId), nameof(TaskRequest.RelatedContactId), nameof(TaskRequest.ClientToken),
        nameof(TaskRequest.ScheduledTime), nameof(TaskRequest.Attributes), nameof(TaskRequest.References),
        nameof(TaskRequest.SegmentAttributes), nameof(TaskRequest.Attachments),
    ];

    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    /// <summary>
    /// Reads a body. Strict: names in any case, but none twice and none unknown; no comments, no trailing commas, nothing
    /// after the object. Never throws for anything in the body.
    /// </summary>
    public static ReadResult Read(string body)
    {
        ArgumentNullException.ThrowIfNull(body);
        var rented = ArrayPool<byte>.Shared.Rent(StrictUtf8.GetMaxByteCount(body.Length));
        try
        {
            return Read(rented.AsSpan(0, StrictUtf8.GetBytes(body, rented)));
        }
        catch (EncoderFallbackException)
        {
            return Failed(ViolationCodes.InvalidCharacter, "The body holds half of a surrogate pair: encode the text as UTF-8.");
        }
        finally
        {
            // The body is personal data: it does not stay behind in the pool.
            ArrayPool<byte>.Shared.Return(rented, clearArray: true);
        }
    }

    /// <inheritdoc cref="Read(string)"/>
    /// <param name="utf8">The body in UTF-8.</param>
    public static ReadResult Read(ReadOnlySpan<byte> utf8)
    {
        if (utf8.IndexOfAnyExcept(" \t\r\n"u8) < 0)
        {
            return Failed(ViolationCodes.EmptyBody, "The body is empty: send a task request as a JSON object.");
        }

        if (utf8.StartsWith("\uFEFF"u8))
        {
            return Failed(
                ViolationCodes.MalformedJson, "The body begins with a byte-order mark: send the JSON without it.");
        }

        if (!Utf8.IsValid(utf8))
        {
            return Failed(ViolationCodes.InvalidCharacter, "The body is not UTF-8: encode it as UTF-8.");
        }

        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = TaskRequestLimits.Depth });
        try
        {
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                return Failed(
                    ViolationCodes.NotAnObject,
                    $"The body is {Article(reader.TokenType)}: send a task request as a JSON object, not encoded a second time.");
            }

            var request = new TaskRequestReader().Read(ref reader, out var problems);
            reader.Read();
            return TaskRequestValidator.Finish(request, problems);
        }
        catch (JsonException e)
        {
            return Failed(ViolationCodes.MalformedJson, Malformed(e, reader.CurrentDepth));
        }
    }

    /// <summary>Writes a request as the body of a message: absent properties left out, the time in epoch seconds.</summary>
    public static byte[] Write(TaskRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var buffer = new ArrayBufferWriter<byte>(512);
        using var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { SkipValidation = true });
        TaskRequestWriter.Write(json, request);
        json.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    internal static string Article(JsonTokenType type) => type switch
    {
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "an array",
        JsonTokenType.String => "a string",
        JsonTokenType.Number => "a number",
        JsonTokenType.True or JsonTokenType.False => "a boolean",
        JsonTokenType.Null => "null",
        _ => "nothing",
    };

    private static string Malformed(JsonException e, int depth)
    {
        if (depth >= TaskRequestLimits.Depth)
        {
            return $"The body is nested deeper than {TaskRequestLimits.Depth} levels: flatten it.";
        }

        var where = $"line {(e.LineNumber ?? 0) + 1}, byte {(e.BytePositionInLine ?? 0) + 1}";
        return $"The body is not well-formed JSON at {where}: send exactly one JSON object in standard JSON, without "
            + "comments, trailing commas or anything after it.";
    }

    private static ReadResult Failed(string code, string message) => new(null, [new Violation(code, "$", message)]);
}
