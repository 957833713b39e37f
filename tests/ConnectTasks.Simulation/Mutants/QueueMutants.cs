using Amazon.Lambda.SQSEvents;

namespace ConnectTasks.Simulation;

/// <summary>Faults of what is sent to queues, and of what is read of messages.</summary>
internal static class QueueMutants
{
    public static readonly IReadOnlyList<Mutant> All =
    [
        new("unsent-dead-letter", "a dead letter whose sending failed is taken for sent")
        {
            ShownBy = Theme.Groups,
            Sqs = (world, inner) => new SqsDecorator(world, inner) { SwallowsFailuresTo = SqsDecorator.Target.Dead },
        },
        new("no-back-off", "visibility timeouts are set to a second, whatever the policy says")
        {
            Sqs = (world, inner) => new SqsDecorator(world, inner) { VisibilityTimeout = 1 },
        },
        new("deduplication-on-a-standard-queue", "a message with a group is sent with a MessageDeduplicationId to any queue")
        {
            ShownBy = Theme.Groups,
            Sqs = (world, inner) => new SqsDecorator(world, inner) { DeduplicatesGroups = true },
        },
        new("group-lost-in-a-letter", "a dead letter has no group")
        {
            ShownBy = Theme.Groups,
            Sqs = (world, inner) => new SqsDecorator(world, inner) { LosesGroupOfLetters = true },
        },
        new("order-on-a-standard-queue", "a group means order on any queue")
        {
            ShownBy = Theme.Groups,
            Settings = (world, settings) => world.Config.Fifo ? settings
                : settings with { TaskQueueUrl = settings.TaskQueueUrl + ".fifo" },
        },
        new("origin-lost", "a dead letter does not tell where it came from")
        {
            ShownBy = Theme.Groups,
            Sqs = (world, inner) => new SqsDecorator(world, inner) { LosesOrigin = true },
        },
        new("token-of-the-current-queue", "the token of a redriven request is derived from the queue that it is on now")
        {
            ShownBy = Theme.Outage,
            Handle = (handler, sqsEvent, context) =>
            {
                sqsEvent.Records!.ForEach(FromHere);
                return handler.HandleAsync(sqsEvent, context);
            },
        },
    ];

    private static void FromHere(SQSEvent.SQSMessage record)
    {
        if (record.MessageAttributes!.TryGetValue(DeadLetterAttributes.Origin, out var attribute)
            && DeadLetterOrigin.Parse(attribute.StringValue) is { } origin)
        {
            attribute.StringValue = (origin with { QueueArn = record.EventSourceArn! }).ToJson();
        }
    }
}
