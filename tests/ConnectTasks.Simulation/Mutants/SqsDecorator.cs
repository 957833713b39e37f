using System.Globalization;
using Amazon.SQS;
using Amazon.SQS.Model;
using ConnectTasks.Lambda;

namespace ConnectTasks.Simulation;

internal sealed class SqsDecorator(World world, IAmazonSQS inner) : AmazonSQSClient(
    "local", "local", new AmazonSQSConfig { ServiceURL = "http://127.0.0.1:1" })
{
    internal enum Target
    {
        None,
        Tasks,
        Dead,
    }

    public Target SwallowsFailuresTo { get; init; }

    public int? VisibilityTimeout { get; init; }

    public bool DeduplicatesCopiesByTime { get; init; }

    public bool DeduplicatesGroups { get; init; }

    public bool LosesGroupOfLetters { get; init; }

    public bool LosesOrigin { get; init; }

    public override async Task<SendMessageResponse> SendMessageAsync(
        SendMessageRequest request, CancellationToken cancellationToken = default)
    {
        var target = request.QueueUrl == world.Config.Settings.DeadLetterQueueUrl ? Target.Dead : Target.Tasks;
        if (DeduplicatesCopiesByTime && request.MessageDeduplicationId is not null && target == Target.Tasks)
        {
            var copy = request.MessageAttributes[Queues.ReleasedAttribute].StringValue.Split('/')[0];
            request.MessageDeduplicationId = string.Create(
                CultureInfo.InvariantCulture, $"{TaskRequestJson.Read(request.MessageBody).Request!.ClientToken}@{copy}");
        }

        if (DeduplicatesGroups && request.MessageGroupId is not null)
        {
            request.MessageDeduplicationId ??= "id";
        }

        if (target == Target.Dead && LosesGroupOfLetters && !world.Config.Fifo)
        {
            request.MessageGroupId = null;
        }

        if (target == Target.Dead && LosesOrigin)
        {
            request.MessageAttributes?.Remove(DeadLetterAttributes.Origin);
        }

        try
        {
            return await inner.SendMessageAsync(request, cancellationToken);
        }
        catch (Exception) when (SwallowsFailuresTo == target)
        {
            world.Trace("mutant", "a message that was not sent was taken for sent");
            return new SendMessageResponse();
        }
    }

    public override Task<ChangeMessageVisibilityBatchResponse> ChangeMessageVisibilityBatchAsync(
        string queueUrl,
        List<ChangeMessageVisibilityBatchRequestEntry> entries,
        CancellationToken cancellationToken = default)
    {
        foreach (var entry in entries)
        {
            entry.VisibilityTimeout = VisibilityTimeout ?? entry.VisibilityTimeout;
        }

        return inner.ChangeMessageVisibilityBatchAsync(queueUrl, entries, cancellationToken);
    }
}
