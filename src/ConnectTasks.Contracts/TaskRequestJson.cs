using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;

namespace ConnectTasks;

/// <summary>The JSON form of a task request: what stands in the body of a message on the task queue.</summary>
public static class TaskRequestJson
{
    // Names and texts in any script stay readable and short; what SQS does not take in a body is still escaped.
    private static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Reads and checks the body of a message, and reports everything that is wrong with it at once.</summary>
    /// <remarks>
    /// The JSON is strict (RFC 8259, without comments, trailing commas and text after the value). Property names match
    /// in any case, each at most once, and no others are taken; <c>null</c> is the same as absent. ScheduledTime is a
    /// number of Unix epoch seconds or a string of RFC 3339 with an offset. A byte-order mark at the start is passed
    /// over, as RFC 8259 allows a parser to do: it says nothing about the request. If the text is not JSON, that is the
    /// only violation.
    /// </remarks>
    /// <param name="utf8">The body.</param>
    /// <returns>The request in normal form, or what is wrong with it. Never throws.</returns>
    public static ReadResult Read(ReadOnlySpan<byte> utf8)
    {
        var findings = new Findings();
        var request = Read(utf8, findings);
        return new ReadResult { Request = findings.IsEmpty ? request : null, Violations = findings.ToList() };
    }

    /// <inheritdoc cref="Read(ReadOnlySpan{byte})"/>
    /// <param name="body">The body; <c>null</c> is the same as empty.</param>
    public static ReadResult Read(string? body)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetByteCount(body ?? ""));
        try
        {
            var status = Utf8.FromUtf16(body, buffer, out var read, out var written, replaceInvalidSequences: false);
            if (status == OperationStatus.Done)
                return Read(buffer.AsSpan(0, written));
            var findings = new Findings();
            findings.Add(
                ViolationCodes.InvalidEncoding,
                $"The body {TextRules.LoneSurrogate} It is character {Findings.Number(read + 1L)} (counted from 1).");
            return new ReadResult { Violations = findings.ToList() };
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>
    /// Writes a request as compact JSON in UTF-8: the properties in the order of <see cref="TaskRequest"/>, absent ones
    /// left out, ScheduledTime as a whole number of Unix epoch seconds, rounded up. What is written of a valid request
    /// reads back as the same request.
    /// </summary>
    /// <param name="request">The request. It is not checked: see <see cref="TaskRequestValidator"/>.</param>
    public static byte[] Write(TaskRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer, Compact))
            BodyWriter.Write(json, request);
        return buffer.WrittenSpan.ToArray();
    }

    private static TaskRequest? Read(ReadOnlySpan<byte> utf8, Findings findings)
    {
        if (utf8.StartsWith("\uFEFF"u8))
            utf8 = utf8[3..];
        if (utf8.Trim(" \t\r\n"u8).IsEmpty)
        {
            findings.Add(ViolationCodes.EmptyBody, "The body is empty: send one JSON object, the task request.");
            return null;
        }
        if (!Utf8.IsValid(utf8))
        {
            findings.Add(
                ViolationCodes.InvalidEncoding,
                $"The body is not valid UTF-8 at byte {Findings.Number(ValidLength(utf8) + 1L)} (counted from 1): "
                + "encode it as UTF-8.");
            return null;
        }
        try
        {
            var request = BodyReader.Read(utf8, findings);
            return request is null ? null : TaskRequestValidator.Check(request, findings);
        }
        catch (JsonException)
        {
            // Nothing that was found in a text that is not JSON can be relied on.
            findings.Clear();
            JsonFault.Report(utf8, findings);
            return null;
        }
    }

    private static int ValidLength(ReadOnlySpan<byte> utf8)
    {
        var length = 0;
        while (Rune.DecodeFromUtf8(utf8[length..], out _, out var consumed) == OperationStatus.Done)
            length += consumed;
        return length;
    }
}
