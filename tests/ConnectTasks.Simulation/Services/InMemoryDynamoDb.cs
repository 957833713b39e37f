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
    private static readonly Comparer<(long Range, string Key)> PositionOrder = Comparer<(long Range, string Key)>.Create(
        (a, b) => a.Range != b.Range ? a.Range.CompareTo(b.Range) : string.CompareOrdinal(a.Key, b.Key));

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Item> _items = [];

    /// <summary>
    /// The index: positions by hash key, in the order of the range key, so that a query reads what it returns and not
    /// the table.
    /// </summary>
    private readonly SortedDictionary<string, SortedSet<(long Range, string Key)>> _index = new(StringComparer.Ordinal);

    /// <summary>The items by their key `pk`.</summary>
    public IReadOnlyDictionary<string, Item> Items => _items;

    /// <summary>False for stores that don't send the old item with a failed condition.</summary>
    public bool ReturnsItemOnConditionFailure { get; set; } = true;

    /// <summary>The most items of a page, whatever the query asks for, so that few items make many pages.</summary>
    public int MaxPage { get; set; } = 1_000;

    /// <summary>What each call throws, if anything.</summary>
    public Exception? Failure { get; set; }

    /// <summary>DynamoDB's limit of an item: names and values together, in UTF-8 bytes.</summary>
    public int MaxItemBytes { get; init; } = 400 * 1024;

    /// <summary>
    /// How items are seen and kept by another version of the code, which calls while they are set; null for as they are.
    /// </summary>
    public (Func<Item, Item> Reading, Func<Item, Item> Writing)? View { get; set; }

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
            var old = Seen(_items.GetValueOrDefault(key));
            Check(request.ConditionExpression, old, request.ExpressionAttributeNames, request.ExpressionAttributeValues);
            var item = old is null ? new Item { ["pk"] = request.Key["pk"] } : new Item(old);
            DynamoExpression.Apply(
                request.UpdateExpression, item, request.ExpressionAttributeNames, request.ExpressionAttributeValues);
            Store(key, View is { } view ? view.Writing(item) : item);
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
            Store(request.Item["pk"].S, new Item(request.Item));
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
            var item = Seen(_items.GetValueOrDefault(request.Key["pk"].S));
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
                _items.GetValueOrDefault(key),
                request.ExpressionAttributeNames,
                request.ExpressionAttributeValues);
            Remove(key);
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
            var after = request.ExclusiveStartKey is { Count: > 0 } start ? Position(start, range) : default;
            var limit = Math.Min(MaxPage, request.Limit ?? 1_000);
            // The condition has a hash key and no lower bound, so what matches is where one hash key's positions begin.
            var matches = _index.Values
                .SelectMany(positions => Following(positions, after)
                    .TakeWhile(position => DynamoExpression.Holds(
                        request.KeyConditionExpression,
                        _items[position.Key],
                        request.ExpressionAttributeNames,
                        request.ExpressionAttributeValues)))
                .Take(limit + 1)
                .Select(position => _items[position.Key])
                .ToList();
            var page = matches.Take(limit).Select(i => new Item(i)).ToList();
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

    /// <summary>Takes an item away, as the time to live does.</summary>
    public void Remove(string key)
    {
        lock (_lock)
        {
            if (_items.Remove(key, out var old) && Place(old) is { } place)
                place.Positions.Remove(place.Position);
        }
    }

    private Item? Seen(Item? item) => item is null || View is not { } view ? item : view.Reading(item);

    private void Store(string key, Item item)
    {
        if (SizeOf(item) > MaxItemBytes)
        {
            throw new AmazonDynamoDBException("Item size to update has exceeded the maximum allowed size")
            {
                ErrorCode = "ValidationException",
                StatusCode = System.Net.HttpStatusCode.BadRequest,
            };
        }

        Remove(key);
        _items[key] = item;
        if (Place(item) is { } place)
            place.Positions.Add(place.Position);
    }

    /// <summary>Where the index has the item; null if the item lacks one of the index's keys.</summary>
    private (SortedSet<(long Range, string Key)> Positions, (long Range, string Key) Position)? Place(Item item)
    {
        if (index is not var (hash, range) || !item.TryGetValue(hash, out var value) || !item.ContainsKey(range))
            return null;
        var text = value.S ?? value.N;
        if (!_index.TryGetValue(text, out var positions))
            _index[text] = positions = new(PositionOrder);
        return (positions, Position(item, range));
    }

    private static IEnumerable<(long Range, string Key)> Following(
        SortedSet<(long Range, string Key)> positions, (long Range, string Key) after) =>
        positions.Count == 0 || after.Key is null ? positions
        : PositionOrder.Compare(after, positions.Max) >= 0 ? []
        : positions.GetViewBetween(after, positions.Max).SkipWhile(position => position == after);

    private static (long Range, string Key) Position(Item item, string range) =>
        (long.Parse(item[range].N, CultureInfo.InvariantCulture), item["pk"].S);

    /// <summary>By the lengths, and only where those leave it open by the bytes.</summary>
    private int SizeOf(Item item)
    {
        var length = item.Sum(a => a.Key.Length + (a.Value.S ?? a.Value.N ?? "").Length);
        return length * 3 <= MaxItemBytes ? length : item.Sum(a =>
            System.Text.Encoding.UTF8.GetByteCount(a.Key) + System.Text.Encoding.UTF8.GetByteCount(a.Value.S ?? a.Value.N ?? ""));
    }

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
