using System.Text.Json;

namespace ConnectTasks;

/// <summary>Writes a request as JSON.</summary>
internal static class BodyWriter
{
    public static void Write(Utf8JsonWriter json, TaskRequest request)
    {
        json.WriteStartObject();
        WriteText(json, "InstanceId"u8, request.InstanceId);
        WriteText(json, "Name"u8, request.Name);
        WriteText(json, "Description"u8, request.Description);
        WriteText(json, "ContactFlowId"u8, request.ContactFlowId);
        WriteText(json, "TaskTemplateId"u8, request.TaskTemplateId);
        WriteText(json, "QuickConnectId"u8, request.QuickConnectId);
        WriteText(json, "PreviousContactId"u8, request.PreviousContactId);
        WriteText(json, "RelatedContactId"u8, request.RelatedContactId);
        WriteText(json, "ClientToken"u8, request.ClientToken);
        if (request.Attributes is { } attributes)
        {
            json.WriteStartObject("Attributes"u8);
            foreach (var (name, value) in attributes)
                json.WriteString(name, value);
            json.WriteEndObject();
        }
        if (request.References is { } references)
        {
            json.WriteStartObject("References"u8);
            foreach (var (name, reference) in references)
            {
                json.WriteStartObject(name);
                WriteText(json, "Type"u8, reference.Type);
                WriteText(json, "Value"u8, reference.Value);
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }
        if (request.ScheduledTime is { } time)
            json.WriteNumber("ScheduledTime"u8, ScheduledTimes.CeilingSeconds(time));
        if (request.SegmentAttributes is { } segmentAttributes)
            WriteMap(json, "SegmentAttributes"u8, segmentAttributes);
        if (request.Attachments is { } attachments)
        {
            json.WriteStartArray("Attachments"u8);
            foreach (var attachment in attachments)
            {
                json.WriteStartObject();
                WriteText(json, "FileName"u8, attachment.FileName);
                WriteText(json, "S3Url"u8, attachment.S3Url);
                json.WriteEndObject();
            }
            json.WriteEndArray();
        }
        json.WriteEndObject();
    }

    private static void WriteText(Utf8JsonWriter json, ReadOnlySpan<byte> name, string? text)
    {
        if (text is not null)
            json.WriteString(name, text);
    }

    private static void WriteMap(
        Utf8JsonWriter json, ReadOnlySpan<byte> name, IReadOnlyDictionary<string, SegmentAttribute> map)
    {
        json.WriteStartObject(name);
        foreach (var (key, segment) in map)
        {
            json.WritePropertyName(key);
            WriteSegment(json, segment);
        }
        json.WriteEndObject();
    }

    private static void WriteSegment(Utf8JsonWriter json, SegmentAttribute segment)
    {
        json.WriteStartObject();
        WriteText(json, "ValueString"u8, segment.ValueString);
        if (segment.ValueInteger is { } integer)
            json.WriteNumber("ValueInteger"u8, integer);
        if (segment.ValueMap is { } map)
            WriteMap(json, "ValueMap"u8, map);
        if (segment.ValueList is { } list)
        {
            json.WriteStartArray("ValueList"u8);
            foreach (var item in list)
                WriteSegment(json, item);
            json.WriteEndArray();
        }
        WriteText(json, "ValueArn"u8, segment.ValueArn);
        json.WriteEndObject();
    }
}
