namespace ConnectTasks.Lambda;

/// <summary>What can be wrong with a valid request in this deployment.</summary>
internal static class Violations
{
    public static readonly Violation OtherInstance = new(
        nameof(OtherInstance),
        "$.InstanceId",
        "InstanceId names another instance than the one that this deployment starts tasks in (CONNECT_INSTANCE_ID): "
        + "send the request to the queue of that instance's deployment, or correct the id.");
}
