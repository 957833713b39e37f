using System.Globalization;
using System.Text;
using Amazon.DynamoDBv2.Model;
using Amazon.SQS.Model;
using ConnectTasks.Client;
using ConnectTasks.Local;

namespace ConnectTasks.Cli.Demo;

/// <summary>What a scenario does its work with: it sends, waits, and asks the services what there is.</summary>
internal sealed class DemoWorld(LocalSystem system, DemoEvents events, int seed, Terminal terminal)
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan ProgressInterval = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan RestTimeout = TimeSpan.FromMinutes(5);

    private readonly List<DemoMessage> _sent = [];
    private string? _queueArn;

    public IReadOnlyList<DemoMessage> Sent => _sent;

    /// <summary>Deliveries that the scenario made by hand, as SQS makes one twice now and then.</summary>
    public int Redelivered { get; private set; }

    public LocalSystem System => system;

    /// <summary>What the functions did.</summary>
    public DemoEvents Events => events;

    /// <summary>Where the scenario's chance comes from.</summary>
    public int Seed => seed;

    /// <summary>For cancellations and reschedules.</summary>
    public TaskQueueClient Queue { get; } =
        new(system.Sqs, new TaskQueueOptions { QueueUrl = system.QueueUrl }, terminal.Time);

    /// <summary>The ledger, as the commands read it.</summary>
    public Ledger Ledger { get; } = new(system.DynamoDb, system.Table, terminal.Time);

    public TimeProvider Time => terminal.Time;

    public DateTimeOffset Now => terminal.Time.GetUtcNow();

    public void Say(string line) => terminal.Say(line);

    /// <summary>AWS calls of the functions so far.</summary>
    public int CountCalls() => system.Calls!.Counts.Values.Sum();

    public Task DelayAsync(TimeSpan delay, CancellationToken cancellation) =>
        Task.Delay(delay > TimeSpan.Zero ? delay : TimeSpan.Zero, terminal.Time, cancellation);

    /// <summary>Asks again and again until it is so.</summary>
    /// <returns>False if it was not in time.</returns>
    public async Task<bool> UntilAsync(Func<Task<bool>> isSo, TimeSpan patience, CancellationToken cancellation)
    {
        var began = terminal.Time.GetTimestamp();
        while (!await isSo())
        {
            if (terminal.Time.GetElapsedTime(began) > patience)
                return false;
            await Task.Delay(PollInterval, terminal.Time, cancellation);
        }

        return true;
    }

    /// <summary>Sends a valid request.</summary>
    public Task SendAsync(
        string kind, TaskRequest request, Fate fate, string? reason, CancellationToken cancellation) =>
        SendAsync(kind, Encoding.UTF8.GetString(TaskRequestJson.Write(request)), fate, reason, cancellation);

    /// <summary>Sends valid requests, ten at a time.</summary>
    public async Task SendManyAsync(
        IEnumerable<(string Kind, TaskRequest Request, Fate Fate)> messages, CancellationToken cancellation)
    {
        foreach (var batch in messages.Chunk(10))
        {
            var results = await Queue.SendManyAsync(batch.Select(m => m.Request), cancellationToken: cancellation);
            foreach (var (message, result) in batch.Zip(results))
            {
                Note(message.Kind, result.EnsureSent().MessageId!,
                    Encoding.UTF8.GetString(TaskRequestJson.Write(message.Request)), (message.Fate, null),
                    message.Request.ScheduledTime);
            }
        }
    }

    /// <summary>Sends a request whose task is to start at a time of its own, as it is rescheduled later.</summary>
    public async Task SendAsync(
        string kind, TaskRequest request, Fate fate, DateTimeOffset startsAt, CancellationToken cancellation)
    {
        var result = await Queue.SendAsync(request, cancellationToken: cancellation);
        Note(kind, result.MessageId!, Encoding.UTF8.GetString(TaskRequestJson.Write(request)), (fate, null), startsAt);
    }

    /// <summary>Sends a body as it is.</summary>
    public async Task SendAsync(string kind, string body, Fate fate, string? reason, CancellationToken cancellation)
    {
        _queueArn ??= (await system.Sqs.GetQueueAttributesAsync(system.QueueUrl, ["QueueArn"], cancellation)).QueueARN;
        var reply = await system.Sqs.SendMessageAsync(system.QueueUrl, body, cancellation);
        Note(kind, reply.MessageId, body, (fate, reason), startsAt: null);
    }

    private void Note(
        string kind, string messageId, string body, (Fate Fate, string? Reason) expected, DateTimeOffset? startsAt)
    {
        var request = TaskRequestJson.Read(body).Request;
        _sent.Add(new DemoMessage
        {
            Kind = kind,
            MessageId = messageId,
            Body = body,
            InstanceId = request?.InstanceId,
            ClientToken = request is null
                ? null
                : request.ClientToken ?? TaskKey.DeriveToken(_queueArn!, messageId),
            Expected = expected,
            StartsAt = startsAt,
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
        var letters = await new DlqQueue(system.Sqs, system.DeadLetterQueueUrl, terminal.Time, terminal.NewId)
            .ReadAllAsync(cancellation);
        var (started, cancelled) = await RecordedAsync(cancellation);
        return Accounts.Settle(_sent, [.. contacts], letters, started, cancelled);
    }

    /// <summary>The ledger's started tasks (the contact id of each key), and the keys of its cancelled ones.</summary>
    private async Task<(Dictionary<string, string> Started, HashSet<string> Cancelled)> RecordedAsync(
        CancellationToken cancellation)
    {
        var (started, cancelled) = (new Dictionary<string, string>(), new HashSet<string>());
        var request = new ScanRequest { TableName = system.Table, ConsistentRead = true };
        do
        {
            var page = await system.DynamoDb.ScanAsync(request, cancellation);
            foreach (var record in (page.Items ?? []).Select(item => TaskRecord.From(item, Now)).OfType<TaskRecord>())
            {
                if (record.State == TaskRecord.Started)
                    started[record.Key] = record.ContactId ?? "";
                else if (record.State == TaskRecord.Cancelled)
                    cancelled.Add(record.Key);
            }

            request.ExclusiveStartKey = page.LastEvaluatedKey;
        }
        while (request.ExclusiveStartKey is { Count: > 0 });
        return (started, cancelled);
    }

    private async Task<int> WaitingAsync(CancellationToken cancellation)
    {
        var counts = await system.Sqs.GetQueueAttributesAsync(system.QueueUrl, ["All"], cancellation);
        return counts.ApproximateNumberOfMessages + counts.ApproximateNumberOfMessagesNotVisible
            + counts.ApproximateNumberOfMessagesDelayed;
    }
}
