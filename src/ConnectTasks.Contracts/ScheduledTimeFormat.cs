using System.Globalization;
using System.Text.Json;

namespace ConnectTasks;

/// <summary>
/// The two ways to give an instant that nobody can misread: Unix epoch seconds, or RFC 3339 with an offset. Parts of a
/// second are rounded up, so that a task is never early.
/// </summary>
internal static class ScheduledTimeFormat
{
    public const string Advice = "send Unix epoch seconds as a number, or a time such as 2027-01-15T08:00:00+01:00";

    /// <summary>From here on a number of seconds would lie after the year 5138: it is of a smaller unit.</summary>
    private const decimal FirstImplausible = 100_000_000_000m;

    /// <summary>Reads epoch seconds; null with the fault in words if they are none.</summary>
    public static DateTimeOffset? FromNumber(ref Utf8JsonReader reader, out string? fault)
    {
        if (!reader.TryGetDecimal(out var seconds) || seconds >= FirstImplausible * 1_000_000)
        {
            fault = "is too large for epoch seconds";
        }
        else if (seconds >= FirstImplausible)
        {
            fault = seconds < FirstImplausible * 1_000
                ? "looks like milliseconds: divide it by 1,000"
                : "looks like microseconds: divide it by 1,000,000";
        }
        else if (seconds <= 0)
        {
            fault = "is zero or negative, which is no time to come";
        }
        else
        {
            fault = null;
            return DateTimeOffset.FromUnixTimeSeconds((long)decimal.Ceiling(seconds));
        }

        return null;
    }

    /// <summary>Reads RFC 3339; null with the fault in words if it is none.</summary>
    public static DateTimeOffset? FromText(string text, out string? fault)
    {
        fault = FaultBeforeTheTime(text);
        if (fault is not null)
        {
            return null;
        }

        if (!Time(text, out var hour, out var minute, out var second))
        {
            fault = text.Length >= 16 && Number(text, 11, 2) >= 0 && text[13] == ':' && Number(text, 14, 2) >= 0
                ? "has no seconds"
                : "has no time of day in the form hh:mm:ss";
            return null;
        }

        var rest = 19;
        var hasFraction = ReadFraction(text, ref rest, out var isMore);
        fault = hasFraction is null ? "has a decimal point without digits" : FaultOfOffset(text[rest..]);
        fault ??= (Number(text, 0, 4), Number(text, 5, 2), Number(text, 8, 2), hour, minute, second) switch
        {
            (_, _, _, 24, _, _) => "has the hour 24, which is the next day's 00",
            (_, _, _, _, _, 60) => "has the second 60, which clocks do not count",
            var (y, m, d, h, min, s) when y < 1 || m is < 1 or > 12 || d < 1 || d > DateTime.DaysInMonth(y, m)
                || h > 23 || min > 59 || s > 59 => "is no day or time of the calendar",
            _ => null,
        };
        return fault is null ? Instant(text, rest, isMore, out fault) : null;
    }

    private static string? FaultBeforeTheTime(string text)
    {
        if (text.Length > 0 && text.All(char.IsAsciiDigit))
        {
            return "is a string of digits";
        }

        if (text.StartsWith("/Date(", StringComparison.Ordinal))
        {
            return "is in the form /Date(…)/, which is not supported";
        }

        if (text.Length < 10 || Number(text, 0, 4) < 0 || text[4] != '-' || Number(text, 5, 2) < 0 || text[7] != '-'
            || Number(text, 8, 2) < 0)
        {
            return "is not in the form of RFC 3339";
        }

        return text.Length == 10 ? "is a date without a time and an offset, so it is ambiguous"
            : text[10] == ' ' ? "has a space where RFC 3339 has a T"
            : text[10] is 'T' or 't' ? null
            : "is not in the form of RFC 3339";
    }

    private static string? FaultOfOffset(string offset) => offset switch
    {
        "" => "has no offset, so it is ambiguous",
        "Z" or "z" => null,
        [('+' or '-'), ..] when offset.Length == 6 && offset[3] == ':' && Number(offset, 1, 2) >= 0
            && Number(offset, 4, 2) is >= 0 and <= 59 =>
            (Number(offset, 1, 2) * 60) + Number(offset, 4, 2) <= 14 * 60
                ? null
                : "has an offset of more than 14 hours",
        [('+' or '-'), ..] when offset.Length == 5 && Number(offset, 1, 4) >= 0 => "has an offset without a colon",
        [('+' or '-'), ..] when offset.Length == 3 && Number(offset, 1, 2) >= 0 => "has an offset of hours only",
        _ => "has something after the time that is no offset",
    };

    private static DateTimeOffset? Instant(string text, int rest, bool roundUp, out string? fault)
    {
        var local = new DateTime(
            Number(text, 0, 4), Number(text, 5, 2), Number(text, 8, 2), Number(text, 11, 2), Number(text, 14, 2),
            Number(text, 17, 2), DateTimeKind.Unspecified);
        var offset = text[rest] is 'Z' or 'z'
            ? TimeSpan.Zero
            : new TimeSpan(Number(text, rest + 1, 2), Number(text, rest + 4, 2), 0) * (text[rest] == '-' ? -1 : 1);
        var seconds = ((local.Ticks - offset.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerSecond) + (roundUp ? 1 : 0);
        fault = seconds <= 0 ? "is in 1970 or before, which is no time to come"
            : seconds > DateTimeOffset.MaxValue.ToUnixTimeSeconds() ? "is after the year 9999"
            : null;
        return fault is null ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null;
    }

    private static bool Time(string text, out int hour, out int minute, out int second)
    {
        (hour, minute, second) = (-1, -1, -1);
        if (text.Length < 19 || text[13] != ':' || text[16] != ':')
        {
            return false;
        }

        (hour, minute, second) = (Number(text, 11, 2), Number(text, 14, 2), Number(text, 17, 2));
        return hour >= 0 && minute >= 0 && second >= 0;
    }

    /// <summary>Null if there is a point without digits; else whether there was a fraction.</summary>
    private static bool? ReadFraction(string text, ref int at, out bool isMoreThanZero)
    {
        isMoreThanZero = false;
        if (at >= text.Length || text[at] != '.')
        {
            return false;
        }

        var start = ++at;
        for (; at < text.Length && char.IsAsciiDigit(text[at]); at++)
        {
            isMoreThanZero |= text[at] != '0';
        }

        return at > start ? true : null;
    }

    /// <summary>The digits at that place as a number; -1 if they are not all digits.</summary>
    private static int Number(string text, int start, int length) =>
        text.Length >= start + length
        && int.TryParse(text.AsSpan(start, length), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : -1;
}
