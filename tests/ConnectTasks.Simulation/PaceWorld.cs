using System.Net;
using Amazon.Connect;
using Amazon.Connect.Model;
using Amazon.DynamoDBv2.Model;
using Amazon.Lambda.Core;
using Amazon.Lambda.SQSEvents;
using Amazon.Runtime;
using Amazon.SQS;
using Amazon.SQS.Model;
using ConnectTasks.Lambda;
using ConnectTasks.Local;
using Microsoft.Extensions.Logging.Abstractions;

namespace ConnectTasks.Simulation;

/// <summary>What a backlog is drained under.</summary>
/// <param name="Tasks">Tasks on the queue at the start.</param>
/// <param name="Quota">Connect's requests a second.</param>
/// <param name="Burst">Connect's requests at once.</param>
/// <param name="Concurrency">Execution environments: the event source's maximum concurrency.</param>
/// <param name="OthersShare">The part of the quota that others use, from 0 to below 1.</param>
/// <param name="OthersAreErratic">Whether others call at random moments, or steadily.</param>
internal sealed record PaceScenario(
    int Tasks, double Quota, int Burst, int Concurrency, double OthersShare = 0, bool OthersAreErratic = false)
{
    /// <summary>The settings that the template would give the function.</summary>
    public Settings Settings => new()
    {
        TaskQueueUrl = "https://sqs.us-east-1.amazonaws.com/000000000000/tasks",
        DeadLetterQueueUrl = "https://sqs.us-east-1.amazonaws.com/000000000000/dead",
        TaskTable = "tasks",
        ConnectRatePerSecond = Quota,
        ConnectBurst = Burst,
        MaximumConcurrency = Concurrency,
    };

    /// <summary>What is left of the quota, in requests a second.</summary>
    public double Free => Quota * (1 - OthersShare);
}

/// <summary>How a backlog was drained.</summary>
/// <param name="ShareOfQuota">Calls that Connect took, of those that it would have taken meanwhile.</param>
/// <param name="ThrottledPerTask">Throttled calls, by tasks.</param>
/// <param name="DeadLettered">Tasks on the dead-letter queue, all of which are healthy.</param>
/// <param name="DrainToIdeal">The time until the last task was done, by what the free quota allows at best.</param>
/// <param name="Doubled">Tasks with more than one contact.</param>
/// <param name="OthersThrottled">The part of others' calls that was throttled.</param>
/// <param name="MostReceives">The highest receive count of a message.</param>
internal sealed record PaceResult(
    double ShareOfQuota, double ThrottledPerTask, int DeadLettered, double DrainToIdeal, int Doubled,
    double OthersThrottled, int MostReceives);

/// <summary>Handles one invocation of one execution environment.</summary>
internal delegate Task<SQSBatchResponse> PacedHandler(SQSEvent sqsEvent, ILambdaContext context);

/// <summary>
/// A backlog that is drained on virtual time: queue, event source, environments, and a Connect with a quota that others
/// may use too. Nothing goes wrong but throttling.
/// </summary>
#pragma warning disable CA1001 // Clients that never open a connection have nothing to dispose of.
internal sealed class PaceWorld
#pragma warning restore CA1001
{
    private const int BatchSize = 10;
    private const string Flow = "00000000-0000-4000-8000-00000000f001";
    private static readonly DateTimeOffset Start = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Visibility = TimeSpan.FromSeconds(360);
    private static readonly TimeSpan LongPoll = TimeSpan.FromSeconds(1);

    private readonly SimulatedQueue _dead;
    private readonly SimulatedQueue _tasks;
    private readonly RateLimit _bucket;
    private readonly Dictionary<string, int> _contacts = [];
    private int _throttled;
    private int _othersCalls;
    private int _othersThrottled;
    private int _mostReceives;
    private DateTimeOffset _lastDone = Start;

    /// <param name="maxReceiveCount">Of the queue's redrive policy.</param>
    public PaceWorld(PaceScenario scenario, int maxReceiveCount, int seed)
    {
        Scenario = scenario;
        Random = new Random(seed);
        Loop = new EventLoop(Start);
        _dead = new SimulatedQueue(Loop, Random, "dead", Visibility, int.MaxValue, null);
        _tasks = new SimulatedQueue(Loop, Random, "m", Visibility, maxReceiveCount, _dead);
        _bucket = new RateLimit(scenario.Quota, scenario.Burst, Start);
        Connect = new QuotaConnect(this);
    }

    public PaceScenario Scenario { get; }

    public EventLoop Loop { get; }

    public Random Random { get; }

    /// <summary>Connect, without the SDK's retries.</summary>
    public AmazonConnectClient Connect { get; }

    /// <summary>The production function, each environment with its own pacer.</summary>
    public static PaceResult OfProduction(PaceScenario scenario, int seed)
    {
        var world = new PaceWorld(scenario, WorldConfig.MaxReceiveCount, seed);
        var dynamoDb = new NearDynamoDb(world);
        return world.Run(() =>
        {
            var settings = scenario.Settings;
            var processor = new TaskProcessor(
                new DynamoDbTaskLedger(dynamoDb, settings.TaskTable, settings.LedgerRetention, world.Loop),
                new ContactCentre(world.Connect, settings, world.Loop),
                new Pacer(settings.PacePerSecond, settings.PaceBurst, world.Loop),
                settings,
                world.Loop);
            var queues = new Queues(new PaceSqs(world), settings);
            return new BatchHandler(
                processor, queues, settings, world.Loop, world.NewGuid, world.Random, NullLogger.Instance).HandleAsync;
        });
    }

    /// <summary>Drains the backlog with one handler for each environment.</summary>
    public PaceResult Run(Func<PacedHandler> environment)
    {
        for (var i = 0; i < Scenario.Tasks; i++)
        {
            _tasks.Send(Body(i), null, null);
        }

        for (var i = 0; i < Scenario.Concurrency; i++)
        {
            var (process, handler) = (new SimulatedProcess(Loop, TimeSpan.Zero), environment());
            Loop.After(Between(0, 200), () => Poll(process, handler));
        }

        if (Scenario.OthersShare > 0)
        {
            OthersCall();
        }

        // A handler that drains nothing must not run for ever.
        var patience = Start + (TimeSpan.FromSeconds(Scenario.Tasks / Scenario.Free) * 20) + (Visibility * 20);
        for (var now = Start; _tasks.Messages.Count > 0 && now < patience; now += TimeSpan.FromSeconds(10))
        {
            Loop.Run(now);
        }

        var seconds = (_lastDone - Start).TotalSeconds;
        var ideal = (Scenario.Tasks - Scenario.Burst) / Scenario.Free;
        var taken = _contacts.Values.Sum();
        return new PaceResult(
            taken / (Scenario.Burst + (Scenario.Free * seconds)),
            (double)_throttled / Scenario.Tasks,
            _dead.Messages.Count + _tasks.Messages.Count,
            seconds / ideal,
            _contacts.Values.Count(count => count > 1),
            _othersCalls == 0 ? 0 : (double)_othersThrottled / _othersCalls,
            _mostReceives);
    }

    private static string Body(int number) => System.Text.Encoding.UTF8.GetString(TaskRequestJson.Write(new TaskRequest
    {
        InstanceId = Some.Instance,
        ContactFlowId = Flow,
        Name = "task",
        ClientToken = $"token-{number}",
    }));

    private Guid NewGuid()
    {
        Span<byte> bytes = stackalloc byte[16];
        Random.NextBytes(bytes);
        return new Guid(bytes);
    }

    private TimeSpan Between(int least, int most) => TimeSpan.FromMilliseconds(Random.Next(least, most));

    /// <summary>What is throttled of theirs they give up.</summary>
    private void OthersCall()
    {
        var mean = 1 / (Scenario.Quota * Scenario.OthersShare);
        var pause = mean * (Scenario.OthersAreErratic ? -Math.Log(1 - Random.NextDouble()) : 0.5 + Random.NextDouble());
        Loop.After(TimeSpan.FromSeconds(pause), () =>
        {
            _othersCalls++;
            _othersThrottled += _bucket.Take(Loop.Now) ? 0 : 1;
            OthersCall();
        });
    }

    private void Poll(SimulatedProcess process, PacedHandler handler)
    {
        var batch = _tasks.Receive(BatchSize);
        if (batch.Count == 0)
        {
            Loop.After(LongPoll, () => Poll(process, handler));
            return;
        }

        _mostReceives = Math.Max(_mostReceives, batch.Max(message => message.ReceiveCount));
        process.Run(async () =>
        {
            var began = Loop.Now;
            var sqsEvent = new SQSEvent { Records = batch.ConvertAll(message => message.ToRecord()) };
            var response = await handler(sqsEvent, new InvocationContext(Timeout));
            // Lambda would have killed it, and all of the batch would come back.
            var inTime = Loop.Now - began < Timeout;
            var failed = response.BatchItemFailures!.Select(f => f.ItemIdentifier!).ToHashSet();
            foreach (var message in batch.Where(m => inTime && !failed.Contains(m.Id)))
            {
                _tasks.Delete(message.Id);
                _lastDone = Loop.Now;
            }

            Loop.After(Between(5, 40), () => Poll(process, handler));
        });
    }

    private async Task<T> CallAsync<T>(int least, int most, Func<Task<T>> effect, CancellationToken cancellation)
    {
        await Task.Delay(Between(least, most), Loop, cancellation);
        var result = await effect();
        await Task.Delay(Between(least, most), Loop, cancellation);
        return result;
    }

    /// <summary>Connect's quota: a bucket that is refilled at the rate, which others may take from too.</summary>
    private sealed class QuotaConnect(PaceWorld world) : AmazonConnectClient(
        new BasicAWSCredentials("local", "local"), new AmazonConnectConfig { ServiceURL = "http://127.0.0.1:1" })
    {
        public override Task<StartTaskContactResponse> StartTaskContactAsync(
            StartTaskContactRequest request, CancellationToken cancellationToken = default) =>
            world.CallAsync(15, 60, () => Task.FromResult(Start(request)), cancellationToken);

        private StartTaskContactResponse Start(StartTaskContactRequest request)
        {
            if (!world._bucket.Take(world.Loop.Now))
            {
                world._throttled++;
                throw new AmazonConnectException(
                    "text", null, ErrorType.Unknown, "ThrottlingException", "id", HttpStatusCode.TooManyRequests);
            }

            world._contacts[request.ClientToken!] = world._contacts.GetValueOrDefault(request.ClientToken!) + 1;
            return new StartTaskContactResponse { ContactId = request.ClientToken };
        }
    }

    private sealed class NearDynamoDb(PaceWorld world) : InMemoryDynamoDb
    {
        public override Task<UpdateItemResponse> UpdateItemAsync(
            UpdateItemRequest request, CancellationToken cancellationToken = default) =>
            world.CallAsync(2, 8, () => base.UpdateItemAsync(request, cancellationToken), cancellationToken);
    }

    private sealed class PaceSqs(PaceWorld world) : AmazonSQSClient(
        "local", "local", new AmazonSQSConfig { ServiceURL = "http://127.0.0.1:1" })
    {
        public override Task<SendMessageResponse> SendMessageAsync(
            SendMessageRequest request, CancellationToken cancellationToken = default) =>
            world.CallAsync(
                2, 8,
                () => Task.FromResult(new SendMessageResponse
                {
                    MessageId = world._dead.Send(request.MessageBody, request.MessageGroupId, null),
                }),
                cancellationToken);

        public override Task<ChangeMessageVisibilityBatchResponse> ChangeMessageVisibilityBatchAsync(
            string queueUrl,
            List<ChangeMessageVisibilityBatchRequestEntry> entries,
            CancellationToken cancellationToken = default) =>
            world.CallAsync(
                2, 8,
                () =>
                {
                    foreach (var entry in entries)
                    {
                        world._tasks.ChangeVisibility(
                            entry.ReceiptHandle, TimeSpan.FromSeconds(entry.VisibilityTimeout ?? 0));
                    }

                    return Task.FromResult(new ChangeMessageVisibilityBatchResponse());
                },
                cancellationToken);
    }
}
