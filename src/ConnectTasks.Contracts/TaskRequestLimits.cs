namespace ConnectTasks;

/// <summary>
/// The limits of StartTaskContact, from Amazon Connect's API reference. Lengths count Unicode code points, as the
/// service's model does; totals count UTF-8 bytes.
/// </summary>
public static class TaskRequestLimits
{
    /// <summary>InstanceId, in characters.</summary>
    public const int InstanceIdLength = 100;

    /// <summary>Name, in characters; it may be empty.</summary>
    public const int NameLength = 1024;

    /// <summary>Description, in characters.</summary>
    public const int DescriptionLength = 4096;

    /// <summary>ContactFlowId, in characters.</summary>
    public const int ContactFlowIdLength = 500;

    /// <summary>TaskTemplateId, in characters.</summary>
    public const int TaskTemplateIdLength = 500;

    /// <summary>QuickConnectId, in characters. The service states none: this is the longest of the other ids.</summary>
    public const int QuickConnectIdLength = 500;

    /// <summary>PreviousContactId and RelatedContactId, in characters.</summary>
    public const int ContactIdLength = 256;

    /// <summary>ClientToken, in characters.</summary>
    public const int ClientTokenLength = 500;

    /// <summary>A key or a value of Attributes, in characters.</summary>
    public const int AttributeLength = 32_767;

    /// <summary>All keys and values of Attributes, in UTF-8 bytes.</summary>
    public const int AttributesBytes = 32_768;

    /// <summary>A key or a value of References, in characters.</summary>
    public const int ReferenceLength = 4096;

    /// <summary>All keys and values of References, in UTF-8 bytes.</summary>
    public const int ReferencesBytes = 4096;

    /// <summary>A key of SegmentAttributes, in characters.</summary>
    public const int SegmentKeyLength = 128;

    /// <summary>A ValueString of a segment attribute, in characters.</summary>
    public const int SegmentStringLength = 1024;

    /// <summary>Attachments, in files; at least one if the property is there.</summary>
    public const int AttachmentCount = 5;

    /// <summary>FileName of an attachment, in characters; at least one.</summary>
    public const int FileNameLength = 256;

    /// <summary>S3Url of an attachment, in characters; at least one.</summary>
    public const int S3UrlLength = 2000;

    /// <summary>How deep a body may be nested, in levels. Ours: the service states none.</summary>
    public const int Depth = 32;

    /// <summary>How many violations are reported at once. Ours.</summary>
    public const int ReportedViolations = 20;

    /// <summary>Types of a reference that a task can be created with.</summary>
    internal static readonly string[] ReferenceTypes = ["URL", "NUMBER", "STRING", "DATE", "EMAIL"];
}
