using System.Text.Json;

namespace ConnectTasks;

/// <summary>Writes a request's properties.</summary>
internal static class TaskRequestWriter
{
    public static void Write(Utf8JsonWriter json, TaskRequest request)
    {
        json.WriteStartObject();
        Text(json, nameof(request.InstanceId), request.InstanceId);
        Text(json, nameof(request.Name), request.Name);
        Text(json, nameof(request.Description), request.Description);
        Text(json, nameof(request.ContactFlowId), request.ContactFlowId);
        Text(json, nameof(request.TaskTemplateId), request.TaskTemplateId);
        Text(json, nameof(request.QuickConnectId), request.QuickConnectId);
        Text(json, nameof(request.PreviousContactId), request.PreviousContactId);
        Text(json, nameof(request.RelatedContactId), request.RelatedContactId);
        Text(json, nameof(request.ClientToken), request.ClientToken);
        if (request.ScheduledTime is { } time)
        {
            json.WriteNumber(nameof(request.ScheduledTime), Seconds(time));
        }

        Map(json, nameof(request.Attributes), request.Attributes, static (j, value) => j.WriteStringValue(value));
        Map(json, nameof(request.References), request.References, static (j, reference) =>
        {
            j.WriteStartObject();
            j.WriteString(nameof(reference.Type), reference.Type);
            j.WriteString(nameof(reference.Value), reference.Value);
            j.WriteEndObject();
        });
        Map(json, nameof(request.SegmentAttributes), request.SegmentAttributes, Segment);
        Files(json, request.Attachments, withQuery: true);
        json.WriteEndObject();
    }

    /// <summary>Whole epoch seconds, never early.</summary>
    public static long Seconds(DateTimeOffset time) =>
        time.ToUnixTimeSeconds() + (time.Ticks % TimeSpan.TicksPerSecond == 0 ? 0 : 1);

    public static void Text(Utf8JsonWriter json, string name, string? value)
    {
        if (value is not null)
        {
            json.WriteString(name, value);
        }
    }

    public static void Map<T>(
        Utf8JsonWriter json, string name, IEnumerable<KeyValuePair<string, T>>? map, Action<Utf8JsonWriter, T> write)
    {
        if (map is null)
        {
            return;
        }

        json.WriteStartObject(name);
        foreach (var (key, value) in map)
        {
            json.WritePropertyName(key);
            write(json, value);
        }

        json.WriteEndObject();
    }

    public static void Segment(Utf8JsonWriter json, SegmentValue value)
    {
        json.WriteStartObject();
        Text(json, nameof(value.ValueString), value.ValueString);
        if (value.ValueInteger is { } number)
        {
            json.WriteNumber(nameof(value.ValueInteger), number);
        }

        // Sorted: one order serves the wire and the fingerprint.
        Map(json, nameof(value.ValueMap), value.ValueMap?.OrderBy(e => e.Key, StringComparer.Ordinal), Segment);
        if (value.ValueList is { } list)
        {
            json.WriteStartArray(nameof(value.ValueList));
            foreach (var item in list)
            {
                Segment(json, item);
            }

            json.WriteEndArray();
        }

        Text(json, nameof(value.ValueArn), value.ValueArn);
        json.WriteEndObject();
    }

    public static void Files(Utf8JsonWriter json, IReadOnlyList<TaskFile>? files, bool withQuery)
    {
        if (files is null)
        {
            return;
        }

        json.WriteStartArray(nameof(TaskRequest.Attachments));
        foreach (var file in files)
        {
            json.WriteStartObject();
            json.WriteString(nameof(file.FileName), file.FileName);
            var query = withQuery ? -1 : file.S3Url.IndexOf('?', StringComparison.Ordinal);
            json.WriteString(nameof(file.S3Url), query < 0 ? file.S3Url : file.S3Url[..query]);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
