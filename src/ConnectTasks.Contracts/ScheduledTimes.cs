using System.Buffers;

namespace ConnectTasks;

/// <summary>
/// Instants as Unix epoch seconds, read exactly (no floating point, no clock, no time zone, no culture) and rounded up,
/// so that a task is never early.
/// </summary>
internal static class ScheduledTimes
{
    /// <summary>What is wrong with a time: the code, and the second half of a sentence about the property.</summary>
    internal sealed record Fault(string Code, string Text);

    private static readonly SearchValues<char> NumberCharacters = SearchValues.Create("0123456789.");

    private static readonly int UnixEpochDayNumber = new DateOnly(1970, 1, 1).DayNumber;

    private const string Rfc3339 = "send RFC 3339 with an offset, such as 2027-01-15T08:00:00+01:00, or epoch seconds";

    /// <summary>The first whole second that is not before the instant.</summary>
    public static long CeilingSeconds(DateTimeOffset instant) =>
        instant.ToUnixTimeSeconds() + (instant.UtcTicks % TimeSpan.TicksPerSecond == 0 ? 0 : 1);

    /// <summary>What is wrong with a number of epoch seconds, or <c>null</c>.</summary>
    public static Fault? CheckRange(long seconds)
    {
        const long Million = 1_000_000;
        // The windows are the years 2001 to 2286, in which every likely time lies.
        return seconds switch
        {
            <= 0 => Invalid("is not after 1970-01-01T00:00:00Z: send a time in the future"),
            <= TaskRequestLimits.ScheduledTimeMaxEpochSeconds => null,
            >= Million * Million and < 10 * Million * Million =>
                Invalid("looks like milliseconds: divide by 1,000 to send seconds"),
            >= 1_000 * Million * Million and < 10_000 * Million * Million =>
                Invalid("looks like microseconds: divide by 1,000,000 to send seconds"),
            >= Million * Million * Million and < long.MaxValue =>
                Invalid("looks like nanoseconds: divide by 1,000,000,000 to send seconds"),
            _ => Invalid("is after 9999-12-31T23:59:59Z: send a nearer time, in seconds"),
        };
    }

    /// <summary>Reads a JSON number, also with a fraction and an exponent.</summary>
    /// <returns>What is wrong with it, or <c>null</c>.</returns>
    public static Fault? ReadNumber(ReadOnlySpan<byte> number, out long seconds)
    {
        seconds = 0;
        var isNegative = number[0] == '-';
        var mantissa = isNegative ? number[1..] : number;
        var exponent = 0L;
        if (mantissa.IndexOfAny((byte)'e', (byte)'E') is >= 0 and var mark)
        {
            exponent = ReadExponent(mantissa[(mark + 1)..]);
            mantissa = mantissa[..mark];
        }
        var point = mantissa.IndexOf((byte)'.');
        var integerDigits = (point < 0 ? mantissa.Length : point) + exponent;
        var hasFraction = false;
        var position = 0L;
        foreach (var character in mantissa)
        {
            if (character == '.')
                continue;
            var digit = character - '0';
            if (position++ >= integerDigits)
                hasFraction |= digit != 0;
            else if (seconds < long.MaxValue / 10)
                seconds = (10 * seconds) + digit;
            else
                seconds = long.MaxValue;
        }
        // Zeros that only the exponent names.
        for (; position < integerDigits && seconds is > 0 and < long.MaxValue; position++)
            seconds = seconds < long.MaxValue / 10 ? 10 * seconds : long.MaxValue;
        if (hasFraction && seconds < long.MaxValue)
            seconds++;
        if (isNegative)
            seconds = -seconds;
        return CheckRange(seconds);
    }

    /// <summary>Reads RFC 3339 with an offset.</summary>
    /// <returns>What is wrong with it, or <c>null</c>.</returns>
    public static Fault? ReadText(ReadOnlySpan<char> text, out long seconds)
    {
        seconds = 0;
        if (CheckShape(text) is { } misshapen)
            return misshapen;
        var rest = text[19..];
        var hasFraction = false;
        if (rest is ['.', ..])
        {
            var digits = rest[1..].IndexOfAnyExceptInRange('0', '9') is >= 0 and var end ? end : rest.Length - 1;
            if (digits == 0)
                return Invalid($"has a point without digits after it: {Rfc3339}");
            hasFraction = rest.Slice(1, digits).ContainsAnyExcept('0');
            rest = rest[(1 + digits)..];
        }
        if (CheckOffset(rest) is { } wrongOffset)
            return wrongOffset;
        if (ReadDateAndTime(text[..19], out seconds) is { } wrongTime)
            return wrongTime;
        if (rest.Length > 1)
        {
            var offset = (3600 * TwoDigits(rest[1..])) + (60 * TwoDigits(rest[4..]));
            seconds += rest[0] == '-' ? offset : -offset;
        }
        if (hasFraction)
            seconds++;
        return CheckRange(seconds);
    }

    private static Fault Invalid(string text) => new(ViolationCodes.InvalidValue, text);

    // Saturates: beyond a million, one digit or none is left of any number that fits into a message.
    private static long ReadExponent(ReadOnlySpan<byte> text)
    {
        const long Saturated = 10_000_000;
        var isNegative = text[0] == '-';
        var exponent = 0L;
        foreach (var character in text.TrimStart("+-"u8))
            exponent = Math.Min(Saturated, (10 * exponent) + (character - '0'));
        return isNegative ? -exponent : exponent;
    }

    // Everything but the values of the digits: that the text begins with 0000-00-00T00:00:00.
    private static Fault? CheckShape(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty)
            return Invalid($"is empty: leave it out to start the task now, or {Rfc3339}");
        if (text.Trim().Length != text.Length)
            return Invalid("has white space around it: remove the white space");
        if (text.StartsWith("/Date("))
            return Invalid($"has the form /Date(...)/, which is not taken: {Rfc3339}");
        if (text.Length == 10 && HasDate(text))
            return Invalid($"is a date without a time: {Rfc3339}");
        if (text.TrimStart("+-") is { IsEmpty: false } number && !number.ContainsAnyExcept(NumberCharacters))
            return new Fault(ViolationCodes.WrongType, "is a number in a string: send epoch seconds as a JSON number");
        if (text.Length < 11 || !HasDate(text))
            return Invalid($"is not a time that can be read: {Rfc3339}");
        if (text[10] == ' ')
            return Invalid($"has a space between date and time: put a T there; {Rfc3339}");
        if (text[10] is not ('T' or 't'))
            return Invalid($"is not a time that can be read: {Rfc3339}");
        var time = text[11..];
        if (time.Length >= 5 && Matches(time[..5], "00:00") && (time.Length == 5 || time[5] != ':'))
            return Invalid($"has no seconds: {Rfc3339}");
        return time.Length >= 8 && Matches(time[..8], "00:00:00")
            ? null
            : Invalid($"is not a time that can be read: {Rfc3339}");
    }

    private static Fault? CheckOffset(ReadOnlySpan<char> offset)
    {
        if (offset.IsEmpty)
        {
            return new Fault(
                ViolationCodes.AmbiguousTime,
                "has no offset from UTC, so it could be several instants: add Z or an offset such as +01:00");
        }
        if (offset is "Z" or "z")
            return null;
        if (offset[0] is not ('+' or '-'))
            return Invalid($"has something else than an offset after the seconds: {Rfc3339}");
        var digits = offset[1..];
        if (Matches(digits, "0000"))
            return Invalid("has an offset without a colon: write it as +01:00");
        if (Matches(digits, "00"))
            return Invalid("has an offset of hours only: write it with minutes, as +01:00");
        if (!Matches(digits, "00:00"))
            return Invalid($"has an offset that can't be read: {Rfc3339}");
        return TwoDigits(digits) > 23 || TwoDigits(digits[3..]) > 59
            ? Invalid("has an offset beyond 23:59: send the offset from UTC in hours and minutes")
            : null;
    }

    private static Fault? ReadDateAndTime(ReadOnlySpan<char> text, out long seconds)
    {
        seconds = 0;
        var year = (100 * TwoDigits(text)) + TwoDigits(text[2..]);
        var month = TwoDigits(text[5..]);
        var day = TwoDigits(text[8..]);
        var (hour, minute, second) = (TwoDigits(text[11..]), TwoDigits(text[14..]), TwoDigits(text[17..]));
        if (month is < 1 or > 12)
            return Invalid("has a month that is not 01 to 12: correct it");
        if (day < 1 || day > DateTime.DaysInMonth(Math.Max(year, 1), month))
            return Invalid("has a day that its month does not have: correct it");
        if (hour == 24)
            return Invalid("has the hour 24: write midnight as 00:00:00 of the next day");
        if (hour > 24)
            return Invalid("has an hour that is not 00 to 23: correct it");
        if (minute > 59)
            return Invalid("has a minute that is not 00 to 59: correct it");
        if (second == 60)
            return Invalid("has the second 60, a leap second, which epoch seconds do not count: send the next second");
        if (second > 60)
            return Invalid("has a second that is not 00 to 59: correct it");
        var days = new DateOnly(Math.Max(year, 1), month, day).DayNumber - UnixEpochDayNumber;
        seconds = (86_400L * days) + (3600 * hour) + (60 * minute) + second;
        return null;
    }

    private static bool HasDate(ReadOnlySpan<char> text) => text.Length >= 10 && Matches(text[..10], "0000-00-00");

    /// <summary>Whether a text has the shape of a pattern, in which 0 stands for any digit.</summary>
    private static bool Matches(ReadOnlySpan<char> text, ReadOnlySpan<char> pattern)
    {
        if (text.Length != pattern.Length)
            return false;
        for (var i = 0; i < text.Length; i++)
        {
            if (pattern[i] == '0' ? !char.IsAsciiDigit(text[i]) : text[i] != pattern[i])
                return false;
        }
        return true;
    }

    private static int TwoDigits(ReadOnlySpan<char> text) => (10 * (text[0] - '0')) + (text[1] - '0');
}
