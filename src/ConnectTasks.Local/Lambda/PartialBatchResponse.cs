using System.Text.Json;

namespace ConnectTasks.Local;

/// <summary>What a batch's response says about its messages.</summary>
internal sealed record BatchVerdict
{
    /// <summary>The ids of the messages that the event source mapping may delete, in the batch's order.</summary>
    public required IReadOnlyList<string> Succeeded { get; init; }

    /// <summary>The ids of the messages that stay on the queue, in the batch's order.</summary>
    public required IReadOnlyList<string> Failed { get; init; }

    /// <summary>Why the response made the whole batch fail; null if it could be read.</summary>
    public string? Malformed { get; init; }

    /// <summary>Something about a valid response that its author hardly meant; null if there is nothing.</summary>
    public string? Remark { get; init; }
}

/// <summary>
/// How an event source mapping with <c>ReportBatchItemFailures</c> reads a function's response. The rules are those of
/// the Lambda developer guide, "Handling errors for an SQS event source": an empty or null response, and an empty or
/// null list, mean that all messages succeeded; anything that can't be read as a list of message ids of this batch
/// means that all of them failed.
/// </summary>
internal static class PartialBatchResponse
{
    private const string ListName = "batchItemFailures";
    private const string IdName = "itemIdentifier";

    /// <summary>Reads a response.</summary>
    /// <param name="payload">The bytes that the function posted.</param>
    /// <param name="messageIds">The ids of the batch's messages.</param>
    public static BatchVerdict Read(ReadOnlyMemory<byte> payload, IReadOnlyList<string> messageIds)
    {
        if (payload.IsEmpty)
            return AllSucceeded(messageIds);
        JsonDocument response;
        try
        {
            response = JsonDocument.Parse(payload);
        }
        catch (JsonException)
        {
            return AllFailed(messageIds, "the response is not JSON");
        }
        using (response)
        {
            return Read(response.RootElement, messageIds);
        }
    }

    public static BatchVerdict AllSucceeded(IReadOnlyList<string> messageIds) =>
        new() { Succeeded = messageIds, Failed = [] };

    public static BatchVerdict AllFailed(IReadOnlyList<string> messageIds, string? reason = null) =>
        new() { Succeeded = [], Failed = messageIds, Malformed = reason };

    private static BatchVerdict Read(JsonElement response, IReadOnlyList<string> messageIds)
    {
        if (response.ValueKind == JsonValueKind.Null)
            return AllSucceeded(messageIds);
        if (response.ValueKind != JsonValueKind.Object)
            return AllFailed(messageIds, $"the response is {Describe(response)}, not an object");
        if (!response.TryGetProperty(ListName, out var list))
            return AllSucceeded(messageIds) with { Remark = RemarkOnMissingList(response) };
        if (list.ValueKind == JsonValueKind.Null)
            return AllSucceeded(messageIds);
        if (list.ValueKind != JsonValueKind.Array)
            return AllFailed(messageIds, $"{ListName} is {Describe(list)}, not an array");

        var known = messageIds.ToHashSet(StringComparer.Ordinal);
        var failed = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (index, entry) in list.EnumerateArray().Index())
        {
            var (id, problem) = ReadId(entry);
            if (problem is null && !known.Contains(id))
                problem = $"its {IdName} is not the id of a message in this batch";
            if (problem is not null)
                return AllFailed(messageIds, $"{ListName}[{index}]: {problem}");
            failed.Add(id);
        }
        return new BatchVerdict
        {
            Succeeded = [.. messageIds.Where(id => !failed.Contains(id))],
            Failed = [.. messageIds.Where(failed.Contains)],
        };
    }

    private static (string Id, string? Problem) ReadId(JsonElement entry)
    {
        if (entry.ValueKind != JsonValueKind.Object)
            return ("", $"it is {Describe(entry)}, not an object");
        if (!entry.TryGetProperty(IdName, out var id))
            return ("", $"it has no {IdName}");
        if (id.ValueKind != JsonValueKind.String)
            return ("", $"its {IdName} is {Describe(id)}, not a string");
        var text = id.GetString()!;
        return (text, text.Length == 0 ? $"its {IdName} is empty" : null);
    }

    private static string? RemarkOnMissingList(JsonElement response) => response.EnumerateObject().Any()
        ? $"the response has no {ListName} (names are case-sensitive), so every message counts as done"
        : null;

    private static string Describe(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Array => "an array",
        JsonValueKind.Object => "an object",
        JsonValueKind.String => "a string",
        JsonValueKind.Number => "a number",
        JsonValueKind.Null => "null",
        _ => "a boolean",
    };
}
