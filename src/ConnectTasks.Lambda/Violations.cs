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
        "ScheduledTime had passed long before the message was sent (SCHEDULE_GRACE_SECONDS): check the clock "
            + "and the unit, "
        + "or leave ScheduledTime out to start the task at once.");

    public static readonly Violation TooFarAhead = new(
        nameof(TooFarAhead),
        "$.ScheduledTime",
        "ScheduledTime is further ahead than this deployment takes (SCHEDULE_MAX_AHEAD_SECONDS): check the "
            + "unit, or send "
        + "the request later.");
}
