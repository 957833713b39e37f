using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Amazon.Runtime;
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

    private const string ClaimUpdate =
        "SET #state = :starting, #owner = :owner, leaseUntilMs = :lease, fingerprint = :fingerprint, "
        + "updatedMs = :nowMs, createdMs = if_not_exists(createdMs, :nowMs), "
        + "attempts = if_not_exists(attempts, :zero) + :one, ttlEpochSeconds = :ttl";

    private const string SetScheduledTime = ", scheduledAtMs = if_not_exists(scheduledAtMs, :scheduled)";
    private const string ClaimRemoves = " REMOVE lastReason, dueShard, releaseAtMs, requestJson";

    // An item without a readable lease is held: only a lease that is known to be over may be taken over.
    private const string ClaimCondition =
        "attribute_not_exists(pk) OR #owner = :owner OR "
        + "((attribute_not_exists(fingerprint) OR fingerprint = :fingerprint) AND "
        + "(#state = :released OR (#state = :starting AND leaseUntilMs < :nowMs) "
        + "OR (#state = :held AND releaseAtMs = :releasedMs) OR (#state = :queued AND releaseAtMs <= :dueMs)))";

    // The values of a claim that never differ.
    private static readonly AttributeValue Starting = new(States.Starting);
    private static readonly AttributeValue Released = new(States.Released);
    private static readonly AttributeValue Held = new(States.Held);
    private static readonly AttributeValue Queued = new(States.Queued);
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
                    return Claimed(old);
                }

                if (refusing.IsExpired(now))
                {
                    await DeleteExpiredAsync(refusing, cancellation);
                }
                else if (Verdict(refusing, claim, now) is { } verdict)
                {
                    return verdict;
                }
            }

            return new ClaimResult(ClaimState.Unavailable) { ErrorCode = "Contended" };
        }
        catch (Exception e) when (IsOfTheStore(e, cancellation))
        {
            return new ClaimResult(ClaimState.Unavailable) { ErrorCode = ErrorCode(e) };
        }
    }

    public Task<LedgerWrite> CompleteAsync(
        Claim claim, string contactId, DateTimeOffset now, CancellationToken cancellation) =>
        WriteAsOwnerAsync(
            claim,
            "SET #state = :state, contactId = :contact, updatedMs = :nowMs, ttlEpochSeconds = :ttl "
            + "REMOVE #owner, leaseUntilMs, lastReason, mayExist",
            new(5)
            {
                [":state"] = new(States.Started),
                [":contact"] = new(contactId),
                [":nowMs"] = Milliseconds(now),
                [":ttl"] = Ttl(now),
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
            [":ttl"] = Ttl(now),
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
            + (release.Forget ? ", fingerprint, scheduledAtMs, movedAtMs, mayExist" : ""),
            values,
            item => item.State == States.Released,
            cancellation);
    }

    private UpdateItemRequest ClaimRequest(Claim claim, DateTimeOffset now)
    {
        var values = new Dictionary<string, AttributeValue>(14)
        {
            [":starting"] = Starting,
            [":released"] = Released,
            [":held"] = Held,
            [":queued"] = Queued,
            [":owner"] = new(claim.Owner),
            [":fingerprint"] = new(claim.Fingerprint),
            [":lease"] = Milliseconds(claim.LeaseEnd),
            [":nowMs"] = Milliseconds(now),
            [":dueMs"] = Number(DueMs(claim, now)),
            [":releasedMs"] = Number(ReleasedMs(claim)),
            [":ttl"] = Ttl(now),
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

    private static ClaimResult Claimed(LedgerItem? old) => new(ClaimState.Claimed)
    {
        MayExist = old is not null && (old.MayExist || old.State == States.Starting),
        WasKnown = old is not null,
        ScheduledTime = old?.ScheduledTime,
    };

    /// <summary>What the item that refused a claim means; null if it has become claimable meanwhile.</summary>
    private static ClaimResult? Verdict(LedgerItem item, Claim claim, DateTimeOffset now)
    {
        if (item.Fingerprint is not null && item.Fingerprint != claim.Fingerprint)
        {
            return new ClaimResult(ClaimState.TokenReused);
        }

        return item.State switch
        {
            States.Cancelled => new ClaimResult(ClaimState.Cancelled),
            States.Started => new ClaimResult(ClaimState.AlreadyStarted) { ContactId = item.ContactId },
            States.Held when item.ReleaseAtMs == ReleasedMs(claim) => null,
            States.Queued when item.ReleaseAtMs <= DueMs(claim, now) => null,
            States.Held or States.Queued => new ClaimResult(ClaimState.AlreadyHeld),
            States.Released => null,
            States.Starting when item.LeaseEnd < now => null,
            _ => new ClaimResult(ClaimState.InFlight) { LeaseEnd = item.LeaseEnd },
        };
    }

    private static long ReleasedMs(Claim claim) => claim.ReleasedAt?.ToUnixTimeMilliseconds() ?? -1;

    /// <summary>The releaser's clock counts: by a clock that is behind it, its copies would come too early.</summary>
    private static long DueMs(Claim claim, DateTimeOffset now) =>
        Math.Max(ReleasedMs(claim), now.ToUnixTimeMilliseconds());

    /// <summary>A write that only the owner may do. One that finds itself done already is done.</summary>
    private async Task<LedgerWrite> WriteAsOwnerAsync(
        Claim claim,
        string update,
        Dictionary<string, AttributeValue> values,
        Func<LedgerItem, bool> isDone,
        CancellationToken cancellation,
        string condition = "#owner = :owner")
    {
        values[":owner"] = new(claim.Owner);
        var request = new UpdateItemRequest
        {
            UpdateExpression = update,
            ConditionExpression = condition,
            ExpressionAttributeNames = Names,
            ExpressionAttributeValues = values,
        };
        try
        {
            var (_, refusing) = await TryUpdateAsync(request, claim.Key, cancellation);
            // The client's own retry meets its first try's success: the owner is gone, the new state is there.
            return new LedgerWrite(
                refusing is null || isDone(refusing) ? LedgerWriteState.Done : LedgerWriteState.NotOwner);
        }
        catch (Exception e) when (IsOfTheStore(e, cancellation))
        {
            return new LedgerWrite(LedgerWriteState.Unavailable, ErrorCode(e));
        }
    }

    /// <summary>
    /// Updates an item. On a failed condition gives the item that refused it.
    /// </summary>
    private async Task<(LedgerItem? Old, LedgerItem? Refusing)> TryUpdateAsync(
        UpdateItemRequest request, string key, CancellationToken cancellation)
    {
        request.TableName = table;
        request.Key = KeyOf(key);
        request.ReturnValuesOnConditionCheckFailure = ReturnValuesOnConditionCheckFailure.ALL_OLD;
        var begun = time.GetTimestamp();
        try
        {
            var response = await dynamoDb.UpdateItemAsync(request, cancellation);
            return (From(response.Attributes), null);
        }
        catch (ConditionalCheckFailedException e)
        {
            // Not every store sends the item with the error.
            var item = From(e.Item) ?? await ReadItemAsync(key, cancellation);
            return (null, item ?? new LedgerItem { Key = key, State = States.Released, IsGone = true });
        }
        finally
        {
            metrics?.Observe("LedgerMilliseconds", time.GetElapsedTime(begun).TotalMilliseconds);
        }
    }

    /// <summary>Makes an expired item absent, so that nothing of its past life is taken over into the next.</summary>
    private async Task DeleteExpiredAsync(LedgerItem item, CancellationToken cancellation)
    {
        try
        {
            await dynamoDb.DeleteItemAsync(
                new DeleteItemRequest
                {
                    TableName = table,
                    Key = KeyOf(item.Key),
                    ConditionExpression = "ttlEpochSeconds = :ttl",
                    ExpressionAttributeValues = new() { [":ttl"] = Number(item.TtlEpochSeconds ?? 0) },
                },
                cancellation);
        }
        catch (ConditionalCheckFailedException)
        {
            // Someone else has it by now: the next try sees what it is.
        }
    }

    private async Task<LedgerItem?> ReadItemAsync(string key, CancellationToken cancellation)
    {
        var response = await dynamoDb.GetItemAsync(
            new GetItemRequest { TableName = table, Key = KeyOf(key), ConsistentRead = true }, cancellation);
        return From(response.Item);
    }

    private AttributeValue Ttl(DateTimeOffset now) => Number((now + retention).ToUnixTimeSeconds());

    private static Dictionary<string, AttributeValue> KeyOf(string key) => new(1) { ["pk"] = new(key) };

    /// <summary>
    /// Whatever the store or the way to it threw counts as its failure, by default a passing one: SDKs have changed
    /// the exceptions of throttling before. A cancellation counts too: it is the end of this record's time.
    /// </summary>
    private static bool IsOfTheStore(Exception e, CancellationToken cancellation) =>
        e is AmazonClientException or AmazonServiceException or HttpRequestException or IOException or TimeoutException
        || e is OperationCanceledException
        || cancellation.IsCancellationRequested;

    private static string ErrorCode(Exception e) => e switch
    {
        AmazonServiceException { ErrorCode: { Length: > 0 } code } => code,
        OperationCanceledException => "TimedOut",
        _ => e.GetType().Name,
    };
}
