using System.Buffers;

namespace ConnectTasks;

/// <summary>
/// JSON that was encoded once more on its way, and so is none: not decoded, because that would be a guess, but named.
/// </summary>
internal static class BodyDisguise
{
    private const int MinBase64Length = 8;

    private static readonly SearchValues<char> Base64Characters = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_=\r\n");

    private static readonly SearchValues<string> QuoteEntities =
        SearchValues.Create(["&quot;", "&#34;", "&#x22;"], StringComparison.OrdinalIgnoreCase);

    /// <summary>Reports what the body, which is not JSON, is instead; nothing if that has no name.</summary>
    public static void Report(string body, Findings findings)
    {
        var text = body.AsSpan().Trim();
        if (IsHtmlEscaped(text))
        {
            findings.Add(
                ViolationCodes.HtmlEscapedBody,
                "The body is HTML-escaped, with entities in place of its quotes: send the JSON as it is.");
        }
        else if (Base64Content(text) is { } content)
        {
            findings.Add(
                ViolationCodes.Base64Body,
                $"The body looks like {content} in Base64, which is not decoded: send the JSON itself as text.");
        }
    }

    private static bool IsHtmlEscaped(ReadOnlySpan<char> text) =>
        text is ['{' or '[' or '&' or '"', ..]
        && text.IndexOfAny(QuoteEntities) is >= 0 and var entity
        && !text[..entity].Contains('"');

    // By its first three bytes: no word begins like this.
    private static string? Base64Content(ReadOnlySpan<char> text)
    {
        if (text.Length < MinBase64Length || text.ContainsAnyExcept(Base64Characters))
            return null;
        // Either alphabet.
        Span<char> standard = stackalloc char[4];
        text[..4].Replace(standard, '-', '+');
        standard.Replace('_', '/');
        Span<byte> start = stackalloc byte[3];
        if (!Convert.TryFromBase64Chars(standard, start, out var length) || length < 3)
            return null;
        return start switch
        {
            [(byte)'{', (byte)'"' or (byte)' ' or (byte)'\r' or (byte)'\n' or (byte)'\t', _] => "JSON",
            [(byte)'[', (byte)'{' or (byte)'"', _] or [0xEF, 0xBB, 0xBF] => "JSON",
            [0x1F, 0x8B, 0x08] => "compressed data (gzip)",
            _ => null,
        };
    }
}
