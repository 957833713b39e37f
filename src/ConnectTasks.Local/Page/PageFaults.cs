using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ConnectTasks.Local;

/// <summary>The faults that the page offers, as lines of a fault script.</summary>
internal static class PageFaults
{
    /// <summary>The page's name of each, the script's, and the answer's status where it is not the first one.</summary>
    private static readonly (string Kind, string Fault, int? Status)[] Offered =
    [
        ("throttle", "429", null),
        ("outage", "500", null),
        ("lost-replies", FaultScript.LostReply, null),
        ("stalled", FaultScript.StalledBody, null),
        ("empty", FaultScript.Empty, null),
        ("denied", "access-denied", null),
        ("denied-400", "access-denied", 400),
        ("not-there-yet", FaultScript.NotThereYet, null),
        ("not-there-yet-400", FaultScript.NotThereYet, 400),
        ("stale", FaultScript.Stale, null),
        ("gone", "gone", null),
    ];

    /// <summary>Adds a fault, or says which field is wrong and what it may be.</summary>
    /// <param name="connect">The fake Connect; null if another server is used.</param>
    /// <param name="kind">How to fail.</param>
    /// <param name="call">Which calls; null for those that the fault is for by default.</param>
    /// <param name="times">How many calls, for a fault that calls use up.</param>
    /// <param name="seconds">How long after each change, for one that lasts.</param>
    public static ActionResult Add(
        FakeConnectState? connect, string? kind, string? call, double? times, double? seconds)
    {
        if (connect is null)
            return ActionResult.Failed("Another server of Connect is used: only the fake one fails on demand.");
        var offered = Offered.FirstOrDefault(fault => fault.Kind == kind);
        if (FaultKind.Find(offered.Fault) is not { } known)
        {
            return ActionResult.Failed(
                $"How must be one of {string.Join(", ", Offered.Select(fault => fault.Kind))}. Choose one.");
        }

        var line = new JsonObject { ["fault"] = known.Name };
        if (offered.Status is { } status)
            line["status"] = status;
        if (known.IsWindow)
        {
            if (seconds is not (> 0 and <= FaultScript.MaximumSeconds))
                return ActionResult.Failed($"Seconds must be above 0 and at most {FaultScript.MaximumSeconds}.");
            line["seconds"] = seconds;
        }
        else
        {
            if (times is not (>= 1 and <= FaultScript.MaximumTimes) || times % 1 != 0)
                return ActionResult.Failed($"Calls must be a whole number from 1 to {FaultScript.MaximumTimes}.");
            line["times"] = (int)times;
            if (call is { Length: > 0 })
                line["call"] = call;
        }

        if (!FaultScript.TryParse(
            JsonSerializer.SerializeToUtf8Bytes(new JsonArray(line)), out var faults, out var error))
            return ActionResult.Failed(error[(error.IndexOf(": ", StringComparison.Ordinal) + 2)..]);
        connect.AddFaults(faults);
        var done = Lasting(faults[0]) ?? $"The next {faults.Count} {CallsOf(faults[0])} meet it.";
        return new ActionResult { Done = done };
    }

    /// <summary>What lasts until the faults are stopped, in a sentence; null if nothing does.</summary>
    public static string? Lasting(IReadOnlyList<Fault> lasting) =>
        lasting.Count == 0 ? null : string.Join(' ', lasting.Select(Lasting));

    private static string? Lasting(Fault fault)
    {
        if (fault.Window is not { } window)
            return null;
        var seconds = window.TotalSeconds.ToString("0.#", CultureInfo.InvariantCulture);
        return fault.Name == FaultScript.Stale
            ? $"For {seconds} s after a change Connect shows a contact as it was before."
            : $"For {seconds} s after a change Connect answers {fault.Status} about it.";
    }

    private static string CallsOf(Fault fault) => fault.Operations switch
    {
        ConnectOperations.Any => "calls of Connect",
        ConnectOperations.OfContacts => "calls about a contact",
        var one => $"calls of {one}",
    };
}
