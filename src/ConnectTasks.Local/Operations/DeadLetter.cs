using System.Globalization;
using Amazon.SQS.Model;

namespace ConnectTasks.Local;

/// <summary>A message on the dead-letter queue, with the reason beside it.</summary>
internal sealed record DeadLetter
{
    /// <summary>
    /// In place of a reason: the queue's redrive policy moved the message, and says no more than that.
    /// </summary>
    public const string MovedBySqs = "MovedBySqs";

    public required string MessageId { get; init; }

    public required string Body { get; init; }

    /// <summary>The reason's code; null for a message that SQS moved there by itself.</summary>
    public string? Reason { get; init; }

    /// <summary>The reason in sentences.</summary>
    public string? Detail { get; init; }

    public DeadLetterOrigin? Origin { get; init; }

    /// <summary>Needed to delete this delivery of it, or to let it be seen again.</summary>
    public string ReceiptHandle { get; init; } = "";

    /// <summary>
    /// When it was put there; by SQS itself: when it was first sent, on a FIFO queue when it was moved. Null if SQS did
    /// not say.
    /// </summary>
    public DateTimeOffset? SentAt { get; init; }

    /// <summary>Deliveries from the dead-letter queue, each a look at it.</summary>
    public int ReceiveCount { get; init; }

    /// <summary>The message group, which messages of a standard queue can have too, or null.</summary>
    public string? GroupId { get; init; }

    /// <summary>Of a letter that SQS moved: the ARN of the queue that it moved it from; else null.</summary>
    public string? SourceQueueArn { get; init; }

    /// <summary>Of a command: when its producer says that it was sent; else null.</summary>
    public DateTimeOffset? Stamp { get; init; }

    /// <summary>All message attributes: the producer's and those of the dead letter.</summary>
    public IReadOnlyDictionary<string, MessageAttributeValue> Attributes { get; init; } =
        new Dictionary<string, MessageAttributeValue>();

    /// <summary>The reason's code for a person, also where there is none.</summary>
    public string ReasonOrNone => Reason ?? MovedBySqs;

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
            SourceQueueArn = System("DeadLetterQueueSourceArn"),
            Stamp = TaskMessageAttributes.ParseSentAt(Attribute(TaskMessageAttributes.SentAt)),
            Attributes = message.MessageAttributes ?? [],
        };
    }

    private static long? Number(string? text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>An instant of SQS's, or null if it is none that there can be.</summary>
    public static DateTimeOffset? Time(long? unixMs) =>
        unixMs is > 0 and <= 253_402_300_799_999 ? DateTimeOffset.FromUnixTimeMilliseconds(unixMs.Value) : null;
}
