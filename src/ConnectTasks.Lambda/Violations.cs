using System.Globalization;

namespace ConnectTasks.Lambda;

/// <summary>What can be wrong with a valid request in this deployment.</summary>
internal static class Violations
{
    public static readonly Violation OtherInstance = new(
        nameof(OtherInstance),
        "$.InstanceId",
        "InstanceId names another instance than the one that this deployment starts tasks in (CONNECT_INSTANCE_ID): "
        + "send the request to the queue of that instance's deployment, or correct the id.");

    public static readonly Violation LongPast = new(
        nameof(LongPast),
        "$.ScheduledTime",
        "ScheduledTime had passed long before the message was sent (SCHEDULE_GRACE_SECONDS): check the clock and "
        + "the unit, or leave ScheduledTime out to start the task at once.");

    public static readonly Violation TooFarAhead = new(
        nameof(TooFarAhead),
        "$.ScheduledTime",
        "ScheduledTime is further ahead than this deployment takes (SCHEDULE_MAX_AHEAD_SECONDS): check the unit, or "
        + "send the request later.");

    /// <summary>A request that is too large to wait in the ledger for its time.</summary>
    /// <param name="property">The largest property.</param>
    public static Violation TooLargeToHold(string property, int bytes) => new(
        nameof(TooLargeToHold),
        $"$.{property}",
        string.Create(
            CultureInfo.InvariantCulture,
            $"The request has {bytes:N0} UTF-8 bytes as JSON, {property} the most of them; one that waits for its time "
            + $"has at most {HoldRules.MaxRequestBytes:N0}. Shorten {property}, or send the request when its time is "
            + $"near."));

    /// <summary>An attachment's URL that has expired when the task is handed to Connect.</summary>
    /// <param name="index">The place in Attachments.</param>
    public static Violation AttachmentExpires(int index, DateTimeOffset expiry, DateTimeOffset neededAt) => new(
        nameof(AttachmentExpires),
        string.Create(CultureInfo.InvariantCulture, $"$.Attachments[{index}].S3Url"),
        string.Create(
            CultureInfo.InvariantCulture,
            $"The presigned S3Url expires at {expiry.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}, before the task is handed to "
            + $"Amazon Connect at {neededAt.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}. Send the request with a URL that is "
            + $"valid then, or refer to the file by a URL in References."));
}
