using System.Globalization;

namespace ConnectTasks;

/// <summary>What a presigned URL says of itself.</summary>
public static class PresignedUrl
{
    private const string DateFormat = "yyyyMMdd'T'HHmmss'Z'";

    /// <summary>The last second that a <see cref="DateTimeOffset"/> can hold.</summary>
    private const long MaxUnixSeconds = 253_402_300_799;

    /// <summary>When a presigned URL ends, by its query.</summary>
    /// <remarks>
    /// <para>
    /// Signature version 4: <c>X-Amz-Date</c> (<c>yyyyMMdd'T'HHmmss'Z'</c>) and <c>X-Amz-Expires</c> (seconds). Version
    /// 2, and CloudFront's signed URLs: <c>Expires</c> (Unix epoch seconds), which counts only beside <c>Signature</c>
    /// and <c>AWSAccessKeyId</c> or <c>Key-Pair-Id</c>, because other URLs have parameters of that name as well. Names
    /// match in any case.
    /// </para>
    /// <para>
    /// It is the latest end: a URL that was signed with temporary credentials ends with those, which the URL does not
    /// say. The signature is not checked.
    /// </para>
    /// </remarks>
    /// <param name="url">Any text.</param>
    /// <returns>
    /// The end; <c>null</c> if the text is no presigned URL, or its parameters can't be read or stand there twice.
    /// Never throws.
    /// </returns>
    public static DateTimeOffset? ExpiryOf(string? url)
    {
        if (url is null || url.IndexOf('?', StringComparison.Ordinal) is not (>= 0 and var start))
            return null;
        var query = url.AsSpan(start + 1);
        if (query.IndexOf('#') is >= 0 and var end)
            query = query[..end];
        string? date = null, seconds = null, epoch = null, signature = null, key = null;
        foreach (var range in query.Split('&'))
        {
            var parameter = query[range];
            var length = parameter.IndexOf('=');
            if (length < 0)
                continue;
            var isTwice = Unescape(parameter[..length]).ToUpperInvariant() switch
            {
                "X-AMZ-DATE" => !TrySet(ref date, parameter[(length + 1)..]),
                "X-AMZ-EXPIRES" => !TrySet(ref seconds, parameter[(length + 1)..]),
                "EXPIRES" => !TrySet(ref epoch, parameter[(length + 1)..]),
                "SIGNATURE" => !TrySet(ref signature, parameter[(length + 1)..]),
                "AWSACCESSKEYID" or "KEY-PAIR-ID" => !TrySet(ref key, parameter[(length + 1)..]),
                _ => false,
            };
            if (isTwice)
                return null;
        }
        if (date is not null || seconds is not null)
            return Sum(date, seconds);
        return signature is not null && key is not null && Number(epoch) is { } at and <= MaxUnixSeconds
            ? DateTimeOffset.FromUnixTimeSeconds(at)
            : null;
    }

    private static DateTimeOffset? Sum(string? date, string? seconds)
    {
        const DateTimeStyles Utc = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
        if (!DateTimeOffset.TryParseExact(date, DateFormat, CultureInfo.InvariantCulture, Utc, out var signed))
            return null;
        return Number(seconds) is { } valid && valid <= MaxUnixSeconds - signed.ToUnixTimeSeconds()
            ? signed.AddSeconds(valid)
            : null;
    }

    private static long? Number(string? text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static bool TrySet(ref string? value, ReadOnlySpan<char> escaped)
    {
        if (value is not null)
            return false;
        value = Unescape(escaped);
        return true;
    }

    private static string Unescape(ReadOnlySpan<char> text) => Uri.UnescapeDataString(text.ToString());
}
