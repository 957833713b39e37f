using System.Globalization;
using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Amazon.Runtime;

namespace ConnectTasks.Lambda;

/// <summary>
/// The ledger in one DynamoDB table. A task on the happy path costs two writes: claim and complete.
/// </summary>
/// <remarks>
/// A claim succeeds on an item that is absent, expired, released, or whose lease has run out:
/// <code>
///  owner A   claim ────── Connect ─ ─ ✗ (dies)          lease end A
///  owner B            claim: refused, in flight ────────────┊── claim: taken over ── Connect ── complete
///  owner A'                                                 ┊      complete: refused, not the owner
/// </code>
/// Both attempts send the same ClientToken, so that Connect gives both the same contact.
/// </remarks>
internal sealed class DynamoDbTaskLedger(IAmazonDynamoDB dynamoDb, string table, TimeSpan retention) : ITaskLedger
{
    /// <summary>How often a claim is tried that meets an item which changes under its eyes.</summary>
    private const int MaxClaimTries = 3;

    private const string ClaimUpdate =
        "SET #state = :starting, #owner = :owner, leaseUntilMs = :lease, fingerprint = :fingerprint, "
        + "updatedMs = :nowMs, createdMs = if_not_exists(createdMs, :nowMs), "
        + "attempts = if_not_exists(attempts, :zero) + :one, ttlEpochSeconds = :ttl "
        + "REMOVE contactId, lastReason";

    // An item without a readable lease is held: only a lease that is known to be over may be taken over.
    private const string ClaimCondition =
        "attribute_not_exists(pk) OR ttlEpochSeconds < :nowSeconds OR #owner = :owner OR "
        + "((attribute_not_exists(fingerprint) OR fingerprint = :fingerprint) AND "
        + "(#state = :released OR (#state = :starting AND leaseUntilMs < :nowMs)))";

    private static readonly Dictionary<string, string> Names = new() { ["#state"] = "state", ["#owner"] = "owner" };

    public async Task<ClaimResult> ClaimAsync(Claim claim, DateTimeOffset now, CancellationToken cancellation)
    {
        try
        {
            for (var attempt = 1; attempt <= MaxClaimTries; attempt++)
            {
                try
                {
                    var response = await dynamoDb.UpdateItemAsync(ClaimRequest(claim, now), cancellation);
                    return new ClaimResult(ClaimState.Claimed) { MayExist = WasStarting(response.Attributes) };
                }
                catch (ConditionalCheckFailedException e)
                {
                    var item = e.Item is { Count: > 0 } ? e.Item : await ReadAsync(claim.Key, cancellation);
                    if (Verdict(item, claim, now) is { } verdict)
                    {
                        return verdict;
                    }
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
            now,
            "SET #state = :state, contactId = :contact, updatedMs = :nowMs, ttlEpochSeconds = :ttl "
            + "REMOVE #owner, leaseUntilMs, lastReason",
            new() { [":state"] = new(States.Started), [":contact"] = new(contactId) },
            item => Text(item, "state") == States.Started && Text(item, "contactId") == contactId,
            cancellation);

    public Task<LedgerWrite> ReleaseAsync(
        Claim claim, string reason, bool forget, DateTimeOffset now, CancellationToken cancellation) =>
        WriteAsOwnerAsync(
            claim,
            now,
            "SET #state = :state, lastReason = :reason, updatedMs = :nowMs, ttlEpochSeconds = :ttl "
            + "REMOVE #owner, leaseUntilMs" + (forget ? ", fingerprint" : ""),
            new() { [":state"] = new(States.Released), [":reason"] = new(reason) },
            item => Text(item, "state") == States.Released,
            cancellation);

    private UpdateItemRequest ClaimRequest(Claim claim, DateTimeOffset now) => new()
    {
        TableName = table,
        Key = KeyOf(claim.Key),
        UpdateExpression = ClaimUpdate,
        ConditionExpression = ClaimCondition,
        ExpressionAttributeNames = Names,
        ExpressionAttributeValues = new()
        {
            [":starting"] = new(States.Starting),
            [":released"] = new(States.Released),
            [":owner"] = new(claim.Owner),
            [":fingerprint"] = new(claim.Fingerprint),
            [":lease"] = Number(claim.LeaseEnd.ToUnixTimeMilliseconds()),
            [":nowMs"] = Number(now.ToUnixTimeMilliseconds()),
            [":nowSeconds"] = Number(now.ToUnixTimeSeconds()),
            [":ttl"] = Number(Ttl(now)),
            [":zero"] = Number(0),
            [":one"] = Number(1),
        },
        ReturnValues = ReturnValue.UPDATED_OLD,
        ReturnValuesOnConditionCheckFailure = ReturnValuesOnConditionCheckFailure.ALL_OLD,
    };

    /// <summary>What the item that refused a claim means; null if it has become claimable or gone meanwhile.</summary>
    private static ClaimResult? Verdict(Dictionary<string, AttributeValue>? item, Claim claim, DateTimeOffset now)
    {
        if (item is null || item.Count == 0 || IsExpired(item, now))
        {
            return null;
        }

        if (Text(item, "fingerprint") is { } fingerprint && fingerprint != claim.Fingerprint)
        {
            return new ClaimResult(ClaimState.TokenReused);
        }

        var leaseEnd = Milliseconds(item, "leaseUntilMs");
        return Text(item, "state") switch
        {
            States.Started => new ClaimResult(ClaimState.AlreadyStarted) { ContactId = Text(item, "contactId") },
            States.Released => null,
            States.Starting when leaseEnd < now => null,
            _ => new ClaimResult(ClaimState.InFlight) { LeaseEnd = leaseEnd },
        };
    }

    /// <summary>A write that only the owner may do. One that finds itself done already is done.</summary>
    private async Task<LedgerWrite> WriteAsOwnerAsync(
        Claim claim,
        DateTimeOffset now,
        string update,
        Dictionary<string, AttributeValue> values,
        Func<Dictionary<string, AttributeValue>, bool> isDone,
        CancellationToken cancellation)
    {
        values[":owner"] = new(claim.Owner);
        values[":nowMs"] = Number(now.ToUnixTimeMilliseconds());
        values[":ttl"] = Number(Ttl(now));
        try
        {
            try
            {
                await dynamoDb.UpdateItemAsync(
                    new UpdateItemRequest
                    {
                        TableName = table,
                        Key = KeyOf(claim.Key),
                        UpdateExpression = update,
                        ConditionExpression = "#owner = :owner",
                        ExpressionAttributeNames = Names,
                        ExpressionAttributeValues = values,
                        ReturnValuesOnConditionCheckFailure = ReturnValuesOnConditionCheckFailure.ALL_OLD,
                    },
                    cancellation);
                return new LedgerWrite(LedgerWriteState.Done);
            }
            catch (ConditionalCheckFailedException e)
            {
                // The client's own retry meets its first try's success: the owner is gone, the new state is there.
                var item = e.Item is { Count: > 0 } ? e.Item : await ReadAsync(claim.Key, cancellation);
                var done = item is not null && isDone(item);
                return new LedgerWrite(done ? LedgerWriteState.Done : LedgerWriteState.NotOwner);
            }
        }
        catch (Exception e) when (IsOfTheStore(e, cancellation))
        {
            return new LedgerWrite(LedgerWriteState.Unavailable, ErrorCode(e));
        }
    }

    private async Task<Dictionary<string, AttributeValue>?> ReadAsync(string key, CancellationToken cancellation)
    {
        var response = await dynamoDb.GetItemAsync(
            new GetItemRequest { TableName = table, Key = KeyOf(key), ConsistentRead = true }, cancellation);
        return response.Item;
    }

    /// <summary>TTL deletes late, by days at worst: what has expired counts as gone.</summary>
    private static bool IsExpired(Dictionary<string, AttributeValue> item, DateTimeOffset now) =>
        Long(item, "ttlEpochSeconds") is { } ttl && ttl < now.ToUnixTimeSeconds();

    private static bool WasStarting(Dictionary<string, AttributeValue>? old) =>
        old is not null && Text(old, "state") == States.Starting;

    private long Ttl(DateTimeOffset now) => (now + retention).ToUnixTimeSeconds();

    private static Dictionary<string, AttributeValue> KeyOf(string key) => new() { ["pk"] = new(key) };

    private static AttributeValue Number(long number) => new() { N = number.ToString(CultureInfo.InvariantCulture) };

    private static string? Text(Dictionary<string, AttributeValue> item, string name) =>
        item.TryGetValue(name, out var value) ? value.S : null;

    private static long? Long(Dictionary<string, AttributeValue> item, string name) =>
        item.TryGetValue(name, out var value)
        && long.TryParse(value.N, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;

    private static DateTimeOffset? Milliseconds(Dictionary<string, AttributeValue> item, string name) =>
        Long(item, name) is { } ms and >= 0 and < 253_402_300_800_000
            ? DateTimeOffset.FromUnixTimeMilliseconds(ms)
            : null;

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

    private static class States
    {
        public const string Starting = nameof(Starting);
        public const string Started = nameof(Started);
        public const string Released = nameof(Released);
    }
}
