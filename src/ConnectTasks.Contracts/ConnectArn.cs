namespace ConnectTasks;

/// <summary>
/// Amazon Connect's ARNs: <c>arn:partition:connect:region:account:instance/ID</c>, for what is inside an instance
/// followed by <c>/type/ID</c>.
/// </summary>
internal static class ConnectArn
{
    /// <summary>The resource part of an ARN, taken apart.</summary>
    /// <param name="InstanceId">The instance.</param>
    /// <param name="Type">The type of what is inside the instance, or <c>null</c> for the instance itself.</param>
    /// <param name="Id">The id of what is named: of the inner resource, or of the instance.</param>
    internal readonly record struct Resource(string InstanceId, string? Type, string Id);

    public static bool IsArn(string value) => value.StartsWith("arn:", StringComparison.OrdinalIgnoreCase);

    /// <summary>The id that an ARN of a type of resource names; anything else as it is.</summary>
    public static string IdOf(string idOrArn, string? type) =>
        IsArn(idOrArn) && Parse(idOrArn) is { } resource && resource.Type == type ? resource.Id : idOrArn;

    /// <summary>Takes an ARN apart, or returns <c>null</c> if it is not one of Amazon Connect.</summary>
    public static Resource? Parse(string arn)
    {
        var rest = arn.AsSpan();
        Span<Range> parts = stackalloc Range[6];
        // The sixth part keeps its colons: a flow's id may end in `:version`.
        if (rest.Split(parts, ':') < 6 || !rest[parts[2]].SequenceEqual("connect"))
            return null;
        for (var part = 1; part < 5; part++)
        {
            if (rest[parts[part]].IsEmpty)
                return null;
        }
        var resource = rest[parts[5]];
        Span<Range> names = stackalloc Range[5];
        var count = resource.Split(names, '/');
        if (count is not (2 or 4) || !resource[names[0]].SequenceEqual("instance") || resource[names[1]].IsEmpty)
            return null;
        var instanceId = resource[names[1]].ToString();
        if (count == 2)
            return new Resource(instanceId, null, instanceId);
        return resource[names[3]].IsEmpty
            ? null
            : new Resource(instanceId, resource[names[2]].ToString(), resource[names[3]].ToString());
    }
}
