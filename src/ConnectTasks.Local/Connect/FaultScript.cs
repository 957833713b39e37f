using System.Text.Json;

namespace ConnectTasks.Local;

/// <summary>What goes wrong with one call. One fault of the script is used up by each call.</summary>
internal sealed record Fault
{
    /// <summary>The fault as it was written: <c>ok</c>, <c>429</c>, <c>lost-reply</c> and so on.</summary>
    public required string Name { get; init; }

    /// <summary>For an error answer: its HTTP status.</summary>
    public int? Status { get; init; }

    /// <summary>For an error answer: its code.</summary>
    public string? Code { get; init; }

    /// <summary>For <c>slow</c>: how long the answer takes.</summary>
    public TimeSpan Delay { get; init; }

    public bool IsLostReply => Name == FaultScript.LostReply;
}

/// <summary>
/// An ordered script of faults, as JSON: an array of names, or of objects for the details, such as
/// <c>["ok", "429", {"fault": "slow", "seconds": 3}, {"fault": "400", "code": "InvalidRequestException"},
/// {"fault": "500", "times": 20}]</c>.
/// </summary>
internal static class FaultScript
{
    public const string LostReply = "lost-reply";
    public const int MaximumTimes = 10_000;
    public const double MaximumSeconds = 900;
    private const double DefaultSeconds = 3;
    private const string Names = "ok, 429, 500, 400, 402, 403, 404, lost-reply, slow";

    private static readonly Dictionary<string, (int Status, string Code)> Errors = new()
    {
        ["400"] = (400, "InvalidParameterException"),
        ["402"] = (402, "ServiceQuotaExceededException"),
        ["403"] = (403, "AccessDeniedException"),
        ["404"] = (404, "ResourceNotFoundException"),
        ["429"] = (429, "ThrottlingException"),
        ["500"] = (500, "InternalServiceException"),
    };

    /// <summary>Reads a script. On failure <paramref name="error"/> is a sentence that names the place.</summary>
    public static bool TryParse(ReadOnlyMemory<byte> json, out IReadOnlyList<Fault> faults, out string error)
    {
        faults = [];
        error = "";
        var parsed = new List<Fault>();
        try
        {
            using var document = JsonDocument.Parse(json);
            if (document.RootElement.ValueKind != JsonValueKind.Array)
            {
                error = $"The fault script must be a JSON array of {Names}.";
                return false;
            }

            foreach (var (index, element) in document.RootElement.EnumerateArray().Index())
            {
                var (fault, times, problem) = Read(element);
                if (fault is null)
                {
                    error = $"Fault {index} of the script: {problem}";
                    return false;
                }

                parsed.AddRange(Enumerable.Repeat(fault, times));
            }
        }
        catch (JsonException e)
        {
            error = $"The fault script is not JSON (line {e.LineNumber + 1}). It must be an array of {Names}.";
            return false;
        }

        faults = parsed;
        return true;
    }

    private static (Fault? Fault, int Times, string Problem) Read(JsonElement element)
    {
        string? name = null, code = null;
        var seconds = DefaultSeconds;
        var times = 1;
        if (element.ValueKind == JsonValueKind.String)
            name = element.GetString();
        else if (element.ValueKind != JsonValueKind.Object)
            return (null, 0, "it must be a string or an object.");
        else
        {
            foreach (var member in element.EnumerateObject())
            {
                var isRead = member.Name switch
                {
                    "fault" => (name = member.Value.ValueKind == JsonValueKind.String
                        ? member.Value.GetString() : member.Value.ToString()) is not null,
                    "code" => member.Value.ValueKind == JsonValueKind.String
                        && (code = member.Value.GetString()) is not null,
                    "seconds" => member.Value.ValueKind == JsonValueKind.Number
                        && member.Value.TryGetDouble(out seconds) && seconds is >= 0 and <= MaximumSeconds,
                    "times" => member.Value.ValueKind == JsonValueKind.Number
                        && member.Value.TryGetInt32(out times) && times is >= 1 and <= MaximumTimes,
                    _ => false,
                };
                if (!isRead)
                {
                    return (null, 0, $"\"{member.Name}\" is not right; allowed are \"fault\" (a name), \"code\" "
                        + $"(a string), \"seconds\" (0-{MaximumSeconds}) and \"times\" (1-{MaximumTimes}).");
                }
            }
        }

        if (name is "ok" or LostReply)
            return (new Fault { Name = name }, times, "");
        if (name is "slow")
            return (new Fault { Name = name, Delay = TimeSpan.FromSeconds(seconds) }, times, "");
        return name is not null && Errors.TryGetValue(name, out var error)
            ? (new Fault { Name = name, Status = error.Status, Code = code ?? error.Code }, times, "")
            : (null, 0, $"the fault must be one of {Names}.");
    }
}
