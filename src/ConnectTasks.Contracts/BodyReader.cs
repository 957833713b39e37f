using System.Text.Json;

namespace ConnectTasks;

/// <summary>
/// Reads the JSON of a task request in one pass, without a document tree: its shape. The rules about values are
/// <see cref="TaskRequestValidator"/>'s.
/// </summary>
internal static class BodyReader
{
    /// <summary>Reads a body of valid UTF-8; <c>null</c> if it is not an object.</summary>
    /// <exception cref="JsonException">The body is not JSON.</exception>
    public static TaskRequest? Read(ReadOnlySpan<byte> utf8, Findings findings)
    {
        var json = new JsonTokens(utf8, findings);
        json.Read();
        TaskRequest? request = null;
        if (json.TokenType == JsonTokenType.StartObject)
            request = ReadRequest(ref json);
        else
            ReportNotAnObject(ref json);
        // Throws if anything but white space follows.
        json.Read();
        return request;
    }

    private static void ReportNotAnObject(scoped ref JsonTokens json)
    {
        var isEncodedTwice = json.TokenType == JsonTokenType.String
            && json.TryGetText(out var text)
            && text.AsSpan().TrimStart() is ['{' or '[', ..];
        json.Findings.Add(
            ViolationCodes.NotAnObject,
            isEncodedTwice
                ? "The body is a JSON string that holds JSON: send the object itself, encoded once."
                : $"The body is {JsonTokens.Name(json.TokenType)}: send one JSON object, the task request.");
        json.Skip();
    }

    private static TaskRequest ReadRequest(scoped ref JsonTokens json)
    {
        string? instanceId = null, name = null, description = null, flow = null, template = null, quickConnect = null;
        string? previousContact = null, relatedContact = null, token = null;
        Dictionary<string, string>? attributes = null;
        Dictionary<string, TaskReference>? references = null;
        DateTimeOffset? scheduledTime = null;
        Dictionary<string, SegmentAttribute>? segmentAttributes = null;
        List<TaskAttachmentFile>? attachments = null;
        var cursor = new JsonTokens.Cursor(TaskProperties.Names);
        while (json.NextProperty(ref cursor))
        {
            switch ((TaskProperty)cursor.Index)
            {
                case TaskProperty.InstanceId: instanceId = json.ReadText(); break;
                case TaskProperty.Name: name = json.ReadText(); break;
                case TaskProperty.Description: description = json.ReadText(); break;
                case TaskProperty.ContactFlowId: flow = json.ReadText(); break;
                case TaskProperty.TaskTemplateId: template = json.ReadText(); break;
                case TaskProperty.QuickConnectId: quickConnect = json.ReadText(); break;
                case TaskProperty.PreviousContactId: previousContact = json.ReadText(); break;
                case TaskProperty.RelatedContactId: relatedContact = json.ReadText(); break;
                case TaskProperty.ClientToken: token = json.ReadText(); break;
                case TaskProperty.Attributes: attributes = json.ReadMap(ReadText); break;
                case TaskProperty.References: references = json.ReadMap(ReadReference); break;
                case TaskProperty.ScheduledTime: scheduledTime = ReadTime(ref json); break;
                case TaskProperty.SegmentAttributes: segmentAttributes = json.ReadMap(ReadSegment); break;
                case TaskProperty.Attachments: attachments = json.ReadList(ReadAttachment); break;
            }
            json.Findings.Leave();
        }
        // Whether something is missing is for the rules to say.
        return new TaskRequest
        {
            InstanceId = instanceId!,
            Name = name!,
            Description = description,
            ContactFlowId = flow,
            TaskTemplateId = template,
            QuickConnectId = quickConnect,
            PreviousContactId = previousContact,
            RelatedContactId = relatedContact,
            ClientToken = token,
            Attributes = attributes,
            References = references,
            ScheduledTime = scheduledTime,
            SegmentAttributes = segmentAttributes,
            Attachments = attachments,
        };
    }

    private static string ReadText(scoped ref JsonTokens json) => json.ReadText();

    private static TaskReference ReadReference(scoped ref JsonTokens json)
    {
        if (!json.Expect(JsonTokenType.StartObject))
            return Unreadable.Reference;
        string? type = null, value = null;
        var cursor = new JsonTokens.Cursor(TaskProperties.ReferenceNames);
        while (json.NextProperty(ref cursor))
        {
            if (cursor.Index == 0)
                type = json.ReadText();
            else
                value = json.ReadText();
            json.Findings.Leave();
        }
        return new TaskReference(type!, value!);
    }

    private static TaskAttachmentFile ReadAttachment(scoped ref JsonTokens json)
    {
        if (!json.Expect(JsonTokenType.StartObject))
            return Unreadable.Attachment;
        string? fileName = null, url = null;
        var cursor = new JsonTokens.Cursor(TaskProperties.AttachmentNames);
        while (json.NextProperty(ref cursor))
        {
            if (cursor.Index == 0)
                fileName = json.ReadText();
            else
                url = json.ReadText();
            json.Findings.Leave();
        }
        return new TaskAttachmentFile(fileName!, url!);
    }

    private static SegmentAttribute ReadSegment(scoped ref JsonTokens json)
    {
        if (!json.Expect(JsonTokenType.StartObject))
            return Unreadable.Segment;
        string? text = null, arn = null;
        int? integer = null;
        Dictionary<string, SegmentAttribute>? map = null;
        List<SegmentAttribute>? list = null;
        var isReadable = true;
        var cursor = new JsonTokens.Cursor(TaskProperties.SegmentNames);
        while (json.NextProperty(ref cursor))
        {
            switch (cursor.Index)
            {
                case 0: text = json.ReadText(); break;
                case 1: isReadable &= (integer = json.ReadInteger()) is not null; break;
                case 2: isReadable &= (map = json.ReadMap(ReadSegment)) is not null; break;
                case 3: isReadable &= (list = json.ReadList(ReadSegment)) is not null; break;
                case 4: arn = json.ReadText(); break;
            }
            json.Findings.Leave();
        }
        if (!isReadable)
            return Unreadable.Segment;
        return new SegmentAttribute
        {
            ValueString = text,
            ValueInteger = integer,
            ValueMap = map,
            ValueList = list,
            ValueArn = arn,
        };
    }

    internal static DateTimeOffset? ReadTime(scoped ref JsonTokens json)
    {
        ScheduledTimes.Fault? fault;
        long seconds;
        if (json.TokenType == JsonTokenType.Number)
        {
            fault = ScheduledTimes.ReadNumber(json.NumberText, out seconds);
        }
        else if (json.TokenType == JsonTokenType.String)
        {
            // Half of a surrogate pair leaves an empty text and is not a time either.
            json.TryGetText(out var text);
            fault = ScheduledTimes.ReadText(text, out seconds);
        }
        else
        {
            json.ReportWrongType("a number (epoch seconds) or a string (RFC 3339)");
            return null;
        }
        if (fault is null)
            return DateTimeOffset.FromUnixTimeSeconds(seconds);
        json.Findings.Add(fault.Code, $"{json.Findings.Subject} {fault.Text}.");
        return null;
    }
}
