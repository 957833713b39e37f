using ConnectTasks.Lambda;
using ConnectTasks.Simulation;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace ConnectTasks.Tests.Lambda;

public sealed class ReleaseHandlerTests : IDisposable
{
    private readonly InMemoryDynamoDb _dynamoDb = new(("dueShard", "releaseAtMs"));
    private readonly FakeTimeProvider _time = new(Some.Now);
    private readonly SqsFake _sqs = new();

    public void Dispose()
    {
        _dynamoDb.Dispose();
        _sqs.Dispose();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3_000)]
    public async Task A_tick_costs_what_is_due_and_not_what_is_held(int waiting)
    {
        const int Due = 7;
        var ledger = new DynamoDbTaskLedger(_dynamoDb, "tasks", TimeSpan.FromDays(35), _time);
        for (var i = 0; i < Due + waiting; i++)
        {
            var releaseAt = Some.Now + (i < Due ? TimeSpan.Zero : TimeSpan.FromDays(1));
            var claim = new Claim($"key-{i}", "owner", "f", releaseAt, null, Some.Now);
            await ledger.HoldAsync(claim, new Hold("{}", releaseAt, releaseAt, MayExist: false, null), false, Some.Now, default);
        }

        _dynamoDb.Calls.Clear();
        var release = new ReleaseHandler(ledger, new Queues(_sqs, Some.Settings()), _time, NullLogger.Instance);
        var result = await release.HandleAsync(new ScheduledEvent(), new ContextFake(TimeSpan.FromSeconds(60)));

        Assert.Equal(new ReleaseResult(Due, 0, Complete: true), result);
        Assert.Equal(Due, _sqs.Sent.Count);
        Assert.Equal(
            new Dictionary<string, int>
            {
                ["QueryAsync"] = LedgerItem.DueShards,
                ["GetItemAsync"] = Due,
                ["UpdateItemAsync"] = Due,
            },
            _dynamoDb.Calls);
    }
}
