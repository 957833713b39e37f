namespace ConnectTasks;

/// <summary>
/// The limits of a task request. Unless a name says otherwise they are the service's, from the model and the API
/// reference of Amazon Connect's StartTaskContact; "Characters" are Unicode code points, "Bytes" are UTF-8 bytes.
/// </summary>
public static class TaskRequestLimits
{
    /// <summary>The longest instance id.</summary>
    public const int InstanceIdMaxCharacters = 100;

    /// <summary>The longest task name. It may be empty: the service asks for the property, not for a text.</summary>
    public const int NameMaxCharacters = 1_024;

    /// <summary>The longest description.</summary>
    public const int DescriptionMaxCharacters = 4_096;

    /// <summary>The longest flow id.</summary>
    public const int ContactFlowIdMaxCharacters = 500;

    /// <summary>The longest task template id.</summary>
    public const int TaskTemplateIdMaxCharacters = 500;

    /// <summary>The longest PreviousContactId and RelatedContactId.</summary>
    public const int ContactIdMaxCharacters = 256;

    /// <summary>The longest client token.</summary>
    public const int ClientTokenMaxCharacters = 500;

    /// <summary>The longest name of an attribute. The shortest has one character.</summary>
    public const int AttributeNameMaxCharacters = 32_767;

    /// <summary>The longest value of an attribute.</summary>
    public const int AttributeValueMaxCharacters = 32_767;

    /// <summary>All names and values of the attributes together.</summary>
    public const int AttributesMaxBytes = 32_768;

    /// <summary>The longest name of a reference. The shortest has one character.</summary>
    public const int ReferenceNameMaxCharacters = 4_096;

    /// <summary>The longest value of a reference.</summary>
    public const int ReferenceValueMaxCharacters = 4_096;

    /// <summary>All names and values of the references together.</summary>
    public const int ReferencesMaxBytes = 4_096;

    /// <summary>The longest name of a segment attribute, also in a ValueMap. The shortest has one character.</summary>
    public const int SegmentAttributeNameMaxCharacters = 128;

    /// <summary>The longest ValueString and ValueArn of a segment attribute.</summary>
    public const int SegmentAttributeValueMaxCharacters = 1_024;

    /// <summary>The most attachments of one task.</summary>
    public const int AttachmentsMaxCount = 5;

    /// <summary>The longest file name of an attachment. The shortest has one character.</summary>
    public const int AttachmentFileNameMaxCharacters = 256;

    /// <summary>The longest presigned URL of an attachment. The shortest has one character.</summary>
    public const int AttachmentUrlMaxCharacters = 2_000;

    /// <summary>
    /// The last second that a ScheduledTime can be, 9999-12-31T23:59:59Z, as Unix epoch seconds. Ours: the last second
    /// that RFC 3339 and .NET can write.
    /// </summary>
    public const long ScheduledTimeMaxEpochSeconds = 253_402_300_799;

    /// <summary>
    /// How deep objects and arrays may be nested, the request itself counted as one. Ours: segment attributes nest
    /// without a limit in the service's model.
    /// </summary>
    public const int NestingMaxDepth = 32;

    /// <summary>How many violations are listed. Ours: the list has to fit into a message attribute.</summary>
    public const int ViolationsMaxCount = 20;
}
