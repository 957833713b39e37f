using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using System.Security.Cryptography;
using Amazon.SQS;

namespace ConnectTasks.Client;

/// <summary>
/// Puts task requests on the task queue, and cancels and reschedules them. Every request is checked by the rules of the
/// task function before it is sent, and needs a client token, so that sending it again never starts a second task.
/// </summary>
/// <remarks>
/// Safe for concurrent use; make one for a queue and keep it. It needs the permission <c>sqs:SendMessage</c> on the
/// queue (and <c>kms:GenerateDataKey</c> and <c>kms:Decrypt</c> if the queue is encrypted with a key of your own).
/// Methods are virtual, and there is a constructor without parameters, for test doubles only.
/// </remarks>
public class TaskQueueClient
{
    /// <summary>After so many requests in a row that failed as a whole, a call sends no more.</summary>
    private const int FailedRequestsMaxCount = 3;

    private readonly MessageFactory _factory;
    private readonly BatchSender _sender;
    private readonly int _maxBytes;

    /// <summary>Makes a client of one queue.</summary>
    /// <param name="sqs">
    /// The SQS client; it stays the caller's to dispose. Its region must be the queue's. It retries requests that fail
    /// as a whole; this client does not.
    /// </param>
    /// <param name="options">The settings; later changes of them have no effect.</param>
    /// <param name="time">The clock for the waits between attempts; <c>null</c> is the system's.</param>
    /// <exception cref="ArgumentException">Options are wrong; the message names all of them.</exception>
    public TaskQueueClient(IAmazonSQS sqs, TaskQueueOptions options, TimeProvider? time = null)
        : this(sqs, options, time ?? TimeProvider.System, () => RandomNumberGenerator.GetInt32(1_000) / 1_000.0)
    {
    }

    internal TaskQueueClient(IAmazonSQS sqs, TaskQueueOptions options, TimeProvider time, Func<double> jitter)
    {
        ArgumentNullException.ThrowIfNull(sqs);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate(nameof(options));
        options = options.Copy();
        _factory = new MessageFactory(options, time);
        _sender = new BatchSender(sqs, options, time, jitter);
        _maxBytes = options.MessageMaxBytes;
    }

    /// <summary>For test doubles that override the methods they use.</summary>
    protected TaskQueueClient() => (_factory, _sender) = (null!, null!);

    /// <summary>Sends one request.</summary>
    /// <remarks>
    /// A FIFO queue takes an equal request (same token, same content) that is sent again within five minutes for the
    /// same message: SQS answers success and adds nothing. A corrected request under the same token is another message.
    /// </remarks>
    /// <param name="request">The request, with a <see cref="TaskRequest.ClientToken"/>.</param>
    /// <param name="options">What goes with the message; <c>null</c> is nothing.</param>
    /// <param name="cancellationToken">Ends the call. Whether the request was sent is then unknown.</param>
    /// <returns>The result, whose status is <see cref="SendStatus.Sent"/>.</returns>
    /// <exception cref="TaskNotSentException">
    /// The request breaks a rule, or the queue did not take it, or did not say so; the exception's result says which,
    /// and whether to send it again.
    /// </exception>
    /// <exception cref="OperationCanceledException">The call was cancelled.</exception>
    public virtual Task<SendResult> SendAsync(
        TaskRequest request, SendOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        return SendOneAsync(_factory.OfRequest(0, request, options), cancellationToken);
    }

    /// <summary>
    /// Sends requests in batches, one batch after the other. A request that is invalid or that the queue does not take
    /// affects no other.
    /// </summary>
    /// <remarks>
    /// The sequence is read to its end before the first request is sent: one that throws sends nothing. After three
    /// batches in a row that failed as a whole, the rest is not tried. Cancellation does not throw, so that no result
    /// is lost: what was on its way is <see cref="SendStatus.Unknown"/>, the rest <see cref="SendStatus.NotTried"/>.
    /// On a FIFO queue a message that SQS fails alone is sent again behind the others of its batch.
    /// </remarks>
    /// <param name="requests">The requests, each with a <see cref="TaskRequest.ClientToken"/>.</param>
    /// <param name="options">What goes with the message of each request; <c>null</c> is nothing.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>A result for every request, in their order. Look at them: nothing is thrown for a failed one.</returns>
    public virtual async Task<IReadOnlyList<SendResult>> SendManyAsync(
        IEnumerable<TaskRequest> requests,
        Func<TaskRequest, SendOptions?>? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(requests);
        var messages = requests.Select((request, index) => Message(request, index, options)).ToList();
        var results = new List<SendResult>(messages.Count);
        var delivery = DeliverAsync(messages.ToAsyncEnumerable(), cancellationToken);
        await foreach (var result in delivery.ConfigureAwait(false))
            results.Add(result);
        return results;
    }

    /// <summary>
    /// Sends requests in batches while they are being read, so that any number of them needs little memory.
    /// </summary>
    /// <remarks>
    /// A batch is sent when it is full or the sequence ends: for requests that come one by one, use
    /// <see cref="SendAsync"/>. Results come in the order of the requests, each as soon as its batch was answered. If
    /// the sequence throws, or the call is cancelled, the results of all requests read so far come first, then the
    /// exception. After three batches in a row that failed as a whole, the rest is read but not tried. If the results
    /// are not read to their end, requests may stay unsent.
    /// </remarks>
    /// <param name="requests">The requests, each with a <see cref="TaskRequest.ClientToken"/>.</param>
    /// <param name="options">What goes with the message of each request; <c>null</c> is nothing.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>A result for every request that was read. Look at them: nothing is thrown for a failed one.</returns>
    /// <exception cref="OperationCanceledException">The call was cancelled.</exception>
    public virtual IAsyncEnumerable<SendResult> SendManyAsync(
        IAsyncEnumerable<TaskRequest> requests,
        Func<TaskRequest, SendOptions?>? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(requests);
        return SendStreamAsync(requests, options, cancellationToken);
    }

    /// <summary>
    /// Asks for the cancellation of a task. A task that has not been started never will be, not even if its request
    /// arrives after the cancellation; whether one that has been started is ended depends on
    /// <paramref name="endIfRunning"/>.
    /// </summary>
    /// <param name="instanceId">The id or ARN of the instance in the task's request.</param>
    /// <param name="clientToken">The token of the task's request.</param>
    /// <param name="endIfRunning">Whether to end the task also if an agent may have it already.</param>
    /// <param name="options">What goes with the message; on a FIFO queue, the group of the task's request.</param>
    /// <param name="cancellationToken">Ends the call. Whether the cancellation was sent is then unknown.</param>
    /// <returns>The result: the command is on the queue, and the function has yet to carry it out.</returns>
    /// <exception cref="TaskNotSentException">As for <see cref="SendAsync"/>.</exception>
    /// <exception cref="OperationCanceledException">The call was cancelled.</exception>
    public virtual Task<SendResult> CancelAsync(
        string instanceId,
        string clientToken,
        bool endIfRunning = false,
        SendOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(instanceId);
        ArgumentNullException.ThrowIfNull(clientToken);
        var command = new TaskCommand
        {
            Kind = TaskCommandKind.Cancel,
            InstanceId = instanceId,
            ClientToken = clientToken,
            EndIfRunning = endIfRunning,
        };
        return SendOneAsync(_factory.OfCommand(command, options), cancellationToken);
    }

    /// <summary>Asks for another time for a task whose time has not come.</summary>
    /// <remarks>Amazon Connect moves a task at most 20 times (API reference, UpdateContactSchedule).</remarks>
    /// <param name="instanceId">The id or ARN of the instance in the task's request.</param>
    /// <param name="clientToken">The token of the task's request.</param>
    /// <param name="scheduledTime">The new time; a fraction of a second is rounded up.</param>
    /// <param name="options">What goes with the message; on a FIFO queue, the group of the task's request.</param>
    /// <param name="cancellationToken">Ends the call. Whether the rescheduling was sent is then unknown.</param>
    /// <returns>The result: the command is on the queue, and the function has yet to carry it out.</returns>
    /// <exception cref="TaskNotSentException">As for <see cref="SendAsync"/>.</exception>
    /// <exception cref="OperationCanceledException">The call was cancelled.</exception>
    public virtual Task<SendResult> RescheduleAsync(
        string instanceId,
        string clientToken,
        DateTimeOffset scheduledTime,
        SendOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(instanceId);
        ArgumentNullException.ThrowIfNull(clientToken);
        var command = new TaskCommand
        {
            Kind = TaskCommandKind.Reschedule,
            InstanceId = instanceId,
            ClientToken = clientToken,
            ScheduledTime = scheduledTime,
        };
        return SendOneAsync(_factory.OfCommand(command, options), cancellationToken);
    }

    private async Task<SendResult> SendOneAsync(OutgoingMessage message, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var outcome = await _sender.SendAsync([message], cancellation).ConfigureAwait(false);
        if (!outcome.Results[0].IsSent)
            cancellation.ThrowIfCancellationRequested();
        return outcome.Results[0].EnsureSent();
    }

    private OutgoingMessage Message(TaskRequest? request, int index, Func<TaskRequest, SendOptions?>? options) =>
        _factory.OfRequest(index, request, request is null ? null : options?.Invoke(request));

    // An iterator of its own for the token: the caller's `WithCancellation` is heard as well as the parameter.
    private async IAsyncEnumerable<SendResult> SendStreamAsync(
        IAsyncEnumerable<TaskRequest> requests,
        Func<TaskRequest, SendOptions?>? options,
        [EnumeratorCancellation] CancellationToken cancellation)
    {
        var messages = ReadAsync(requests, options, cancellation);
        await foreach (var result in DeliverAsync(messages, cancellation).ConfigureAwait(false))
            yield return result;
    }

    private async IAsyncEnumerable<OutgoingMessage> ReadAsync(
        IAsyncEnumerable<TaskRequest> requests,
        Func<TaskRequest, SendOptions?>? options,
        [EnumeratorCancellation] CancellationToken cancellation)
    {
        var index = 0;
        await foreach (var request in requests.WithCancellation(cancellation).ConfigureAwait(false))
        {
            yield return Message(request, index++, options);
            cancellation.ThrowIfCancellationRequested();
        }
    }

    /// <summary>
    /// Fills batches, sends them and accounts for every message. If the messages' source throws, what came before is
    /// accounted for first.
    /// </summary>
    private async IAsyncEnumerable<SendResult> DeliverAsync(
        IAsyncEnumerable<OutgoingMessage> messages, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var source = messages.GetAsyncEnumerator(cancellation);
        await using var _ = source.ConfigureAwait(false);
        var failedRequests = 0;
        var batch = new Batch(_maxBytes);
        for (var hasMore = true; hasMore;)
        {
            ExceptionDispatchInfo? fault = null;
            try
            {
                hasMore = await source.MoveNextAsync().ConfigureAwait(false);
            }
            catch (Exception e)
            {
                (fault, hasMore) = (ExceptionDispatchInfo.Capture(e), false);
            }
            if (hasMore && batch.TryAdd(source.Current))
                continue;

            // The batch is full or the last one.
            var isGivenUp = failedRequests == FailedRequestsMaxCount || cancellation.IsCancellationRequested;
            var outcome = isGivenUp
                ? BatchSender.NotTried(batch.Messages)
                : await _sender.SendAsync(batch.Messages, cancellation).ConfigureAwait(false);
            if (!isGivenUp && batch.Messages.Any(m => m.IsValid))
                failedRequests = outcome.IsRefused ? failedRequests + 1 : 0;
            foreach (var result in outcome.Results)
                yield return result;
            fault?.Throw();
            batch = new Batch(_maxBytes);
            if (hasMore)
                batch.TryAdd(source.Current);
        }
    }
}
