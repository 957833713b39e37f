using System.Globalization;
using Amazon.DynamoDBv2.Model;
using static ConnectTasks.Lambda.LedgerItem;

namespace ConnectTasks.Lambda;

/// <summary>The ledger in one DynamoDB table: tasks that wait, are moved or are called off.</summary>
internal sealed partial class DynamoDbTaskLedger
{
    /// <summary>How many keys a page has.</summary>
    private const int PageSize = 50;

    // A task whose last attempt got no answer may exist in Connect: it must be known for sure before it is called off.
    private const string CancelCondition =
        "attribute_not_exists(pk) OR #state = :cancelled OR "
        + "(#state IN (:held, :queued, :released) AND attribute_not_exists(mayExist))";

    private const string MoveOrder =
        " AND attribute_not_exists(mayExist) AND (attribute_not_exists(movedAtMs) OR movedAtMs <= :sent)";

    public Task<LedgerWrite> HoldAsync(
        Claim claim, Hold hold, bool isOwned, DateTimeOffset now, CancellationToken cancellation)
    {
        var values = new Dictionary<string, AttributeValue>
        {
            [":state"] = new(States.Held),
            [":fingerprint"] = new(claim.Fingerprint),
            [":request"] = new(hold.Request),
            [":scheduled"] = Milliseconds(hold.ScheduledTime),
            [":release"] = Milliseconds(hold.ReleaseAt),
            [":shard"] = new(ShardOf(claim.Key)),
            [":nowMs"] = Milliseconds(now),
            [":zero"] = Number(0),
        };
        if (hold.MayExist)
        {
            values[":true"] = new() { BOOL = true };
        }

        return WriteAsOwnerAsync(
            claim,
            "SET #state = :state, fingerprint = :fingerprint, requestJson = :request, scheduledAtMs = :scheduled, "
            + "releaseAtMs = :release, dueShard = :shard, updatedMs = :nowMs, "
            + "createdMs = if_not_exists(createdMs, :nowMs), attempts = if_not_exists(attempts, :zero)"
            + (hold.MayExist ? ", mayExist = :true" : "")
            // No time to live: an item that waits a year must not be deleted before its time.
            + " REMOVE #owner, leaseUntilMs, lastReason, ttlEpochSeconds",
            values,
            // Of a new one that is there already the claim decides: it may be a released copy's, and due.
            item => isOwned && item.State is States.Held && item.Fingerprint == claim.Fingerprint
                && item.ReleaseAtMs == hold.ReleaseAt.ToUnixTimeMilliseconds(),
            cancellation,
            "attribute_not_exists(pk) OR #owner = :owner");
    }

    public async Task<LedgerRead> ReadAsync(string key, CancellationToken cancellation)
    {
        try
        {
            return new LedgerRead(await ReadItemAsync(key, cancellation));
        }
        catch (Exception e) when (IsOfTheStore(e, cancellation))
        {
            return new LedgerRead(null, ErrorCode(e));
        }
    }

    public Task<LedgerChange> CancelAsync(string key, DateTimeOffset now, CancellationToken cancellation) =>
        ChangeAsync(
            key,
            now,
            () => new UpdateItemRequest
            {
                UpdateExpression =
                    "SET #state = :cancelled, updatedMs = :nowMs, createdMs = if_not_exists(createdMs, :nowMs), "
                    + "ttlEpochSeconds = :ttl REMOVE dueShard, releaseAtMs, requestJson, lastReason",
                ConditionExpression = CancelCondition,
                ExpressionAttributeNames = StateName,
                ExpressionAttributeValues = new()
                {
                    [":held"] = new(States.Held),
                    [":queued"] = new(States.Queued),
                    [":released"] = new(States.Released),
                    [":cancelled"] = new(States.Cancelled),
                    [":nowMs"] = Milliseconds(now),
                    [":ttl"] = Ttl(now),
                },
            },
            cancellation);

    public async Task<LedgerChange> MoveAsync(
        string key, Move move, DateTimeOffset now, CancellationToken cancellation)
    {
        // A held or queued task waits anew; one that is being retried takes the new time with its next attempt.
        var held = await ChangeAsync(key, now, () => MoveRequest(key, move, now, isHeld: true), cancellation);
        return held.Item?.State == States.Released
            ? await ChangeAsync(key, now, () => MoveRequest(key, move, now, isHeld: false), cancellation)
            : held;
    }

    public async Task<LedgerWrite> RecordInConnectAsync(
        string key, string contactId, Move? movedTo, DateTimeOffset now, CancellationToken cancellation)
    {
        var values = new Dictionary<string, AttributeValue>
        {
            [":contact"] = new(contactId),
            [":nowMs"] = Milliseconds(now),
            [":ttl"] = Ttl(now),
        };
        var update = "SET updatedMs = :nowMs, ttlEpochSeconds = :ttl, ";
        var condition = "contactId = :contact";
        if (movedTo is { } move)
        {
            values[":scheduled"] = Milliseconds(move.ScheduledTime);
            values[":sent"] = Milliseconds(move.SentAt);
            update += "scheduledAtMs = :scheduled, movedAtMs = :sent";
            condition += " AND (attribute_not_exists(movedAtMs) OR movedAtMs <= :sent)";
        }
        else
        {
            values[":cancelled"] = new(States.Cancelled);
            update += "#state = :cancelled";
        }

        var change = await ChangeAsync(
            key,
            now,
            () => new UpdateItemRequest
            {
                UpdateExpression = update,
                ConditionExpression = condition,
                ExpressionAttributeNames = movedTo is null ? StateName : null,
                ExpressionAttributeValues = values,
            },
            cancellation);
        return new LedgerWrite(
            change.Done ? LedgerWriteState.Done
            : change.ErrorCode is null ? LedgerWriteState.NotOwner
            : LedgerWriteState.Unavailable,
            change.ErrorCode);
    }

    public async Task<DuePage> DueAsync(int shard, DateTimeOffset now, DuePage? after, CancellationToken cancellation)
    {
        var shardText = shard.ToString(CultureInfo.InvariantCulture);
        var request = new QueryRequest
        {
            TableName = table,
            IndexName = DueIndex,
            KeyConditionExpression = "dueShard = :shard AND releaseAtMs <= :nowMs",
            ExpressionAttributeValues = new() { [":shard"] = new(shardText), [":nowMs"] = Milliseconds(now) },
            Limit = PageSize,
        };
        if (after?.Next is { } position)
        {
            request.ExclusiveStartKey = new()
            {
                ["pk"] = new(position.Key),
                ["dueShard"] = new(shardText),
                ["releaseAtMs"] = Number(position.ReleaseAtMs),
            };
        }

        try
        {
            var response = await dynamoDb.QueryAsync(request, cancellation);
            var keys = (response.Items ?? []).ConvertAll(i => i["pk"].S);
            var last = From(response.LastEvaluatedKey);
            return new DuePage(keys, last is null ? null : new DuePosition(last.Key, last.ReleaseAtMs ?? 0));
        }
        catch (Exception e) when (IsOfTheStore(e, cancellation))
        {
            return new DuePage([], null, ErrorCode(e));
        }
    }

    public async Task<LedgerWrite> MarkQueuedAsync(LedgerItem sent, DateTimeOffset now, CancellationToken cancellation)
    {
        var request = new UpdateItemRequest
        {
            UpdateExpression = "SET #state = :queued, updatedMs = :nowMs, ttlEpochSeconds = :ttl REMOVE dueShard",
            ConditionExpression = "#state = :held AND releaseAtMs = :release AND attempts = :attempts",
            ExpressionAttributeNames = StateName,
            ExpressionAttributeValues = new()
            {
                [":queued"] = new(States.Queued),
                [":held"] = new(States.Held),
                [":release"] = Number(sent.ReleaseAtMs ?? 0),
                [":attempts"] = Number(sent.Attempts),
                [":nowMs"] = Milliseconds(now),
                [":ttl"] = Ttl(now),
            },
        };
        try
        {
            var (_, refusing) = await TryUpdateAsync(request, sent.Key, cancellation);
            return new LedgerWrite(refusing is null ? LedgerWriteState.Done : LedgerWriteState.NotOwner);
        }
        catch (Exception e) when (IsOfTheStore(e, cancellation))
        {
            return new LedgerWrite(LedgerWriteState.Unavailable, ErrorCode(e));
        }
    }

    private static UpdateItemRequest MoveRequest(string key, Move move, DateTimeOffset now, bool isHeld)
    {
        var values = new Dictionary<string, AttributeValue>
        {
            [":scheduled"] = Milliseconds(move.ScheduledTime),
            [":sent"] = Milliseconds(move.SentAt),
            [":nowMs"] = Milliseconds(now),
        };
        const string Times = "scheduledAtMs = :scheduled, movedAtMs = :sent, updatedMs = :nowMs";
        string update, condition;
        if (isHeld)
        {
            values[":held"] = new(States.Held);
            values[":queued"] = new(States.Queued);
            values[":release"] = Milliseconds(move.ReleaseAt);
            values[":shard"] = new(ShardOf(key));
            update = $"SET #state = :held, {Times}, releaseAtMs = :release, dueShard = :shard REMOVE ttlEpochSeconds";
            condition = "#state IN (:held, :queued) AND attribute_exists(requestJson)";
        }
        else
        {
            values[":released"] = new(States.Released);
            update = $"SET {Times}";
            condition = "#state = :released";
        }

        return new UpdateItemRequest
        {
            UpdateExpression = update,
            ConditionExpression = condition + MoveOrder,
            ExpressionAttributeNames = StateName,
            ExpressionAttributeValues = values,
        };
    }

    /// <summary>
    /// A change by a command; an item that refuses it is given back, unless it has expired: then it is gone.
    /// </summary>
    private async Task<LedgerChange> ChangeAsync(
        string key, DateTimeOffset now, Func<UpdateItemRequest> request, CancellationToken cancellation)
    {
        try
        {
            for (var attempt = 1; attempt <= MaxTries; attempt++)
            {
                var (_, refusing) = await TryUpdateAsync(request(), key, cancellation);
                if (refusing is null)
                {
                    return new LedgerChange(Done: true);
                }

                if (!refusing.IsExpired(now))
                {
                    return new LedgerChange(Done: false, refusing.IsGone ? null : refusing);
                }

                await DeleteExpiredAsync(refusing, cancellation);
            }

            return new LedgerChange(Done: false, null, "Contended");
        }
        catch (Exception e) when (IsOfTheStore(e, cancellation))
        {
            return new LedgerChange(Done: false, null, ErrorCode(e));
        }
    }
}
