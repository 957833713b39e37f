namespace ConnectTasks.Lambda;

/// <summary>
/// One item a task: who works on it, and what became of it. Every write is conditional, so that of any number of
/// deliveries one works at a time and what is done stays done. No method throws for a failure of the store.
/// </summary>
internal interface ITaskLedger
{
    /// <summary>Takes the task for one attempt, unless it is done, another's, or another request's.</summary>
    Task<ClaimResult> ClaimAsync(Claim claim, DateTimeOffset now, CancellationToken cancellation);

    /// <summary>Records the contact that the owner's attempt started.</summary>
    Task<LedgerWrite> CompleteAsync(Claim claim, string contactId, DateTimeOffset now, CancellationToken cancellation);

    /// <summary>Gives the task back after an attempt that started nothing.</summary>
    /// <param name="forget">
    /// True if the request can never work, so that a corrected one may use the same ClientToken.
    /// </param>
    Task<LedgerWrite> ReleaseAsync(
        Claim claim, string reason, bool forget, DateTimeOffset now, CancellationToken cancellation);
}

/// <summary>One attempt's wish to own a task.</summary>
/// <param name="Key">The ledger's key of the task: see <see cref="TaskKey"/>.</param>
/// <param name="Owner">Unlike any other attempt's, also over restores of a snapshot.</param>
/// <param name="Fingerprint">Of the request: see <see cref="RequestFingerprint"/>.</param>
/// <param name="LeaseEnd">
/// After the end of the invocation, when its attempt can no longer be running, and before the message's visibility
/// timeout ends.
/// </param>
internal sealed record Claim(string Key, string Owner, string Fingerprint, DateTimeOffset LeaseEnd);

/// <summary>The answer to a claim.</summary>
internal readonly record struct ClaimResult(ClaimState State)
{
    /// <summary>Of <see cref="ClaimState.Claimed"/>: an earlier attempt ended without an answer, so the task may exist.</summary>
    public bool MayExist { get; init; }

    /// <summary>Of <see cref="ClaimState.AlreadyStarted"/>.</summary>
    public string? ContactId { get; init; }

    /// <summary>Of <see cref="ClaimState.InFlight"/>: the end of the other's lease; null if it is not known.</summary>
    public DateTimeOffset? LeaseEnd { get; init; }

    /// <summary>Of <see cref="ClaimState.Unavailable"/>.</summary>
    public string? ErrorCode { get; init; }
}

internal enum ClaimState
{
    Claimed,
    TokenReused,
    AlreadyStarted,
    InFlight,
    Unavailable,
}

/// <summary>The answer to a write by the owner of a claim.</summary>
internal readonly record struct LedgerWrite(LedgerWriteState State, string? ErrorCode = null);

internal enum LedgerWriteState
{
    Done,

    /// <summary>The lease ran out and another attempt has taken over; nothing was written.</summary>
    NotOwner,

    Unavailable,
}
