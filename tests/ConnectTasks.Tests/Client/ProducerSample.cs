using Amazon.SQS;
using ConnectTasks.Client;

namespace ConnectTasks.Tests.Client;

/// <summary>The README's sample: what stands between the marks is quoted there as it is.</summary>
internal static class ProducerSample
{
    public static async Task RunAsync(
        IAmazonSQS sqs, string queueUrl, string instanceId, string flowId, DateTimeOffset time)
    {
        // <sample>
        var tasks = new TaskQueueClient(sqs, new TaskQueueOptions { QueueUrl = queueUrl });
        await tasks.SendAsync(new TaskRequest
        {
            InstanceId = instanceId,
            ContactFlowId = flowId,
            Name = "Call back about invoice 4711",
            References = new Dictionary<string, TaskReference> { ["Invoice"] = new("URL", "https://example.com/4711") },
            ScheduledTime = time,
            ClientToken = ClientToken.FromKey("billing", "4711", "overdue-call"),
        });
        // </sample>
    }
}
