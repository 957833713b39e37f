using System.Globalization;
using Amazon.DynamoDBv2.Model;
using static ConnectTasks.Lambda.LedgerItem;

namespace ConnectTasks.Lambda;

/// <summary>The ledger in one DynamoDB table: tasks that wait for their time.</summary>
internal sealed partial class DynamoDbTaskLedger
{
    /// <summary>How many keys a page has.</summary>
    private const int PageSize = 50;

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
            [":form"] = Form,
            [":version"] = Version,
            [":zero"] = Zero,
            [":one"] = One,
        };
        if (hold.MayExist)
        {
            values[":true"] = new() { BOOL = true };
        }

        if (hold.MessageGroup is { } group)
        {
            values[":group"] = new(group);
        }

        return WriteAsOwnerAsync(
            claim,
            "SET #state = :state, fingerprint = :fingerprint, fingerprintVersion = :form, itemVersion = :version, "
            + "requestJson = :request, scheduledAtMs = :scheduled, releaseAtMs = :release, dueShard = :shard, "
            + "waitNumber = if_not_exists(waitNumber, :zero) + :one, updatedMs = :nowMs, "
            + "createdMs = if_not_exists(createdMs, :nowMs), attempts = if_not_exists(attempts, :zero)"
            + (hold.MayExist ? ", mayExist = :true" : "")
            + (hold.MessageGroup is null ? "" : ", messageGroup = :group")
            // No time to live: an item that waits a year must not be deleted before its time.
            + " REMOVE #owner, leaseUntilMs, lastReason, firstTriedMs, ttlEpochSeconds",
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
        catch (Exception e) when (LedgerErrors.IsOfTheStore(e, cancellation))
        {
            return new LedgerRead(null, LedgerErrors.CodeOf(e));
        }
    }

    public async Task<LedgerRead> AwaitAsync(string key, DateTimeOffset now, CancellationToken cancellation)
    {
        var request = new UpdateItemRequest
        {
            UpdateExpression = "SET awaitedMs = if_not_exists(awaitedMs, :nowMs)",
            // One that is being worked on is written by its owner only.
            ConditionExpression =
                "attribute_exists(pk) AND (#state <> :starting OR leaseUntilMs < :nowMs) AND " + NotNewer,
            ExpressionAttributeNames = StateName,
            ExpressionAttributeValues = new()
            {
                [":starting"] = Starting,
                [":nowMs"] = Milliseconds(now),
                [":version"] = Version,
            },
        };
        request.ReturnValues = Amazon.DynamoDBv2.ReturnValue.ALL_OLD;
        try
        {
            var (old, refusing) = await TryUpdateAsync(request, key, cancellation);
            var item = old ?? refusing;
            return new LedgerRead(item is null or { IsGone: true } ? null : item with
            {
                AwaitedSince = item.AwaitedSince ?? now,
            });
        }
        catch (Exception e) when (LedgerErrors.IsOfTheStore(e, cancellation))
        {
            return new LedgerRead(null, LedgerErrors.CodeOf(e));
        }
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
        catch (Exception e) when (LedgerErrors.IsOfTheStore(e, cancellation))
        {
            return new DuePage([], null, LedgerErrors.CodeOf(e));
        }
    }

    public async Task<LedgerWrite> MarkQueuedAsync(LedgerItem sent, DateTimeOffset now, CancellationToken cancellation)
    {
        var request = new UpdateItemRequest
        {
            UpdateExpression = "SET #state = :queued, updatedMs = :nowMs, ttlEpochSeconds = :ttl REMOVE dueShard",
            ConditionExpression = "#state = :held AND releaseAtMs = :release AND attempts = :attempts AND "
                + (sent.WaitNumber is null ? "attribute_not_exists(waitNumber)" : "waitNumber = :wait"),
            ExpressionAttributeNames = StateName,
            ExpressionAttributeValues = new()
            {
                [":queued"] = new(States.Queued),
                [":held"] = new(States.Held),
                [":release"] = Number(sent.ReleaseAtMs ?? 0),
                [":attempts"] = Number(sent.Attempts),
                [":nowMs"] = Milliseconds(now),
                [":ttl"] = Ttl(now, sent.ScheduledTime),
            },
        };
        if (sent.WaitNumber is { } wait)
        {
            request.ExpressionAttributeValues[":wait"] = Number(wait);
        }

        try
        {
            var (_, refusing) = await TryUpdateAsync(request, sent.Key, cancellation);
            return new LedgerWrite(refusing is null ? LedgerWriteState.Done : LedgerWriteState.NotOwner);
        }
        catch (Exception e) when (LedgerErrors.IsOfTheStore(e, cancellation))
        {
            return new LedgerWrite(LedgerWriteState.Unavailable, LedgerErrors.CodeOf(e));
        }
    }
}
