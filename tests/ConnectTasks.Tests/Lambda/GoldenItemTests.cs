using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Amazon.DynamoDBv2.Model;
using ConnectTasks.Lambda;
using ConnectTasks.Simulation;

namespace ConnectTasks.Tests.Lambda;

/// <summary>
/// The items that each version of this code wrote, kept as files, and what the code of today makes of them. A file is
/// never changed, except by adding to the present version's: items live for years.
/// </summary>
public sealed class GoldenItemTests
{
    private static readonly DateTimeOffset Scheduled = Some.Now.AddDays(10);
    private static readonly DateTimeOffset ReleaseAt = Some.Now.AddDays(4.5);

    private static string Body =>
        Some.Body()[..^1] + $",\"ScheduledTime\":{Scheduled.ToUnixTimeSeconds()}}}";

    public static TheoryData<int, string> Kept()
    {
        var data = new TheoryData<int, string>();
        foreach (var version in (int[])[1, 2])
        {
            foreach (var (name, _) in Read(version))
            {
                data.Add(version, name);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Kept))]
    public async Task The_code_of_today_understands_it(int version, string name)
    {
        var item = Read(version)[name]!.AsObject();
        var (claim, other, cancel) = name switch
        {
            "Starting" => ("InFlight", "InFlight", "InFlight"),
            "StartingLeaseOver" => ("Started", "InFlight", "InFlight"),
            "Started" => ("AlreadyStarted", "TokenReused", "Commanded.Cancel.InConnect"),
            "Released" => ("Started", "InFlight", "Commanded.Cancel.InLedger"),
            "ReleasedInDoubt" => ("Started", "InFlight", "InFlight"),
            "ReleasedForgotten" => ("Started", "Started", "Commanded.Cancel.InLedger"),
            "Held" or "Queued" => ("AlreadyHeld", "TokenReused", "Commanded.Cancel.InLedger"),
            "Cancelled" => ("Cancelled", "TokenReused", "Commanded.Cancel.InLedger"),
            "Tombstone" => ("Cancelled", "Cancelled", "Commanded.Cancel.InLedger"),
            "Awaited" => ("Held", "Held", "Commanded.Cancel.InLedger"),
            "BeingMoved" => ("AlreadyStarted", "TokenReused", "Commanded.Cancel.InConnect"),
            _ => throw new ArgumentException("No such item.", nameof(name)),
        };
        Assert.Equal(claim, await DeliverAsync(item, Body));
        Assert.Equal(other, await DeliverAsync(item, Body.Replace("\"case\"", "\"other\"", StringComparison.Ordinal)));
        Assert.Equal(
            cancel,
            await DeliverAsync(
                item, $$"""{"ConnectTasks":"cancel/1","InstanceId":"{{Some.Instance}}","ClientToken":"t-1"}"""));
    }

    [Theory]
    [InlineData(1, "")]
    [InlineData(2, "/1")]
    public async Task A_held_task_is_released_by_the_code_of_today_and_started_by_its_copy(int version, string number)
    {
        var rig = new Rig();
        await PutAsync(rig.DynamoDb, Read(version)["Held"]!.AsObject());
        rig.Time.Advance(ReleaseAt - Some.Now);
        await rig.TickAsync();
        var copy = Assert.Single(rig.Sqs.Sent);
        var released = copy.MessageAttributes[Queues.ReleasedAttribute].StringValue;
        Assert.Equal(ReleaseAt.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture) + number, released);
        var record = Some.Record("copy", copy.MessageBody);
        record.MessageAttributes![Queues.ReleasedAttribute] = new() { DataType = "String", StringValue = released };
        Assert.Empty(await rig.DeliverAsync(record));
        Assert.Equal("Started", rig.LastReason);
    }

    [Fact]
    public async Task The_items_that_are_written_today_are_those_that_are_kept()
    {
        var written = new JsonObject();
        foreach (var (name, item) in await WriteAllAsync())
        {
            written[name] = ToJson(item);
        }

        var kept = Path(LedgerItem.CurrentVersion);
        var text = written.ToJsonString(new JsonSerializerOptions { WriteIndented = true }) + "\n";
        if (!File.Exists(kept) || await File.ReadAllTextAsync(kept, TestContext.Current.CancellationToken) != text)
        {
            var received = kept.Replace(".json", ".received.json", StringComparison.Ordinal);
            await File.WriteAllTextAsync(received, text, TestContext.Current.CancellationToken);
            Assert.Fail($"The items have changed: compare {received} with {kept}. If the change is meant, and code of "
                + "this version understands the old ones too, keep both; else raise LedgerItem.CurrentVersion.");
        }
    }

    /// <summary>One item of each kind, as the ledger of today writes it.</summary>
    private static async Task<List<(string Name, Dictionary<string, AttributeValue> Item)>> WriteAllAsync()
    {
        var none = CancellationToken.None;
        var items = new List<(string, Dictionary<string, AttributeValue>)>();
        var key = TaskKey.For(Some.Instance, "t-1");
        var fingerprint = RequestFingerprint.Compute(Some.Request() with { ScheduledTime = Scheduled });
        var claim = new Claim(key, "owner", fingerprint, Scheduled, null, Some.Now.AddSeconds(75));
        var hold = new Hold(Body, Scheduled, ReleaseAt, MayExist: false, "group-1");
        var move = new Move(Some.Now.AddDays(12), Some.Now.AddDays(6), Some.Now);
        async Task AddAsync(string name, Func<ITaskLedger, Task> write)
        {
            var dynamoDb = new InMemoryDynamoDb(("dueShard", "releaseAtMs"));
            await write(new DynamoDbTaskLedger(dynamoDb, "tasks", TimeSpan.FromDays(35), TimeProvider.System));
            items.Add((name, dynamoDb.Items.Values.Single()));
        }

        async Task ClaimedAsync(string name, Func<ITaskLedger, Task> write) => await AddAsync(name, async ledger =>
        {
            await ledger.ClaimAsync(claim, Some.Now, none);
            await write(ledger);
        });
        Task ReleasedAsync(ITaskLedger ledger, bool mayExist, bool forget) => ledger.ReleaseAsync(
            claim, new Release("Throttled", mayExist, forget, WasTried: true, Scheduled), Some.Now, none);
        Task StartAsync(ITaskLedger ledger) =>
            ledger.CompleteAsync(claim, "contact-1", Scheduled, Some.Now, none);

        await ClaimedAsync("Starting", _ => Task.CompletedTask);
        await ClaimedAsync("Started", StartAsync);
        await ClaimedAsync("Released", ledger => ReleasedAsync(ledger, mayExist: false, forget: false));
        await ClaimedAsync("ReleasedInDoubt", ledger => ReleasedAsync(ledger, mayExist: true, forget: false));
        await ClaimedAsync("ReleasedForgotten", ledger => ReleasedAsync(ledger, mayExist: false, forget: true));
        await AddAsync("Held", ledger => ledger.HoldAsync(claim, hold, isOwned: false, Some.Now, none));
        await AddAsync("Queued", async ledger =>
        {
            await ledger.HoldAsync(claim, hold, isOwned: false, Some.Now, none);
            await ledger.MarkQueuedAsync((await ledger.ReadAsync(key, none)).Item!, Some.Now, none);
        });
        await AddAsync("Cancelled", async ledger =>
        {
            await ledger.HoldAsync(claim, hold, isOwned: false, Some.Now, none);
            await ledger.CancelAsync(key, Some.Now, none);
        });
        await AddAsync("Tombstone", ledger => ledger.CancelAsync(key, Some.Now, none));
        await AddAsync("Awaited", ledger => ledger.MoveAsync(key, move, Some.Now, none));
        await ClaimedAsync("BeingMoved", async ledger =>
        {
            await StartAsync(ledger);
            var change = new ContactChange("contact-1", "changer", Some.Now.AddSeconds(75));
            await ledger.WantAsync(key, change, move, isRetry: false, Some.Now, none);
        });
        return items;
    }

    private static async Task<string> DeliverAsync(JsonObject item, string body)
    {
        var rig = new Rig(Some.Settings() with { ScheduleHorizon = TimeSpan.FromDays(11) });
        await PutAsync(rig.DynamoDb, item);
        rig.Connect.Described = new() { ScheduledTimestamp = Scheduled.UtcDateTime };
        await rig.DeliverAsync(Some.Record("m-1", body));
        return rig.LastReason;
    }

    private static Task PutAsync(InMemoryDynamoDb dynamoDb, JsonObject item) => dynamoDb.PutItemAsync(
        new PutItemRequest
        {
            Item = item.ToDictionary(a => a.Key, a => a.Value!.AsObject().Single() switch
            {
                ("S", var text) => new AttributeValue(text!.GetValue<string>()),
                ("N", var number) => new AttributeValue { N = number!.GetValue<string>() },
                var (_, flag) => new AttributeValue { BOOL = flag!.GetValue<bool>() },
            }),
        },
        TestContext.Current.CancellationToken);

    private static JsonObject ToJson(Dictionary<string, AttributeValue> item) => new(item
        .OrderBy(a => a.Key, StringComparer.Ordinal)
        .Select(a => KeyValuePair.Create<string, JsonNode?>(a.Key, a.Value switch
        {
            { S: { } text } => new JsonObject { ["S"] = text },
            { N: { } number } => new JsonObject { ["N"] = number },
            var flag => new JsonObject { ["BOOL"] = flag.BOOL },
        })));

    private static JsonObject Read(long version) => File.Exists(Path(version))
        ? JsonNode.Parse(File.ReadAllText(Path(version)))!.AsObject() : [];

    private static string Path(long version, [CallerFilePath] string here = "") => System.IO.Path.Combine(
        System.IO.Path.GetDirectoryName(here)!,
        "GoldenItems",
        string.Create(CultureInfo.InvariantCulture, $"items-{version}.json"));
}
