using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using ConnectTasks.Lambda;

namespace ConnectTasks.Tests.Lambda;

/// <summary>What the ledger promises, whatever DynamoDB it runs on: in memory, dynalite or moto.</summary>
public abstract partial class LedgerContract
{
    private const string Table = "tasks";
    private static readonly TimeSpan Retention = TimeSpan.FromDays(35);
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(75);
    private static readonly CancellationToken None = CancellationToken.None;

    /// <summary>Each test has keys of its own, so that one table serves them all.</summary>
    private readonly string _key = $"{Some.Instance}#{Guid.NewGuid():N}";

    private DateTimeOffset _now = Some.Now;

    /// <summary>A client for a DynamoDB that has the table `tasks` with the key `pk`.</summary>
    private protected abstract IAmazonDynamoDB DynamoDb { get; }

    /// <summary>Why this server can't be asked many things at once, if it can't.</summary>
    private protected virtual string? WhyNotAtOnce => null;

    private ITaskLedger Ledger => new DynamoDbTaskLedger(DynamoDb, Table, Retention, TimeProvider.System);

    [Fact]
    public async Task A_new_task_is_claimed()
    {
        var result = await ClaimAsync("a");
        Assert.Equal(new ClaimResult(ClaimState.Claimed), result);
    }

    [Fact]
    public async Task A_second_claim_is_in_flight_until_the_lease_ends()
    {
        await ClaimAsync("a");
        var second = await ClaimAsync("b");
        Assert.Equal(ClaimState.InFlight, second.State);
        Assert.Equal(Some.Now + Lease, second.LeaseEnd);
        _now += Lease;
        Assert.Equal(ClaimState.InFlight, (await ClaimAsync("b")).State);
    }

    [Fact]
    public async Task After_the_lease_a_claim_takes_over_and_says_that_the_task_may_exist()
    {
        await ClaimAsync("a");
        var first = _now;
        _now += Lease + TimeSpan.FromMilliseconds(1);
        var expected = new ClaimResult(ClaimState.Claimed)
        {
            MayExist = true,
            WasKnown = true,
            WasLeftBehind = true,
            FirstTried = first,
        };
        Assert.Equal(expected, await ClaimAsync("b"));
    }

    [Fact]
    public async Task The_owner_that_claims_again_after_a_lost_reply_is_still_the_owner()
    {
        await ClaimAsync("a");
        Assert.Equal(ClaimState.Claimed, (await ClaimAsync("a")).State);
    }

    [Fact]
    public async Task A_completed_task_is_started_with_its_contact()
    {
        await ClaimAsync("a");
        Assert.Equal(LedgerWriteState.Done, (await CompleteAsync("a", "contact-1")).State);
        Assert.Equal(new ClaimResult(ClaimState.AlreadyStarted) { ContactId = "contact-1" }, await ClaimAsync("b"));
    }

    [Fact]
    public async Task A_completion_that_meets_its_own_success_is_done()
    {
        await ClaimAsync("a");
        await CompleteAsync("a", "contact-1");
        Assert.Equal(LedgerWriteState.Done, (await CompleteAsync("a", "contact-1")).State);
    }

    [Fact]
    public async Task Only_the_owner_completes()
    {
        await ClaimAsync("a");
        _now += Lease + TimeSpan.FromSeconds(1);
        await ClaimAsync("b");
        Assert.Equal(LedgerWriteState.NotOwner, (await CompleteAsync("a", "contact-1")).State);
        Assert.Equal(LedgerWriteState.Done, (await CompleteAsync("b", "contact-1")).State);
    }

    [Fact]
    public async Task A_refused_duplicate_does_not_release_the_owners_claim()
    {
        await ClaimAsync("a");
        await ClaimAsync("b");
        Assert.Equal(LedgerWriteState.NotOwner, (await ReleaseAsync("b", forget: false)).State);
        Assert.Equal(ClaimState.InFlight, (await ClaimAsync("c")).State);
    }

    [Fact]
    public async Task A_released_task_is_claimed_again_at_once()
    {
        await ClaimAsync("a");
        Assert.Equal(LedgerWriteState.Done, (await ReleaseAsync("a", forget: false)).State);
        Assert.Equal(LedgerWriteState.Done, (await ReleaseAsync("a", forget: false)).State);
        Assert.Equal(new ClaimResult(ClaimState.Claimed) { WasKnown = true, FirstTried = _now }, await ClaimAsync("b"));
    }

    [Theory]
    [InlineData(false, ClaimState.InFlight)]
    [InlineData(true, ClaimState.Claimed)]
    public async Task Another_request_may_use_the_token_only_if_the_first_is_forgotten(bool forget, object expected)
    {
        await ClaimAsync("a");
        await ReleaseAsync("a", forget);
        Assert.Equal(expected, (await ClaimAsync("b", "other")).State);
    }

    [Fact]
    public async Task Another_request_with_the_token_of_one_that_is_being_tried_waits_for_what_becomes_of_that()
    {
        await ClaimAsync("a");
        Assert.Equal(ClaimState.InFlight, (await ClaimAsync("b", "other")).State);
        await ReleaseAsync("a", forget: false);
        _now += TimeSpan.FromMinutes(59);
        Assert.Equal(ClaimState.InFlight, (await ClaimAsync("b", "other")).State);
        // It has not returned within the longest waits: its message is gone.
        _now += TimeSpan.FromMinutes(2);
        Assert.Equal(ClaimState.TokenReused, (await ClaimAsync("b", "other")).State);
        await ClaimAsync("a");
        await CompleteAsync("a", "contact-1");
        Assert.Equal(ClaimState.TokenReused, (await ClaimAsync("b", "other")).State);
    }

    [Fact]
    public async Task An_item_without_a_readable_lease_is_held_until_it_expires()
    {
        await DynamoDb.PutItemAsync(
            new PutItemRequest { TableName = Table, Item = new() { ["pk"] = new(_key), ["state"] = new("Starting") } });
        _now += TimeSpan.FromDays(1);
        Assert.Equal(new ClaimResult(ClaimState.InFlight), await ClaimAsync("a"));
    }

    [Fact]
    public async Task An_expired_item_counts_as_gone_though_it_is_still_there()
    {
        await ClaimAsync("a");
        await CompleteAsync("a", "contact-1");
        _now += Retention + TimeSpan.FromSeconds(1);
        Assert.Equal(new ClaimResult(ClaimState.Claimed), await ClaimAsync("b", "other"));
    }

    [Fact]
    public async Task A_started_task_is_known_for_as_long_as_a_message_can_live()
    {
        await ClaimAsync("a");
        await CompleteAsync("a", "contact-1");
        _now += TimeSpan.FromDays(28);
        Assert.Equal(ClaimState.AlreadyStarted, (await ClaimAsync("b")).State);
    }

    [Fact]
    public async Task Leases_are_in_milliseconds_and_the_time_to_live_is_in_seconds()
    {
        await ClaimAsync("a");
        var item = (await DynamoDb.GetItemAsync(Table, new() { ["pk"] = new(_key) })).Item;
        Assert.Equal("1800000075000", item["leaseUntilMs"].N);
        Assert.Equal("1803024000", item["ttlEpochSeconds"].N);
    }

    [Fact]
    public async Task Of_many_claims_at_once_one_wins()
    {
        Assert.SkipWhen(WhyNotAtOnce is not null, WhyNotAtOnce ?? "");
        var results = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => ClaimAsync("owner-" + i)));
        Assert.Single(results, r => r.State == ClaimState.Claimed);
    }

    private Task<ClaimResult> ClaimAsync(
        string owner, string fingerprint = "f", DateTimeOffset? releasedAt = null, long wait = 1) =>
        Ledger.ClaimAsync(Claim(owner, fingerprint, releasedAt, wait), _now, None);

    private Task<LedgerWrite> CompleteAsync(string owner, string contact) =>
        Ledger.CompleteAsync(Claim(owner, "f"), contact, null, _now, None);

    private Task<LedgerWrite> ReleaseAsync(string owner, bool forget) =>
        Ledger.ReleaseAsync(Claim(owner, "f"), new Release("Throttled", false, forget, WasTried: true, null), _now, None);

    private Claim Claim(string owner, string fingerprint, DateTimeOffset? releasedAt = null, long wait = 1) =>
        new(_key, owner, fingerprint, null, releasedAt is { } at ? new ReleasedCopy(at, wait) : null, _now + Lease);
}
