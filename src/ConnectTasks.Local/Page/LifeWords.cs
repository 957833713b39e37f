using System.Globalization;

namespace ConnectTasks.Local;

/// <summary>What happens to a message, told to someone who does not know the code.</summary>
internal static class LifeWords
{
    private static readonly HashSet<string> WithClaim =
    [
        "Started", "Refused", "NotFoundYet", "Throttled", "OverQuota", "Unavailable", "Unknown", "Misconfigured",
    ];

    private static readonly HashSet<string> Troubles =
    [
        "Rejected", "TokenReused", "Refused", "NotFoundYet", "Throttled", "OverQuota", "Unavailable", "Unknown",
        "Misconfigured", "LedgerUnavailable", "Exhausted", "NotPossible",
    ];

    public static string Received(int count, int batch) => string.Create(CultureInfo.InvariantCulture,
        $"Received for the {Ordinal(count)} time, in a batch of {batch}.");

    /// <summary>What the ledger said to the function that wanted to do the task; null if it was not asked.</summary>
    public static string? Claim(LogEntry entry) => entry.Outcome switch
    {
        _ when WithClaim.Contains(entry.Outcome) =>
            "The ledger gave this delivery the claim: no other one may start the task meanwhile.",
        "AlreadyStarted" => "The ledger refused the claim: this task is started. Connect was not called.",
        "AlreadyHeld" => "The ledger refused the claim: this task waits there already. Connect was not called.",
        "TokenReused" => "The ledger refused the claim: the token belongs to a request with other contents.",
        "Cancelled" => "The ledger refused the claim: the task is cancelled. Connect was not called.",
        "InFlight" => "The ledger refused the claim for now: another delivery works on this task.",
        "Held" => "The ledger wrote the task down, with its request. Connect was not called.",
        "LedgerUnavailable" => "The ledger was asked, and did not answer as it should.",
        "Commanded" or "NotPossible" => "The ledger was asked where the task is.",
        _ => null,
    };

    /// <summary>Whether a delivery that ends like this has, or may have, called Connect to start its task.</summary>
    public static bool CalledConnect(string outcome) =>
        WithClaim.Contains(outcome) || outcome is "LedgerUnavailable" or "Deferred" or "Exhausted";

    public static bool IsTrouble(string outcome) => Troubles.Contains(outcome);

    public static string Called(ConnectCall call)
    {
        var answer = (call.Status, call.Fault) switch
        {
            (200, FaultScript.LostReply) => "worked, but its answer was lost on the way (a fault that was asked for)",
            (200, FaultScript.StalledBody) => "worked, but its answer stopped half way (a fault that was asked for)",
            (200, FaultScript.Empty) => "worked, but its answer was empty (a fault that was asked for)",
            (200, _) => $"answered with the contact {call.ContactId}",
            (_, null) => string.Create(CultureInfo.InvariantCulture, $"answered {call.Status} {call.Code}"),
            _ => string.Create(CultureInfo.InvariantCulture,
                $"answered {call.Status} {call.Code} (a fault that was asked for)"),
        };
        return $"Connect was called, and {answer}.";
    }

    public static string Ended(LogEntry entry)
    {
        var back = entry.ReturnIn is { } wait
            ? string.Create(CultureInfo.InvariantCulture, $" It returns in {wait.TotalSeconds:0} s.")
            : "";
        return $"{entry.Reason}: {entry.Text}{back}";
    }

    public static string Died(string how) =>
        $"The function ended without an answer ({how}). The message stays on the queue and returns when its "
        + "visibility timeout ends; what was claimed is free again when its lease ends.";

    private static string Ordinal(int number) => (number % 100, number % 10) switch
    {
        (11 or 12 or 13, _) => $"{number}th",
        (_, 1) => $"{number}st",
        (_, 2) => $"{number}nd",
        (_, 3) => $"{number}rd",
        _ => $"{number}th",
    };
}
