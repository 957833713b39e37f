using System.Text;
using Amazon.SQS;
using Amazon.SQS.Model;

namespace ConnectTasks.Local;

/// <summary>Sends dead letters to the task queue again.</summary>
/// <param name="id">
/// Unlike any other redrive's: a letter that is redriven again, perhaps with a mended body, is another message; the
/// tries of one redrive are the same one. A FIFO queue goes by that.
/// </param>
internal sealed class Redrive(IAmazonSQS sqs, string taskQueueUrl, Guid id)
{
    /// <summary>SQS's limit of message attributes.</summary>
    private const int AttributesMaxCount = 10;

    /// <summary>SQS's limit of a message: body and attributes together, in UTF-8 bytes.</summary>
    private const int MessageMaxBytes = 1_048_576;

    /// <summary>More than clocks differ: the functions' own.</summary>
    private static readonly TimeSpan StampMaxSkew = TimeSpan.FromHours(1);

    private string? _taskQueueArn;

    /// <summary>Sends what the producer sent, or a mended body, with the origin and without the reason.</summary>
    /// <returns>The id of the new message.</returns>
    public async Task<string> SendAsync(
        DeadLetter letter, string body, DateTimeOffset now, CancellationToken cancellation)
    {
        var queueArn = letter.SourceQueueArn;
        if (queueArn is null && letter.Origin is not { QueueArn.Length: > 0 })
            queueArn = _taskQueueArn ??= await ReadArnAsync(cancellation);
        var request = RequestFor(letter, body, queueArn ?? "", now);
        return (await sqs.SendMessageAsync(request, cancellation)).MessageId;
    }

    /// <param name="queueArn">The queue that the letter was on before, if its origin does not say.</param>
    internal SendMessageRequest RequestFor(DeadLetter letter, string body, string queueArn, DateTimeOffset now)
    {
        var request = new SendMessageRequest
        {
            QueueUrl = taskQueueUrl,
            MessageBody = body,
            MessageAttributes = AttributesFor(letter, body, OriginOf(letter, body, queueArn, now)),
            MessageGroupId = letter.GroupId,
        };
        if (DlqQueue.IsFifoUrl(taskQueueUrl))
        {
            request.MessageGroupId ??= letter.MessageId;
            // Not the producer's, which the queue may still remember.
            request.MessageDeduplicationId = $"{id:N}-{letter.MessageId}";
        }

        return request;
    }

    /// <summary>
    /// The origin as it is; or one made for a message that SQS itself moved, which kept its id and its time of sending:
    /// so a token that is derived from the id stays the same, and so does the order of commands. Null only if there is
    /// no room for it and the request names its token itself.
    /// </summary>
    private static string? OriginOf(DeadLetter letter, string body, string queueArn, DateTimeOffset now)
    {
        // As the function takes it: by SQS's clock, unless that is of another sending (a redrive before, or a move of a
        // FIFO queue's), which differs by more than clocks do.
        var sentAt = letter.SentAt is { } sent && !(sent - letter.Stamp > StampMaxSkew) ? sent : letter.Stamp;
        var origin = letter.Origin ?? new DeadLetterOrigin
        {
            MessageId = letter.MessageId,
            QueueArn = "",
            SentAtMs = (sentAt ?? now).ToUnixTimeMilliseconds(),
            ReceiveCount = letter.ReceiveCount,
            History = [new DeadLetterReason(letter.ReasonOrNone, now.ToUnixTimeMilliseconds())],
        };
        if (origin.QueueArn.Length == 0)
            origin = origin with { QueueArn = queueArn };
        var full = letter.Origin is { QueueArn.Length: > 0 }
            ? letter.Attributes[DeadLetterAttributes.Origin].StringValue
            : origin.ToJson();
        if (Fits(full))
            return full;
        var least = (origin with { History = null, ClientToken = null }).ToJson();
        // Without an identity of some kind it must not be sent: SQS refuses it then for its size.
        return Fits(least) || TaskMessage.Read(body).Request?.ClientToken is null ? least : null;

        bool Fits(string json) => Size(DeadLetterAttributes.Origin, Text(json)) <= RoomBeside(body);
    }

    private static Dictionary<string, MessageAttributeValue> AttributesFor(
        DeadLetter letter, string body, string? origin)
    {
        var attributes = new Dictionary<string, MessageAttributeValue>();
        if (origin is not null)
            attributes.Add(DeadLetterAttributes.Origin, Text(origin));
        var room = RoomBeside(body) - attributes.Sum(a => Size(a.Key, a.Value));
        // The functions' own before the producer's, which go in a stable order.
        var kept = letter.Attributes.Where(a => a.Key is not (DeadLetterAttributes.Reason or DeadLetterAttributes.Detail
            or DeadLetterAttributes.Origin));
        foreach (var (name, value) in kept.OrderBy(a => !IsOurs(a.Key)).ThenBy(a => a.Key, StringComparer.Ordinal))
        {
            var size = Size(name, value);
            if (attributes.Count == AttributesMaxCount || size > room)
                continue;
            attributes.Add(name, new()
            {
                DataType = value.DataType,
                StringValue = value.StringValue,
                BinaryValue = value.BinaryValue,
            });
            room -= size;
        }

        return attributes;
    }

    private async Task<string> ReadArnAsync(CancellationToken cancellation)
    {
        var request = new GetQueueAttributesRequest { QueueUrl = taskQueueUrl, AttributeNames = ["QueueArn"] };
        return (await sqs.GetQueueAttributesAsync(request, cancellation)).QueueARN ?? "";
    }

    private static bool IsOurs(string name) => name.StartsWith(DeadLetterAttributes.Prefix, StringComparison.Ordinal);

    private static int RoomBeside(string body) => MessageMaxBytes - Encoding.UTF8.GetByteCount(body);

    private static MessageAttributeValue Text(string text) => new() { DataType = "String", StringValue = text };

    private static int Size(string name, MessageAttributeValue value) =>
        Encoding.UTF8.GetByteCount(name) + Encoding.UTF8.GetByteCount(value.DataType ?? "")
        + Encoding.UTF8.GetByteCount(value.StringValue ?? "") + (int)(value.BinaryValue?.Length ?? 0);
}
