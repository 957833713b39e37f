using Amazon.SQS.Model;
using ConnectTasks.Local;
using ConnectTasks.Tests;

namespace ConnectTasks.EndToEnd;

/// <summary>
/// The system with a proxy that lets outside calls fail, and with the test in the event source mapping's place, so that
/// it decides when messages are delivered and when time has passed.
/// </summary>
public sealed class FaultWorld : World
{
    /// <summary>A task that was started before anything failed.</summary>
    internal const string DoneToken = "sweep-done";

    private FaultProxy? _proxy;

    internal FaultProxy Proxy => _proxy!;

    private protected override LocalSystemOptions Options =>
        DefaultOptions with { RunsEvents = false, Environment = Proxy.Environment };

    public override async ValueTask InitializeAsync()
    {
        _proxy = await FaultProxy.StartAsync();
        await base.InitializeAsync();
        Proxy.Targets = [System.SqsUrl, System.DynamoDbUrl, System.ConnectUrl];
        await SendAsync(Some.Body(DoneToken));
        Assert.Empty(await DeliverAsync(await ReceiveAsync()));
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        if (_proxy is not null)
        {
            await _proxy.DisposeAsync();
        }
    }

    /// <summary>Receives all that is visible.</summary>
    internal async Task<List<Message>> ReceiveAsync()
    {
        var request = new ReceiveMessageRequest
        {
            QueueUrl = System.QueueUrl,
            MaxNumberOfMessages = 10,
            MessageSystemAttributeNames = ["All"],
            MessageAttributeNames = ["All"],
        };
        var all = new List<Message>();
        while ((await System.Sqs.ReceiveMessageAsync(request)).Messages is { Count: > 0 } messages)
        {
            all.AddRange(messages);
        }

        return all;
    }

    /// <summary>One invocation with these messages; what its response lets succeed is deleted, the rest is given.</summary>
    internal async Task<List<Message>> DeliverAsync(List<Message> batch)
    {
        var result = await Dispatch.InvokeAsync(SqsEventWriter.Write(batch, QueueArn), TestContext.Current.CancellationToken);
        List<string> ids = [.. batch.Select(message => message.MessageId)];
        var verdict = result is InvocationResult.Success success
            ? PartialBatchResponse.Read(success.Payload, ids)
            : PartialBatchResponse.AllFailed(ids);
        Assert.Null(verdict.Malformed);
        foreach (var done in batch.Where(message => verdict.Succeeded.Contains(message.MessageId)))
        {
            await System.Sqs.DeleteMessageAsync(System.QueueUrl, done.ReceiptHandle);
        }

        return batch.FindAll(message => verdict.Failed.Contains(message.MessageId));
    }

    /// <summary>
    /// Delivers what has failed, and what else is on the queue, until nothing is left. In between leases run out and
    /// visibility timeouts end.
    /// </summary>
    /// <param name="failed">What is in flight.</param>
    /// <param name="tokens">The tasks whose leases run out.</param>
    internal async Task RedeliverAsync(List<Message> failed, params IEnumerable<string> tokens)
    {
        const int MaxRounds = 5;
        for (var round = 1; ; round++)
        {
            foreach (var token in tokens)
            {
                await ExpireLeaseAsync(token);
            }

            foreach (var message in failed)
            {
                await System.Sqs.ChangeMessageVisibilityAsync(System.QueueUrl, message.ReceiptHandle, 0);
            }

            var batch = await ReceiveAsync();
            // Only a batch that was received whole shows that nothing was lost.
            Assert.Superset(
                failed.Select(message => message.MessageId).ToHashSet(),
                batch.Select(message => message.MessageId).ToHashSet());
            if (batch.Count == 0)
            {
                return;
            }

            Assert.True(round <= MaxRounds, $"{batch.Count} messages never come to an end: {batch[0].Body}");
            failed = await DeliverAsync(batch);
        }
    }
}
