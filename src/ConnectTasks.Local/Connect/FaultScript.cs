using System.Globalization;
using System.Text.Json;

namespace ConnectTasks.Local;

/// <summary>The calls of Connect, alone and in sets.</summary>
[Flags]
internal enum ConnectOperations
{
    None = 0,
    StartTaskContact = 1,
    StopContact = 2,
    UpdateContactSchedule = 4,
    DescribeContact = 8,
    OfContacts = StopContact | UpdateContactSchedule | DescribeContact,
    Any = StartTaskContact | OfContacts,
}

/// <summary>What goes wrong with a call. Each call uses up the first fault of the script that is for it.</summary>
internal sealed record Fault
{
    /// <summary>The fault as it was written: <c>ok</c>, <c>429</c>, <c>lost-reply</c> and so on.</summary>
    public required string Name { get; init; }

    /// <summary>The calls that it is for.</summary>
    public ConnectOperations Operations { get; init; } = ConnectOperations.StartTaskContact;

    /// <summary>For an error answer: its HTTP status.</summary>
    public int? Status { get; init; }

    /// <summary>For an error answer: its code.</summary>
    public string? Code { get; init; }

    /// <summary>For <c>slow</c>: how long the answer takes.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>
    /// If set, no call uses it up: until the faults are cleared, it meets each call about what was changed less than
    /// this time ago.
    /// </summary>
    public TimeSpan? Window { get; init; }

    public bool IsLostReply => Name == FaultScript.LostReply;

    public bool IsStalled => Name == FaultScript.StalledBody;

    public bool IsEmpty => Name == FaultScript.Empty;
}

/// <summary>
/// An ordered script of faults, as JSON: an array of names, or of objects for the details, such as
/// <c>["ok", "429", {"fault": "slow", "seconds": 3}, {"fault": "400", "code": "InvalidRequestException"},
/// {"fault": "500", "call": "StopContact", "times": 20}, {"fault": "not-there-yet", "seconds": 60}]</c>.
/// <see cref="FaultKind"/> lists them all.
/// </summary>
internal static class FaultScript
{
    public const string LostReply = "lost-reply";
    public const string StalledBody = "stalled-body";
    public const string Empty = "empty";
    public const string NotThereYet = "not-there-yet";
    public const string Stale = "stale";
    public const int MaximumTimes = 10_000;
    public const double MaximumSeconds = 900;
    public const double DefaultSeconds = 3;

    /// <summary>A script, as whoever writes one may begin.</summary>
    public static IReadOnlyList<object> Example { get; } =
    [
        "429",
        new { fault = "500", call = "StopContact", times = 20 },
        new { fault = "slow", seconds = 3 },
        new { fault = NotThereYet, seconds = 60 },
    ];

    private const string AnyCall = "any";
    private static readonly string Names = string.Join(", ", FaultKind.All.Select(kind => kind.Name));
    private static readonly string Members =
        "allowed are \"fault\" (a name), \"call\" (an operation's name, or \"any\"), \"status\" (a number), \"code\" "
        + $"(a string), \"seconds\" (0-{MaximumSeconds}) and \"times\" (1-{MaximumTimes}).";

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
                var line = new Line();
                if ((Read(element, line) ?? Make(line, parsed)) is { } problem)
                {
                    error = $"Fault {index} of the script: {problem}";
                    return false;
                }
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

    /// <summary>Reads what is written; gives what is wrong with it, or null.</summary>
    private static string? Read(JsonElement element, Line line)
    {
        if (element.ValueKind == JsonValueKind.String)
        {
            line.Name = element.GetString();
            return null;
        }

        if (element.ValueKind != JsonValueKind.Object)
            return "it must be a string or an object.";
        foreach (var member in element.EnumerateObject())
        {
            var value = member.Value;
            var isRead = member.Name switch
            {
                "fault" => (line.Name = value.ValueKind == JsonValueKind.String
                    ? value.GetString() : value.ToString()) is not null,
                "call" => value.ValueKind == JsonValueKind.String && (line.Call = value.GetString()) is not null,
                "status" => Number(value, 100, 599) is { } status && (line.Status = (int)status) == status,
                "code" => value.ValueKind == JsonValueKind.String && (line.Code = value.GetString()) is not null,
                "seconds" => (line.Seconds = Number(value, 0, MaximumSeconds)) is not null,
                "times" => Number(value, 1, MaximumTimes) is { } times && (line.Times = (int)times) == times,
                _ => false,
            };
            if (!isRead)
                return $"\"{member.Name}\" is not right; {Members}";
        }

        return null;
    }

    /// <summary>Adds the faults that a line stands for; gives what is wrong with it, or null.</summary>
    private static string? Make(Line line, List<Fault> faults)
    {
        if (FaultKind.Find(line.Name) is not { } kind)
            return $"the fault must be one of {Names}.";
        var operations = kind.Default;
        if (line.Call is not null && !TryCall(line.Call, kind, out operations))
        {
            return $"\"call\" of {kind.Name} must be {string.Join(", ", kind.Calls)} or {AnyCall}, "
                + $"not \"{line.Call}\".";
        }

        if (line.Status is { } status && !kind.Errors.Any(error => error.Status == status))
        {
            return kind.Errors.Count == 0
                ? $"{kind.Name} takes no \"status\": leave it out."
                : $"\"status\" of {kind.Name} must be {string.Join(" or ", kind.Errors.Select(e => Text(e.Status)))}.";
        }

        if (line.Code is not null && kind.Errors.Count == 0)
            return $"{kind.Name} takes no \"code\": leave it out.";
        if (line.Seconds is not null && !kind.TakesSeconds)
            return $"{kind.Name} takes no \"seconds\": leave it out.";
        if (line is { Times: not null, Seconds: not null } && kind.IsWindow)
            return $"{kind.Name} takes \"seconds\" (after each change) or \"times\" (calls), not both.";
        if (line is { Call: not null, Times: null } && kind.Name == NotThereYet)
            return $"{kind.Name} with \"seconds\" is for all calls: leave \"call\" out, or give \"times\".";
        if (line.Times is not null && kind.Name == Stale)
            return $"{kind.Name} takes \"seconds\" (after each change), no \"times\".";

        var seconds = TimeSpan.FromSeconds(line.Seconds ?? DefaultSeconds);
        var isWindow = kind.IsWindow && line.Times is null;
        var answer = kind.Errors.FirstOrDefault(error => line.Status is null || error.Status == line.Status);
        faults.AddRange(Enumerable.Repeat(
            new Fault
            {
                Name = kind.Name,
                Operations = operations,
                Status = kind.Errors.Count > 0 ? answer.Status : null,
                Code = kind.Errors.Count > 0 ? line.Code ?? answer.Code : null,
                Delay = kind.TakesSeconds && !kind.IsWindow ? seconds : TimeSpan.Zero,
                Window = isWindow ? seconds : null,
            },
            line.Times ?? 1));
        return null;
    }

    private static bool TryCall(string text, FaultKind kind, out ConnectOperations operations)
    {
        operations = text == AnyCall ? kind.Allowed : kind.Calls.Find(call => $"{call}" == text);
        return operations != ConnectOperations.None;
    }

    private static double? Number(JsonElement value, double minimum, double maximum) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number)
            && number >= minimum && number <= maximum
                ? number
                : null;

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>One element of the script, as it was written.</summary>
    private sealed class Line
    {
        public string? Name { get; set; }

        public string? Call { get; set; }

        public int? Status { get; set; }

        public string? Code { get; set; }

        public double? Seconds { get; set; }

        public int? Times { get; set; }
    }
}
