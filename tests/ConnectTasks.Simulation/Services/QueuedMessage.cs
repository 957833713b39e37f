using System.Globalization;
using Amazon.Lambda.SQSEvents;

namespace ConnectTasks.Simulation;

/// <summary>A message on a queue.</summary>
internal sealed class QueuedMessage
{
    public const string QueueArn = "arn:aws:sqs:us-east-1:000000000000:tasks";

    public required string Id { get; init; }
    public required string Body { get; init; }
    public required string? Group { get; init; }
    public required Dictionary<string, string> Attributes { get; init; }
    public required DateTimeOffset SentAt { get; init; }
    public required DateTimeOffset VisibleAt { get; set; }
    public DateTimeOffset? FirstReceivedAt { get; set; }
    public int ReceiveCount { get; set; }
    public string Handle { get; set; } = "";

    /// <summary>The record of this delivery in an event.</summary>
    public SQSEvent.SQSMessage ToRecord(string? queueArn = null)
    {
        var attributes = new Dictionary<string, string>
        {
            ["ApproximateReceiveCount"] = ReceiveCount.ToString(CultureInfo.InvariantCulture),
            ["SentTimestamp"] = Milliseconds(SentAt),
            ["ApproximateFirstReceiveTimestamp"] = Milliseconds(FirstReceivedAt!.Value),
        };
        if (Group is not null)
        {
            attributes["MessageGroupId"] = Group;
        }

        return new SQSEvent.SQSMessage
        {
            MessageId = Id,
            ReceiptHandle = Handle,
            Body = Body,
            EventSourceArn = queueArn ?? QueueArn,
            Attributes = attributes,
            MessageAttributes = Attributes.ToDictionary(
                a => a.Key, a => new SQSEvent.MessageAttribute { DataType = "String", StringValue = a.Value }),
        };
    }

    private static string Milliseconds(DateTimeOffset time) =>
        time.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);
}
