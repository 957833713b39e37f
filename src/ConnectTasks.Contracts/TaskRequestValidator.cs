namespace ConnectTasks;

/// <summary>The rules of a task request.</summary>
public static class TaskRequestValidator
{
    /// <summary>Checks every rule.</summary>
    public static IReadOnlyList<Violation> Validate(TaskRequest request) => Check(request).Violations;

    /// <summary>Checks every rule and brings the request into normal form.</summary>
    public static ReadResult Check(TaskRequest request) => throw new NotImplementedException();
}
