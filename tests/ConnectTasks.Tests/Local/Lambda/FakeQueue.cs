using System.Globalization;
using Amazon.Runtime;
using Amazon.SQS;
using Amazon.SQS.Model;

namespace ConnectTasks.Tests.Local;

/// <summary>A queue in memory. Received messages stay invisible for good, as with a long visibility timeout.</summary>
internal sealed class FakeQueue(TimeProvider time)
    : AmazonSQSClient(new AnonymousAWSCredentials(), new AmazonSQSConfig { ServiceURL = "http://localhost:1" })
{
    public const string Url = "http://localhost:1/000000000000/tasks";
    public const string Arn = "arn:aws:sqs:us-east-1:000000000000:tasks";

    private readonly Lock _lock = new();
    private readonly Queue<Message> _visible = new();
    private readonly HashSet<string> _received = [];
    private readonly List<string> _deleted = [];
    private TaskCompletionSource _arrival = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Decides each receive before it happens; throws to fail it.</summary>
    public Action<ReceiveMessageRequest>? OnReceive { get; set; }

    /// <summary>Answers a delete in the queue's place; null lets it happen.</summary>
    public Func<DeleteMessageBatchRequest, DeleteMessageBatchResponse?>? OnDelete { get; set; }

    /// <summary>What is received and not deleted.</summary>
    public string[] Held
    {
        get
        {
            lock (_lock)
            {
                return [.. _received.Order(StringComparer.Ordinal)];
            }
        }
    }

    public string[] Deleted
    {
        get
        {
            lock (_lock)
            {
                return [.. _deleted];
            }
        }
    }

    public List<ReceiveMessageRequest> Receives { get; } = [];

    public void Send(params IEnumerable<string> bodies)
    {
        lock (_lock)
        {
            foreach (var body in bodies)
            {
                var id = string.Create(CultureInfo.InvariantCulture, $"m{_sent++:00}");
                _visible.Enqueue(new Message { MessageId = id, ReceiptHandle = id, Body = body, MD5OfBody = "md5" });
            }
            _arrival.TrySetResult();
        }
    }

    private int _sent;

    public override async Task<ReceiveMessageResponse> ReceiveMessageAsync(
        ReceiveMessageRequest request, CancellationToken cancellationToken = default)
    {
        // Like a call over a network: it never returns on the caller's stack.
        await Task.Yield();
        Task arrival;
        lock (_lock)
        {
            Receives.Add(request);
            arrival = _arrival.Task;
        }
        OnReceive?.Invoke(request);
        var seconds = TimeSpan.FromSeconds(request.WaitTimeSeconds ?? 0);
        await Task.WhenAny(arrival, Task.Delay(seconds, time, cancellationToken));
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            var messages = new List<Message>();
            while (messages.Count < request.MaxNumberOfMessages && _visible.TryDequeue(out var message))
            {
                messages.Add(message);
                _received.Add(message.MessageId);
            }
            if (_visible.Count == 0 && _arrival.Task.IsCompleted)
                _arrival = new(TaskCreationOptions.RunContinuationsAsynchronously);
            return new ReceiveMessageResponse { Messages = messages.Count == 0 ? null : messages };
        }
    }

    public override async Task<DeleteMessageBatchResponse> DeleteMessageBatchAsync(
        DeleteMessageBatchRequest request, CancellationToken cancellationToken = default)
    {
        await Task.Yield();
        cancellationToken.ThrowIfCancellationRequested();
        if (request.Entries.Count is 0 or > 10)
            throw new AmazonSQSException("a batch has 1 to 10 entries");
        var response = OnDelete?.Invoke(request) ?? new DeleteMessageBatchResponse
        {
            Successful = request.Entries.ConvertAll(entry => new DeleteMessageBatchResultEntry { Id = entry.Id }),
        };
        lock (_lock)
        {
            foreach (var entry in request.Entries.Where(e => response.Successful?.Exists(ok => ok.Id == e.Id) == true))
            {
                _received.Remove(entry.ReceiptHandle);
                _deleted.Add(entry.ReceiptHandle);
            }
        }
        return response;
    }
}
