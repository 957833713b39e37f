namespace Amazon.Connect.Model;

/// <summary>
/// A task contact to start. Exactly one of <see cref="ContactFlowId"/>, <see cref="TaskTemplateId"/> and
/// <see cref="QuickConnectId"/> says what it runs through. What is null is not sent.
/// </summary>
public class StartTaskContactRequest : AmazonConnectRequest
{
    /// <summary>One to five files. Their addresses are presigned, so they expire.</summary>
    public List<TaskAttachment>? Attachments { get; set; }

    /// <summary>
    /// Contact attributes, for the flow. Keys have 1 to 32,767 characters, letters, digits, <c>-</c> and <c>_</c>;
    /// keys and values together 32,768 UTF-8 bytes.
    /// </summary>
    public Dictionary<string, string>? Attributes { get; set; }

    /// <summary>
    /// Makes the request repeatable: the same token gives the same contact. To 500 characters. If null, every call
    /// sends a new random one.
    /// </summary>
    public string? ClientToken { get; set; }

    /// <summary>The flow. To 500 characters.</summary>
    public string? ContactFlowId { get; set; }

    /// <summary>The description that an agent sees. To 4,096 characters.</summary>
    public string? Description { get; set; }

    /// <summary>The instance (required). 1 to 100 characters.</summary>
    public string? InstanceId { get; set; }

    /// <summary>The name that an agent sees (required). To 1,024 characters.</summary>
    public string? Name { get; set; }

    /// <summary>The contact that this one follows, in a chain of at most 12. 1 to 256 characters.</summary>
    public string? PreviousContactId { get; set; }

    /// <summary>The quick connect.</summary>
    public string? QuickConnectId { get; set; }

    /// <summary>
    /// Links and facts that an agent sees, by name. Keys have 1 to 4,096 characters; all together 4,096 UTF-8 bytes.
    /// </summary>
    public Dictionary<string, Reference>? References { get; set; }

    /// <summary>The contact that this one belongs to. Never together with the previous one. 1 to 256 characters.
    /// </summary>
    public string? RelatedContactId { get; set; }

    /// <summary>When the flow is to run; not in the past. If null, now. Sent as seconds since 1970.</summary>
    public DateTime? ScheduledTime { get; set; }

    /// <summary>System and user-defined segment attributes. Keys have 1 to 128 characters.</summary>
    public Dictionary<string, SegmentAttributeValue>? SegmentAttributes { get; set; }

    /// <summary>The task template. 1 to 500 characters.</summary>
    public string? TaskTemplateId { get; set; }
}

/// <summary>The contact that was started.</summary>
public class StartTaskContactResponse : Amazon.Runtime.AmazonWebServiceResponse
{
    /// <summary>The contact's id.</summary>
    public string? ContactId { get; set; }
}

/// <summary>A link or a fact on a contact.</summary>
public class Reference
{
    /// <summary>What the value is.</summary>
    public ReferenceType? Type { get; set; }

    /// <summary>The value. To 4,096 characters.</summary>
    public string? Value { get; set; }
}

/// <summary>A file of a task.</summary>
public class TaskAttachment
{
    /// <summary>The name that an agent sees. 1 to 256 characters.</summary>
    public string? FileName { get; set; }

    /// <summary>The presigned address of the file in S3. 1 to 2,000 characters. A secret.</summary>
    public string? S3Url { get; set; }
}

/// <summary>The value of a segment attribute. Exactly one property is set.</summary>
public class SegmentAttributeValue
{
    /// <summary>An ARN.</summary>
    public string? ValueArn { get; set; }

    /// <summary>A whole number.</summary>
    public int? ValueInteger { get; set; }

    /// <summary>Values in order.</summary>
    public List<SegmentAttributeValue>? ValueList { get; set; }

    /// <summary>Values by name.</summary>
    public Dictionary<string, SegmentAttributeValue>? ValueMap { get; set; }

    /// <summary>A text. To 1,024 characters.</summary>
    public string? ValueString { get; set; }
}
