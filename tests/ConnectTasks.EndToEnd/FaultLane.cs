using System.Text.Json.Nodes;
using Amazon.SQS.Model;
using ConnectTasks.Local;
using ConnectTasks.Tests;

[assembly: AssemblyFixture(typeof(ConnectTasks.EndToEnd.FaultWorld))]
// Most of the time is waiting: for retries and for visibility timeouts. But many processes that start at once on a busy
// machine are so slow that calls run into their time limits.
[assembly: Xunit.v3.Parallelization(MaxThreads = 4)]

namespace ConnectTasks.EndToEnd;

/// <summary>The services and the table that all <see cref="FaultLane"/>s share.</summary>
public sealed class FaultWorld : World
{
    /// <summary>A task that was started before anything failed.</summary>
    internal const string DoneToken = "sweep-done";

    private protected override LocalSystemOptions Options => DefaultOptions with { RunsEvents = false };

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await Dispatch.InvokeAsync(EventOf("m-0", Some.Body(DoneToken)), TestContext.Current.CancellationToken);
        Assert.Single(ContactsOf(DoneToken));
    }
}

/// <summary>
/// The functions with a queue of their own, and a proxy that lets their outside calls fail. The test is in the event
/// source mapping's place, so that it decides when messages are delivered and when time has passed.
/// </summary>
internal sealed class FaultLane : IAsyncDisposable
{
    /// <summary>As SQS has it for a batch.</summary>
    private const int BatchSize = 10;

    private readonly World _world;
    private readonly Function _dispatch;
    private readonly Function _release;
    private readonly Random _random = new(1);
    private readonly string _queueUrl;
    private Function? _running;

    private readonly TimeSpan? _timeout;

    private FaultLane(World world, FaultProxy proxy, PhysicalResource queue, TimeSpan? timeout)
    {
        (_world, Proxy, _queueUrl, QueueArn, _timeout) = (world, proxy, queue.Ref, queue.Arn, timeout);
        Function Make(string name) => new(SettingsOf(name), TimeProvider.System, Guid.NewGuid, world.Observe);
        (_dispatch, _release) = (Make("dispatch"), Make("release"));
    }

    public FaultProxy Proxy { get; }

    public string QueueArn { get; }

    /// <param name="name">The queue's name.</param>
    /// <param name="timeout">The functions'; null for the template's. A short one leaves no time for a task.</param>
    public static async Task<FaultLane> StartAsync(World world, string name, TimeSpan? timeout = null)
    {
        var dead = await world.System.Sqs.GetQueueAttributesAsync(world.System.DeadLetterQueueUrl, ["QueueArn"]);
        var url = (await world.System.Sqs.CreateQueueAsync(new CreateQueueRequest
        {
            QueueName = name,
            Attributes = new()
            {
                ["VisibilityTimeout"] = "360",
                ["RedrivePolicy"] = new JsonObject
                {
                    ["deadLetterTargetArn"] = dead.QueueARN,
                    ["maxReceiveCount"] = 400,
                }.ToJsonString(),
            },
        })).QueueUrl;
        var arn = (await world.System.Sqs.GetQueueAttributesAsync(url, ["QueueArn"])).QueueARN;
        var proxy = await FaultProxy.StartAsync(
            world.System.SqsUrl, world.System.DynamoDbUrl, world.System.ConnectUrl);
        var lane = new FaultLane(world, proxy, new PhysicalResource(url, arn), timeout);
        if (timeout is null)
        {
            // A process's first call is slow, on a busy machine slow enough to be repeated: calls are counted after it.
            await lane.SendAsync(Some.Body(FaultWorld.DoneToken));
            await lane.RedeliverAsync([]);
        }

        return lane;
    }

    public async ValueTask DisposeAsync()
    {
        await _dispatch.DisposeAsync();
        await _release.DisposeAsync();
        await Proxy.DisposeAsync();
    }

    /// <summary>Sends a message and gives its id.</summary>
    public async Task<string> SendAsync(string body) =>
        (await _world.System.Sqs.SendMessageAsync(_queueUrl, body)).MessageId;

    /// <summary>Receives all that is visible.</summary>
    public async Task<List<Message>> ReceiveAsync()
    {
        var request = new ReceiveMessageRequest
        {
            QueueUrl = _queueUrl,
            MaxNumberOfMessages = BatchSize,
            MessageSystemAttributeNames = ["All"],
            MessageAttributeNames = ["All"],
        };
        var all = new List<Message>();
        while ((await _world.System.Sqs.ReceiveMessageAsync(request)).Messages is { Count: > 0 } messages)
        {
            all.AddRange(messages);
        }

        return all;
    }

    public Task<InvocationResult> InvokeAsync(ReadOnlyMemory<byte> payload) => RunAsync(_dispatch, payload);

    /// <summary>One tick of the release function's schedule.</summary>
    public Task<InvocationResult> TickAsync() => RunAsync(_release, "{}"u8.ToArray());

    /// <summary>Lets the call with this number go wrong, counted from now.</summary>
    public void Arm(int number, CallFault fault) => Proxy.Arm(number, fault, () => _running!.KillOne(_random));

    /// <summary>
    /// One invocation with these messages; what its response lets succeed is deleted, the rest is given.
    /// </summary>
    public async Task<List<Message>> DeliverAsync(List<Message> batch)
    {
        var result = await InvokeAsync(SqsEventWriter.Write(batch, QueueArn));
        List<string> ids = [.. batch.Select(message => message.MessageId)];
        var verdict = result is InvocationResult.Success success
            ? PartialBatchResponse.Read(success.Payload, ids)
            : PartialBatchResponse.AllFailed(ids);
        Assert.Null(verdict.Malformed);
        foreach (var done in batch.Where(message => verdict.Succeeded.Contains(message.MessageId)))
        {
            await _world.System.Sqs.DeleteMessageAsync(_queueUrl, done.ReceiptHandle);
        }

        return batch.FindAll(message => verdict.Failed.Contains(message.MessageId));
    }

    /// <summary>
    /// Delivers what has failed, and what else is on the queue, until nothing is left. In between leases run out and
    /// visibility timeouts end.
    /// </summary>
    /// <param name="failed">What is in flight.</param>
    /// <param name="tokens">The tasks whose leases run out.</param>
    public async Task RedeliverAsync(List<Message> failed, params IEnumerable<string> tokens)
    {
        const int MaxRounds = 10;
        for (var round = 1; ; round++)
        {
            foreach (var token in tokens)
            {
                await _world.ExpireLeaseAsync(token);
            }

            foreach (var message in failed)
            {
                await _world.System.Sqs.ChangeMessageVisibilityAsync(_queueUrl, message.ReceiptHandle, 0);
            }

            var batch = await ReceiveAsync();
            Assert.Superset(
                failed.Select(message => message.MessageId).ToHashSet(),
                batch.Select(message => message.MessageId).ToHashSet());
            if (batch.Count == 0)
            {
                return;
            }

            Assert.True(round <= MaxRounds, $"{batch.Count} messages never come to an end: {batch[0].Body}");
            failed = await DeliverAsync(batch);
        }
    }

    private Task<InvocationResult> RunAsync(Function function, ReadOnlyMemory<byte> payload)
    {
        _running = function;
        return function.InvokeAsync(payload, TestContext.Current.CancellationToken);
    }

    /// <summary>The function as the template has it, with this lane's queue and endpoints.</summary>
    private FunctionSettings SettingsOf(string name)
    {
        var template = _world.System.FindFunction(name);
        var environment = new Dictionary<string, string>(template.Environment)
        {
            ["TASK_QUEUE_URL"] = _queueUrl,
            // No time passes between two deliveries here, so what is not found is final at once.
            ["NOT_FOUND_PATIENCE_SECONDS"] = "0",
        };
        foreach (var (variable, url) in Proxy.Environment)
        {
            environment[variable] = url;
        }

        return new FunctionSettings
        {
            Name = template.Name,
            Executable = FunctionExecutable.Find(null),
            Environment = environment,
            Handler = template.Handler,
            Timeout = _timeout ?? template.Timeout,
            MemoryMebibytes = template.MemoryMebibytes,
            LogFormat = template.LogFormat,
            LogLevel = template.LogLevel,
        };
    }
}
