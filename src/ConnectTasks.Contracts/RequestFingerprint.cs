using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;

namespace ConnectTasks;

/// <summary>
/// Tells whether two requests ask for the same task, whatever their spelling: the order of keys, the form of a time, an
/// id or its ARN, null or absent, the signature of a presigned link.
/// </summary>
public static class RequestFingerprint
{
    /// <summary>Computes it.</summary>
    /// <param name="request">A valid request, with ids taken out of ARNs, as <see cref="TaskRequestJson.Read(string)"/> gives it.</param>
    /// <returns>
    /// 64 hexadecimal digits. Kept in the ledger for weeks and compared with those of later versions of this code: the
    /// canonical form must not change.
    /// </returns>
    public static string Compute(TaskRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { SkipValidation = true }))
        {
            Canonical(json, request);
        }

        return Convert.ToHexStringLower(SHA256.HashData(buffer.WrittenSpan));
    }

    private static void Canonical(Utf8JsonWriter json, TaskRequest request)
    {
        json.WriteStartObject();
        // Not ClientToken: it names the task, and the fingerprint says what the task is.
        TaskRequestWriter.Text(json, nameof(request.InstanceId), request.InstanceId);
        TaskRequestWriter.Text(json, nameof(request.Name), request.Name);
        TaskRequestWriter.Text(json, nameof(request.Description), request.Description);
        TaskRequestWriter.Text(json, nameof(request.ContactFlowId), request.ContactFlowId);
        TaskRequestWriter.Text(json, nameof(request.TaskTemplateId), request.TaskTemplateId);
        TaskRequestWriter.Text(json, nameof(request.QuickConnectId), request.QuickConnectId);
        TaskRequestWriter.Text(json, nameof(request.PreviousContactId), request.PreviousContactId);
        TaskRequestWriter.Text(json, nameof(request.RelatedContactId), request.RelatedContactId);
        if (request.ScheduledTime is { } time)
        {
            json.WriteNumber(nameof(request.ScheduledTime), TaskRequestWriter.Seconds(time));
        }

        TaskRequestWriter.Map(
            json, nameof(request.Attributes), Sorted(request.Attributes), static (j, value) => j.WriteStringValue(value));
        TaskRequestWriter.Map(json, nameof(request.References), Sorted(request.References), static (j, reference) =>
        {
            j.WriteStartArray();
            j.WriteStringValue(reference.Type);
            j.WriteStringValue(reference.Value);
            j.WriteEndArray();
        });
        TaskRequestWriter.Map(
            json, nameof(request.SegmentAttributes), Sorted(request.SegmentAttributes), TaskRequestWriter.Segment);
        TaskRequestWriter.Files(json, request.Attachments, withQuery: false);
        json.WriteEndObject();
    }

    /// <summary>In ordinal order; an empty map is an absent one.</summary>
    private static IEnumerable<KeyValuePair<string, T>>? Sorted<T>(IReadOnlyDictionary<string, T>? map) => map switch
    {
        null or { Count: 0 } => null,
        { Count: 1 } => map,
        _ => map.OrderBy(e => e.Key, StringComparer.Ordinal),
    };
}
