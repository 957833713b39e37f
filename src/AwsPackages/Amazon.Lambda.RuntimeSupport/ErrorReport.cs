using System.Text.Encodings.Web;
using System.Text.Json;

namespace Amazon.Lambda.RuntimeSupport;

/// <summary>An exception in the form in which Lambda takes errors: type, message, stack, and its causes.</summary>
internal sealed record ErrorReport(string Type, string Message, IReadOnlyList<string> StackTrace, ErrorReport? Cause)
{
    // More than this is a runaway, and its beginning says enough. All together stay below 256 KiB, in characters.
    private const int MaximumMessageLength = 8 * 1024;
    private const int MaximumFrames = 50;
    private const int MaximumFrameLength = 500;
    private const int MaximumCauses = 3;

    // For a person in a log or a console, not for a web page.
    public static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static ErrorReport Of(Exception exception) => Of(exception, MaximumCauses);

    public byte[] ToJson()
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, Readable))
            Write(writer);
        return stream.ToArray();
    }

    private static ErrorReport Of(Exception exception, int causes) => new(
        exception.GetType().Name,
        Head(exception.Message, MaximumMessageLength),
        [.. (exception.StackTrace ?? string.Empty)
            .Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Take(MaximumFrames)
            .Select(frame => Head(frame, MaximumFrameLength))],
        exception.InnerException is { } inner && causes > 0 ? Of(inner, causes - 1) : null);

    private static string Head(string text, int length)
    {
        if (text.Length <= length)
            return text;
        // Not between the two halves of a surrogate pair.
        return text[..(char.IsHighSurrogate(text[length - 1]) ? length - 1 : length)];
    }

    private void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("errorType", Type);
        writer.WriteString("errorMessage", Message);
        writer.WriteStartArray("stackTrace");
        foreach (var frame in StackTrace)
            writer.WriteStringValue(frame);
        writer.WriteEndArray();
        if (Cause is not null)
        {
            writer.WritePropertyName("cause");
            Cause.Write(writer);
        }

        writer.WriteEndObject();
    }
}
