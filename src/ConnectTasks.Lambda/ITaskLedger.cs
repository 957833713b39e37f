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
    /// <param name="scheduledTime">The task's time, which the item outlives; null if it has none.</param>
    Task<LedgerWrite> CompleteAsync(
        Claim claim,
        string contactId,
        DateTimeOffset? scheduledTime,
        DateTimeOffset now,
        CancellationToken cancellation);

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

    /// <summary>
    /// Gives a task that has not started another time. Of one that is not known yet the time is kept for its request:
    /// the item is then <see cref="LedgerItem.States.Awaited"/>, and the change not done.
    /// </summary>
    /// <param name="move">The new time. Of several moves the one that was sent last wins.</param>
    Task<LedgerChange> MoveAsync(string key, Move move, DateTimeOffset now, CancellationToken cancellation);

    /// <summary>
    /// Notes that a command waits for what comes of the task's request, or for its contact to be found.
    /// </summary>
    /// <returns>The item, with the time since when a command has waited for it.</returns>
    Task<LedgerRead> AwaitAsync(string key, DateTimeOffset now, CancellationToken cancellation);

    /// <summary>
    /// Writes the time that a started task is to have, before Connect is told, and takes the lease to tell Connect.
    /// </summary>
    /// <param name="isRetry">Whether an earlier try of this move was answered.</param>
    /// <returns>Done, or the item: a later move is wanted, another command holds the lease, or it has ended.</returns>
    Task<LedgerChange> WantAsync(
        string key,
        ContactChange change,
        Move move,
        bool isRetry,
        DateTimeOffset now,
        CancellationToken cancellation);

    /// <summary>Records what Connect answered to the wanted time, and ends the lease.</summary>
    /// <param name="refusal">Why the command is not possible, which another try of it has to say too.</param>
    Task<LedgerWrite> ToldAsync(
        string key,
        ContactChange change,
        Move move,
        ContactChangeEnd end,
        string? refusal,
        DateTimeOffset now,
        CancellationToken cancellation);

    /// <summary>Records that a started task was ended in Connect.</summary>
    /// <param name="scheduledTime">The task's time, which the item outlives; null if it has none.</param>
    Task<LedgerWrite> RecordStopAsync(
        string key,
        string contactId,
        DateTimeOffset? scheduledTime,
        DateTimeOffset now,
        CancellationToken cancellation);

    /// <summary>
    /// One page of the keys of held tasks of one shard that are to be released by now, the oldest first.
    /// </summary>
    Task<DuePage> DueAsync(int shard, DateTimeOffset now, DuePage? after, CancellationToken cancellation);

    /// <summary>
    /// Records that a held task was sent to the queue, unless it has been moved, cancelled, started, or claimed and
    /// held anew meanwhile.
    /// </summary>
    /// <param name="sent">The item as it was when it was sent.</param>
    Task<LedgerWrite> MarkQueuedAsync(LedgerItem sent, DateTimeOffset now, CancellationToken cancellation);
}

/// <summary>One attempt's wish to own a task.</summary>
/// <param name="Key">The ledger's key of the task: see <see cref="TaskKey"/>.</param>
/// <param name="Owner">Unlike any other attempt's, also over restores of a snapshot.</param>
/// <param name="Fingerprint">Of the request: see <see cref="RequestFingerprint"/>.</param>
/// <param name="ScheduledTime">The request's; null to start at once.</param>
/// <param name="Copy">
/// Of a copy that was released: the wait that it ends. A waiting task is claimed only by the copy of that wait: any
/// other message is settled because the ledger keeps the task, and then SQS deletes it, whatever a second delivery of
/// it would still do. Null of all other messages.
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
    ReleasedCopy? Copy,
    DateTimeOffset LeaseEnd);

/// <summary>The wait that a released copy ends.</summary>
/// <param name="ReleasedAt">The wait's ReleaseAt.</param>
/// <param name="WaitNumber">The wait's number; null of a copy that an earlier version released.</param>
internal readonly record struct ReleasedCopy(DateTimeOffset ReleasedAt, long? WaitNumber);

/// <summary>One command's lease to change a contact in Connect, so that no two are told in the wrong order.</summary>
/// <param name="ContactId">The contact.</param>
/// <param name="Owner">Unlike any other attempt's.</param>
/// <param name="LeaseEnd">After the end of the invocation, when its call can no longer be under way.</param>
internal readonly record struct ContactChange(string ContactId, string Owner, DateTimeOffset LeaseEnd);

/// <summary>What Connect answered to a change of a contact.</summary>
internal enum ContactChangeEnd
{
    Taken,

    /// <summary>Never to be taken: the item's time is again what Connect was told last.</summary>
    Refused,

    /// <summary>Not done, and to be tried again.</summary>
    NotYet,
}

/// <summary>How an attempt ended that started nothing.</summary>
/// <param name="Reason">The outcome's code.</param>
/// <param name="MayExist">
/// Whether an earlier attempt ended without an answer, so that the task may exist all the same.
/// </param>
/// <param name="Forget">
/// Whether the request can never work, so that a corrected one may use the same ClientToken.
/// </param>
/// <param name="WasTried">False if nothing was really tried, in this attempt or before.</param>
/// <param name="ScheduledTime">The task's time, which the item outlives; null if it has none.</param>
internal readonly record struct Release(
    string Reason, bool MayExist, bool Forget, bool WasTried, DateTimeOffset? ScheduledTime);

/// <summary>A wait.</summary>
/// <param name="Request">The request as JSON, to be sent to the queue when it is due.</param>
/// <param name="ScheduledTime">When the task is to start.</param>
/// <param name="ReleaseAt">When it is to be sent to the queue.</param>
/// <param name="MayExist">
/// Whether an earlier attempt ended without an answer, so that the task may exist all the same.
/// </param>
/// <param name="MessageGroup">The MessageGroupId of the message, kept for the released copy.</param>
internal readonly record struct Hold(
    string Request, DateTimeOffset ScheduledTime, DateTimeOffset ReleaseAt, bool MayExist, string? MessageGroup);

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

    /// <summary>
    /// Of <see cref="ClaimState.Claimed"/>: when the request was first really tried; null if it never was.
    /// </summary>
    public DateTimeOffset? FirstTried { get; init; }

    /// <summary>
    /// Of <see cref="ClaimState.Claimed"/>: the last attempt did not end, so the process may have died of it.
    /// </summary>
    public bool WasLeftBehind { get; init; }

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

    /// <summary>The store refuses the item as it is, for ever: it is too large.</summary>
    TooLarge,

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
