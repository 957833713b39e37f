namespace ConnectTasks;

/// <summary>
/// A request to start one task contact in Amazon Connect: the message that producers put on the task queue.
/// </summary>
/// <remarks>
/// The properties are those of Amazon Connect's StartTaskContact (API version 2017-08-08), with the same meanings.
/// Lengths are in Unicode code points, as the service's model counts them; see <see cref="TaskRequestLimits"/>.
/// Exactly one of <see cref="ContactFlowId"/>, <see cref="TaskTemplateId"/> and <see cref="QuickConnectId"/> is set,
/// and at most one of <see cref="PreviousContactId"/> and <see cref="RelatedContactId"/>.
/// Two requests are the same request when their <see cref="RequestFingerprint"/> is equal; the equality of this record
/// compares maps and lists by reference. Ids may be ARNs until
/// <see cref="TaskRequestValidator.Check(TaskRequest)"/> has taken the ids out of them; what
/// <see cref="TaskRequestJson.Read(ReadOnlySpan{byte})"/> returns has been through that.
/// </remarks>
public sealed record TaskRequest
{
    /// <summary>
    /// The id of the Amazon Connect instance, or the instance's ARN. Required; an id has 1 to 100 letters, digits and
    /// hyphens.
    /// </summary>
    public required string InstanceId { get; init; }

    /// <summary>The name of the task that the agent sees. Required; 0 to 1,024 characters. Personal data.</summary>
    public required string Name { get; init; }

    /// <summary>The description that the agent sees. 0 to 4,096 characters. Personal data.</summary>
    public string? Description { get; init; }

    /// <summary>
    /// The id of the flow that handles the task, or its <c>contact-flow</c> ARN. 1 to 500 characters; a version that
    /// follows the id with a colon is kept.
    /// </summary>
    public string? ContactFlowId { get; init; }

    /// <summary>The id of the task template, or its <c>task-template</c> ARN. 1 to 500 characters.</summary>
    public string? TaskTemplateId { get; init; }

    /// <summary>The id of the quick connect, or its <c>transfer-destination</c> ARN. At least 1 character.</summary>
    public string? QuickConnectId { get; init; }

    /// <summary>
    /// The id of the contact that this task continues, or its <c>contact</c> ARN. 1 to 256 characters. The service
    /// allows 12 tasks in one chain.
    /// </summary>
    public string? PreviousContactId { get; init; }

    /// <summary>
    /// The id of the contact whose attributes are copied to this task, or its <c>contact</c> ARN. 1 to 256 characters.
    /// </summary>
    public string? RelatedContactId { get; init; }

    /// <summary>
    /// What makes a repeated request a duplicate: at most one task is started for an instance and a token. Up to 500
    /// characters, case-sensitive. <c>null</c>, empty and white space mean that there is none; then a token is derived
    /// from the queue's message (<see cref="TaskKey.DeriveToken"/>), and a second send of the request is a second task.
    /// </summary>
    public string? ClientToken { get; init; }

    /// <summary>
    /// Contact attributes for flows. Names have 1 to 32,767 letters (A-Z, a-z), digits, hyphens and underscores; values
    /// 0 to 32,767 characters; all names and values together at most 32,768 UTF-8 bytes.
    /// </summary>
    public IReadOnlyDictionary<string, string>? Attributes { get; init; }

    /// <summary>
    /// Links and data shown to the agent. Names have 1 to 4,096 characters; all names and values together at most
    /// 4,096 UTF-8 bytes.
    /// </summary>
    public IReadOnlyDictionary<string, TaskReference>? References { get; init; }

    /// <summary>
    /// When the flow is to start; <c>null</c> is now. A fraction of a second is rounded up to the next whole second.
    /// After 1970-01-01T00:00:00Z and before the year 10000; how far ahead a task may be is the function's setting.
    /// A request that the function has to keep until its time is near (by default, one that is more than six days
    /// ahead) may have 392 KiB as JSON; a larger one is rejected.
    /// </summary>
    public DateTimeOffset? ScheduledTime { get; init; }

    /// <summary>
    /// System-defined values of the contact segment, such as <c>connect:ContactExpiry</c>. Names have 1 to 128 letters
    /// (A-Z, a-z), digits, hyphens, underscores and colons.
    /// </summary>
    public IReadOnlyDictionary<string, SegmentAttribute>? SegmentAttributes { get; init; }

    /// <summary>Files to attach: 1 to 5, or <c>null</c>.</summary>
    public IReadOnlyList<TaskAttachmentFile>? Attachments { get; init; }

    /// <summary>The type's name only: a request holds personal data that must not reach a log.</summary>
    public override string ToString() => nameof(TaskRequest);
}

/// <summary>A link or a piece of data that the agent sees with the task.</summary>
/// <param name="Type">
/// <c>URL</c>, <c>NUMBER</c>, <c>STRING</c>, <c>DATE</c> or <c>EMAIL</c>, in capitals: the types that StartTaskContact
/// takes when a task is created.
/// </param>
/// <param name="Value">
/// 0 to 4,096 characters. For <c>DATE</c> a Unix epoch time in decimal digits. May be personal data.
/// </param>
public sealed record TaskReference(string Type, string Value)
{
    /// <summary>The type's name only: a reference may hold personal data.</summary>
    public override string ToString() => nameof(TaskReference);
}

/// <summary>One value of a segment attribute: exactly one of the properties is set.</summary>
#pragma warning disable CA1711 // "Segment attribute" is the service's term; nobody takes it for a .NET attribute.
public sealed record SegmentAttribute
#pragma warning restore CA1711
{
    /// <summary>A text of 0 to 1,024 characters.</summary>
    public string? ValueString { get; init; }

    /// <summary>A whole number of 32 bits. For <c>ExpiryDuration</c> in minutes.</summary>
    public int? ValueInteger { get; init; }

    /// <summary>Named values; names as in <see cref="TaskRequest.SegmentAttributes"/>.</summary>
    public IReadOnlyDictionary<string, SegmentAttribute>? ValueMap { get; init; }

    /// <summary>A list of values. The service takes it for system-defined attributes only.</summary>
    public IReadOnlyList<SegmentAttribute>? ValueList { get; init; }

    /// <summary>An ARN of 0 to 1,024 characters. The service takes it for system-defined attributes only.</summary>
    public string? ValueArn { get; init; }

    /// <summary>The type's name only: a value may be personal data.</summary>
    public override string ToString() => nameof(SegmentAttribute);
}

/// <summary>A file to attach to the task.</summary>
/// <param name="FileName">1 to 256 characters, none of them control, format or private-use characters.</param>
/// <param name="S3Url">
/// The presigned URL of the file, 1 to 2,000 characters. It is a secret, and it may expire while the request waits:
/// one that says that it ends before the time at which a held task is handed to Connect is rejected at once (see
/// <see cref="PresignedUrl.ExpiryOf"/>).
/// </param>
public sealed record TaskAttachmentFile(string FileName, string S3Url)
{
    /// <summary>The type's name only: the URL is a secret.</summary>
    public override string ToString() => nameof(TaskAttachmentFile);
}
