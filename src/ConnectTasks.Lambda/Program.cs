// The root: the only place that takes the machine's clock, randomness, environment and console.
#pragma warning disable RS0030
using Amazon.Connect;
using Amazon.DynamoDBv2;
using Amazon.Lambda.RuntimeSupport;
using Amazon.Lambda.Serialization.SystemTextJson;
using Amazon.Lambda.SQSEvents;
using Amazon.Runtime;
using Amazon.SQS;
using ConnectTasks.Lambda;

BatchHandler? dispatch = null;

using var bootstrap = LambdaBootstrapBuilder
    .Create<SQSEvent, SQSBatchResponse>(
        (sqsEvent, context) => dispatch!.HandleAsync(sqsEvent, context),
        new SourceGeneratorLambdaJsonSerializer<LambdaJson>())
    .UseBootstrapHandler(Initialize)
    .Build();
await bootstrap.RunAsync();

// Run by the bootstrap, so that Lambda is told why the function can't start.
Task<bool> Initialize()
{
    var settings = Settings.Read(Environment.GetEnvironmentVariable);
    var time = TimeProvider.System;
    var log = new JsonLinesLogger(
        Console.OpenStandardOutput(),
        JsonLinesLogger.LevelFrom(Environment.GetEnvironmentVariable("AWS_LAMBDA_LOG_LEVEL")),
        time);
    var dynamoDb = new AmazonDynamoDBClient(new AmazonDynamoDBConfig
    {
        RetryMode = RequestRetryMode.Standard,
        Timeout = Settings.LedgerTimeout,
        MaxErrorRetry = 2,
    });
    // No retries of its own: each call is paced, counted and given back to the queue by us.
    var connect = new AmazonConnectClient(new AmazonConnectConfig
    {
        Timeout = Settings.ConnectTimeout,
        MaxErrorRetry = 0,
    });
    var sqs = new AmazonSQSClient(new AmazonSQSConfig
    {
        RetryMode = RequestRetryMode.Standard,
        Timeout = Settings.QueueTimeout,
        MaxErrorRetry = 1,
    });
    var processor = new TaskProcessor(
        new DynamoDbTaskLedger(dynamoDb, settings.TaskTable, settings.LedgerRetention),
        new TaskStarter(connect),
        new Pacer(settings.PacePerSecond, settings.PaceBurst, time),
        settings,
        time,
        Guid.NewGuid);
    dispatch = new BatchHandler(processor, new Queues(sqs, settings), settings, time, Random.Shared, log);
    return Task.FromResult(true);
}
