using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace ConnectTasks.Client;

/// <summary>A message about a task that was sent before: its cancellation, or its new time.</summary>
/// <param name="ScheduledTime">The new time, or <c>null</c> for a cancellation.</param>
internal sealed record TaskCommandBody(
    string InstanceId, string ClientToken, bool EndIfRunning = false, DateTimeOffset? ScheduledTime = null)
{
    private static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Checks what a command has in common with a request by the request's own rules.</summary>
    public List<Violation> Check(out string instanceId)
    {
        var check = TaskRequestValidator.Check(new TaskRequest
        {
            InstanceId = InstanceId,
            ClientToken = ClientToken,
            ScheduledTime = ScheduledTime,
            Name = "",
            ContactFlowId = "-",
        });
        instanceId = check.Request?.InstanceId ?? "";
        var violations = new List<Violation>(check.Violations);
        if (string.IsNullOrWhiteSpace(ClientToken))
        {
            violations.Add(new(
                ViolationCodes.Missing, "$.ClientToken", "ClientToken is required: give the token of the task's request."));
        }
        return violations;
    }

    public string Write(string instanceId)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer, Compact))
        {
            json.WriteStartObject();
            json.WriteString("ConnectTasks"u8, ScheduledTime is null ? "cancel/1"u8 : "reschedule/1"u8);
            json.WriteString("InstanceId"u8, instanceId);
            json.WriteString("ClientToken"u8, ClientToken);
            if (ScheduledTime is { } time)
                json.WriteNumber("ScheduledTime"u8, CeilingSeconds(time));
            else
                json.WriteBoolean("EndIfRunning"u8, EndIfRunning);
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static long CeilingSeconds(DateTimeOffset instant) =>
        instant.ToUnixTimeSeconds() + (instant.UtcTicks % TimeSpan.TicksPerSecond == 0 ? 0 : 1);
}
