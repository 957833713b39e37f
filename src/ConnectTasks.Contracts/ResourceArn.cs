namespace ConnectTasks;

/// <summary>Takes the id out of an ARN of a Connect resource.</summary>
/// <remarks>
/// <c>arn:PARTITION:connect:REGION:ACCOUNT:instance/INSTANCE[/KIND/ID]</c>, as in AWS's Service Authorization Reference.
/// </remarks>
internal static class ResourceArn
{
    public static bool Is(string text) => text.StartsWith("arn:", StringComparison.Ordinal);

    /// <summary>The id; null with the fault in words if it is an ARN of something else.</summary>
    /// <param name="kind">Such as <c>contact-flow</c>; null for the instance itself.</param>
    /// <param name="instanceId">The instance that the resource must be of; null for any.</param>
    public static string? IdOf(string arn, string? kind, string? instanceId, out string? fault)
    {
        var parts = arn.Split(':', 6);
        var resource = parts.Length == 6 ? parts[5].Split('/') : [];
        fault = null;
        if (parts.Length < 6 || parts[2] != "connect" || resource.Length < 2 || resource[0] != "instance")
        {
            fault = "is an ARN, but of no resource of Amazon Connect";
        }
        else if (kind is null ? resource.Length != 2 : resource.Length != 4 || resource[2] != kind)
        {
            fault = kind is null ? "is an ARN, but of no instance" : $"is an ARN, but of no {kind}";
        }
        else if (kind is not null && instanceId is not null && resource[1] != instanceId)
        {
            fault = "is an ARN of another instance than InstanceId";
        }

        return fault is null ? resource[^1] : null;
    }
}
