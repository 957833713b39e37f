namespace ConnectTasks;

/// <summary>The properties of a task request, in the order in which they are written.</summary>
internal enum TaskProperty
{
    InstanceId,
    Name,
    Description,
    ContactFlowId,
    TaskTemplateId,
    QuickConnectId,
    PreviousContactId,
    RelatedContactId,
    ClientToken,
    Attributes,
    References,
    ScheduledTime,
    SegmentAttributes,
    Attachments,
}

internal enum PropertyKind
{
    Text,

    /// <summary>An id without white space and control characters, or an ARN that holds one.</summary>
    Id,

    /// <summary>Epoch seconds as a number, or RFC 3339 with an offset as a text.</summary>
    Time,
    AttributeMap,
    ReferenceMap,
    SegmentMap,
    AttachmentList,
}

/// <summary>What there is to know about a property: one table for reader, rules and schema.</summary>
/// <param name="Name">The name, in its proper spelling.</param>
/// <param name="Kind">What it holds.</param>
/// <param name="MinLength">The shortest text, in code points.</param>
/// <param name="MaxLength">The longest text, in code points.</param>
/// <param name="ArnType">The type of resource that an ARN must name; <c>null</c> for an instance or no ARN.</param>
internal sealed record PropertyRule(
    string Name, PropertyKind Kind, int MinLength = 0, int MaxLength = int.MaxValue, string? ArnType = null)
{
    public bool IsRequired { get; init; }
}

internal static class TaskProperties
{
    /// <summary>Indexed by <see cref="TaskProperty"/>.</summary>
    private static readonly PropertyRule[] Rules =
    [
        new("InstanceId", PropertyKind.Id, 1, TaskRequestLimits.InstanceIdMaxCharacters) { IsRequired = true },
        new("Name", PropertyKind.Text, 0, TaskRequestLimits.NameMaxCharacters) { IsRequired = true },
        new("Description", PropertyKind.Text, 0, TaskRequestLimits.DescriptionMaxCharacters),
        new("ContactFlowId", PropertyKind.Id, 1, TaskRequestLimits.ContactFlowIdMaxCharacters, "contact-flow"),
        new("TaskTemplateId", PropertyKind.Id, 1, TaskRequestLimits.TaskTemplateIdMaxCharacters, "task-template"),
        // The service states no longest quick connect id.
        new("QuickConnectId", PropertyKind.Id, 1, ArnType: "transfer-destination"),
        new("PreviousContactId", PropertyKind.Id, 1, TaskRequestLimits.ContactIdMaxCharacters, "contact"),
        new("RelatedContactId", PropertyKind.Id, 1, TaskRequestLimits.ContactIdMaxCharacters, "contact"),
        new("ClientToken", PropertyKind.Text, 0, TaskRequestLimits.ClientTokenMaxCharacters),
        new("Attributes", PropertyKind.AttributeMap),
        new("References", PropertyKind.ReferenceMap),
        new("ScheduledTime", PropertyKind.Time),
        new("SegmentAttributes", PropertyKind.SegmentMap),
        new("Attachments", PropertyKind.AttachmentList),
    ];

    public static readonly PropertyNames Names = new([.. Rules.Select(rule => rule.Name)]);

    public static readonly PropertyNames ReferenceNames = new(["Type", "Value"]);

    public static readonly PropertyNames SegmentNames =
        new(["ValueString", "ValueInteger", "ValueMap", "ValueList", "ValueArn"]);

    public static readonly PropertyNames AttachmentNames = new(["FileName", "S3Url"]);

    /// <summary>The types that a reference may have when a task is created.</summary>
    public static readonly string[] ReferenceTypes = ["URL", "NUMBER", "STRING", "DATE", "EMAIL"];

    public static PropertyRule Rule(TaskProperty property) => Rules[(int)property];
}
