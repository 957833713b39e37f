using System.Text;

namespace ConnectTasks.Lambda;

/// <summary>One attempt at a task.</summary>
/// <param name="Request">The request.</param>
/// <param name="Token">Its ClientToken, given or derived.</param>
/// <param name="Group">The message's group, which goes with the task through a wait.</param>
/// <param name="Claim">What the ledger knows the attempt by.</param>
/// <param name="ScheduledTime">When the task is to start: the request's time, or the one it was given since.</param>
internal sealed record Attempt(
    TaskRequest Request, string Token, string? Group, Claim Claim, DateTimeOffset? ScheduledTime)
{
    /// <summary>Whether an earlier attempt ended without an answer.</summary>
    public bool MayExist { get; init; }

    /// <summary>When the request was first really tried; null if this is the first try.</summary>
    public DateTimeOffset? FirstTried { get; init; }

    /// <summary>The attempt, with what the ledger knew of the task.</summary>
    public Attempt With(ClaimResult claimed) => this with
    {
        MayExist = claimed.MayExist,
        ScheduledTime = claimed.ScheduledTime ?? ScheduledTime,
        FirstTried = claimed.FirstTried,
    };

    /// <summary>The task's wait until it is released.</summary>
    public Hold Until(DateTimeOffset scheduled, DateTimeOffset releaseAt)
    {
        // With the token in it, also a derived one: the released copy is another message.
        var request = TaskRequestJson.Write(Request with { ClientToken = Token });
        return new Hold(Encoding.UTF8.GetString(request), scheduled, releaseAt, MayExist, Group);
    }
}
