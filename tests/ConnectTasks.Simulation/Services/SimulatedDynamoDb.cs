using System.Globalization;
using System.Net;
using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using ConnectTasks.Lambda;

namespace ConnectTasks.Simulation;

using Item = Dictionary<string, AttributeValue>;

/// <summary>DynamoDB behind a bad network, with the SDK's retries, which can meet their own success.</summary>
/// <param name="isNewer">Whether a newer version of the code calls, which keeps items in another form.</param>
internal sealed class SimulatedDynamoDb(World world, InMemoryDynamoDb store, bool isNewer = false) : AmazonDynamoDBClient(
    "local", "local", new AmazonDynamoDBConfig { ServiceURL = "http://127.0.0.1:1" })
{
    /// <summary>Rewrites requests; a mutant's way in.</summary>
    public Func<UpdateItemRequest, UpdateItemRequest> Rewrite { get; init; } = r => r;

    public override Task<UpdateItemResponse> UpdateItemAsync(
        UpdateItemRequest request, CancellationToken cancellationToken = default)
    {
        var rewritten = Rewrite(request);
        return WithRetriesAsync("update", () => Audited(rewritten), cancellationToken);
    }

    public override Task<GetItemResponse> GetItemAsync(
        GetItemRequest request, CancellationToken cancellationToken = default) =>
        WithRetriesAsync("get", () => store.GetItemAsync(request, CancellationToken.None).Result, cancellationToken);

    public override Task<DeleteItemResponse> DeleteItemAsync(
        DeleteItemRequest request, CancellationToken cancellationToken = default) =>
        WithRetriesAsync("delete", () => store.DeleteItemAsync(request, CancellationToken.None).Result, cancellationToken);

    public override Task<QueryResponse> QueryAsync(
        QueryRequest request, CancellationToken cancellationToken = default) =>
        WithRetriesAsync("query", () => Behind(store.QueryAsync(request, CancellationToken.None).Result), cancellationToken);

    private UpdateItemResponse Audited(UpdateItemRequest request)
    {
        var key = request.Key["pk"].S;
        var before = store.Items.GetValueOrDefault(key);
        UpdateItemResponse response;
        try
        {
            response = store.UpdateItemAsync(request, CancellationToken.None).GetAwaiter().GetResult();
        }
        catch (ConditionalCheckFailedException)
        {
            world.Trace(key, "ledger: condition failed");
            throw;
        }
        catch (AmazonDynamoDBException)
        {
            world.Counts.StoreRejections++;
            world.Trace(key, "ledger: the item is too large");
            throw;
        }

        var after = store.Items[key];
        world.Trace(key, $"ledger: {before?.GetValueOrDefault("state")?.S ?? "none"} → {after["state"].S}{(isNewer ? " (newer version)" : "")}");
        world.Facts.OnLedgerWrite(key, before, after);
        world.Audit.OnLedgerWrite(key, before, after, request, isNewer);
        return response;
    }

    /// <summary>The index as it was some seconds ago, as far as what it shows now was not there yet.</summary>
    private QueryResponse Behind(QueryResponse now)
    {
        if (world.Rates.IndexLag > TimeSpan.Zero)
        {
            var seen = world.Loop.Now - (world.Rates.IndexLag * world.Random.NextDouble());
            now.Items.RemoveAll(i => world.Facts.ChangedAt(i["pk"].S) > seen);
        }

        return now;
    }

    private async Task<T> WithRetriesAsync<T>(string what, Func<T> effect, CancellationToken cancellation)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                return await Network.CallAsync(world, what, Settings.LedgerTimeout, () => Failing(effect), cancellation);
            }
            catch (Exception e) when (CanPass(e) && attempt < 2 && !cancellation.IsCancellationRequested)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50 << attempt), world.Loop, cancellation);
            }
        }
    }

    private static bool CanPass(Exception e) => e is not ConditionalCheckFailedException
        and not AmazonDynamoDBException { ErrorCode: "ValidationException" or "AccessDeniedException" };

    private T Failing<T>(Func<T> effect)
    {
        switch (world.StretchOf(Service.Ledger))
        {
            case StretchKind.Denied:
                world.Counts.StoreRejections++;
                throw Error("AccessDeniedException", 400);
            case not null: throw Error("InternalServerError", 500);
        }

        if (world.Random.NextDouble() < world.Rates.ServerError)
        {
            throw Error("InternalServerError", 500);
        }

        if (world.Random.NextDouble() < world.Rates.Throttle)
        {
            world.Counts.Throttles++;
            throw Error("ThrottlingException", 400);
        }

        store.View = isNewer ? NewerVersion.View : null;
        try
        {
            return effect();
        }
        finally
        {
            store.View = null;
        }
    }

    private static AmazonDynamoDBException Error(string code, int status) =>
        new("text") { ErrorCode = code, StatusCode = (HttpStatusCode)status };
}

/// <summary>
/// What a newer version of the code does with items: it writes a version and a fingerprint of its own, which older code
/// can't read, and understands both.
/// </summary>
internal static class NewerVersion
{
    private const long Version = 3;

    public static readonly (Func<Item, Item> Reading, Func<Item, Item> Writing) View = (AsOlder, AsNewer);

    public static bool IsOf(Item? item) =>
        item?.GetValueOrDefault("itemVersion")?.N == Version.ToString(CultureInfo.InvariantCulture);

    private static Item AsOlder(Item item)
    {
        if (!IsOf(item))
        {
            return item;
        }

        var older = new Item(item);
        older.Remove("fingerprintVersion");
        older.Remove("itemVersion");
        if (older.TryGetValue("fingerprint", out var fingerprint))
        {
            older["fingerprint"] = Turned(fingerprint);
        }

        return older;
    }

    private static Item AsNewer(Item item)
    {
        var newer = new Item(item) { ["itemVersion"] = LedgerItem.Number(Version) };
        if (newer.TryGetValue("fingerprint", out var fingerprint))
        {
            newer["fingerprintVersion"] = LedgerItem.Number(2);
            newer["fingerprint"] = Turned(fingerprint);
        }

        return newer;
    }

    private static AttributeValue Turned(AttributeValue text)
    {
        var characters = text.S.ToCharArray();
        Array.Reverse(characters);
        return new(new string(characters));
    }
}
