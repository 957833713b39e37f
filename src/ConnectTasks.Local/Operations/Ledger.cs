using System.Globalization;
using System.Runtime.CompilerServices;
using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;

namespace ConnectTasks.Local;

/// <summary>Reads the task ledger; never writes to it.</summary>
internal sealed class Ledger(IAmazonDynamoDB dynamoDb, string table, TimeProvider time)
{
    /// <summary>The sparse index of held tasks, and its shards: as the functions have them.</summary>
    public const string DueIndex = "due";

    public const int DueShards = 8;

    /// <summary>DynamoDB's limit of BatchGetItem.</summary>
    private const int BatchSize = 100;

    /// <summary>What the ledger has of a task, read consistently; null if it does not know it.</summary>
    public async Task<TaskRecord?> ReadAsync(string key, CancellationToken cancellation)
    {
        var response = await dynamoDb.GetItemAsync(
            new GetItemRequest
            {
                TableName = table,
                Key = new() { ["pk"] = new(key) },
                ConsistentRead = true,
            },
            cancellation);
        return TaskRecord.From(response.Item, time.GetUtcNow());
    }

    /// <summary>
    /// The instance that some task of the table belongs to; null if the table is empty or does not say.
    /// </summary>
    public async Task<string?> SampleInstanceAsync(CancellationToken cancellation)
    {
        var response = await dynamoDb.ScanAsync(
            new ScanRequest { TableName = table, Limit = 1, ProjectionExpression = "pk" }, cancellation);
        var key = response.Items?.FirstOrDefault()?.GetValueOrDefault("pk")?.S;
        return key is null || key.StartsWith('#') || !key.Contains('#', StringComparison.Ordinal)
            ? null
            : key[..key.IndexOf('#', StringComparison.Ordinal)];
    }

    /// <summary>All held tasks, in no order. Each is read once: the cost follows what is held.</summary>
    public async IAsyncEnumerable<TaskRecord> HeldAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        for (var shard = 0; shard < DueShards; shard++)
        {
            var request = new QueryRequest
            {
                TableName = table,
                IndexName = DueIndex,
                KeyConditionExpression = "dueShard = :shard",
                ExpressionAttributeValues = new() { [":shard"] = new(shard.ToString(CultureInfo.InvariantCulture)) },
            };
            do
            {
                var page = await dynamoDb.QueryAsync(request, cancellation);
                foreach (var keys in (page.Items ?? []).Select(item => item["pk"].S).Chunk(BatchSize))
                {
                    foreach (var record in await ReadManyAsync(keys, cancellation))
                    {
                        // The index may be behind: what has been released since is not held any more.
                        if (record.State == TaskRecord.Held)
                            yield return record;
                    }
                }

                request.ExclusiveStartKey = page.LastEvaluatedKey;
            }
            while (request.ExclusiveStartKey is { Count: > 0 });
        }
    }

    private async Task<IReadOnlyList<TaskRecord>> ReadManyAsync(string[] keys, CancellationToken cancellation)
    {
        var found = new List<TaskRecord>();
        var wanted = new KeysAndAttributes
        {
            Keys = [.. keys.Select(key => new Dictionary<string, AttributeValue> { ["pk"] = new(key) })],
            ProjectionExpression = "pk, #state, scheduledAtMs, releaseAtMs, createdMs, updatedMs",
            ExpressionAttributeNames = new() { ["#state"] = "state" },
        };
        var wait = TimeSpan.FromMilliseconds(100);
        while (wanted is { Keys.Count: > 0 })
        {
            var response = await dynamoDb.BatchGetItemAsync(
                new BatchGetItemRequest { RequestItems = new() { [table] = wanted } }, cancellation);
            var now = time.GetUtcNow();
            found.AddRange((response.Responses?.GetValueOrDefault(table) ?? [])
                .Select(item => TaskRecord.From(item, now)).OfType<TaskRecord>());
            wanted = response.UnprocessedKeys?.GetValueOrDefault(table);
            if (wanted is { Keys.Count: > 0 })
            {
                await Task.Delay(wait, time, cancellation);
                wait = wait < TimeSpan.FromSeconds(5) ? 2 * wait : wait;
            }
        }

        return found;
    }
}
