using System.Net;
using Amazon.SQS;
using Amazon.SQS.Model;
using ConnectTasks.Lambda;

namespace ConnectTasks.Simulation;

/// <summary>SQS as the function sees it.</summary>
internal sealed class SimulatedSqs(World world, SimulatedQueue tasks, SimulatedQueue dead) : AmazonSQSClient(
    "local", "local", new AmazonSQSConfig { ServiceURL = "http://127.0.0.1:1" })
{
    public override Task<SendMessageResponse> SendMessageAsync(
        SendMessageRequest request, CancellationToken cancellationToken = default) =>
        Network.CallAsync(world, "send", Settings.QueueTimeout, () => Send(request), cancellationToken);

    public override Task<ChangeMessageVisibilityBatchResponse> ChangeMessageVisibilityBatchAsync(
        string queueUrl,
        List<ChangeMessageVisibilityBatchRequestEntry> entries,
        CancellationToken cancellationToken = default) =>
        Network.CallAsync(
            world,
            "visibility",
            Settings.QueueTimeout,
            () =>
            {
                Fail();
                foreach (var entry in entries)
                {
                    tasks.ChangeVisibility(entry.ReceiptHandle, TimeSpan.FromSeconds(entry.VisibilityTimeout ?? 0));
                }

                return new ChangeMessageVisibilityBatchResponse();
            },
            cancellationToken);

    private SendMessageResponse Send(SendMessageRequest request)
    {
        Fail();
        var queue = request.QueueUrl == world.Config.Settings.DeadLetterQueueUrl ? dead : tasks;
        try
        {
            var id = queue.Send(
                request.MessageBody,
                request.MessageGroupId,
                request.MessageAttributes?.ToDictionary(a => a.Key, a => a.Value.StringValue),
                request.MessageDeduplicationId,
                request.DelaySeconds);
            if (world.Random.NextDouble() < world.Rates.ServerError * world.Rates.FailsAfter)
            {
                throw Error("InternalError", 500);
            }

            return new SendMessageResponse { MessageId = id };
        }
        catch (AmazonSQSException e) when (e.ErrorCode == "InvalidParameterValue")
        {
            world.Counts.RefusedParameters++;
            throw;
        }
    }

    private void Fail()
    {
        switch (world.StretchOf(Service.Queues))
        {
            case StretchKind.Denied: throw Error("AccessDenied", 403);
            case not null: throw Error("ServiceUnavailable", 503);
        }

        if (world.Random.NextDouble() < world.Rates.ServerError)
        {
            throw Error("InternalError", 500);
        }

        if (world.Random.NextDouble() < world.Rates.Throttle / 4)
        {
            throw Error("RequestThrottled", 403);
        }
    }

    private static AmazonSQSException Error(string code, int status) =>
        new("text") { ErrorCode = code, StatusCode = (HttpStatusCode)status };
}
