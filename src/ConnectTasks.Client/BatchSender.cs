using System.Globalization;
using System.Net;
using Amazon.Runtime;
using Amazon.SQS;
using Amazon.SQS.Model;

namespace ConnectTasks.Client;

/// <summary>SQS: sends one batch and accounts for every message of it.</summary>
internal sealed class BatchSender(IAmazonSQS sqs, TaskQueueOptions options, TimeProvider time, Func<double> jitter)
{
    /// <summary>The error code of a message that is in neither list of the reply.</summary>
    public const string NoAnswer = nameof(NoAnswer);

    private static readonly TimeSpan FirstBackoff = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestBackoff = TimeSpan.FromSeconds(5);

    /// <param name="Results">One for each message, in their order.</param>
    /// <param name="IsRefused">Whether the request as a whole failed, so that the next one may fare no better.</param>
    public sealed record Outcome(IReadOnlyList<SendResult> Results, bool IsRefused);

    /// <summary>
    /// Sends the valid messages of a batch, and again those that SQS could not take just then. Throws nothing.
    /// </summary>
    public async Task<Outcome> SendAsync(IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellation)
    {
        var results = Untried(messages);
        var pending = Enumerable.Range(0, messages.Count).Where(i => messages[i].IsValid).ToList();
        for (var attempt = 1; pending.Count > 0 && !cancellation.IsCancellationRequested; attempt++)
        {
            SendMessageBatchResponse response;
            try
            {
                response = await sqs.SendMessageBatchAsync(RequestFor(messages, pending), cancellation)
                    .ConfigureAwait(false);
            }
            catch (Exception e)
            {
                foreach (var i in pending)
                    results[i] = OfException(messages[i], e);
                return new Outcome(results, IsRefused: true);
            }
            foreach (var i in pending)
                results[i] = OfResponse(messages[i], Id(i), response);
            pending.RemoveAll(i => results[i] is not { Status: SendStatus.Failed, IsTransient: true });
            if (attempt == options.MaxAttempts || pending.Count == 0)
                break;
            await BackOffAsync(attempt, cancellation).ConfigureAwait(false);
        }
        return new Outcome(results, IsRefused: false);
    }

    /// <summary>The outcome of a batch that is not sent.</summary>
    public static Outcome NotTried(IReadOnlyList<OutgoingMessage> messages) =>
        new(Untried(messages), IsRefused: false);

    private static SendResult[] Untried(IReadOnlyList<OutgoingMessage> messages) =>
        [.. messages.Select(m => m.ToResult(m.IsValid ? SendStatus.NotTried : SendStatus.Invalid))];

    private SendMessageBatchRequest RequestFor(IReadOnlyList<OutgoingMessage> messages, List<int> pending) => new()
    {
        QueueUrl = options.QueueUrl,
        Entries = pending.ConvertAll(i => messages[i].ToEntry(Id(i))),
    };

    private static string Id(int i) => i.ToString(CultureInfo.InvariantCulture);

    /// <summary>Looks a message up in the reply, where it may be missing, and ids may be that were not sent.</summary>
    private static SendResult OfResponse(OutgoingMessage message, string id, SendMessageBatchResponse response)
    {
        if (response.Successful?.Find(s => s.Id == id) is { } success)
            return message.ToResult(SendStatus.Sent) with { MessageId = success.MessageId };
        if (response.Failed?.Find(f => f.Id == id) is { } failure)
        {
            return message.ToResult(SendStatus.Failed) with
            {
                ErrorCode = failure.Code,
                ErrorMessage = failure.Message,
                IsTransient = failure.SenderFault != true,
            };
        }
        return message.ToResult(SendStatus.Unknown) with { ErrorCode = NoAnswer };
    }

    private static SendResult OfException(OutgoingMessage message, Exception e)
    {
        var service = e as AmazonServiceException;
        // An error that came back from SQS, or one of the SDK before it could send (credentials, region), means that
        // nothing was taken. Anything else may have happened after SQS took it: a reply that is lost, is not JSON, has
        // another checksum, or (a KeyNotFoundException of the SDK) names an id that was not sent.
        var isKnown = service is { StatusCode: >= HttpStatusCode.BadRequest } || e is AmazonClientException;
        return message.ToResult(isKnown ? SendStatus.Failed : SendStatus.Unknown) with
        {
            ErrorCode = service switch
            {
                { ErrorCode: { Length: > 0 } code } => code,
                { StatusCode: >= HttpStatusCode.BadRequest } => $"HTTP {(int)service.StatusCode}",
                _ => e.GetType().Name,
            },
            ErrorMessage = e.Message,
            IsTransient = isKnown && service is not null && IsTransient(service),
            Cause = e,
        };
    }

    private static bool IsTransient(AmazonServiceException e) =>
        e.StatusCode is >= HttpStatusCode.InternalServerError or HttpStatusCode.TooManyRequests
        || e.Retryable is not null
        || e.ErrorCode?.Contains("Throttl", StringComparison.OrdinalIgnoreCase) == true;

    /// <summary>Waits before the next attempt, or until the call is cancelled.</summary>
    private async Task BackOffAsync(int attempt, CancellationToken cancellation)
    {
        var longest = Math.Min(FirstBackoff.TotalSeconds * Math.Pow(2, attempt - 1), LongestBackoff.TotalSeconds);
        var wait = TimeSpan.FromSeconds(longest * (0.5 + (jitter() / 2)));
        await Task.Delay(wait, time, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
