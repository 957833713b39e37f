using System.Text.Json;

namespace ConnectTasks;

/// <summary>Says what keeps a body from being JSON, in our own words: the parser's repeat parts of the text.</summary>
internal static class JsonFault
{
    /// <summary>Reports why a body, on which a reader has thrown, is not JSON of a depth that is taken.</summary>
    public static void Report(ReadOnlySpan<byte> utf8, Findings findings)
    {
        // One level more than is taken, so that the reader reaches the one that is too deep.
        var json = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = TaskRequestLimits.NestingMaxDepth + 1 });
        try
        {
            while (json.Read())
            {
                if (json.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray
                    && json.CurrentDepth >= TaskRequestLimits.NestingMaxDepth)
                {
                    ReportDepth(utf8, (int)json.TokenStartIndex, findings);
                    return;
                }
            }
        }
        catch (JsonException fault)
        {
            ReportSyntax(utf8, OffsetOf(utf8, fault), IsAfterValue(json), findings);
        }
    }

    private static bool IsAfterValue(in Utf8JsonReader json) =>
        json.CurrentDepth == 0
        && json.TokenType is not (JsonTokenType.None or JsonTokenType.StartObject or JsonTokenType.StartArray);

    private static void ReportDepth(ReadOnlySpan<byte> utf8, int offset, Findings findings) => findings.Add(
        ViolationCodes.TooDeep,
        $"The body nests objects and arrays deeper than {TaskRequestLimits.NestingMaxDepth} levels at "
        + $"{Place(utf8, offset)}: flatten it.");

    private static void ReportSyntax(ReadOnlySpan<byte> utf8, int offset, bool isAfterValue, Findings findings)
    {
        var place = Place(utf8, offset);
        if (isAfterValue)
        {
            findings.Add(
                ViolationCodes.TrailingText,
                $"The body has text after the end of its JSON value, at {place}: send one JSON object in a message.");
            return;
        }
        findings.Add(
            ViolationCodes.MalformedJson, $"The body is not valid JSON at {place}: {Hint(utf8, offset)}.");
    }

    // What the character there, and the one before it, say about the slip; never the characters themselves.
    private static string Hint(ReadOnlySpan<byte> utf8, int offset)
    {
        if (offset >= utf8.Length)
            return "it ends in the middle of a value; send the whole text";
        var before = utf8[..offset].TrimEnd(" \t\r\n"u8);
        var isInPlaceOfName = before is [.., (byte)'{' or (byte)','];
        return utf8[offset] switch
        {
            (byte)'/' => "comments are not JSON; remove them",
            (byte)'}' or (byte)']' when before is [.., (byte)','] => "remove the comma before the closing bracket",
            (byte)'\'' => "put names and strings in double quotes, not in single ones",
            0xEF when utf8[offset..].StartsWith("\uFEFF"u8) =>
                "there is a byte-order mark (U+FEFF) that is not the first character; remove it",
            0xC3 when utf8[offset..].StartsWith("\u00EF\u00BB\u00BF"u8) =>
                "it begins with a byte-order mark that was read in another encoding; remove it",
            (byte)'&' when offset == 0 || isInPlaceOfName => "it looks HTML-escaped; send the JSON as it is",
            < 0x20 => "a control character in a string has to be escaped, as in \\n or \\u0001",
            (byte)'N' or (byte)'I' when offset > 0 && !isInPlaceOfName =>
                "NaN and Infinity are not JSON numbers; leave the property out",
            _ when offset == 0 => "send one JSON object, the task request",
            _ when isInPlaceOfName => "a name in double quotes or the end of the object is expected",
            _ => "correct the text there, or write it with a JSON library",
        };
    }

    // The reader counts lines and bytes from 0.
    private static int OffsetOf(ReadOnlySpan<byte> utf8, JsonException fault)
    {
        var offset = 0;
        for (var line = fault.LineNumber ?? 0; line > 0; line--)
        {
            var end = utf8[offset..].IndexOf((byte)'\n');
            if (end < 0)
                return utf8.Length;
            offset += end + 1;
        }
        return (int)Math.Min(utf8.Length, offset + (fault.BytePositionInLine ?? 0));
    }

    private static string Place(ReadOnlySpan<byte> utf8, int offset)
    {
        var before = utf8[..offset];
        var line = 1 + before.Count((byte)'\n');
        var position = offset - (before.LastIndexOf((byte)'\n') + 1) + 1;
        return $"line {Findings.Number(line)}, byte {Findings.Number(position)} of the line (both counted from 1)";
    }
}
