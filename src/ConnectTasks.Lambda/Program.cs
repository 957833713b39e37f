// The root: the only place that takes the machine's clock, randomness, environment and console.
#pragma warning disable RS0030
using Amazon.Connect;
using Amazon.DynamoDBv2;
using Amazon.Lambda.RuntimeSupport;
using Amazon.Lambda.SQSEvents;
using Amazon.Runtime;
using Amazon.SQS;
using ConnectTasks;
using ConnectTasks.Lambda;

var corrections = PlatformSwitches.Correct(
    Environment.GetEnvironmentVariable, Environment.SetEnvironmentVariable);
var time = TimeProvider.System;
var name = Environment.GetEnvironmentVariable("FUNCTION");
BatchHandler? dispatch = null;
ReleaseHandler? release = null;

// Of all that is made at the start this takes the longest, so it is made beside the rest.
var makeDynamoDb = Task.Run(() => new AmazonDynamoDBClient(new AmazonDynamoDBConfig
{
    RetryMode = RequestRetryMode.Standard,
    HttpClientFactory = new AttemptLimit(Settings.LedgerTimeout, time),
    MaxErrorRetry = Settings.LedgerAttempts - 1,
    // A connection that broke counts as a failed attempt, like any other.
    MaxStaleConnectionRetries = 0,
}));

// One executable, two functions: the template says which.
var json = LambdaJson.Serializer();
var builder = name == "release"
    ? LambdaBootstrapBuilder.Create<ScheduledEvent, ReleaseResult>(
        (tick, context) => release!.HandleAsync(tick, context), json)
    : LambdaBootstrapBuilder.Create<SQSEvent, SQSBatchResponse>(
        (sqsEvent, context) => dispatch!.HandleAsync(sqsEvent, context), json);
using var bootstrap = builder.UseBootstrapHandler(Initialize).Build();
try
{
    await bootstrap.RunAsync();
    return 0;
}
catch (SettingsException)
{
    // Lambda has been told and it is in the log; a crash's dump would only bury it.
    return 1;
}

// Run by the bootstrap, so that Lambda is told why the function can't start.
async Task<bool> Initialize()
{
    var settings = Settings.Read(Environment.GetEnvironmentVariable);
    var warmUpJson = Task.Run(WarmUpJson);
    var output = new JsonLines(Console.OpenStandardOutput());
    var metrics = new Metrics(
        Environment.GetEnvironmentVariable("AWS_LAMBDA_FUNCTION_NAME") ?? "local", output, time);
    var log = new JsonLinesLogger(
        output,
        JsonLinesLogger.LevelFrom(Environment.GetEnvironmentVariable("AWS_LAMBDA_LOG_LEVEL")),
        time);
    foreach (var correction in corrections)
    {
        log.EnvironmentCorrected(correction);
    }

    var dynamoDb = await makeDynamoDb;
    var warmUpLedger = WarmUpLedgerAsync(dynamoDb, settings, time);
    // No retries of its own: each call is paced, counted and given back to the queue by us.
    var connect = new AmazonConnectClient(new AmazonConnectConfig
    {
        HttpClientFactory = new AttemptLimit(Settings.ConnectTimeout, time),
        MaxErrorRetry = 0,
        MaxStaleConnectionRetries = 0,
    });
    var sqs = new AmazonSQSClient(new AmazonSQSConfig
    {
        RetryMode = RequestRetryMode.Standard,
        HttpClientFactory = new AttemptLimit(Settings.QueueTimeout, time),
        MaxErrorRetry = Settings.QueueAttempts - 1,
        MaxStaleConnectionRetries = 0,
    });
    var ledger = new DynamoDbTaskLedger(dynamoDb, settings.TaskTable, settings.LedgerRetention, time, metrics);
    var queues = new Queues(sqs, settings);
    var processor = new TaskProcessor(
        ledger,
        new ContactCentre(connect, settings, time, metrics),
        new Pacer(settings.PacePerSecond, settings.PaceBurst, time, metrics),
        settings,
        time);
    dispatch = new BatchHandler(processor, queues, settings, time, Guid.NewGuid, Random.Shared, log, metrics);
    release = new ReleaseHandler(ledger, queues, time, log, metrics);
    await Task.WhenAll(warmUpJson, warmUpLedger);
    return true;
}

// Lambda lends a whole processor to the initialization, and little of one to a function of small memory afterwards. So
// what the first message would wait for is loaded and compiled here.
void WarmUpJson()
{
    var sqsEvent = json.Deserialize<SQSEvent>(new MemoryStream("""
        {"Records":[{"messageId":"m","attributes":{"a":"1"},"messageAttributes":{"a":{"stringValue":"1"}},"body":
        "{\"InstanceId\":\"i\",\"ContactFlowId\":\"f\",\"Name\":\"n\",\"Attributes\":{\"a\":\"1\"}}"}]}
        """u8.ToArray()));
    _ = RequestFingerprint.Compute(TaskRequestJson.Read(sqsEvent.Records![0].Body).Request!);
    json.Serialize(new SQSBatchResponse { BatchItemFailures = [] }, Stream.Null);
}

// Opens the connection, too. If it fails, the first message will tell why. A ledger without metrics: this call is none
// of a message's.
static async Task WarmUpLedgerAsync(IAmazonDynamoDB dynamoDb, Settings settings, TimeProvider time)
{
    using var atMost = new CancellationTokenSource(TimeSpan.FromSeconds(2));
    await new DynamoDbTaskLedger(dynamoDb, settings.TaskTable, settings.LedgerRetention, time)
        .ReadAsync("warm-up", atMost.Token);
}
