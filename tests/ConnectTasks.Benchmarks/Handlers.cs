using Amazon.Connect.Model;
using Amazon.DynamoDBv2.Model;
using Amazon.Lambda.Core;
using Amazon.Lambda.SQSEvents;
using ConnectTasks.Lambda;

namespace ConnectTasks.Benchmarks;

/// <summary>One invocation, from the event's bytes to the response's.</summary>
internal delegate Task Handle(Stream sqsEvent, Stream response);

/// <summary>The function's handler, put together as its own Program does it.</summary>
internal static class Handlers
{
    public static Handle Production(Clients clients)
    {
        var settings = Unpaced();
        var time = TimeProvider.System;
        var output = new JsonLines(Stream.Null);
        var metrics = new Metrics("dispatch", output, time);
        var processor = new TaskProcessor(
            Ledger(clients, metrics),
            new ContactCentre(clients.Connect, settings, time, metrics),
            new Pacer(settings.PacePerSecond, settings.PaceBurst, time, metrics),
            settings,
            time);
        var log = new JsonLinesLogger(output, JsonLinesLogger.LevelFrom(null), time);
        var handler = new BatchHandler(
            processor, new Queues(clients.Sqs, settings), settings, time, Guid.NewGuid, Random.Shared, log, metrics);
        var json = LambdaJson.Serializer();
        var context = new Context();
        return async (sqsEvent, response) =>
            json.Serialize(await handler.HandleAsync(json.Deserialize<SQSEvent>(sqsEvent), context), response);
    }

    public static Handle Plain(Clients clients, bool checks = false)
    {
        var handler = new PlainHandler(clients.DynamoDb, clients.Connect, checks);
        var json = new PlainHandler.ReflectionSerializer();
        var context = new Context();
        return async (sqsEvent, response) => json.Serialize(
            await handler.HandleAsync(json.Deserialize<PlainHandler.Event>(sqsEvent), context), response);
    }

    /// <summary>
    /// Only the three calls that every handler makes of a record, with requests that are made once: no handler can cost
    /// less.
    /// </summary>
    public static Handle CallsAlone(Clients clients, int records)
    {
        var key = new Dictionary<string, AttributeValue> { ["pk"] = new() { S = "invoice-4711-reminder-1" } };
        var put = new PutItemRequest { TableName = "tasks", Item = key, ConditionExpression = "attribute_not_exists(pk)" };
        var start = new StartTaskContactRequest
        {
            InstanceId = Sample.Instance,
            Name = "Call back about invoice 4711",
            ClientToken = "invoice-4711-reminder-1",
        };
        var update = new UpdateItemRequest
        {
            TableName = "tasks",
            Key = key,
            UpdateExpression = "SET contactId = :contact",
            ExpressionAttributeValues = new() { [":contact"] = new() { S = "00000000-0000-4000-8000-0000000c0001" } },
        };
        return async (_, response) =>
        {
            for (var i = 0; i < records; i++)
            {
                await clients.DynamoDb.PutItemAsync(put);
                await clients.Connect.StartTaskContactAsync(start);
                await clients.DynamoDb.UpdateItemAsync(update);
            }

            response.Write("""{"batchItemFailures":[]}"""u8);
        };
    }

    public static ITaskLedger Ledger(Clients clients, Metrics? metrics = null) => new DynamoDbTaskLedger(
        clients.DynamoDb, Unpaced().TaskTable, Unpaced().LedgerRetention, TimeProvider.System, metrics);

    /// <summary>Without any pace: the work is measured, and not the waiting.</summary>
    internal static Settings Unpaced() => Sample.Settings() with { ConnectRatePerSecond = 1e9, ConnectBurst = int.MaxValue };

    internal sealed class Context : ILambdaContext, ILambdaLogger
    {
        private static readonly StreamWriter Output = new(Stream.Null) { AutoFlush = true };

        public string AwsRequestId => "00000000-0000-4000-8000-00000000b001";

        public IClientContext ClientContext => null!;

        public string FunctionName => "dispatch";

        public string FunctionVersion => "$LATEST";

        public ICognitoIdentity Identity => null!;

        public string InvokedFunctionArn => "arn:aws:lambda:us-east-1:000000000000:function:dispatch";

        public ILambdaLogger Logger => this;

        public string LogGroupName => "/aws/lambda/dispatch";

        public string LogStreamName => "stream";

        public int MemoryLimitInMB => 512;

        public TimeSpan RemainingTime { get; } = TimeSpan.FromMinutes(15);

        public void Log(string message) => Output.Write(message);

        public void LogLine(string message) => Output.WriteLine(message);
    }
}
