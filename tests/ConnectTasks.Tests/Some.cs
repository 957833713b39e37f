using System.Globalization;
using Amazon.Lambda.SQSEvents;
using ConnectTasks.Lambda;

namespace ConnectTasks.Tests;

/// <summary>Test data: valid, and of no meaning beyond what a test gives it.</summary>
internal static class Some
{
    public const string Instance = "00000000-0000-4000-8000-00000000a001";
    public const string Flow = "00000000-0000-4000-8000-00000000f001";
    public const string QueueArn = "arn:aws:sqs:us-east-1:000000000000:tasks";

    public static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);

    public static TaskRequest Request(string? token = "t-1", string name = "case") => new()
    {
        InstanceId = Instance,
        ContactFlowId = Flow,
        Name = name,
        ClientToken = token,
    };

    public static string Body(string? token = "t-1", string name = "case") =>
        token is null
            ? $$"""{"InstanceId":"{{Instance}}","ContactFlowId":"{{Flow}}","Name":"{{name}}"}"""
            : $$"""{"InstanceId":"{{Instance}}","ContactFlowId":"{{Flow}}","Name":"{{name}}","ClientToken":"{{token}}"}""";

    public static Settings Settings() => new()
    {
        TaskQueueUrl = "https://sqs.us-east-1.amazonaws.com/000000000000/tasks",
        DeadLetterQueueUrl = "https://sqs.us-east-1.amazonaws.com/000000000000/dead",
        TaskTable = "tasks",
        // So fast that nothing waits, also when the pace was lowered: the clock of these tests stands still.
        ConnectRatePerSecond = 1e9,
        ConnectBurst = 1000,
    };

    public static SQSEvent.SQSMessage Record(
        string id = "m-1", string? body = null, int receiveCount = 1, string? group = null, TimeSpan age = default)
    {
        var sent = (Now - age).ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);
        var record = new SQSEvent.SQSMessage
        {
            MessageId = id,
            ReceiptHandle = "handle-" + id,
            Body = body ?? Body(),
            EventSource = "aws:sqs",
            EventSourceArn = QueueArn,
            AwsRegion = "us-east-1",
            Attributes = new()
            {
                ["ApproximateReceiveCount"] = receiveCount.ToString(CultureInfo.InvariantCulture),
                ["SentTimestamp"] = sent,
                ["ApproximateFirstReceiveTimestamp"] = sent,
            },
            MessageAttributes = [],
        };
        if (group is not null)
        {
            record.Attributes["MessageGroupId"] = group;
        }

        return record;
    }

    public static SQSEvent Event(params SQSEvent.SQSMessage[] records) => new() { Records = [.. records] };
}
