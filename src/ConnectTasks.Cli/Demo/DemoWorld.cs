using System.Globalization;
using System.Text;
using Amazon.DynamoDBv2.Model;
using Amazon.SQS.Model;
using ConnectTasks.Local;

namespace ConnectTasks.Cli.Demo;

/// <summary>What a scenario does its work with: it sends, waits, and asks the services what there is.</summary>
internal sealed class DemoWorld(LocalSystem system, Terminal terminal)
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan ProgressInterval = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan RestTimeout = TimeSpan.FromMinutes(5);

    private readonly List<DemoMessage> _sent = [];
    private string? _queueArn;

    public IReadOnlyList<DemoMessage> Sent => _sent;

    /// <summary>Deliveries that the scenario made by hand, as SQS makes one twice now and then.</summary>
    public int Redelivered { get; private set; }

    public DateTimeOffset Now => terminal.Time.GetUtcNow();

    /// <summary>Sends a valid request.</summary>
    public Task SendAsync(
        string kind, TaskRequest request, Fate fate, string? reason, CancellationToken cancellation) =>
        SendAsync(kind, Encoding.UTF8.GetString(TaskRequestJson.Write(request)), fate, reason, cancellation);

    /// <summary>Sends a body as it is.</summary>
    public async Task SendAsync(string kind, string body, Fate fate, string? reason, CancellationToken cancellation)
    {
        _queueArn ??= (await system.Sqs.GetQueueAttributesAsync(system.QueueUrl, ["QueueArn"], cancellation)).QueueARN;
        var reply = await system.Sqs.SendMessageAsync(system.QueueUrl, body, cancellation);
        var request = TaskRequestJson.Read(body).Request;
        _sent.Add(new DemoMessage
        {
            Kind = kind,
            MessageId = reply.MessageId,
            Body = body,
            InstanceId = request?.InstanceId,
            ClientToken = request is null
                ? null
                : request.ClientToken ?? TaskKey.DeriveToken(_queueArn, reply.MessageId),
            Expected = (fate, reason),
        });
    }

    /// <summary>Gives a message that is done to the function once more. Gives whether that was a success.</summary>
    public async Task<bool> RedeliverAsync(DemoMessage message, CancellationToken cancellation)
    {
        var copy = new Message
        {
            MessageId = message.MessageId,
            ReceiptHandle = "delivered-twice",
            Body = message.Body,
            MD5OfBody = "",
            Attributes = new Dictionary<string, string>
            {
                ["ApproximateReceiveCount"] = "2",
                ["SentTimestamp"] = Now.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture),
            },
        };
        var function = system.Functions[system.Dispatch.LogicalId];
        var result = await function.InvokeAsync(SqsEventWriter.Write([copy], _queueArn!), cancellation);
        Redelivered++;
        return result is InvocationResult.Success success
            && PartialBatchResponse.Read(success.Payload, [message.MessageId]).Failed.Count == 0;
    }

    /// <summary>Waits until nothing is on the task queue or in the function any more.</summary>
    /// <returns>False if that took too long: what is left then counts as lost.</returns>
    public async Task<bool> RestAsync(CancellationToken cancellation)
    {
        var (began, told, quiet) = (terminal.Time.GetTimestamp(), terminal.Time.GetTimestamp(), 0);
        while (terminal.Time.GetElapsedTime(began) < RestTimeout)
        {
            var waiting = await WaitingAsync(cancellation);
            quiet = waiting == 0 && system.Mappings.All(m => m.Counters.InFlight == 0) ? quiet + 1 : 0;
            // Once more, so that a message between two places is not taken for none.
            if (quiet == 2)
                return true;
            if (terminal.Time.GetElapsedTime(told) >= ProgressInterval)
            {
                told = terminal.Time.GetTimestamp();
                var throttled = system.Connect?.State.Totals.Throttled ?? 0;
                terminal.Say($"  {system.Connect?.State.Contacts.Count} contacts, {waiting} messages on their way, "
                    + $"{throttled} calls throttled so far");
            }

            await Task.Delay(PollInterval, terminal.Time, cancellation);
        }

        terminal.Say($"Not at rest after {RestTimeout.TotalMinutes} minutes.");
        return false;
    }

    public async Task<Accounts> SettleAsync(CancellationToken cancellation)
    {
        var contacts = system.Connect!.State.Contacts
            .Select(contact => new DemoContact(contact.InstanceId, contact.ClientToken, contact.ContactId));
        var letters = await DeadLetter.ReadAllAsync(system.Sqs, system.DeadLetterQueueUrl, cancellation);
        return Accounts.Settle(_sent, [.. contacts], letters, await RecordedAsync(cancellation));
    }

    /// <summary>The ledger's started tasks: the contact id of each key.</summary>
    private async Task<Dictionary<string, string>> RecordedAsync(CancellationToken cancellation)
    {
        var recorded = new Dictionary<string, string>();
        var request = new ScanRequest { TableName = system.Table, ConsistentRead = true };
        do
        {
            var page = await system.DynamoDb.ScanAsync(request, cancellation);
            foreach (var item in page.Items ?? [])
            {
                if (item.GetValueOrDefault("state")?.S == "Started")
                    recorded[item["pk"].S] = item.GetValueOrDefault("contactId")?.S ?? "";
            }

            request.ExclusiveStartKey = page.LastEvaluatedKey;
        }
        while (request.ExclusiveStartKey is { Count: > 0 });
        return recorded;
    }

    private async Task<int> WaitingAsync(CancellationToken cancellation)
    {
        var counts = await system.Sqs.GetQueueAttributesAsync(system.QueueUrl, ["All"], cancellation);
        return counts.ApproximateNumberOfMessages + counts.ApproximateNumberOfMessagesNotVisible
            + counts.ApproximateNumberOfMessagesDelayed;
    }
}
