using Amazon.DynamoDBv2.Model;
using Amazon.SQS;
using Amazon.SQS.Model;
using ConnectTasks.Cli;
using ConnectTasks.Lambda;
using ConnectTasks.Simulation;
using ConnectTasks.Tests.Lambda;
using Microsoft.Extensions.Time.Testing;
using Deployment = ConnectTasks.Cli.Deployment;

namespace ConnectTasks.Tests.Cli;

/// <summary>
/// What the commands about tasks talk to: the functions' own ledger on a table in memory, a Connect and a queue, whose
/// commands the functions' own processor carries out at once.
/// </summary>
internal sealed class TaskRig : IDisposable
{
    public const string Token = "t-1";
    private const string Table = "tasks";

    public TaskRig()
    {
        Ledger = new DynamoDbTaskLedger(DynamoDb, Table, TimeSpan.FromDays(35), Time);
        Deployment = new()
        {
            DynamoDb = DynamoDb,
            Connect = Connect,
            Sqs = Sqs,
            Table = Table,
            QueueUrl = "https://sqs.us-east-1.amazonaws.com/000000000000/tasks",
            Time = Time,
        };
    }

    public FakeTimeProvider Time { get; } = new(Some.Now);

    public TableWithReads DynamoDb { get; } = new();

    public ConnectFake Connect { get; } = new();

    public CommandQueue Sqs { get; } = new();

    public DynamoDbTaskLedger Ledger { get; }

    public ConnectTasks.Cli.Deployment Deployment { get; }

    public TaskIdentity Identity { get; } = new(Some.Instance, Token);

    public void Dispose()
    {
        DynamoDb.Dispose();
        Connect.Dispose();
        Sqs.Dispose();
    }

    public static Claim ClaimOf(string token, DateTimeOffset? scheduled = null) => new(
        TaskKey.For(Some.Instance, token), "owner", "fingerprint", scheduled, null, Some.Now.AddSeconds(75));

    public async Task HoldAsync(
        string token, DateTimeOffset scheduled, DateTimeOffset releaseAt, string? group = null)
    {
        var hold = new Hold("{}", scheduled, releaseAt, MayExist: false, group);
        var write = await Ledger.HoldAsync(ClaimOf(token), hold, isOwned: false, Some.Now, CancellationToken.None);
        Assert.Equal(LedgerWriteState.Done, write.State);
    }

    public async Task StartAsync(string token, DateTimeOffset? scheduled = null)
    {
        var claim = ClaimOf(token, scheduled);
        await Ledger.ClaimAsync(claim, Some.Now, CancellationToken.None);
        await Ledger.CompleteAsync(claim, "contact-1", scheduled, Some.Now, CancellationToken.None);
    }

    /// <summary>The functions carry commands out as soon as they are on the queue.</summary>
    public void CarryOut()
    {
        var settings = Some.Settings();
        var processor = new CommandProcessor(Ledger, new ContactCentre(Connect, settings, Time), settings, Time);
        Sqs.OnCommand = async body =>
        {
            var message = ConnectTasks.Lambda.Message.From(Some.Record(body: body));
            using var invocation = new Invocation("request-1", TimeSpan.FromSeconds(60), Time);
            await processor.ProcessAsync(TaskCommandJson.Read(body)!.Command!, message, invocation);
        };
    }

    /// <summary>Runs something that waits, and lets time pass meanwhile.</summary>
    public async Task<T> PassTimeAsync<T>(Task<T> work)
    {
        while (!work.IsCompleted)
        {
            Time.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Yield();
        }

        return await work;
    }
}

/// <summary>SQS: records the commands that it was sent.</summary>
internal sealed class CommandQueue() : AmazonSQSClient(
    "local", "local", new AmazonSQSConfig { ServiceURL = "http://127.0.0.1:1" })
{
    public List<string> Commands { get; } = [];

    public Func<string, Task> OnCommand { get; set; } = _ => Task.CompletedTask;

    public override async Task<SendMessageBatchResponse> SendMessageBatchAsync(
        SendMessageBatchRequest request, CancellationToken cancellationToken = default)
    {
        var entry = Assert.Single(request.Entries);
        Commands.Add(entry.MessageBody);
        await OnCommand(entry.MessageBody);
        return new SendMessageBatchResponse { Successful = [new() { Id = entry.Id, MessageId = "message-1" }] };
    }
}

/// <summary>A table that is read in batches, of which DynamoDB may leave some for later.</summary>
internal sealed class TableWithReads() : InMemoryDynamoDb(("dueShard", "releaseAtMs"))
{
    /// <summary>The most items that one batch read gives.</summary>
    public int MaxBatch { get; set; } = int.MaxValue;

    public override Task<BatchGetItemResponse> BatchGetItemAsync(
        BatchGetItemRequest request, CancellationToken cancellationToken = default)
    {
        var (table, wanted) = Assert.Single(request.RequestItems);
        Assert.InRange(wanted.Keys.Count, 1, 100);
        var found = wanted.Keys.Take(MaxBatch).Select(key => Items.GetValueOrDefault(key["pk"].S))
            .OfType<Dictionary<string, AttributeValue>>().ToList();
        var left = wanted.Keys.Skip(MaxBatch).ToList();
        return Task.FromResult(new BatchGetItemResponse
        {
            Responses = new() { [table] = found },
            UnprocessedKeys = left.Count == 0 ? null : new()
            {
                [table] = new KeysAndAttributes
                {
                    Keys = left,
                    ProjectionExpression = wanted.ProjectionExpression,
                    ExpressionAttributeNames = wanted.ExpressionAttributeNames,
                },
            },
        });
    }

    public override Task<ScanResponse> ScanAsync(ScanRequest request, CancellationToken cancellationToken = default) =>
        Task.FromResult(new ScanResponse { Items = [.. Items.Values.Take(request.Limit ?? int.MaxValue)] });
}
