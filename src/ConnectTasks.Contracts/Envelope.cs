using System.Text;
using System.Text.Json;

namespace ConnectTasks;

/// <summary>What a task request may come in.</summary>
[Flags]
internal enum EnvelopeKinds
{
    None = 0,
    SnsNotification = 1,
    EventBridgeEvent = 2,
    JsonString = 4,
}

/// <summary>What another service has put around a body.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Id">The id that its service gave it, or <c>null</c>.</param>
/// <param name="Content">What is in it.</param>
internal sealed record Envelope(EnvelopeKinds Kind, string? Id, string Content)
{
    // An event may have the content one level deeper than a request may be nested.
    private static readonly JsonReaderOptions Options = new() { MaxDepth = TaskRequestLimits.NestingMaxDepth + 1 };

    private static readonly PropertyNames Markers = new(
        ["Type", "Message", "MessageId", "detail-type", "source", "detail", "id", .. PointerNames]);

    /// <summary>
    /// The classes, or properties, that the extended clients of several languages write for a payload in Amazon S3.
    /// </summary>
    private static string[] PointerNames =>
    [
        "software.amazon.payloadoffloading.PayloadS3Pointer", "com.amazon.sqs.javamessaging.MessageS3Pointer",
        "s3BucketName", "S3Payload",
    ];

    private enum Marker
    {
        Type,
        Message,
        MessageId,
        DetailType,
        Source,
        Detail,
        Id,
        FirstPointer,
    }

    /// <summary>The envelope in words, with its article.</summary>
    public string Name => Kind switch
    {
        EnvelopeKinds.SnsNotification => "an SNS notification",
        EnvelopeKinds.EventBridgeEvent => "an EventBridge event",
        _ => "a JSON string",
    };

    /// <summary>
    /// Opens a body that is JSON and no request. <c>null</c> if it is no envelope, or if it is one that cannot be
    /// opened, or something else that has a name: then it is reported.
    /// </summary>
    /// <param name="body">The body, without a byte-order mark at its start.</param>
    /// <param name="code">What the body lacks to be a request: the code of its first violation.</param>
    public static Envelope? Open(string body, string code, Findings findings)
    {
        switch (code)
        {
            case ViolationCodes.MalformedJson:
                BodyDisguise.Report(body, findings);
                return null;
            case ViolationCodes.EmptyBody or ViolationCodes.InvalidEncoding or ViolationCodes.TrailingText:
                return null;
        }
        var utf8 = Encoding.UTF8.GetBytes(body);
        var json = new Utf8JsonReader(utf8, Options);
        try
        {
            json.Read();
            return json.TokenType switch
            {
                JsonTokenType.StartObject => OpenObject(ref json, utf8, findings),
                JsonTokenType.StartArray => OpenArray(ref json, findings),
                JsonTokenType.String => OpenString(json),
                _ => null,
            };
        }
        catch (JsonException)
        {
            // Too deep, which has been said.
            return null;
        }
    }

    /// <summary>A violation of the content as one of the body.</summary>
    public Violation Place(Violation violation)
    {
        var path = Kind switch
        {
            EnvelopeKinds.SnsNotification => $"$.Message → {violation.Path}",
            EnvelopeKinds.EventBridgeEvent => $"$.detail{violation.Path[1..]}",
            _ => $"$ → {violation.Path}",
        };
        // Sentences about the whole would be taken to be about the envelope.
        var isAboutAll = violation.Path == "$" && violation.Code != ViolationCodes.MoreViolations;
        return violation with
        {
            Path = path,
            Message = isAboutAll ? $"Inside {Name}: {violation.Message}" : violation.Message,
        };
    }

    private static Envelope? OpenString(in Utf8JsonReader json) =>
        TextOf(json) is { } text && text.AsSpan().TrimStart(" \t\r\n\uFEFF") is ['{' or '[' or '"', ..]
            ? new Envelope(EnvelopeKinds.JsonString, null, text)
            : null;

    private static Envelope? OpenArray(ref Utf8JsonReader json, Findings findings)
    {
        json.Read();
        if (json.TokenType == JsonTokenType.String && TextOf(json) is { } first && PointerNames.Contains(first))
            ReportPointer(findings);
        return null;
    }

    private static Envelope? OpenObject(ref Utf8JsonReader json, ReadOnlySpan<byte> utf8, Findings findings)
    {
        var found = new Found();
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            // The services do not escape letters.
            var name = json.ValueIsEscaped ? [] : json.ValueSpan;
            if (TaskProperties.Names.IndexOf(name) >= 0)
                return null;
            var marker = (Marker)Markers.IndexOf(name);
            json.Read();
            switch (marker)
            {
                case Marker.Type: found.Type ??= TextOf(json); break;
                case Marker.MessageId: found.MessageId ??= TextOf(json); break;
                case Marker.Id: found.EventId ??= TextOf(json); break;
                case Marker.DetailType: found.HasDetailType = json.TokenType == JsonTokenType.String; break;
                case Marker.Source: found.HasSource = json.TokenType == JsonTokenType.String; break;
                case Marker.Message:
                    found.Messages++;
                    found.Message = TextOf(json);
                    break;
                case Marker.Detail:
                    found.Details++;
                    found.Detail = ObjectOf(ref json, utf8);
                    break;
                case >= Marker.FirstPointer: found.IsPointer = true; break;
            }
            json.Skip();
        }
        return Open(found, findings);
    }

    private static Envelope? Open(Found found, Findings findings)
    {
        if (found is { Type: "Notification", Messages: > 0 })
        {
            return CheckContent("Message", found.Messages, found.Message, "a string", findings)
                ? new Envelope(EnvelopeKinds.SnsNotification, IdOf(found.MessageId), found.Message!)
                : null;
        }
        if (found is { HasDetailType: true, HasSource: true })
        {
            return CheckContent("detail", found.Details, found.Detail, "an object", findings)
                ? new Envelope(EnvelopeKinds.EventBridgeEvent, IdOf(found.EventId), found.Detail!)
                : null;
        }
        if (found is { Type: "SubscriptionConfirmation" or "UnsubscribeConfirmation", Messages: > 0 })
        {
            findings.Add(
                ViolationCodes.SnsConfirmation,
                "The body is no task request but asks to confirm that the queue is subscribed to an SNS topic: confirm "
                + "it by its SubscribeURL if it is meant, and delete this message.");
        }
        else if (found.IsPointer)
        {
            ReportPointer(findings);
        }
        return null;
    }

    private static bool CheckContent(string property, int count, string? content, string expected, Findings findings)
    {
        findings.Enter(property);
        if (count > 1)
            findings.Add(ViolationCodes.DuplicateProperty, $"{property} occurs more than once: send it once.");
        else if (count == 0)
            findings.Add(ViolationCodes.Missing, $"{property} is required: it holds the task request.");
        else if (content is null)
            findings.Add(ViolationCodes.WrongType, $"{property} has to be {expected}: it holds the task request.");
        findings.Leave();
        return count == 1 && content is not null;
    }

    private static void ReportPointer(Findings findings) => findings.Add(
        ViolationCodes.OffloadedPayload,
        "The body is a pointer to a payload in Amazon S3, as extended clients write it, and is not fetched: send the "
        + "task request itself, which always fits into a message, without payload offloading.");

    private static string? IdOf(string? id) => string.IsNullOrWhiteSpace(id) ? null : id;

    private static string? TextOf(in Utf8JsonReader json) =>
        json.TokenType != JsonTokenType.String
        || (json.ValueIsEscaped && TextRules.HasLoneSurrogateEscape(json.ValueSpan))
            ? null
            : json.GetString();

    /// <summary>The text of an object, which the reader then stands at the end of.</summary>
    private static string? ObjectOf(ref Utf8JsonReader json, ReadOnlySpan<byte> utf8)
    {
        if (json.TokenType != JsonTokenType.StartObject)
            return null;
        var start = (int)json.TokenStartIndex;
        json.Skip();
        return Encoding.UTF8.GetString(utf8[start..(int)json.BytesConsumed]);
    }

    private struct Found
    {
        public string? Type;
        public string? Message;
        public string? MessageId;
        public string? Detail;
        public string? EventId;
        public int Messages;
        public int Details;
        public bool HasDetailType;
        public bool HasSource;
        public bool IsPointer;
    }
}
