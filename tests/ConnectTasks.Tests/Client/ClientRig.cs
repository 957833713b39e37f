using ConnectTasks.Client;
using Microsoft.Extensions.Time.Testing;

namespace ConnectTasks.Tests.Client;

/// <summary>The client on a fake of SQS and a clock that moves by itself whenever something waits.</summary>
internal sealed class ClientRig
{
    public const string QueueUrl = "https://sqs.us-east-1.amazonaws.com/000000000000/tasks";

    public ClientRig(string queueUrl = QueueUrl, int? maxBytes = null, int maxAttempts = 4)
    {
        var options = new TaskQueueOptions { QueueUrl = queueUrl, MaxAttempts = maxAttempts };
        if (maxBytes is { } bytes)
            options.MessageMaxBytes = bytes;
        Client = new TaskQueueClient(Sqs, options, Time, () => 1);
    }

    public SqsQueueFake Sqs { get; } = new();

    public SkippingTimeProvider Time { get; } = new();

    public TaskQueueClient Client { get; }

    public static IEnumerable<TaskRequest> Requests(int count) =>
        Enumerable.Range(0, count).Select(i => Some.Request(token: $"t-{i}"));
}

/// <summary>Virtual time in which nobody waits: a timer moves the clock to its end and fires at once.</summary>
internal sealed class SkippingTimeProvider : TimeProvider
{
    private readonly FakeTimeProvider _clock = new(Some.Now);

    /// <summary>How long was waited, each time.</summary>
    public List<TimeSpan> Waits { get; } = [];

    public override DateTimeOffset GetUtcNow() => _clock.GetUtcNow();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        Waits.Add(dueTime);
        var timer = _clock.CreateTimer(callback, state, dueTime, period);
        _clock.Advance(dueTime);
        return timer;
    }
}
