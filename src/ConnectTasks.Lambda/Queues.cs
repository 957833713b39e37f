using System.Globalization;
using System.Text;
using Amazon.Lambda.SQSEvents;
using Amazon.Runtime;
using Amazon.SQS;
using Amazon.SQS.Model;

namespace ConnectTasks.Lambda;

/// <summary>SQS: dead letters and visibility timeouts. No method throws for a failure of the service.</summary>
internal sealed class Queues(IAmazonSQS sqs, Settings settings)
{
    /// <summary>On the copy that the release function sends: its time of release, in Unix epoch milliseconds.</summary>
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
        if (message.GroupId is { } group)
        {
            request.MessageGroupId = group;
            request.MessageDeduplicationId = message.MessageId;
        }

        return await SendAsync(request, cancellation);
    }

    /// <summary>Sends a held task's request to the task queue.</summary>
    /// <param name="body">The request.</param>
    /// <param name="id">
    /// The same for every try of one release: a FIFO queue takes it once, and orders nothing by it.
    /// </param>
    /// <returns>Null if it was sent, else the error's code.</returns>
    public async Task<string?> SendTaskAsync(string body, string id, long releaseAtMs, CancellationToken cancellation)
    {
        var releasedAt = releaseAtMs.ToString(CultureInfo.InvariantCulture);
        var request = new SendMessageRequest
        {
            QueueUrl = settings.TaskQueueUrl,
            MessageBody = body,
            MessageAttributes = new() { [ReleasedAttribute] = Text(releasedAt) },
        };
        if (settings.TaskQueueUrl.EndsWith(".fifo", StringComparison.Ordinal))
        {
            request.MessageGroupId = id;
            request.MessageDeduplicationId = id;
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

    private static Dictionary<string, MessageAttributeValue> AttributesFor(
        Message message, Outcome outcome, DateTimeOffset now)
    {
        var ours = new Dictionary<string, MessageAttributeValue>
        {
            [DeadLetterAttributes.Reason] = Text(outcome.Reason),
            [DeadLetterAttributes.Detail] = Text(outcome.Detail),
            [DeadLetterAttributes.Origin] = Text(message.OriginAfter(outcome, now).ToJson()),
        };
        var room = MaxMessageBytes - Encoding.UTF8.GetByteCount(message.Body) - ours.Sum(a => Size(a.Key, a.Value));
        if (room < 0)
        {
            // A body that fills a whole message has no room for a reason: the log line has it.
            return [];
        }

        // The producer's own attributes stay as long as SQS has room for them, in a stable order.
        foreach (var (name, value) in message.Attributes.OrderBy(a => a.Key, StringComparer.Ordinal))
        {
            var copy = Copy(value);
            var size = Size(name, copy);
            if (ours.Count < MaxAttributes && size <= room && !name.StartsWith(
                DeadLetterAttributes.Prefix, StringComparison.Ordinal))
            {
                ours.Add(name, copy);
                room -= size;
            }
        }

        return ours;
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

    private static bool IsOfTheService(Exception e) =>
        e is AmazonClientException or AmazonServiceException or HttpRequestException or IOException or TimeoutException
            or OperationCanceledException;

    private static string ErrorCode(Exception e) =>
        e is AmazonServiceException { ErrorCode: { Length: > 0 } code } ? code : e.GetType().Name;
}
