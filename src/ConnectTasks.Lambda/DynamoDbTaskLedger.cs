using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using static ConnectTasks.Lambda.LedgerItem;

namespace ConnectTasks.Lambda;

/// <summary>
/// The ledger in one DynamoDB table: claims. A task on the happy path costs two writes: claim and complete.
/// </summary>
/// <remarks>
/// A claim succeeds on an item that is absent, released, or due, or whose lease has run out:
/// <code>
///  owner A   claim ────── Connect ─ ─ ✗ (dies)          lease end A
///  owner B            claim: refused, in flight ────────────┊── claim: taken over ── Connect ── complete
///  owner A'                                                 ┊      complete: refused, not the owner
/// </code>
/// Both attempts send the same ClientToken, so that Connect gives both the same contact.
/// </remarks>
internal sealed partial class DynamoDbTaskLedger(
    IAmazonDynamoDB dynamoDb, string table, TimeSpan retention, TimeProvider time, Metrics? metrics = null)
    : ITaskLedger
{
    /// <summary>How often a write is tried that meets an item which changes under its eyes.</summary>
    private const int MaxTries = 3;

    /// <summary>
    /// How long a request that is being tried leaves open whether its token is taken: in two of the longest waits it
    /// has returned, if its message still exists.
    /// </summary>
    private static readonly TimeSpan UndecidedAtMost = 2 * RetryPolicy.LongestWait;

    private const string ClaimUpdate =
        "SET #state = :starting, #owner = :owner, leaseUntilMs = :lease, fingerprint = :fingerprint, "
        + "fingerprintVersion = :form, itemVersion = :version, updatedMs = :nowMs, "
        + "createdMs = if_not_exists(createdMs, :nowMs), firstTriedMs = if_not_exists(firstTriedMs, :nowMs), "
        + "attempts = if_not_exists(attempts, :zero) + :one, ttlEpochSeconds = :ttl";

    private const string SetScheduledTime = ", scheduledAtMs = if_not_exists(scheduledAtMs, :scheduled)";
    private const string ClaimRemoves =
        " REMOVE lastReason, dueShard, releaseAtMs, requestJson, messageGroup, awaitedMs";

    // What a later version wrote is never overwritten.
    private const string NotNewer = "(attribute_not_exists(itemVersion) OR itemVersion <= :version)";

    // An item without a readable lease is held: only a lease that is known to be over may be taken over.
    private const string ClaimCondition =
        "attribute_not_exists(pk) OR #owner = :owner OR (" + NotNewer + " AND "
        + "(attribute_not_exists(fingerprint) OR fingerprint = :fingerprint) AND "
        + "(#state IN (:released, :awaited) OR (#state = :starting AND leaseUntilMs < :nowMs) "
        + "OR (#state = :held AND releaseAtMs = :releasedMs "
        + "AND (attribute_not_exists(waitNumber) OR waitNumber = :wait)) "
        + "OR (#state = :queued AND releaseAtMs <= :dueMs)))";

    // The values of a claim that never differ.
    private static readonly AttributeValue Starting = new(States.Starting);
    private static readonly AttributeValue Released = new(States.Released);
    private static readonly AttributeValue Held = new(States.Held);
    private static readonly AttributeValue Queued = new(States.Queued);
    private static readonly AttributeValue Awaited = new(States.Awaited);
    private static readonly AttributeValue Version = Number(CurrentVersion);
    private static readonly AttributeValue Form = Number(RequestFingerprint.FormVersion);
    private static readonly AttributeValue Zero = Number(0);
    private static readonly AttributeValue One = Number(1);

    private static readonly Dictionary<string, string> Names = new() { ["#state"] = "state", ["#owner"] = "owner" };
    private static readonly Dictionary<string, string> StateName = new() { ["#state"] = "state" };

    public async Task<ClaimResult> ClaimAsync(Claim claim, DateTimeOffset now, CancellationToken cancellation)
    {
        try
        {
            for (var attempt = 1; attempt <= MaxTries; attempt++)
            {
                var (old, refusing) = await TryUpdateAsync(ClaimRequest(claim, now), claim.Key, cancellation);
                if (refusing is null)
                {
                    return Claimed(old, claim);
                }

                if (refusing.IsExpired(now))
                {
                    await DeleteExpiredAsync(refusing, cancellation);
                }
                else if (Verdict(refusing, claim, now) is { } verdict)
                {
                    await OutliveAsync(refusing, claim, now, cancellation);
                    return verdict;
                }
            }

            return new ClaimResult(ClaimState.Unavailable) { ErrorCode = "Contended" };
        }
        catch (Exception e) when (LedgerErrors.IsOfTheStore(e, cancellation))
        {
            return new ClaimResult(ClaimState.Unavailable) { ErrorCode = LedgerErrors.CodeOf(e) };
        }
    }

    public Task<LedgerWrite> CompleteAsync(
        Claim claim,
        string contactId,
        DateTimeOffset? scheduledTime,
        DateTimeOffset now,
        CancellationToken cancellation) =>
        WriteAsOwnerAsync(
            claim,
            "SET #state = :state, contactId = :contact, updatedMs = :nowMs, ttlEpochSeconds = :ttl "
            + "REMOVE #owner, leaseUntilMs, lastReason, mayExist, firstTriedMs",
            new(5)
            {
                [":state"] = new(States.Started),
                [":contact"] = new(contactId),
                [":nowMs"] = Milliseconds(now),
                [":ttl"] = Ttl(now, scheduledTime),
            },
            item => item.State == States.Started && item.ContactId == contactId,
            cancellation);

    public Task<LedgerWrite> ReleaseAsync(
        Claim claim, Release release, DateTimeOffset now, CancellationToken cancellation)
    {
        var values = new Dictionary<string, AttributeValue>
        {
            [":state"] = new(States.Released),
            [":reason"] = new(release.Reason),
            [":nowMs"] = Milliseconds(now),
            [":ttl"] = Ttl(now, release.ScheduledTime),
        };
        var mayExist = release.MayExist && !release.Forget;
        if (mayExist)
        {
            values[":true"] = new() { BOOL = true };
        }

        return WriteAsOwnerAsync(
            claim,
            "SET #state = :state, lastReason = :reason, updatedMs = :nowMs, ttlEpochSeconds = :ttl"
            + (mayExist ? ", mayExist = :true" : "") + " REMOVE #owner, leaseUntilMs"
            + (release.Forget ? ", fingerprint, scheduledAtMs, movedAtMs, mayExist" : "")
            + (release.Forget || !release.WasTried ? ", firstTriedMs" : ""),
            values,
            item => item.State == States.Released,
            cancellation);
    }

    private UpdateItemRequest ClaimRequest(Claim claim, DateTimeOffset now)
    {
        var values = new Dictionary<string, AttributeValue>(18)
        {
            [":starting"] = Starting,
            [":released"] = Released,
            [":held"] = Held,
            [":queued"] = Queued,
            [":awaited"] = Awaited,
            [":version"] = Version,
            [":form"] = Form,
            [":owner"] = new(claim.Owner),
            [":fingerprint"] = new(claim.Fingerprint),
            [":lease"] = Milliseconds(claim.LeaseEnd),
            [":nowMs"] = Milliseconds(now),
            [":dueMs"] = Number(DueMs(claim, now)),
            [":releasedMs"] = Number(ReleasedMs(claim)),
            [":wait"] = Number(claim.Copy?.WaitNumber ?? 0),
            [":ttl"] = Ttl(now, claim.ScheduledTime),
            [":zero"] = Zero,
            [":one"] = One,
        };
        if (claim.ScheduledTime is { } scheduled)
        {
            values[":scheduled"] = Milliseconds(scheduled);
        }

        return new UpdateItemRequest
        {
            UpdateExpression = claim.ScheduledTime is null
                ? ClaimUpdate + ClaimRemoves
                : ClaimUpdate + SetScheduledTime + ClaimRemoves,
            ConditionExpression = ClaimCondition,
            ExpressionAttributeNames = Names,
            ExpressionAttributeValues = values,
            ReturnValues = ReturnValue.ALL_OLD,
        };
    }

    private static ClaimResult Claimed(LedgerItem? old, Claim claim)
    {
        // The client's own retry of a claim meets its first try. What was before that can't be seen any more: perhaps
        // an attempt that got no answer, unless this is the first one.
        var isFirst = old is null || (old.Owner == claim.Owner && old.Attempts <= 1);
        var wasLeftBehind = !isFirst && old!.State == States.Starting;
        return new ClaimResult(ClaimState.Claimed)
        {
            MayExist = old is { MayExist: true } || wasLeftBehind,
            WasKnown = !isFirst,
            WasLeftBehind = wasLeftBehind,
            ScheduledTime = old?.ScheduledTime,
            FirstTried = isFirst ? null : old!.FirstTried,
        };
    }

    /// <summary>What the item that refused a claim means; null if it has become claimable meanwhile.</summary>
    private static ClaimResult? Verdict(LedgerItem item, Claim claim, DateTimeOffset now)
    {
        if (item.IsNewer)
        {
            return new ClaimResult(ClaimState.InFlight) { LeaseEnd = item.LeaseEnd };
        }

        if (item.Fingerprint is not null && item.Fingerprint != claim.Fingerprint)
        {
            // One that is still being tried may be refused and forgotten: then this one is its correction.
            return item.State is States.Starting or States.Released && now - item.Updated < UndecidedAtMost
                ? new ClaimResult(ClaimState.InFlight) { LeaseEnd = item.LeaseEnd }
                : new ClaimResult(ClaimState.TokenReused);
        }

        return item.State switch
        {
            States.Cancelled => new ClaimResult(ClaimState.Cancelled),
            States.Started => new ClaimResult(ClaimState.AlreadyStarted) { ContactId = item.ContactId },
            States.Held when Ends(claim.Copy, item) => null,
            States.Queued when item.ReleaseAtMs <= DueMs(claim, now) => null,
            States.Held or States.Queued => new ClaimResult(ClaimState.AlreadyHeld),
            States.Released or States.Awaited => null,
            States.Starting when item.LeaseEnd < now => null,
            _ => new ClaimResult(ClaimState.InFlight) { LeaseEnd = item.LeaseEnd },
        };
    }

    private static bool Ends(ReleasedCopy? copy, LedgerItem item) =>
        copy is { } ended && item.ReleaseAtMs == ended.ReleasedAt.ToUnixTimeMilliseconds()
        && (item.WaitNumber is null || item.WaitNumber == ended.WaitNumber);

    /// <summary>
    /// A cancellation that came before its request did not know the task's time: the item outlives it from now on.
    /// </summary>
    private async Task OutliveAsync(LedgerItem item, Claim claim, DateTimeOffset now, CancellationToken cancellation)
    {
        var ttl = Ttl(now, claim.ScheduledTime);
        if (item.State != States.Cancelled || claim.ScheduledTime is not { } scheduled || scheduled <= now
            || item.TtlEpochSeconds >= TtlSeconds(scheduled, null))
        {
            return;
        }

        await TryUpdateAsync(
            new UpdateItemRequest
            {
                UpdateExpression = "SET ttlEpochSeconds = :ttl",
                ConditionExpression = "#state = :cancelled AND ttlEpochSeconds < :ttl AND " + NotNewer,
                ExpressionAttributeNames = StateName,
                ExpressionAttributeValues = new()
                {
                    [":ttl"] = ttl,
                    [":cancelled"] = new(States.Cancelled),
                    [":version"] = Version,
                },
            },
            item.Key,
            cancellation);
    }

    private static long ReleasedMs(Claim claim) => claim.Copy?.ReleasedAt.ToUnixTimeMilliseconds() ?? -1;

    /// <summary>The releaser's clock counts: by a clock that is behind it, its copies would come too early.</summary>
    private static long DueMs(Claim claim, DateTimeOffset now) =>
        Math.Max(ReleasedMs(claim), now.ToUnixTimeMilliseconds());
}
