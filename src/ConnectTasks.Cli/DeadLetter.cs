using System.Globalization;
using Amazon.SQS;
using Amazon.SQS.Model;

namespace ConnectTasks.Cli;

/// <summary>A message on the dead-letter queue, with the reason beside it.</summary>
internal sealed record DeadLetter
{
    /// <summary>
    /// In place of a reason: the queue's redrive policy moved the message, and says no more than that.
    /// </summary>
    public const string MovedBySqs = "MovedBySqs";

    private const int MessagesAtOnce = 10;

    public required string MessageId { get; init; }

    public required string Body { get; init; }

    /// <summary>The reason's code; null for a message that SQS moved there by itself.</summary>
    public string? Reason { get; init; }

    /// <summary>The reason in sentences.</summary>
    public string? Detail { get; init; }

    public DeadLetterOrigin? Origin { get; init; }

    /// <summary>Needed to delete this delivery of it, or to let it be seen again.</summary>
    public string ReceiptHandle { get; init; } = "";

    /// <summary>When it was put there (by SQS itself: when it was first sent); null if SQS did not say.</summary>
    public DateTimeOffset? SentAt { get; init; }

    /// <summary>Deliveries from the dead-letter queue, each a look at it.</summary>
    public int ReceiveCount { get; init; }

    /// <summary>The message group of a FIFO queue, or null.</summary>
    public string? GroupId { get; init; }

    /// <summary>All message attributes: the producer's and those of the dead letter.</summary>
    public IReadOnlyDictionary<string, MessageAttributeValue> Attributes { get; init; } =
        new Dictionary<string, MessageAttributeValue>();

    /// <summary>The reason's code for a person, also where there is none.</summary>
    public string ReasonOrNone => Reason ?? MovedBySqs;

    /// <summary>Reads all that lies there. The messages stay, hidden for ten minutes.</summary>
    public static async Task<IReadOnlyList<DeadLetter>> ReadAllAsync(
        IAmazonSQS sqs, string queueUrl, CancellationToken cancellation)
    {
        var request = new ReceiveMessageRequest
        {
            QueueUrl = queueUrl,
            MaxNumberOfMessages = MessagesAtOnce,
            MessageAttributeNames = ["All"],
            VisibilityTimeout = 600,
        };
        var letters = new List<DeadLetter>();
        while ((await sqs.ReceiveMessageAsync(request, cancellation)).Messages is { Count: > 0 } messages)
            letters.AddRange(messages.Select(Read));
        return letters;
    }

    public static DeadLetter Read(Message message)
    {
        string? System(string name) => message.Attributes?.GetValueOrDefault(name);
        string? Attribute(string name) => message.MessageAttributes?.GetValueOrDefault(name)?.StringValue;
        return new DeadLetter
        {
            MessageId = message.MessageId,
            Body = message.Body,
            Reason = Attribute(DeadLetterAttributes.Reason),
            Detail = Attribute(DeadLetterAttributes.Detail),
            Origin = DeadLetterOrigin.Parse(Attribute(DeadLetterAttributes.Origin)),
            ReceiptHandle = message.ReceiptHandle ?? "",
            SentAt = Time(Number(System("SentTimestamp"))),
            ReceiveCount = (int)(Number(System("ApproximateReceiveCount")) ?? 0),
            GroupId = System("MessageGroupId"),
            Attributes = message.MessageAttributes ?? [],
        };
    }

    private static long? Number(string? text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>An instant of SQS's, or null if it is none that there can be.</summary>
    public static DateTimeOffset? Time(long? unixMs) =>
        unixMs is > 0 and <= 253_402_300_799_999 ? DateTimeOffset.FromUnixTimeMilliseconds(unixMs.Value) : null;
}
