using System.Text.Json.Nodes;
using Limits = ConnectTasks.TaskRequestLimits;

namespace ConnectTasks;

/// <summary>The parts of a schema that are for people, and those that both languages share.</summary>
internal static class SchemaWords
{
    public const string Title = "Task request";

    public const string Description =
        "A request to start one task contact in Amazon Connect: the body of a message on the task queue. The "
        + "properties mean what they mean in StartTaskContact. Lengths are in Unicode code points, totals in UTF-8 "
        + "bytes, times in seconds. Exactly one of ContactFlowId, TaskTemplateId and QuickConnectId says who handles "
        + "the task; PreviousContactId and RelatedContactId exclude one another.";

    public const string ReferenceDescription = "A link or a piece of data that the agent sees with the task.";

    public const string SegmentDescription = "One value: exactly one of the properties is there.";

    public const string AttachmentDescription = "A file to attach to the task.";

    /// <summary>Letters, digits, hyphens and underscores.</summary>
    public const string AttributeNamePattern = "^[A-Za-z0-9_-]+$";

    /// <summary>The same and colons.</summary>
    public const string SegmentNamePattern = "^[A-Za-z0-9_:-]+$";

    /// <summary>An id: no white space, no control characters.</summary>
    public const string IdPattern = @"^[^\s\x00-\x1F\x7F-\x9F]+$";

    public const string InstanceIdPattern = "^[A-Za-z0-9-]+$";

    /// <summary>No control characters. Not every regular expression can name the other unprintable ones.</summary>
    public const string FileNamePattern = @"^[^\x00-\x1F\x7F-\x9F]*$";

    public const string EpochTimePattern = "^-?[0-9]+$";

    public const string TimePattern =
        "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
        + "[Tt]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]+)?"
        + "([Zz]|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$";

    public static readonly TaskProperty[] Handlers =
        [TaskProperty.ContactFlowId, TaskProperty.TaskTemplateId, TaskProperty.QuickConnectId];

    public static readonly TaskProperty[] EarlierContacts =
        [TaskProperty.PreviousContactId, TaskProperty.RelatedContactId];

    /// <summary>What neither language can say. The function judges by these rules too.</summary>
    public static readonly string[] Unsaid =
    [
        "a name occurs once in its object, and the text is UTF-8 without half surrogate pairs",
        $"objects and arrays are nested at most {Limits.NestingMaxDepth} levels deep, the request counted as one",
        "property names match in any case (a schema takes the spelling given here only)",
        $"all names and values of Attributes have at most {Limits.AttributesMaxBytes:N0} UTF-8 bytes together, those "
            + $"of References {Limits.ReferencesMaxBytes:N0}",
        "an ARN names a resource of the instance that InstanceId names",
        "a ScheduledTime that is a string names a day that there is, from 1970 to 9999",
        "how far ahead or past a ScheduledTime may be, and which instance is served, is up to the deployment",
        "a ClientToken of white space is none, however long it is (a schema limits its length)",
        "ValueInteger is written without a fraction and an exponent",
        "a FileName holds no format and no private-use characters",
    ];

    /// <summary>What JSON Structure cannot say beside that.</summary>
    public static readonly string[] UnsaidInStructure =
    [
        "null is the same as absent (here it is not taken)",
        "an id that is an ARN has the form arn:PARTITION:connect:REGION:ACCOUNT:instance/ID, for what is inside an "
            + "instance followed by /TYPE/ID; and an id, also in an ARN, is no longer than is said of it",
        "a ScheduledTime that is a number is more than 0 and no later than the year 9999",
        "the Value of a reference of the type DATE is an epoch time",
    ];

    public static string CommentOn(IEnumerable<string> rules) =>
        "What this schema cannot say: " + string.Join("; ", rules) + ".";

    public static string DescriptionOf(TaskProperty property) => property switch
    {
        TaskProperty.InstanceId =>
            $"The Amazon Connect instance: its id, 1 to {Limits.InstanceIdMaxCharacters} letters, digits and hyphens, "
            + "or its ARN.",
        TaskProperty.Name =>
            $"The name of the task that the agent sees: 0 to {Limits.NameMaxCharacters:N0} characters. Personal data.",
        TaskProperty.Description =>
            "What the task is about, for the agent: 0 to "
            + $"{Limits.DescriptionMaxCharacters:N0} characters. Personal data.",
        TaskProperty.ContactFlowId =>
            $"The flow that handles the task: its id, 1 to {Limits.ContactFlowIdMaxCharacters} characters, perhaps "
            + "with a version after a colon, or its contact-flow ARN.",
        TaskProperty.TaskTemplateId =>
            $"The task template: its id, 1 to {Limits.TaskTemplateIdMaxCharacters} characters, or its task-template "
            + "ARN.",
        TaskProperty.QuickConnectId =>
            "The quick connect: its id, at least 1 character, or its transfer-destination ARN.",
        TaskProperty.PreviousContactId =>
            "The contact that this task continues, in a chain of at most 12: its id, 1 to "
            + $"{Limits.ContactIdMaxCharacters} characters, or its contact ARN.",
        TaskProperty.RelatedContactId =>
            "The contact whose attributes are copied to this task: its id, 1 to "
            + $"{Limits.ContactIdMaxCharacters} characters, or its contact ARN.",
        TaskProperty.ClientToken =>
            "What makes a repeated request a duplicate: at most one task is started for an instance and a token. Up to "
            + $"{Limits.ClientTokenMaxCharacters} characters, case-sensitive. Without one, each message is a task.",
        TaskProperty.Attributes =>
            $"Contact attributes for flows. Names have 1 to {Limits.AttributeNameMaxCharacters:N0} letters, digits, "
            + $"hyphens and underscores, values 0 to {Limits.AttributeValueMaxCharacters:N0} characters; together at "
            + $"most {Limits.AttributesMaxBytes:N0} UTF-8 bytes.",
        TaskProperty.References =>
            "Links and data that the agent sees, by name. Names have 1 to "
            + $"{Limits.ReferenceNameMaxCharacters:N0} characters; names and values together have at most "
            + $"{Limits.ReferencesMaxBytes:N0} UTF-8 bytes.",
        TaskProperty.ScheduledTime =>
            "When the task is to start, to the second; absent is at once. Unix epoch seconds as a number, or RFC 3339 "
            + "with an offset as a string. A fraction is rounded up.",
        TaskProperty.SegmentAttributes =>
            "System-defined values of the contact segment, such as connect:ContactExpiry. Names have 1 to "
            + $"{Limits.SegmentAttributeNameMaxCharacters} letters, digits, hyphens, underscores and colons.",
        TaskProperty.Attachments => $"Files to attach: 1 to {Limits.AttachmentsMaxCount}.",
    };

    public static string DescriptionOf(string nested) => nested switch
    {
        "Type" => "The kind of reference, in capitals: those that the service takes when a task is created.",
        "Value" =>
            $"0 to {Limits.ReferenceValueMaxCharacters:N0} characters. For DATE a Unix epoch time in decimal digits.",
        "FileName" => $"The name that the agent sees: 1 to {Limits.AttachmentFileNameMaxCharacters} characters.",
        "S3Url" =>
            $"The presigned URL of the file: 1 to {Limits.AttachmentUrlMaxCharacters:N0} characters. A secret; it may "
            + "expire while the request waits.",
        "ValueString" => $"A text of 0 to {Limits.SegmentAttributeValueMaxCharacters:N0} characters.",
        "ValueInteger" => "A whole number of 32 bits. For ExpiryDuration in minutes.",
        "ValueMap" => "Named values.",
        "ValueList" => "A list of values; the service takes it for system-defined attributes only.",
        "ValueArn" =>
            $"An ARN of 0 to {Limits.SegmentAttributeValueMaxCharacters:N0} characters; the service takes it for "
            + "system-defined attributes only.",
        _ => throw new ArgumentOutOfRangeException(nameof(nested)),
    };

    /// <summary>Requests to learn from: the shortest one, and one with everything.</summary>
    public static JsonArray Examples() => new(
        JsonNode.Parse("""
            {
              "InstanceId": "12345678-90ab-cdef-1234-567890abcdef",
              "Name": "Call back about invoice 4711",
              "ContactFlowId": "11111111-2222-3333-4444-555555555555",
              "ClientToken": "invoice-4711-overdue-call"
            }
            """),
        JsonNode.Parse("""
            {
              "InstanceId": "arn:aws:connect:eu-central-1:123456789012:instance/12345678-90ab-cdef-1234-567890abcdef",
              "Name": "Call back about invoice 4711",
              "Description": "Overdue for 14 days. Ask for a date of payment.",
              "TaskTemplateId": "22222222-3333-4444-5555-666666666666",
              "PreviousContactId": "33333333-4444-5555-6666-777777777777",
              "ClientToken": "invoice-4711-overdue-call-2",
              "Attributes": { "invoice": "4711", "segment": "business" },
              "References": {
                "Invoice": { "Type": "URL", "Value": "https://billing.example.com/invoices/4711" },
                "Due": { "Type": "DATE", "Value": "1800000000" }
              },
              "ScheduledTime": "2027-01-15T08:00:00+01:00",
              "SegmentAttributes": {
                "connect:ContactExpiry": { "ValueMap": { "ExpiryDuration": { "ValueInteger": 2880 } } }
              },
              "Attachments": [
                { "FileName": "invoice-4711.pdf", "S3Url": "https://files.example.com/invoice-4711.pdf?signature=abc" }
              ]
            }
            """));
}
