using Amazon.Connect;
using Amazon.Connect.Model;
using Amazon.Lambda.Core;
using Amazon.Runtime;
using Amazon.SQS;
using Amazon.SQS.Model;
using ConnectTasks.Lambda;
using ConnectTasks.Simulation;
using Microsoft.Extensions.Time.Testing;

namespace ConnectTasks.Tests.Lambda;

/// <summary>Connect: records what it was asked and answers by a function.</summary>
internal sealed class ConnectFake() : AmazonConnectClient(
    new BasicAWSCredentials("local", "local"), new AmazonConnectConfig { ServiceURL = "http://127.0.0.1:1" })
{
    public List<StartTaskContactRequest> Calls { get; } = [];

    public Func<StartTaskContactRequest, Task<StartTaskContactResponse>> Reply { get; set; } = Ok;

    public static Task<StartTaskContactResponse> Ok(StartTaskContactRequest request) =>
        Task.FromResult(new StartTaskContactResponse { ContactId = "contact-of-" + request.ClientToken });

    public static Func<StartTaskContactRequest, Task<StartTaskContactResponse>> Error(int status, string code) =>
        _ => Task.FromException<StartTaskContactResponse>(new AmazonConnectException(
            "text of the service", null, ErrorType.Unknown, code, "request-1", (System.Net.HttpStatusCode)status));

    /// <summary>Lets the calls of a command fail.</summary>
    public void Fail(string call, int status, string code) => Failures[call] = new AmazonConnectException(
        "text of the service", null, ErrorType.Unknown, code, "request-2", (System.Net.HttpStatusCode)status);

    private async Task CallAsync(string call)
    {
        await Latency(call);
        if (Failures.TryGetValue(call, out var failure))
        {
            throw failure;
        }
    }

    public Amazon.Connect.Model.Contact? Described { get; set; }

    public List<string> Stopped { get; } = [];

    /// <summary>Failures of the calls of commands, by the name of the call.</summary>
    public Dictionary<string, Exception> Failures { get; } = [];

    /// <summary>What passes between a call and its effect; its argument is the call's name.</summary>
    public Func<string, Task> Latency { get; set; } = _ => Task.CompletedTask;

    public List<UpdateContactScheduleRequest> Moved { get; } = [];

    public override async Task<DescribeContactResponse> DescribeContactAsync(
        DescribeContactRequest request, CancellationToken cancellationToken = default)
    {
        await CallAsync("Describe");
        return new DescribeContactResponse { Contact = Described };
    }

    public override async Task<StopContactResponse> StopContactAsync(
        StopContactRequest request, CancellationToken cancellationToken = default)
    {
        await CallAsync("Stop");
        Stopped.Add(request.ContactId!);
        return new StopContactResponse();
    }

    public override async Task<UpdateContactScheduleResponse> UpdateContactScheduleAsync(
        UpdateContactScheduleRequest request, CancellationToken cancellationToken = default)
    {
        await CallAsync("Move");
        Moved.Add(request);
        return new UpdateContactScheduleResponse();
    }

    public override Task<StartTaskContactResponse> StartTaskContactAsync(
        StartTaskContactRequest request, CancellationToken cancellationToken = default)
    {
        lock (Calls)
        {
            Calls.Add(request);
        }

        return Reply(request);
    }
}

/// <summary>SQS: records what was sent and which visibility timeouts were set.</summary>
internal sealed class SqsFake() : AmazonSQSClient(
    "local", "local", new AmazonSQSConfig { ServiceURL = "http://127.0.0.1:1" })
{
    public List<SendMessageRequest> Sent { get; } = [];

    public Dictionary<string, int> VisibilityByHandle { get; } = [];

    public List<int> VisibilityBatches { get; } = [];

    public Exception? Failure { get; set; }

    public override Task<SendMessageResponse> SendMessageAsync(
        SendMessageRequest request, CancellationToken cancellationToken = default)
    {
        if (Failure is not null)
        {
            throw Failure;
        }

        Sent.Add(request);
        return Task.FromResult(new SendMessageResponse { MessageId = "sent-" + Sent.Count });
    }

    public override Task<ChangeMessageVisibilityBatchResponse> ChangeMessageVisibilityBatchAsync(
        string queueUrl,
        List<ChangeMessageVisibilityBatchRequestEntry> entries,
        CancellationToken cancellationToken = default)
    {
        if (Failure is not null)
        {
            throw Failure;
        }

        VisibilityBatches.Add(entries.Count);
        foreach (var entry in entries)
        {
            VisibilityByHandle[entry.ReceiptHandle] = entry.VisibilityTimeout ?? 0;
        }

        // As version 4 of the SDK leaves it: no list rather than an empty one.
        return Task.FromResult(new ChangeMessageVisibilityBatchResponse { Failed = null, Successful = null });
    }
}

internal sealed class ContextFake(TimeSpan remaining) : ILambdaContext
{
    public string AwsRequestId => "request-1";
    public IClientContext ClientContext => null!;
    public string FunctionName => "dispatch";
    public string FunctionVersion => "$LATEST";
    public ICognitoIdentity Identity => null!;
    public string InvokedFunctionArn => "arn:aws:lambda:us-east-1:000000000000:function:dispatch";
    public ILambdaLogger Logger => null!;
    public string LogGroupName => "";
    public string LogStreamName => "";
    public int MemoryLimitInMB => 512;
    public TimeSpan RemainingTime => remaining;
}

/// <summary>The production graph on fakes and a clock that the test moves.</summary>
internal sealed class Rig
{
    public Rig(Settings? settings = null, ITaskLedger? ledger = null, bool metrics = false)
    {
        Settings = settings ?? Some.Settings();
        var output = new JsonLines(LogOutput);
        var counts = metrics ? new Metrics("dispatch", output, Time) : null;
        Ledger = ledger ?? new DynamoDbTaskLedger(DynamoDb, Settings.TaskTable, Settings.LedgerRetention, Time, counts);
        var guids = 0;
        Processor = new TaskProcessor(
            Ledger,
            new ContactCentre(Connect, Settings, Time, counts),
            new Pacer(Settings.PacePerSecond, Settings.PaceBurst, Time, counts),
            Settings,
            Time);
        Log = new JsonLinesLogger(output, Microsoft.Extensions.Logging.LogLevel.Trace, Time);
        Handler = new BatchHandler(
            Processor,
            new Queues(Sqs, Settings),
            Settings,
            Time,
            () => new Guid(Interlocked.Increment(ref guids), 0, 0, new byte[8]),
            new Random(1),
            Log,
            counts);
    }

    public FakeTimeProvider Time { get; } = new(Some.Now);

    public InMemoryDynamoDb DynamoDb { get; } = new(("dueShard", "releaseAtMs"));

    public ConnectFake Connect { get; } = new();

    public SqsFake Sqs { get; } = new();

    public MemoryStream LogOutput { get; } = new();

    public string LogText => System.Text.Encoding.UTF8.GetString(LogOutput.ToArray());

    public Settings Settings { get; }

    public ITaskLedger Ledger { get; }

    public TaskProcessor Processor { get; }

    public BatchHandler Handler { get; }

    /// <summary>The release function, on the same ledger and queues.</summary>
    public ReleaseHandler Release => new(Ledger, new Queues(Sqs, Settings), Time, Log);

    public Task<ReleaseResult> TickAsync() =>
        Release.HandleAsync(new ScheduledEvent(), new ContextFake(TimeSpan.FromSeconds(60)));

    private JsonLinesLogger Log { get; }

    /// <summary>The reasons in the log, in order.</summary>
    public List<string> Reasons => [.. LogText.Split('\n', StringSplitOptions.RemoveEmptyEntries)
        .Select(line => System.Text.Json.JsonDocument.Parse(line).RootElement)
        .Where(line => line.TryGetProperty("reason", out _))
        .Select(line => line.GetProperty("reason").GetString()!)];

    /// <summary>The reason of the message that was worked on last.</summary>
    public string LastReason => Reasons[^1];

    public Invocation Invocation(double seconds = 60) => new("request-1", TimeSpan.FromSeconds(seconds), Time);

    /// <summary>Delivers a batch and gives the ids that are reported as failed.</summary>
    public async Task<List<string>> DeliverAsync(params Amazon.Lambda.SQSEvents.SQSEvent.SQSMessage[] records)
    {
        var response = await Handler.HandleAsync(Some.Event(records), new ContextFake(TimeSpan.FromSeconds(60)));
        return response.BatchItemFailures!.ConvertAll(f => f.ItemIdentifier!);
    }
}
