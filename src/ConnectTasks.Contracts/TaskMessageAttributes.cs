using System.Globalization;

namespace ConnectTasks;

/// <summary>
/// The message attributes that a message on the task queue may carry beside its body; all of the data type
/// <c>String</c>. Those of a dead letter are in <see cref="DeadLetterAttributes"/>.
/// </summary>
public static class TaskMessageAttributes
{
    /// <summary>
    /// Of a command: when its producer sent it, in milliseconds since the Unix epoch, by the producer's clock. It
    /// orders the commands of one task, and unlike SQS's SentTimestamp it survives a redrive.
    /// </summary>
    public const string SentAt = DeadLetterAttributes.Prefix + "SentAt";

    /// <summary>The last millisecond that a <see cref="DateTimeOffset"/> can hold.</summary>
    private const long MaxUnixMilliseconds = 253_402_300_799_999;

    /// <summary>Writes the value of <see cref="SentAt"/>.</summary>
    public static string FormatSentAt(DateTimeOffset time) =>
        time.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);

    /// <summary>Reads the value of <see cref="SentAt"/>.</summary>
    /// <param name="value">The value of the attribute, or <c>null</c>.</param>
    /// <returns>The time, or <c>null</c> if the text is not one after 1970 and before 10000. Never throws.</returns>
    public static DateTimeOffset? ParseSentAt(string? value) =>
        long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var ms)
        && ms is > 0 and <= MaxUnixMilliseconds
            ? DateTimeOffset.FromUnixTimeMilliseconds(ms)
            : null;
}
