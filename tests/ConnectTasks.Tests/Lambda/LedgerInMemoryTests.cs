using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using ConnectTasks.Lambda;
using ConnectTasks.Simulation;

namespace ConnectTasks.Tests.Lambda;

public sealed class LedgerInMemoryTests : LedgerContract
{
    private protected override IAmazonDynamoDB DynamoDb { get; } = new InMemoryDynamoDb(("dueShard", "releaseAtMs"));
}

/// <summary>A store whose condition errors carry no item, as dynalite's.</summary>
public sealed class LedgerWithoutReturnedItemsTests : LedgerContract
{
    private protected override IAmazonDynamoDB DynamoDb { get; } =
        new InMemoryDynamoDb(("dueShard", "releaseAtMs")) { ReturnsItemOnConditionFailure = false };
}

public sealed class LedgerFaultTests
{
    private static readonly Claim Claim = new("key", "owner", "f", null, null, Some.Now.AddSeconds(75));

    [Fact]
    public async Task An_item_that_vanishes_between_the_refusal_and_the_read_is_claimed_and_no_duplicate()
    {
        var dynamoDb = new Vanishing();
        var ledger = new DynamoDbTaskLedger(dynamoDb, "tasks", TimeSpan.FromDays(35), TimeProvider.System);
        var result = await ledger.ClaimAsync(Claim, Some.Now, CancellationToken.None);
        Assert.Equal(ClaimState.Claimed, result.State);
    }

    public static TheoryData<string> Failures => ["throttled", "network", "cancelled", "client"];

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task Whatever_the_store_throws_is_an_answer_and_no_exception(string failure)
    {
        var dynamoDb = new Throwing(failure switch
        {
            "throttled" => new AmazonDynamoDBException("text") { ErrorCode = "ProvisionedThroughputExceededException" },
            "network" => new HttpRequestException("text"),
            "cancelled" => new TaskCanceledException("text"),
            _ => new Amazon.Runtime.AmazonClientException("text"),
        });
        var ledger = new DynamoDbTaskLedger(dynamoDb, "tasks", TimeSpan.FromDays(35), TimeProvider.System);
        var claim = await ledger.ClaimAsync(Claim, Some.Now, CancellationToken.None);
        Assert.Equal(ClaimState.Unavailable, claim.State);
        Assert.NotEmpty(claim.ErrorCode!);
        var write = await ledger.CompleteAsync(Claim, "contact", null, Some.Now, CancellationToken.None);
        Assert.Equal(LedgerWriteState.Unavailable, write.State);
    }

    private sealed class Throwing(Exception failure) : InMemoryDynamoDb
    {
        public override Task<UpdateItemResponse> UpdateItemAsync(
            UpdateItemRequest request, CancellationToken cancellationToken = default) => throw failure;
    }

    private sealed class Vanishing : InMemoryDynamoDb
    {
        private bool _refused;

        public override Task<UpdateItemResponse> UpdateItemAsync(
            UpdateItemRequest request, CancellationToken cancellationToken = default)
        {
            if (_refused)
            {
                return base.UpdateItemAsync(request, cancellationToken);
            }

            _refused = true;
            throw new ConditionalCheckFailedException("The conditional request failed");
        }
    }
}
