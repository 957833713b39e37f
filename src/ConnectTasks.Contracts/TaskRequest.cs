namespace ConnectTasks;

/// <summary>
/// A request to start one task contact in Amazon Connect: the fields of StartTaskContact. A null property is an absent one.
/// </summary>
/// <remarks>Limits: <see cref="TaskRequestLimits"/>. Ids may be given as ARNs; the id is taken out of them.</remarks>
public sealed record TaskRequest
{
    /// <summary>The Connect instance: its id or its ARN. Required.</summary>
    public required string InstanceId { get; init; }

    /// <summary>The task's name, shown to the agent; 0 to 1,024 characters. Required.</summary>
    public required string Name { get; init; }

    /// <summary>The task's description, shown to the agent; up to 4,096 characters.</summary>
    public string? Description { get; init; }

    /// <summary>The flow that routes the task. Exactly one of this, TaskTemplateId and QuickConnectId.</summary>
    public string? ContactFlowId { get; init; }

    /// <summary>The task template. Exactly one of this, ContactFlowId and QuickConnectId.</summary>
    public string? TaskTemplateId { get; init; }

    /// <summary>The quick connect. Exactly one of this, ContactFlowId and TaskTemplateId.</summary>
    public string? QuickConnectId { get; init; }

    /// <summary>The contact that this task continues; a chain has at most 12. Never together with RelatedContactId.</summary>
    public string? PreviousContactId { get; init; }

    /// <summary>A contact that this task refers to. Never together with PreviousContactId.</summary>
    public string? RelatedContactId { get; init; }

    /// <summary>
    /// The task's identity: requests of one instance with the same token start one task. Up to 500 characters,
    /// case-sensitive. Without one each message is a task of its own.
    /// </summary>
    public string? ClientToken { get; init; }

    /// <summary>When the task is to start; null for at once.</summary>
    public DateTimeOffset? ScheduledTime { get; init; }

    /// <summary>Contact attributes for the flow; keys and values together up to 32,768 UTF-8 bytes.</summary>
    public IReadOnlyDictionary<string, string>? Attributes { get; init; }

    /// <summary>Links and facts shown to the agent, by name; names and values together up to 4,096 UTF-8 bytes.</summary>
    public IReadOnlyDictionary<string, TaskReference>? References { get; init; }

    /// <summary>System attributes such as <c>connect:ContactExpiry</c>, by name.</summary>
    public IReadOnlyDictionary<string, SegmentValue>? SegmentAttributes { get; init; }

    /// <summary>One to five files. Their links are secrets, and expire while a message waits.</summary>
    public IReadOnlyList<TaskFile>? Attachments { get; init; }
}

/// <summary>A reference of a task.</summary>
/// <param name="Type">URL, NUMBER, STRING, DATE or EMAIL.</param>
/// <param name="Value">The value; of a DATE, Unix epoch seconds in digits.</param>
public sealed record TaskReference(string Type, string Value);

/// <summary>A file of a task.</summary>
/// <param name="FileName">1 to 256 characters.</param>
/// <param name="S3Url">A presigned link of 1 to 2,000 characters: a secret.</param>
public sealed record TaskFile(string FileName, string S3Url);

/// <summary>The value of a segment attribute: exactly one of its properties is set.</summary>
public sealed record SegmentValue
{
    /// <summary>A text of up to 1,024 characters.</summary>
    public string? ValueString { get; init; }

    /// <summary>A whole number.</summary>
    public int? ValueInteger { get; init; }

    /// <summary>Values by name.</summary>
    public IReadOnlyDictionary<string, SegmentValue>? ValueMap { get; init; }

    /// <summary>A list of values.</summary>
    public IReadOnlyList<SegmentValue>? ValueList { get; init; }

    /// <summary>An ARN.</summary>
    public string? ValueArn { get; init; }
}
