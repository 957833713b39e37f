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

    /// <summary>SQS's limit of message attributes.</summary>
    private const int AttributesMaxCount = 10;

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

    /// <summary>The message that goes back: what the producer sent and the origin, without the reason.</summary>
    public SendMessageRequest RedriveTo(string taskQueueUrl, string body, DateTimeOffset now)
    {
        var attributes = new Dictionary<string, MessageAttributeValue>();
        var kept = Attributes.Where(a => a.Key is not (DeadLetterAttributes.Reason or DeadLetterAttributes.Detail
            or DeadLetterAttributes.Origin));
        foreach (var (name, value) in kept.OrderBy(a => a.Key, StringComparer.Ordinal).Take(AttributesMaxCount - 1))
        {
            attributes[name] = new MessageAttributeValue
            {
                DataType = value.DataType,
                StringValue = value.StringValue,
                BinaryValue = value.BinaryValue,
            };
        }

        attributes[DeadLetterAttributes.Origin] =
            new MessageAttributeValue { DataType = "String", StringValue = OriginToSend(now) };
        var request = new SendMessageRequest
        {
            QueueUrl = taskQueueUrl,
            MessageBody = body,
            MessageAttributes = attributes,
        };
        if (taskQueueUrl.EndsWith(".fifo", StringComparison.Ordinal))
        {
            request.MessageGroupId = GroupId ?? MessageId;
            // Not the producer's, which the queue may still remember; the same for each try of this redrive.
            request.MessageDeduplicationId = MessageId;
        }

        return request;
    }

    /// <summary>
    /// The origin, or one made for a message that SQS itself moved, which kept its first id: so a token that is derived
    /// from the id stays the same.
    /// </summary>
    private string OriginToSend(DateTimeOffset now) => Origin is not null
        ? Attributes[DeadLetterAttributes.Origin].StringValue
        : new DeadLetterOrigin
        {
            MessageId = MessageId,
            QueueArn = "",
            SentAtMs = (SentAt ?? now).ToUnixTimeMilliseconds(),
            ReceiveCount = ReceiveCount,
            History = [new DeadLetterReason(ReasonOrNone, now.ToUnixTimeMilliseconds())],
        }.ToJson();

    private static long? Number(string? text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>An instant of SQS's, or null if it is none that there can be.</summary>
    public static DateTimeOffset? Time(long? unixMs) =>
        unixMs is > 0 and <= 253_402_300_799_999 ? DateTimeOffset.FromUnixTimeMilliseconds(unixMs.Value) : null;
}
