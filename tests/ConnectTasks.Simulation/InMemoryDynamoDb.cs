using System.Globalization;
using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;

namespace ConnectTasks.Simulation;

using Item = Dictionary<string, AttributeValue>;

/// <summary>
/// One DynamoDB table in memory, behind the SDK's own client class, so that the production ledger runs on it.
/// </summary>
/// <param name="index">
/// The sparse index's hash and range key, both strings or numbers; none if the table has no index.
/// </param>
internal class InMemoryDynamoDb((string Hash, string Range)? index = null)
    : AmazonDynamoDBClient("local", "local", new AmazonDynamoDBConfig { ServiceURL = "http://127.0.0.1:1" })
{
    private readonly Lock _lock = new();

    /// <summary>The items by their key `pk`.</summary>
    public SortedDictionary<string, Item> Items { get; } = new(StringComparer.Ordinal);

    /// <summary>False for stores that don't send the old item with a failed condition.</summary>
    public bool ReturnsItemOnConditionFailure { get; set; } = true;

    /// <summary>The most items of a page, whatever the query asks for, so that few items make many pages.</summary>
    public int MaxPage { get; set; } = int.MaxValue;

    /// <summary>What each call throws, if anything.</summary>
    public Exception? Failure { get; set; }

    /// <summary>Calls by operation.</summary>
    public Dictionary<string, int> Calls { get; } = [];

    public override Task<UpdateItemResponse> UpdateItemAsync(
        UpdateItemRequest request, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            Count(nameof(UpdateItemAsync));
            var key = request.Key["pk"].S;
            var old = Items.GetValueOrDefault(key);
            Check(request.ConditionExpression, old, request.ExpressionAttributeNames, request.ExpressionAttributeValues);
            var item = old is null ? new Item { ["pk"] = request.Key["pk"] } : new Item(old);
            DynamoExpression.Apply(
                request.UpdateExpression, item, request.ExpressionAttributeNames, request.ExpressionAttributeValues);
            Items[key] = item;
            return Task.FromResult(new UpdateItemResponse
            {
                Attributes = request.ReturnValues?.Value switch
                {
                    "ALL_OLD" => old,
                    "ALL_NEW" => new Item(item),
                    "UPDATED_OLD" => old?.Where(a => !item.TryGetValue(a.Key, out var now) || !ReferenceEquals(now, a.Value))
                        .ToDictionary(a => a.Key, a => a.Value),
                    _ => null,
                },
            });
        }
    }

    public override Task<PutItemResponse> PutItemAsync(
        PutItemRequest request, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            Count(nameof(PutItemAsync));
            Items[request.Item["pk"].S] = new Item(request.Item);
            return Task.FromResult(new PutItemResponse());
        }
    }

    public override Task<GetItemResponse> GetItemAsync(
        string tableName, Item key, CancellationToken cancellationToken = default) =>
        GetItemAsync(new GetItemRequest { TableName = tableName, Key = key }, cancellationToken);

    public override Task<GetItemResponse> GetItemAsync(
        GetItemRequest request, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            Count(nameof(GetItemAsync));
            var item = Items.GetValueOrDefault(request.Key["pk"].S);
            return Task.FromResult(new GetItemResponse { Item = item is null ? null : new Item(item) });
        }
    }

    public override Task<DeleteItemResponse> DeleteItemAsync(
        DeleteItemRequest request, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            Count(nameof(DeleteItemAsync));
            var key = request.Key["pk"].S;
            Check(
                request.ConditionExpression,
                Items.GetValueOrDefault(key),
                request.ExpressionAttributeNames,
                request.ExpressionAttributeValues);
            Items.Remove(key);
            return Task.FromResult(new DeleteItemResponse());
        }
    }

    /// <summary>A query of the index, in the order of its range key, page by page.</summary>
    public override Task<QueryResponse> QueryAsync(QueryRequest request, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            Count(nameof(QueryAsync));
            var (hash, range) = index ?? throw new NotSupportedException("The table has no index.");
            var matches = Items.Values
                .Where(i => i.ContainsKey(hash) && i.ContainsKey(range) && DynamoExpression.Holds(
                    request.KeyConditionExpression, i, request.ExpressionAttributeNames, request.ExpressionAttributeValues))
                .OrderBy(i => Position(i, range))
                .ToList();
            if (request.ExclusiveStartKey is { Count: > 0 } start)
            {
                matches = matches.FindAll(i => Position(i, range).CompareTo(Position(start, range)) > 0);
            }

            var page = matches.Take(Math.Min(MaxPage, request.Limit ?? int.MaxValue)).Select(i => new Item(i)).ToList();
            return Task.FromResult(new QueryResponse
            {
                Items = page,
                Count = page.Count,
                LastEvaluatedKey = page.Count < matches.Count
                    ? new Item { ["pk"] = page[^1]["pk"], [hash] = page[^1][hash], [range] = page[^1][range] }
                    : null,
            });
        }
    }

    private static (long Range, string Key) Position(Item item, string range) =>
        (long.Parse(item[range].N, CultureInfo.InvariantCulture), item["pk"].S);

    private void Count(string operation)
    {
        Calls[operation] = Calls.GetValueOrDefault(operation) + 1;
        if (Failure is not null)
        {
            throw Failure;
        }
    }

    private void Check(string? condition, Item? old, Dictionary<string, string>? names, Item? values)
    {
        if (!DynamoExpression.Holds(condition, old ?? [], names, values))
        {
            throw new ConditionalCheckFailedException("The conditional request failed")
            {
                Item = old is not null && ReturnsItemOnConditionFailure ? new Item(old) : null,
            };
        }
    }
}
