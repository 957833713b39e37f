using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using static ConnectTasks.Lambda.LedgerItem;

namespace ConnectTasks.Lambda;

/// <summary>The ledger in one DynamoDB table: how an item is read, and written on a condition.</summary>
internal sealed partial class DynamoDbTaskLedger
{
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
        catch (Exception e) when (LedgerErrors.IsOfTheStore(e, cancellation))
        {
            return new LedgerWrite(
                LedgerErrors.IsTooLarge(e) ? LedgerWriteState.TooLarge : LedgerWriteState.Unavailable,
                LedgerErrors.CodeOf(e));
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

    /// <summary>
    /// An item lives for the retention after its last change, and after its task's time if that is later.
    /// </summary>
    private AttributeValue Ttl(DateTimeOffset now, DateTimeOffset? scheduledTime) =>
        Number(TtlSeconds(now, scheduledTime));

    private long TtlSeconds(DateTimeOffset now, DateTimeOffset? scheduledTime) =>
        ((scheduledTime > now ? scheduledTime.Value : now) + retention).ToUnixTimeSeconds();

    private static Dictionary<string, AttributeValue> KeyOf(string key) => new(1) { ["pk"] = new(key) };

    private static LedgerWrite Write(LedgerChange change, bool isDoneAlready) => new(
        change.Done || isDoneAlready ? LedgerWriteState.Done
        : change.ErrorCode is null ? LedgerWriteState.NotOwner
        : LedgerWriteState.Unavailable,
        change.ErrorCode);

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
        catch (Exception e) when (LedgerErrors.IsOfTheStore(e, cancellation))
        {
            return new LedgerChange(Done: false, null, LedgerErrors.CodeOf(e));
        }
    }
}
