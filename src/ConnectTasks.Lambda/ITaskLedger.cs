namespace ConnectTasks.Lambda;

/// <summary>
/// One item a task: who works on it, and what became of it. Every write is conditional, so that of any number of
/// deliveries one works at a time and what is done stays done. No method throws for a failure of the store.
/// </summary>
internal interface ITaskLedger
{
    /// <summary>Takes the task for one attempt, unless it is done, another's, another request's, or not due.</summary>
    Task<ClaimResult> ClaimAsync(Claim claim, DateTimeOffset now, CancellationToken cancellation);

    /// <summary>Records the contact that the owner's attempt started.</summary>
    Task<LedgerWrite> CompleteAsync(Claim claim, string contactId, DateTimeOffset now, CancellationToken cancellation);

    /// <summary>Gives the task back after an attempt that started nothing.</summary>
    Task<LedgerWrite> ReleaseAsync(Claim claim, Release release, DateTimeOffset now, CancellationToken cancellation);

    /// <summary>
    /// Lets a task wait for its time: one that the claim owns, or a new one without owning it, in one write.
    /// </summary>
    /// <param name="isOwned">False for a new one; any that is known already is left alone.</param>
    Task<LedgerWrite> HoldAsync(
        Claim claim, Hold hold, bool isOwned, DateTimeOffset now, CancellationToken cancellation);

    /// <summary>Reads what is known of a task, consistently.</summary>
    Task<LedgerRead> ReadAsync(string key, CancellationToken cancellation);

    /// <summary>Sees to it that a task which has not started never will; also one that is not known yet.</summary>
    Task<LedgerChange> CancelAsync(string key, DateTimeOffset now, CancellationToken cancellation);

    /// <summary>Gives a task that has not started another time.</summary>
    /// <param name="move">The new time. Of several moves the one that was sent last wins.</param>
    Task<LedgerChange> MoveAsync(string key, Move move, DateTimeOffset now, CancellationToken cancellation);

    /// <summary>Records that a started task, which waited in Connect, was ended or moved there.</summary>
    /// <param name="movedTo">Its new time; null if it was ended.</param>
    Task<LedgerWrite> RecordInConnectAsync(
        string key, string contactId, Move? movedTo, DateTimeOffset now, CancellationToken cancellation);

    /// <summary>
    /// One page of the keys of held tasks of one shard that are to be released by now, the oldest first.
    /// </summary>
    Task<DuePage> DueAsync(int shard, DateTimeOffset now, DuePage? after, CancellationToken cancellation);

    /// <summary>
    /// Records that a held task was sent to the queue, unless it has been moved, cancelled, started, or claimed and
    /// held
    /// anew meanwhile.
    /// </summary>
    /// <param name="sent">The item as it was when it was sent.</param>
    Task<LedgerWrite> MarkQueuedAsync(LedgerItem sent, DateTimeOffset now, CancellationToken cancellation);
}

/// <summary>One attempt's wish to own a task.</summary>
/// <param name="Key">The ledger's key of the task: see <see cref="TaskKey"/>.</param>
/// <param name="Owner">Unlike any other attempt's, also over restores of a snapshot.</param>
/// <param name="Fingerprint">Of the request: see <see cref="RequestFingerprint"/>.</param>
/// <param name="ScheduledTime">The request's; null to start at once.</param>
/// <param name="ReleasedAt">
/// Of a copy that was released: the time of its release, which is the ReleaseAt of the wait that it ends. Only the copy
/// takes a waiting task over, and only that wait: any other message is settled because the ledger keeps the task, and
/// then SQS deletes it, whatever a second delivery of it would still do. Null of all other messages.
/// </param>
/// <param name="LeaseEnd">
/// After the end of the invocation, when its attempt can no longer be running, and before the message's visibility
/// timeout ends.
/// </param>
internal sealed record Claim(
    string Key,
    string Owner,
    string Fingerprint,
    DateTimeOffset? ScheduledTime,
    DateTimeOffset? ReleasedAt,
    DateTimeOffset LeaseEnd);

/// <summary>How an attempt ended that started nothing.</summary>
/// <param name="Reason">The outcome's code.</param>
/// <param name="MayExist">
/// Whether an earlier attempt ended without an answer, so that the task may exist all the same.
/// </param>
/// <param name="Forget">
/// Whether the request can never work, so that a corrected one may use the same ClientToken.
/// </param>
internal readonly record struct Release(string Reason, bool MayExist, bool Forget);

/// <summary>A wait.</summary>
/// <param name="Request">The request as JSON, to be sent to the queue when it is due.</param>
/// <param name="ScheduledTime">When the task is to start.</param>
/// <param name="ReleaseAt">When it is to be sent to the queue.</param>
/// <param name="MayExist">
/// Whether an earlier attempt ended without an answer, so that the task may exist all the same.
/// </param>
internal readonly record struct Hold(
    string Request, DateTimeOffset ScheduledTime, DateTimeOffset ReleaseAt, bool MayExist);

/// <summary>A new time for a task.</summary>
/// <param name="SentAt">When the command was sent: the order of commands.</param>
internal readonly record struct Move(DateTimeOffset ScheduledTime, DateTimeOffset ReleaseAt, DateTimeOffset SentAt);

/// <summary>The answer to a claim.</summary>
internal readonly record struct ClaimResult(ClaimState State)
{
    /// <summary>
    /// Of <see cref="ClaimState.Claimed"/>: an earlier attempt ended without an answer, so the task may exist.
    /// </summary>
    public bool MayExist { get; init; }

    /// <summary>
    /// Of <see cref="ClaimState.Claimed"/>: the task has been waited for, in the ledger or for a retry.
    /// </summary>
    public bool WasKnown { get; init; }

    /// <summary>
    /// Of <see cref="ClaimState.Claimed"/>: when the task is to start, if it was given another time since.
    /// </summary>
    public DateTimeOffset? ScheduledTime { get; init; }

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
    Cancelled,
    AlreadyStarted,
    AlreadyHeld,
    InFlight,
    Unavailable,
}

/// <summary>The answer to a write.</summary>
internal readonly record struct LedgerWrite(LedgerWriteState State, string? ErrorCode = null);

internal enum LedgerWriteState
{
    Done,

    /// <summary>The task has changed hands or state meanwhile; nothing was written.</summary>
    NotOwner,

    Unavailable,
}

/// <summary>The answer to a read: the item, or null if there is none or it has expired.</summary>
internal readonly record struct LedgerRead(LedgerItem? Item, string? ErrorCode = null);

/// <summary>The answer to a cancellation or a move: done, or the item that does not allow it.</summary>
/// <param name="Item">The item that did not allow it; null if it was done, if there is none, or on an error.</param>
internal readonly record struct LedgerChange(bool Done, LedgerItem? Item = null, string? ErrorCode = null);

/// <summary>A page of keys.</summary>
/// <param name="Keys">The keys of the page.</param>
/// <param name="Next">Where the next page begins; null after the last one.</param>
internal sealed record DuePage(IReadOnlyList<string> Keys, DuePosition? Next, string? ErrorCode = null);

/// <summary>A place in the index.</summary>
internal readonly record struct DuePosition(string Key, long ReleaseAtMs);
