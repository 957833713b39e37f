using System.Globalization;
using Amazon.SQS;
using Amazon.SQS.Model;
using ConnectTasks.Client;

namespace ConnectTasks.Simulation;

/// <summary>The producers: what they send when, and what they send again when they see a letter of theirs.</summary>
#pragma warning disable CA1001 // A client that never opens a connection has nothing to dispose of.
internal sealed class Producers
#pragma warning restore CA1001
{
    private readonly World _world;
    private readonly List<MessagePlan> _plans;
    private readonly HashSet<string> _corrected = [];
    private readonly TaskQueueClient? _client;
    private readonly CapturingSqs _captured = new();
    private int _unsent;

    public Producers(World world, List<MessagePlan> plans)
    {
        (_world, _plans, _unsent) = (world, plans, plans.Count);
        _client = world.Config.Fifo
            ? new TaskQueueClient(_captured, new TaskQueueOptions { QueueUrl = "https://sqs/0/tasks.fifo" }, world.Loop)
            : null;
        foreach (var plan in plans)
        {
            world.Loop.After(plan.At, () => Send(plan));
        }

        world.Dead.WasSent += Correct;
    }

    public bool IsDone => _unsent == 0 && _plans.TrueForAll(p => p.Correction is null || _corrected.Contains(p.Task));

    /// <summary>When the last message is sent and the last time comes.</summary>
    public DateTimeOffset Last => _plans.Max(p => p.Time > World.Start + p.At ? p.Time.Value : World.Start + p.At);

    private void Send(MessagePlan plan)
    {
        _unsent--;
        // As the client does it, which not all producers use: a stamp on commands, an id for FIFO's deduplication.
        var attributes = plan.IsCommand
            ? new Dictionary<string, string> { ["ConnectTasks.SentAt"] = Milliseconds(_world.Loop.Now) }
            : null;
        var deduplicationId = _world.Config.Fifo ? DeduplicationIdOf(plan) : null;
        var expected = _world.Tasks.Sent;
        _world.SendPlanned(plan, attributes, deduplicationId);
        if (_world.Tasks.Sent == expected)
        {
            // A duplicate that SQS took for the first one is none; anything else is lost.
            _world.Audit.OnDroppedByDeduplication(plan);
        }

        _world.Counts.Commands += plan.IsCommand ? 1 : 0;
        _world.Counts.Moves += plan.Kind == MessageKind.Reschedule ? 1 : 0;
    }

    private string DeduplicationIdOf(MessagePlan plan)
    {
        if (plan.Token is null || plan.IsCommand || TaskRequestJson.Read(plan.Body).Request is not { } request)
        {
            return $"own-{_unsent}";
        }

        _client!.SendAsync(request, new SendOptions { MessageGroupId = plan.Group }).GetAwaiter().GetResult();
        return _captured.DeduplicationId!;
    }

    private void Correct(QueuedMessage letter)
    {
        var origin = DeadLetterOrigin.Parse(letter.Attributes.GetValueOrDefault(DeadLetterAttributes.Origin));
        if (_world.Facts.SentOf(origin?.MessageId ?? "")?.Plan is not { Correction: { } correction } wrong
            || !_corrected.Add(wrong.Task))
        {
            return;
        }

        _unsent++;
        _world.Loop.After(correction.At, () => Send(correction));
    }

    private static string Milliseconds(DateTimeOffset time) =>
        time.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);

    /// <summary>Notes what the client would send.</summary>
    private sealed class CapturingSqs() : AmazonSQSClient(
        "local", "local", new AmazonSQSConfig { ServiceURL = "http://127.0.0.1:1" })
    {
        public string? DeduplicationId { get; private set; }

        public override Task<SendMessageBatchResponse> SendMessageBatchAsync(
            SendMessageBatchRequest request, CancellationToken cancellationToken = default)
        {
            DeduplicationId = request.Entries[0].MessageDeduplicationId;
            return Task.FromResult(new SendMessageBatchResponse
            {
                Successful = [new() { Id = request.Entries[0].Id, MessageId = "id" }],
                Failed = [],
            });
        }
    }
}
