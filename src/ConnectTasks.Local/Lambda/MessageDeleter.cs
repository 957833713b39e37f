using System.Globalization;
using Amazon.SQS;
using Amazon.SQS.Model;

namespace ConnectTasks.Local;

/// <summary>Deletes messages ten at a time, and what SQS did not confirm once more, up to three times in all.</summary>
internal sealed class MessageDeleter(
    EventSourceMappingSettings settings, IAmazonSQS sqs, TimeProvider time, Action<LambdaEvent> observe)
{
    private const int BatchLimit = 10;
    private const int Attempts = 3;

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);

    /// <summary>
    /// Deletes the messages and returns how many SQS confirmed. One that can't be deleted comes back later, as it would
    /// from Lambda; it is reported.
    /// </summary>
    public async Task<int> DeleteAsync(IReadOnlyList<Message> messages, CancellationToken cancellation)
    {
        var deleted = new List<string>(messages.Count);
        foreach (var chunk in messages.Chunk(BatchLimit))
            deleted.AddRange(await DeleteChunkAsync(chunk, cancellation));
        if (deleted.Count > 0)
            observe(new LambdaEvent.MessagesDeleted(settings.QueueName, deleted));
        return deleted.Count;
    }

    private async Task<List<string>> DeleteChunkAsync(Message[] messages, CancellationToken cancellation)
    {
        var deleted = new List<string>(messages.Length);
        var left = messages;
        var error = "";
        for (var attempt = 0; attempt < Attempts && left.Length > 0; attempt++)
        {
            if (attempt > 0)
            {
                await Task.Delay(FirstPause * attempt, time, cancellation)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            try
            {
                var response = await sqs.DeleteMessageBatchAsync(RequestFor(left), cancellation);
                var confirmed = (response.Successful ?? []).ConvertAll(entry => left[IndexOf(entry.Id)]);
                deleted.AddRange(confirmed.Select(message => message.MessageId));
                // The sender's fault (a receipt handle that has gone stale, say) stays his however often it is tried.
                var hopeless = (response.Failed ?? []).FindAll(entry => entry.SenderFault == true);
                ReportFailures(hopeless);
                left = [.. left.Except(confirmed).Except(hopeless.Select(entry => left[IndexOf(entry.Id)]))];
                error = "the queue did not confirm it";
            }
            catch (Exception exception)
            {
                error = exception.Message;
                if (cancellation.IsCancellationRequested)
                    break;
            }
        }
        if (left.Length > 0)
            Warn($"{left.Length} messages could not be deleted and will be delivered again: {error}");
        return deleted;
    }

    private DeleteMessageBatchRequest RequestFor(Message[] messages) => new()
    {
        QueueUrl = settings.QueueUrl,
        Entries =
        [
            .. messages.Select((message, index) => new DeleteMessageBatchRequestEntry
            {
                Id = index.ToString(CultureInfo.InvariantCulture),
                ReceiptHandle = message.ReceiptHandle,
            }),
        ],
    };

    private void ReportFailures(List<BatchResultErrorEntry> failures)
    {
        foreach (var failure in failures)
            Warn($"a message could not be deleted and will be delivered again: {failure.Code}");
    }

    private static int IndexOf(string entryId) => int.Parse(entryId, CultureInfo.InvariantCulture);

    private void Warn(string text) => observe(new LambdaEvent.Warning(settings.QueueName, text));
}
