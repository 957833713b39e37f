using Amazon.DynamoDBv2.Model;
using static ConnectTasks.Lambda.LedgerItem;

namespace ConnectTasks.Lambda;

/// <summary>The ledger in one DynamoDB table: cancellations and reschedules.</summary>
/// <remarks>
/// A started task is changed in Connect under a lease, with what is wanted written first:
/// <code>
///  move 1   want 1, lease ── Connect: 1 ─ ─ ✗ (dies)            ┊ lease end 1
///  move 2           want 2: refused, leased ────────────────────┊── want 2, lease ── Connect: 2 ── told
///  move 1'                                                      ┊            want 1: refused, superseded
/// </code>
/// So Connect is told one time after the other, and the one that was sent last is told last.
/// </remarks>
internal sealed partial class DynamoDbTaskLedger
{
    // A task whose last attempt got no answer may exist in Connect: it must be known for sure before it is called off.
    private const string CancelCondition =
        "(attribute_not_exists(pk) OR #state = :cancelled "
        + "OR (#state IN (:held, :queued, :released, :awaited) AND attribute_not_exists(mayExist))) "
        + "AND (attribute_not_exists(scheduledAtMs) OR scheduledAtMs <= :timeMs) AND " + NotNewer;

    // Of two that were sent in one millisecond the first that is written stays.
    private const string MoveOrder =
        " AND (attribute_not_exists(movedAtMs) OR movedAtMs < :sent) AND " + NotNewer;

    public async Task<LedgerChange> CancelAsync(string key, DateTimeOffset now, CancellationToken cancellation)
    {
        // The item must outlive the task's time, which the first try does not know.
        var time = now;
        for (var attempt = 1; ; attempt++)
        {
            var change = await ChangeAsync(key, now, () => CancelRequest(now, time), cancellation);
            if (change.Item is not { MayExist: false, IsNewer: false } item || !(item.ScheduledTime > time)
                || item.State is States.Started or States.Starting || attempt == MaxTries)
            {
                return change;
            }

            time = item.ScheduledTime.Value;
        }
    }

    public async Task<LedgerChange> MoveAsync(
        string key, Move move, DateTimeOffset now, CancellationToken cancellation)
    {
        // A held or queued task waits anew; one that is being retried takes the new time with its next attempt.
        var change = await ChangeAsync(key, now, () => MoveWaitingRequest(key, move, now), cancellation);
        if (change.Item?.State == States.Released)
        {
            change = await ChangeAsync(key, now, () => MoveReleasedRequest(move, now), cancellation);
        }

        // Its request may be on its way: the time is kept for it.
        return change is { Done: false, ErrorCode: null, Item: null or { State: States.Awaited, IsNewer: false } }
            ? await KeepForRequestAsync(key, move, now, cancellation)
            : change;
    }

    public Task<LedgerChange> WantAsync(
        string key,
        ContactChange change,
        Move move,
        bool isRetry,
        DateTimeOffset now,
        CancellationToken cancellation) =>
        ChangeAsync(
            key,
            now,
            () => new UpdateItemRequest
            {
                UpdateExpression = "SET toldAtMs = if_not_exists(toldAtMs, scheduledAtMs), scheduledAtMs = :scheduled, "
                    + "movedAtMs = :sent, changeOwner = :changer, changeUntilMs = :lease, itemVersion = :version, "
                    + "ttlEpochSeconds = :ttl, updatedMs = :nowMs, firstTriedMs = "
                    + (isRetry ? "if_not_exists(firstTriedMs, :nowMs)" : ":nowMs") + " REMOVE lastReason",
                ConditionExpression = "#state = :started AND contactId = :contact "
                    + "AND attribute_exists(scheduledAtMs) "
                    + "AND (attribute_not_exists(movedAtMs) OR movedAtMs < :sent OR (movedAtMs = :sent "
                    + "AND scheduledAtMs = :scheduled AND attribute_exists(toldAtMs))) "
                    + "AND (attribute_not_exists(changeUntilMs) OR changeUntilMs < :nowMs OR changeOwner = :changer) "
                    + "AND " + NotNewer,
                ExpressionAttributeNames = StateName,
                ExpressionAttributeValues = new()
                {
                    [":started"] = new(States.Started),
                    [":contact"] = new(change.ContactId),
                    [":scheduled"] = Milliseconds(move.ScheduledTime),
                    [":sent"] = Milliseconds(move.SentAt),
                    [":changer"] = new(change.Owner),
                    [":lease"] = Milliseconds(change.LeaseEnd),
                    [":nowMs"] = Milliseconds(now),
                    [":version"] = Version,
                    [":ttl"] = Ttl(now, move.ScheduledTime),
                },
            },
            cancellation);

    public async Task<LedgerWrite> ToldAsync(
        string key,
        ContactChange change,
        Move move,
        ContactChangeEnd end,
        string? refusal,
        DateTimeOffset now,
        CancellationToken cancellation)
    {
        var values = new Dictionary<string, AttributeValue>
        {
            [":changer"] = new(change.Owner),
            [":sent"] = Milliseconds(move.SentAt),
        };
        string update;
        switch (end)
        {
            case ContactChangeEnd.Taken:
                values[":nowMs"] = Milliseconds(now);
                update = "SET updatedMs = :nowMs REMOVE toldAtMs, firstTriedMs, awaitedMs, lastReason, ";
                break;
            case ContactChangeEnd.Refused:
                values[":reason"] = new(refusal ?? "Refused");
                update = "SET scheduledAtMs = toldAtMs, lastReason = :reason REMOVE toldAtMs, firstTriedMs, ";
                break;
            default:
                update = "REMOVE ";
                break;
        }

        var told = await ChangeAsync(
            key,
            now,
            () => new UpdateItemRequest
            {
                UpdateExpression = update + "changeOwner, changeUntilMs",
                ConditionExpression = "changeOwner = :changer AND movedAtMs = :sent",
                ExpressionAttributeValues = values,
            },
            cancellation);
        // The client's own retry meets its first try's success: nothing is left to be told.
        return Write(told, told.Item is { ToldAt: null } item && item.MovedAt >= move.SentAt);
    }

    public async Task<LedgerWrite> RecordStopAsync(
        string key,
        string contactId,
        DateTimeOffset? scheduledTime,
        DateTimeOffset now,
        CancellationToken cancellation)
    {
        var stop = await ChangeAsync(
            key,
            now,
            () => new UpdateItemRequest
            {
                UpdateExpression = "SET #state = :cancelled, updatedMs = :nowMs, itemVersion = :version, "
                    + "ttlEpochSeconds = :ttl REMOVE toldAtMs, changeOwner, changeUntilMs, awaitedMs",
                ConditionExpression = "contactId = :contact AND " + NotNewer,
                ExpressionAttributeNames = StateName,
                ExpressionAttributeValues = new()
                {
                    [":cancelled"] = new(States.Cancelled),
                    [":contact"] = new(contactId),
                    [":nowMs"] = Milliseconds(now),
                    [":version"] = Version,
                    [":ttl"] = Ttl(now, scheduledTime),
                },
            },
            cancellation);
        return Write(stop, isDoneAlready: false);
    }

    private UpdateItemRequest CancelRequest(DateTimeOffset now, DateTimeOffset time) => new()
    {
        UpdateExpression =
            "SET #state = :cancelled, updatedMs = :nowMs, createdMs = if_not_exists(createdMs, :nowMs), "
            + "itemVersion = :version, ttlEpochSeconds = :ttl "
            + "REMOVE dueShard, releaseAtMs, requestJson, messageGroup, lastReason, awaitedMs",
        ConditionExpression = CancelCondition,
        ExpressionAttributeNames = StateName,
        ExpressionAttributeValues = new()
        {
            [":held"] = Held,
            [":queued"] = Queued,
            [":released"] = Released,
            [":awaited"] = Awaited,
            [":cancelled"] = new(States.Cancelled),
            [":nowMs"] = Milliseconds(now),
            [":timeMs"] = Milliseconds(time),
            [":version"] = Version,
            [":ttl"] = Ttl(now, time),
        },
    };

    private static UpdateItemRequest MoveWaitingRequest(string key, Move move, DateTimeOffset now) => new()
    {
        UpdateExpression = "SET #state = :held, scheduledAtMs = :scheduled, movedAtMs = :sent, updatedMs = :nowMs, "
            + "releaseAtMs = :release, dueShard = :shard, itemVersion = :version, "
            + "waitNumber = if_not_exists(waitNumber, :zero) + :one REMOVE ttlEpochSeconds",
        ConditionExpression = "#state IN (:held, :queued) AND attribute_exists(requestJson) "
            + "AND attribute_not_exists(mayExist)" + MoveOrder,
        ExpressionAttributeNames = StateName,
        ExpressionAttributeValues = new()
        {
            [":held"] = Held,
            [":queued"] = Queued,
            [":scheduled"] = Milliseconds(move.ScheduledTime),
            [":sent"] = Milliseconds(move.SentAt),
            [":release"] = Milliseconds(move.ReleaseAt),
            [":shard"] = new(ShardOf(key)),
            [":nowMs"] = Milliseconds(now),
            [":version"] = Version,
            [":zero"] = Zero,
            [":one"] = One,
        },
    };

    private UpdateItemRequest MoveReleasedRequest(Move move, DateTimeOffset now) => new()
    {
        UpdateExpression = "SET scheduledAtMs = :scheduled, movedAtMs = :sent, updatedMs = :nowMs, "
            + "itemVersion = :version, ttlEpochSeconds = :ttl",
        ConditionExpression = "#state = :released AND attribute_not_exists(mayExist)" + MoveOrder,
        ExpressionAttributeNames = StateName,
        ExpressionAttributeValues = new()
        {
            [":released"] = Released,
            [":scheduled"] = Milliseconds(move.ScheduledTime),
            [":sent"] = Milliseconds(move.SentAt),
            [":nowMs"] = Milliseconds(now),
            [":version"] = Version,
            [":ttl"] = Ttl(now, move.ScheduledTime),
        },
    };

    /// <summary>Keeps a time for a request that has not come yet.</summary>
    /// <returns>Not done, with the item as it is then; or with the item that came meanwhile.</returns>
    private async Task<LedgerChange> KeepForRequestAsync(
        string key, Move move, DateTimeOffset now, CancellationToken cancellation)
    {
        var kept = await ChangeAsync(
            key,
            now,
            () => new UpdateItemRequest
            {
                UpdateExpression = "SET #state = :awaited, scheduledAtMs = :scheduled, movedAtMs = :sent, "
                    + "awaitedMs = if_not_exists(awaitedMs, :nowMs), updatedMs = :nowMs, "
                    + "createdMs = if_not_exists(createdMs, :nowMs), itemVersion = :version, ttlEpochSeconds = :ttl",
                ConditionExpression = "attribute_not_exists(pk) OR (#state = :awaited" + MoveOrder + ")",
                ExpressionAttributeNames = StateName,
                ExpressionAttributeValues = new()
                {
                    [":awaited"] = Awaited,
                    [":scheduled"] = Milliseconds(move.ScheduledTime),
                    [":sent"] = Milliseconds(move.SentAt),
                    [":nowMs"] = Milliseconds(now),
                    [":version"] = Version,
                    [":ttl"] = Ttl(now, move.ScheduledTime),
                },
            },
            cancellation);
        return kept.Done
            ? new LedgerChange(Done: false, new LedgerItem { Key = key, State = States.Awaited, AwaitedSince = now })
            : kept;
    }
}
