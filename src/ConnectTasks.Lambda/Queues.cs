using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Amazon.Lambda.SQSEvents;
using Amazon.Runtime;
using Amazon.SQS;
using Amazon.SQS.Model;

namespace ConnectTasks.Lambda;

/// <summary>SQS: dead letters and visibility timeouts. No method throws for a failure of the service.</summary>
internal sealed class Queues(IAmazonSQS sqs, Settings settings)
{
    /// <summary>
    /// On the copy that the release function sends: its time of release in Unix epoch milliseconds, a slash, and the
    /// number of the wait.
    /// </summary>
    public const string ReleasedAttribute = DeadLetterAttributes.Prefix + "Released";

    /// <summary>SQS's limit of message attributes.</summary>
    private const int MaxAttributes = 10;

    /// <summary>SQS's limit of a message: body and attributes together, in UTF-8 bytes.</summary>
    private const int MaxMessageBytes = 1_048_576;

    /// <summary>SQS's limit of a batch request.</summary>
    private const int MaxBatch = 10;

    /// <summary>
    /// Sends the unchanged body to the dead-letter queue, its own attributes and the reason beside it. Sent twice, it
    /// lies there twice under one message id in its origin; never not at all.
    /// </summary>
    /// <returns>Null if it was sent, else the error's code.</returns>
    public async Task<string?> DeadLetterAsync(
        Message message, Outcome outcome, DateTimeOffset now, CancellationToken cancellation)
    {
        var request = new SendMessageRequest
        {
            QueueUrl = settings.DeadLetterQueueUrl,
            MessageBody = message.Body,
            MessageAttributes = AttributesFor(message, outcome, now),
        };
        if (IsFifo(settings.DeadLetterQueueUrl))
        {
            request.MessageGroupId = message.GroupId ?? message.MessageId;
            request.MessageDeduplicationId = message.MessageId;
        }
        else
        {
            request.MessageGroupId = message.GroupId;
        }

        var error = await SendAsync(request, cancellation);
        if (error is null || !IsForGood(error))
        {
            return error;
        }

        // Something of the producer's own is refused: the body and our reason matter more.
        request.MessageAttributes = Ours(message, outcome, now);
        request.MessageGroupId = IsFifo(settings.DeadLetterQueueUrl) ? request.MessageGroupId : null;
        return await SendAsync(request, cancellation);
    }

    /// <summary>Sends a held task's request to the task queue.</summary>
    /// <param name="held">The item, with the request.</param>
    /// <returns>Null if it was sent, else the error's code.</returns>
    public async Task<string?> SendTaskAsync(LedgerItem held, CancellationToken cancellation)
    {
        var copy = string.Create(CultureInfo.InvariantCulture, $"{held.ReleaseAtMs}/{held.WaitNumber}").TrimEnd('/');
        var request = new SendMessageRequest
        {
            QueueUrl = settings.TaskQueueUrl,
            MessageBody = held.Request,
            MessageGroupId = held.MessageGroup,
            MessageAttributes = new() { [ReleasedAttribute] = Text(copy) },
        };
        if (settings.IsFifo)
        {
            // The same for every try of one release, and another for each wait: SQS takes it once in five minutes.
            var id = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{held.Key}@{copy}")));
            request.MessageDeduplicationId = id;
            request.MessageGroupId ??= id;
        }

        return await SendAsync(request, cancellation);
    }

    /// <summary>
    /// Sets when messages return. A failure harms nothing: they return when the queue's own visibility timeout ends.
    /// </summary>
    /// <returns>How many were not set.</returns>
    public async Task<int> SetReturnAsync(
        IReadOnlyList<(Message Message, TimeSpan Wait)> returns, CancellationToken cancellation)
    {
        var failed = 0;
        foreach (var chunk in returns.Chunk(MaxBatch))
        {
            var entries = chunk.Select((r, i) => new ChangeMessageVisibilityBatchRequestEntry
            {
                Id = i.ToString(CultureInfo.InvariantCulture),
                ReceiptHandle = r.Message.ReceiptHandle,
                VisibilityTimeout = (int)r.Wait.TotalSeconds,
            });
            try
            {
                var response = await sqs.ChangeMessageVisibilityBatchAsync(
                    settings.TaskQueueUrl, entries.ToList(), cancellation);
                failed += response.Failed?.Count ?? 0;
            }
            catch (Exception e) when (IsOfTheService(e))
            {
                failed += chunk.Length;
            }
        }

        return failed;
    }

    private async Task<string?> SendAsync(SendMessageRequest request, CancellationToken cancellation)
    {
        try
        {
            await sqs.SendMessageAsync(request, cancellation);
            return null;
        }
        catch (Exception e) when (IsOfTheService(e))
        {
            return ErrorCode(e);
        }
    }

    /// <summary>Whether a queue keeps the order of its groups: told by the queue, never by a message.</summary>
    public static bool IsFifo(string queueUrl) => queueUrl.EndsWith(".fifo", StringComparison.Ordinal);

    /// <summary>Ours first, the origin before all: without it a redriven message would be another task.</summary>
    private static Dictionary<string, MessageAttributeValue> Ours(
        Message message, Outcome outcome, DateTimeOffset now)
    {
        (string Name, string Text)[] ours =
        [
            (DeadLetterAttributes.Origin, message.OriginAfter(outcome, now).ToJson()),
            (DeadLetterAttributes.Reason, outcome.Reason),
            (DeadLetterAttributes.Detail, outcome.Detail),
        ];
        var room = MaxMessageBytes - Encoding.UTF8.GetByteCount(message.Body);
        var attributes = new Dictionary<string, MessageAttributeValue>();
        foreach (var (name, text) in ours)
        {
            var value = Text(text);
            // A body that fills a whole message has no room for them: the log line has the reason.
            if (Size(name, value) is var size && size <= room)
            {
                attributes.Add(name, value);
                room -= size;
            }
        }

        return attributes;
    }

    private static Dictionary<string, MessageAttributeValue> AttributesFor(
        Message message, Outcome outcome, DateTimeOffset now)
    {
        var all = Ours(message, outcome, now);
        var room = MaxMessageBytes - Encoding.UTF8.GetByteCount(message.Body) - all.Sum(a => Size(a.Key, a.Value));
        // The producer's own attributes stay as long as SQS has room for them, in a stable order.
        foreach (var (name, value) in message.Attributes.OrderBy(a => a.Key, StringComparer.Ordinal))
        {
            if (value is null || name.StartsWith(DeadLetterAttributes.Prefix, StringComparison.Ordinal))
            {
                continue;
            }

            var copy = Copy(value);
            var size = Size(name, copy);
            if (all.Count < MaxAttributes && size <= room)
            {
                all.Add(name, copy);
                room -= size;
            }
        }

        return all;
    }

    private static MessageAttributeValue Text(string text) => new() { DataType = "String", StringValue = text };

    private static MessageAttributeValue Copy(SQSEvent.MessageAttribute value) => new()
    {
        DataType = value.DataType,
        StringValue = value.StringValue,
        BinaryValue = value.BinaryValue,
    };

    private static int Size(string name, MessageAttributeValue value) =>
        Encoding.UTF8.GetByteCount(name) + Encoding.UTF8.GetByteCount(value.DataType ?? "")
        + Encoding.UTF8.GetByteCount(value.StringValue ?? "") + (int)(value.BinaryValue?.Length ?? 0);

    /// <summary>
    /// SQS's refusals of a message as it is; all other errors pass, or last until somebody acts (permissions, a missing
    /// queue, a disabled key), which is no fault of the message.
    /// </summary>
    private static bool IsForGood(string errorCode) =>
        errorCode is "InvalidParameterValue" or "InvalidParameterValueException" or "MissingParameter"
            or "InvalidMessageContents" or "UnsupportedOperation" or "InvalidAttributeName"
            or "AWS.SimpleQueueService.UnsupportedOperation";

    private static bool IsOfTheService(Exception e) =>
        e is AmazonClientException or AmazonServiceException or HttpRequestException or IOException or TimeoutException
            or OperationCanceledException;

    private static string ErrorCode(Exception e) =>
        e is AmazonServiceException { ErrorCode: { Length: > 0 } code } ? code : e.GetType().Name;
}
