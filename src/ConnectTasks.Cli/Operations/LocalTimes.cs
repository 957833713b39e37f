using System.Globalization;
using System.Text;
using System.Text.Json;

namespace ConnectTasks.Cli;

/// <summary>
/// Times as people give them: an instant with an offset, or a wall-clock time of a zone. A wall-clock time that the
/// zone
/// skips or has twice is no instant, so it is refused with the two that may be meant.
/// </summary>
internal static class LocalTimes
{
    /// <summary>How far ahead a time may be: SCHEDULE_MAX_AHEAD_SECONDS of the template.</summary>
    public static readonly TimeSpan MaxAhead = TimeSpan.FromDays(400);

    private static readonly string[] Formats =
    [
        "yyyy-MM-dd'T'HH:mm", "yyyy-MM-dd'T'HH:mm:ss", "yyyy-MM-dd' 'HH:mm", "yyyy-MM-dd' 'HH:mm:ss",
    ];

    /// <summary>Reads a time that is to come.</summary>
    /// <param name="text">
    /// RFC 3339 with an offset or epoch seconds; with a zone, a local time without an offset.
    /// </param>
    /// <param name="zoneId">An IANA time zone, or null.</param>
    /// <exception cref="UsageException">It is none, or is past, or too far ahead.</exception>
    public static DateTimeOffset ReadFuture(string text, string? zoneId, DateTimeOffset now)
    {
        var time = zoneId is null ? ReadInstant(text) : ReadLocal(text, FindZone(zoneId));
        if (time <= now)
            throw new UsageException($"--at is in the past ({Iso(time)}): give a time to come.");
        if (time > now + MaxAhead)
        {
            throw new UsageException(
                $"--at is more than {MaxAhead.TotalDays:0} days ahead ({Iso(time)}), which is the maximum: "
                + "give a nearer time.");
        }

        return time;
    }

    /// <exception cref="UsageException">There is no such zone on this machine.</exception>
    public static TimeZoneInfo FindZone(string id) => TimeZoneInfo.TryFindSystemTimeZoneById(id, out var zone)
        ? zone
        : throw new UsageException(
            $"--zone must be an IANA time zone such as Europe/Berlin; \"{id}\" is not known here.");

    /// <summary>As RFC 3339 in UTC, to the second.</summary>
    public static string Iso(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>By the very rules of a request's ScheduledTime.</summary>
    private static DateTimeOffset ReadInstant(string text)
    {
        var isNumber = text.Length > 0 && text.All(char.IsAsciiDigit);
        var value = isNumber ? text.TrimStart('0').PadLeft(1, '0') : $"\"{JsonEncodedText.Encode(text)}\"";
        var body = new StringBuilder("""{"ConnectTasks":"reschedule/1","InstanceId":"any","ClientToken":"any",""")
            .Append("\"ScheduledTime\":").Append(value).Append('}').ToString();
        var read = TaskCommandJson.Read(body)!;
        if (read.Command?.ScheduledTime is { } time)
            return time;
        var sentence = string.Join(' ', read.Violations.Select(violation => violation.Message));
        throw new UsageException($"--at: {sentence} Or give a local time with --zone, such as "
            + "--at 2027-01-15T08:00 --zone Europe/Berlin.");
    }

    private static DateTimeOffset ReadLocal(string text, TimeZoneInfo zone)
    {
        if (!DateTime.TryParseExact(text, Formats, CultureInfo.InvariantCulture, DateTimeStyles.None, out var local))
        {
            throw new UsageException(
                "--at with --zone must be a local time without an offset, such as 2027-01-15T08:00 or "
                + "2027-01-15T08:00:30; a time with an offset needs no --zone.");
        }

        if (zone.IsInvalidTime(local))
        {
            // The clocks jump over it: read by the offset before the jump it is one instant, by the one after another.
            var near = new DateTimeOffset(local, TimeSpan.Zero);
            var offsets = (TimeSpan[])[zone.GetUtcOffset(near.AddDays(1)), zone.GetUtcOffset(near.AddDays(-1))];
            throw Refusal(text, zone, "does not exist, because the clocks skip it", Candidates(local, zone, offsets));
        }

        if (zone.IsAmbiguousTime(local))
        {
            var offsets = zone.GetAmbiguousTimeOffsets(local).OrderDescending();
            throw Refusal(
                text, zone, "exists twice, because the clocks are set back", Candidates(local, zone, offsets));
        }

        return new DateTimeOffset(local, zone.GetUtcOffset(local)).ToUniversalTime();
    }

    private static IEnumerable<string> Candidates(DateTime local, TimeZoneInfo zone, IEnumerable<TimeSpan> offsets) =>
        offsets.Select(offset => TimeZoneInfo.ConvertTime(new DateTimeOffset(local, offset), zone))
            .Select(time => time.ToString("yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture));

    private static UsageException Refusal(string text, TimeZoneInfo zone, string why, IEnumerable<string> candidates) =>
        new($"{text} {why} in {zone.Id}: give the time with its offset and without --zone, "
            + $"--at {string.Join(" or --at ", candidates)}.");
}
