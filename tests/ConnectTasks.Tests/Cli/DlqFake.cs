using System.Globalization;
using Amazon.SQS;
using Amazon.SQS.Model;
using ConnectTasks.Cli;

namespace ConnectTasks.Tests.Cli;

/// <summary>
/// Queues in memory, as much of SQS as the dlq commands use. Time does not pass: what is hidden stays so.
/// </summary>
internal sealed class DlqFake() : AmazonSQSClient(
    "local", "local", new AmazonSQSConfig { ServiceURL = "http://127.0.0.1:1" })
{
    public const string DeadUrl = "http://127.0.0.1:1/000000000000/dead";
    public const string TaskUrl = "http://127.0.0.1:1/000000000000/tasks";

    private readonly HashSet<string> _hidden = [];

    public List<Message> Dead { get; } = [];

    public List<SendMessageRequest> Sent { get; } = [];

    public List<string> Calls { get; } = [];

    /// <summary>Fails a call by its name and number of calls before it.</summary>
    public Func<string, int, Exception?> Fault { get; set; } = (_, _) => null;

    public IReadOnlySet<string> Hidden => _hidden;

    public Message Add(
        string id, string? reason, string? body = null, DeadLetterOrigin? origin = null,
        params (string Name, string Value)[] attributes)
    {
        var message = new Message
        {
            MessageId = id,
            Body = body ?? Some.Body("t-" + id),
            Attributes = new()
            {
                ["SentTimestamp"] = Some.Now.AddHours(-3).ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture),
                ["ApproximateReceiveCount"] = "1",
            },
            MessageAttributes = [],
        };
        void Set(string name, string? value)
        {
            if (value is not null)
                message.MessageAttributes[name] = new() { DataType = "String", StringValue = value };
        }

        Set(DeadLetterAttributes.Reason, reason);
        Set(DeadLetterAttributes.Detail, reason is null ? null : "The detail.");
        Set(DeadLetterAttributes.Origin, reason is null ? null : (origin ?? Origin(id)).ToJson());
        foreach (var (name, value) in attributes)
            Set(name, value);
        Dead.Add(message);
        return message;
    }

    public static DeadLetterOrigin Origin(string id) => new()
    {
        MessageId = "first-" + id,
        QueueArn = Some.QueueArn,
        SentAtMs = Some.Now.AddHours(-4).ToUnixTimeMilliseconds(),
        ReceiveCount = 2,
        ClientToken = "t-" + id,
        History = [new DeadLetterReason("Earlier.Reason", Some.Now.AddHours(-5).ToUnixTimeMilliseconds())],
    };

    public override Task<GetQueueAttributesResponse> GetQueueAttributesAsync(
        GetQueueAttributesRequest request, CancellationToken cancellationToken = default) =>
        Answer(request.QueueUrl == TaskUrl ? "arn" : "count", () => new GetQueueAttributesResponse
        {
            Attributes = new()
            {
                ["ApproximateNumberOfMessages"] = Dead.Count.ToString(CultureInfo.InvariantCulture),
                ["ApproximateNumberOfMessagesNotVisible"] = "0",
                ["QueueArn"] = Some.QueueArn,
            },
        });

    public override Task<ReceiveMessageResponse> ReceiveMessageAsync(
        ReceiveMessageRequest request, CancellationToken cancellationToken = default) =>
        Answer("receive", () =>
        {
            var messages = Dead.Where(m => !_hidden.Contains(m.MessageId)).Take(request.MaxNumberOfMessages ?? 1).ToList();
            foreach (var message in messages)
            {
                _hidden.Add(message.MessageId);
                message.ReceiptHandle = message.MessageId;
            }

            // As version 4 of the SDK leaves it: no list rather than an empty one.
            return new ReceiveMessageResponse { Messages = messages.Count == 0 ? null : messages };
        });

    public override Task<ChangeMessageVisibilityBatchResponse> ChangeMessageVisibilityBatchAsync(
        string queueUrl, List<ChangeMessageVisibilityBatchRequestEntry> entries,
        CancellationToken cancellationToken = default) =>
        Answer("release", () =>
        {
            foreach (var entry in entries)
            {
                Assert.Equal(0, entry.VisibilityTimeout);
                _hidden.Remove(entry.ReceiptHandle);
            }

            return new ChangeMessageVisibilityBatchResponse();
        });

    public override Task<SendMessageResponse> SendMessageAsync(
        SendMessageRequest request, CancellationToken cancellationToken = default) =>
        Answer("send", () =>
        {
            Sent.Add(request);
            return new SendMessageResponse { MessageId = $"new-{Sent.Count}" };
        });

    public override Task<DeleteMessageResponse> DeleteMessageAsync(
        string queueUrl, string receiptHandle, CancellationToken cancellationToken = default) =>
        Answer("delete", () =>
        {
            Assert.Equal(DeadUrl, queueUrl);
            Dead.RemoveAll(m => m.MessageId == receiptHandle);
            _hidden.Remove(receiptHandle);
            return new DeleteMessageResponse();
        });

    private Task<T> Answer<T>(string call, Func<T> answer)
    {
        var fault = Fault(call, Calls.Count(c => c == call));
        Calls.Add(call);
        return fault is null ? Task.FromResult(answer()) : Task.FromException<T>(fault);
    }
}

/// <summary>A command line with texts for a terminal and a fake for SQS.</summary>
internal sealed class CliRig : IDisposable
{
    private readonly StringWriter _out = new();
    private readonly StringWriter _error = new();

    public string In { get; set; } = "";

    public string Out => _out.ToString();

    public string Error => _error.ToString();

    public FixedTime Time { get; } = new();

    public Terminal Terminal => new()
    {
        Out = _out,
        Error = _error,
        IsOutTerminal = false,
        In = new StringReader(In),
        Time = Time,
        NewId = Guid.NewGuid,
    };

    public void Dispose()
    {
        _out.Dispose();
        _error.Dispose();
    }
}

/// <summary>
/// A clock that stands still, on which every wait is over at once and no limit of a call's time is ever reached.
/// </summary>
internal sealed class FixedTime : TimeProvider
{
    private static readonly TimeSpan ShortestLimit = TimeSpan.FromSeconds(15);

    public List<TimeSpan> Waits { get; } = [];

    public override DateTimeOffset GetUtcNow() => Some.Now;

    public override long GetTimestamp() => 0;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var isWait = dueTime >= TimeSpan.Zero && dueTime < ShortestLimit;
        if (isWait)
            Waits.Add(dueTime);
        return System.CreateTimer(callback, state, isWait ? TimeSpan.Zero : Timeout.InfiniteTimeSpan, period);
    }
}
