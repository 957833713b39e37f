using System.Text.Json;

namespace ConnectTasks.Local;

/// <summary>The one line that the function logs about how a message ended.</summary>
internal sealed record LogEntry
{
    public required DateTimeOffset At { get; init; }

    public required string Outcome { get; init; }

    public required string Reason { get; init; }

    public required string Text { get; init; }

    public required string MessageId { get; init; }

    public string? ClientToken { get; init; }

    public string? ContactId { get; init; }

    /// <summary>When the message comes back; null if it does not.</summary>
    public TimeSpan? ReturnIn { get; init; }

    /// <summary>How long the work on the message took.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>Whether the message went to the dead-letter queue.</summary>
    public bool IsDeadLettered => Outcome is "Rejected" or "TokenReused" or "Refused" or "Exhausted" or "NotPossible";

    /// <summary>Reads a line of the function's; null if it is another one.</summary>
    public static LogEntry? Parse(string line)
    {
        if (!line.StartsWith('{') || !line.Contains("\"outcome\"", StringComparison.Ordinal))
            return null;
        try
        {
            using var json = JsonDocument.Parse(line);
            var root = json.RootElement;
            if (StringOf(root, "outcome") is not { } outcome || StringOf(root, "messageId") is not { } id
                || !root.GetProperty("timestamp").TryGetDateTimeOffset(out var at))
                return null;
            return new LogEntry
            {
                At = at,
                Outcome = outcome,
                Reason = StringOf(root, "reason") ?? outcome,
                Text = TextAfter(outcome + ": ", StringOf(root, "message") ?? ""),
                MessageId = id,
                ClientToken = StringOf(root, "clientToken"),
                ContactId = StringOf(root, "contactId"),
                ReturnIn = Seconds(root, "returnInSeconds"),
                Duration = (Seconds(root, "durationMs") ?? TimeSpan.Zero) / 1000,
            };
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            // Something else that wrote JSON; the log shows it.
            return null;
        }
    }

    private static string TextAfter(string start, string text) =>
        text.StartsWith(start, StringComparison.Ordinal) ? text[start.Length..] : text;

    private static string? StringOf(JsonElement root, string name) =>
        root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static TimeSpan? Seconds(JsonElement root, string name) =>
        root.TryGetProperty(name, out var value) && value.TryGetDouble(out var number)
            ? TimeSpan.FromSeconds(Math.Clamp(number, 0, 1e9))
            : null;
}
