using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Amazon.DynamoDBv2.Model;
using Amazon.SQS.Model;
using ConnectTasks.Cli;
using ConnectTasks.Lambda;
using ConnectTasks.Local;
using ConnectTasks.Tests;

namespace ConnectTasks.EndToEnd;

/// <summary>The system of the template on this machine, and what a test does with it and asks of it.</summary>
/// <remarks>
/// The functions' program is the build's own, or the one that the environment variable CONNECT_TASKS_FUNCTION names: a
/// .dll or a native executable.
/// </remarks>
public abstract class World : IAsyncLifetime
{
    /// <summary>Far more than anything here takes: only a fault makes a test wait this long.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(50);

    private readonly ConcurrentQueue<string> _log = [];
    private readonly List<DeadLetter> _deadLetters = [];
    private readonly SemaphoreSlim _deadLettersGate = new(1);
    private LocalSystem? _system;

    internal LocalSystem System => _system!;

    internal FakeConnectState Connect => System.Connect!.State;

    internal Function Dispatch => System.Functions["DispatchFunction"];

    internal Function Release => System.Functions["ReleaseFunction"];

    internal string QueueArn { get; private set; } = "";

    private protected static LocalSystemOptions DefaultOptions => new()
    {
        TemplatePath = SystemOptions.DefaultTemplate,
        FunctionExecutable = FunctionExecutable.Find(null),
        // Pace is not what is looked at here, so nothing waits for it.
        Parameters = new Dictionary<string, string>
        {
            ["ConnectInstanceId"] = Some.Instance,
            ["ConnectRatePerSecond"] = "1000",
            ["ConnectBurst"] = "1000",
        },
        Connect = new FakeConnectOptions { RatePerSecond = 0 },
        NotFoundPatience = LocalSystemOptions.ShortPatience,
    };

    private protected abstract LocalSystemOptions Options { get; }

    public virtual async ValueTask InitializeAsync()
    {
        _system = await LocalSystem.StartAsync(
            Options, TimeProvider.System, Guid.NewGuid, _log.Enqueue, Observe, TestContext.Current.CancellationToken);
        QueueArn = (await System.Sqs.GetQueueAttributesAsync(System.QueueUrl, ["QueueArn"])).QueueARN;
    }

    public virtual async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_system is not null)
        {
            await _system.DisposeAsync();
        }

        _deadLettersGate.Dispose();
    }

    /// <summary>Sends a message and gives its id.</summary>
    internal async Task<string> SendAsync(string body, string? group = null)
    {
        var request = new SendMessageRequest { QueueUrl = System.QueueUrl, MessageBody = body, MessageGroupId = group };
        return (await System.Sqs.SendMessageAsync(request)).MessageId;
    }

    internal Task<string> SendAsync(TaskRequest request) => SendAsync(BodyOf(request));

    internal Task<string> SendAsync(TaskCommand command) => SendAsync(BodyOf(command));

    internal static string BodyOf(TaskRequest request) => Encoding.UTF8.GetString(TaskRequestJson.Write(request));

    internal static string BodyOf(TaskCommand command) => Encoding.UTF8.GetString(TaskCommandJson.Write(command));

    /// <summary>A time to come, to the second, as Connect takes it.</summary>
    internal static DateTimeOffset In(TimeSpan ahead) =>
        DateTimeOffset.FromUnixTimeSeconds((TimeProvider.System.GetUtcNow() + ahead).ToUnixTimeSeconds());

    /// <summary>Waits until something is there, and gives it.</summary>
    internal async Task<T> UntilAsync<T>(string what, Func<Task<T?>> look) where T : class
    {
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            if (await look() is { } found)
            {
                return found;
            }

            if (patience.IsCancellationRequested)
            {
                Assert.Fail($"Waited in vain for {what}. The last that was logged:\n{string.Join('\n', _log.TakeLast(30))}");
            }

            await Task.Delay(PollInterval, TestContext.Current.CancellationToken);
        }
    }

    internal Task<StartedContact> ContactAsync(string token) => UntilAsync(
        $"the contact of {token}", () => Task.FromResult(ContactsOf(token) is [var contact, ..] ? contact : null));

    internal IReadOnlyList<StartedContact> ContactsOf(string token) =>
        [.. Connect.Contacts.Where(contact => contact.ClientToken == token)];

    /// <summary>Waits until nothing is on the task queue, visible or not.</summary>
    internal Task AtRestAsync() => UntilAsync("rest", async () =>
    {
        var counts = await System.Sqs.GetQueueAttributesAsync(System.QueueUrl, ["All"]);
        var waiting = counts.ApproximateNumberOfMessages + counts.ApproximateNumberOfMessagesNotVisible;
        return waiting == 0 && System.Mappings.All(m => m.Counters.InFlight == 0) ? "rest" : null;
    });

    internal Task<DeadLetter> DeadLetterAsync(string messageId) => UntilAsync(
        $"the dead letter of {messageId}",
        async () => (await DeadLettersAsync()).FirstOrDefault(letter => letter.Origin?.MessageId == messageId));

    /// <summary>All dead letters so far.</summary>
    internal async Task<IReadOnlyList<DeadLetter>> DeadLettersAsync()
    {
        await _deadLettersGate.WaitAsync();
        try
        {
            // Taken off, because on a FIFO queue those that are read would hide the rest of their group.
            var request = new ReceiveMessageRequest
            {
                QueueUrl = System.DeadLetterQueueUrl,
                MaxNumberOfMessages = 10,
                MessageAttributeNames = ["All"],
            };
            while ((await System.Sqs.ReceiveMessageAsync(request)).Messages is { Count: > 0 } messages)
            {
                foreach (var message in messages)
                {
                    _deadLetters.Add(DeadLetter.Read(message));
                    await System.Sqs.DeleteMessageAsync(System.DeadLetterQueueUrl, message.ReceiptHandle);
                }
            }

            return [.. _deadLetters];
        }
        finally
        {
            _deadLettersGate.Release();
        }
    }

    internal async Task<LedgerItem?> LedgerItemAsync(string token)
    {
        var read = await System.DynamoDb.GetItemAsync(
            new GetItemRequest { TableName = System.Table, Key = KeyOf(token), ConsistentRead = true });
        return LedgerItem.From(read.Item);
    }

    /// <summary>Lets the time pass until a lease has run out, without the wait.</summary>
    internal Task ExpireLeaseAsync(string token) => ChangeItemAsync(
        token, "SET leaseUntilMs = :past", "attribute_exists(leaseUntilMs)", new() { [":past"] = LedgerItem.Number(1) });

    /// <summary>Changes an item behind the functions' back, if the condition holds.</summary>
    internal async Task ChangeItemAsync(
        string token, string update, string condition, Dictionary<string, AttributeValue> values)
    {
        try
        {
            await System.DynamoDb.UpdateItemAsync(new UpdateItemRequest
            {
                TableName = System.Table,
                Key = KeyOf(token),
                UpdateExpression = update,
                ConditionExpression = condition,
                ExpressionAttributeValues = values,
            });
        }
        catch (ConditionalCheckFailedException)
        {
            // Nothing there to change.
        }
    }

    /// <summary>The event that Lambda would make of this message.</summary>
    internal ReadOnlyMemory<byte> EventOf(string messageId, string body) => SqsEventWriter.Write(
        [
            new Amazon.SQS.Model.Message
            {
                MessageId = messageId,
                ReceiptHandle = "handle-" + messageId,
                Body = body,
                MD5OfBody = "",
                Attributes = new()
                {
                    ["ApproximateReceiveCount"] = "1",
                    ["SentTimestamp"] =
                        TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture),
                },
            },
        ],
        QueueArn);

    private static Dictionary<string, AttributeValue> KeyOf(string token) =>
        new() { ["pk"] = new(TaskKey.For(Some.Instance, token)) };

    internal void Observe(LambdaEvent seen)
    {
        if (seen is LambdaEvent.LogLine line)
        {
            _log.Enqueue(line.Text);
        }
        else if (seen is LambdaEvent.Warning or LambdaEvent.PollingFailed
            || seen is LambdaEvent.InvocationFinished { Result: not InvocationResult.Success })
        {
            _log.Enqueue(seen.ToString());
        }
    }
}
