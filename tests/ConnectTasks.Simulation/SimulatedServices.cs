using System.Net;
using Amazon.Connect;
using Amazon.Connect.Model;
using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Amazon.Runtime;
using Amazon.SQS;
using Amazon.SQS.Model;
using ConnectTasks.Lambda;

namespace ConnectTasks.Simulation;

/// <summary>DynamoDB behind a bad network, with the SDK's retries, which can meet their own success.</summary>
internal sealed class SimulatedDynamoDb(World world, InMemoryDynamoDb store) : AmazonDynamoDBClient(
    "local", "local", new AmazonDynamoDBConfig { ServiceURL = "http://127.0.0.1:1" })
{
    /// <summary>Rewrites requests; a mutant's way in.</summary>
    public Func<UpdateItemRequest, UpdateItemRequest> Rewrite { get; init; } = r => r;

    public override Task<UpdateItemResponse> UpdateItemAsync(
        UpdateItemRequest request, CancellationToken cancellationToken = default) =>
        WithRetriesAsync("update", () => Audited(Rewrite(request)), cancellationToken);

    public override Task<GetItemResponse> GetItemAsync(
        GetItemRequest request, CancellationToken cancellationToken = default) =>
        WithRetriesAsync("get", () => store.GetItemAsync(request, CancellationToken.None).Result, cancellationToken);

    public override Task<DeleteItemResponse> DeleteItemAsync(
        DeleteItemRequest request, CancellationToken cancellationToken = default) =>
        WithRetriesAsync("delete", () => store.DeleteItemAsync(request, CancellationToken.None).Result, cancellationToken);

    public override Task<QueryResponse> QueryAsync(
        QueryRequest request, CancellationToken cancellationToken = default) =>
        WithRetriesAsync("query", () => store.QueryAsync(request, CancellationToken.None).Result, cancellationToken);

    private UpdateItemResponse Audited(UpdateItemRequest request)
    {
        var key = request.Key["pk"].S;
        var before = store.Items.GetValueOrDefault(key);
        UpdateItemResponse response;
        try
        {
            response = store.UpdateItemAsync(request, CancellationToken.None).GetAwaiter().GetResult();
        }
        catch (ConditionalCheckFailedException)
        {
            world.Trace(key, "ledger: condition failed");
            throw;
        }

        var after = store.Items[key];
        world.Trace(key, $"ledger: {before?.GetValueOrDefault("state")?.S ?? "none"} → {after["state"].S}");
        if (after["state"].S == "Held" && after.ContainsKey("mayExist"))
        {
            world.HeldInDoubt.Add(key);
        }
        world.Audit.OnLedgerWrite(key, before, after, request);
        return response;
    }

    private async Task<T> WithRetriesAsync<T>(string what, Func<T> effect, CancellationToken cancellation)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                return await Network.CallAsync(world, what, Settings.LedgerTimeout, () => Failing(effect), cancellation);
            }
            catch (Exception e) when (e is not ConditionalCheckFailedException && attempt < 2
                && !cancellation.IsCancellationRequested)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50 << attempt), world.Loop, cancellation);
            }
        }
    }

    private T Failing<T>(Func<T> effect)
    {
        if (world.IsOut(Service.Ledger) || world.Random.NextDouble() < world.Rates.ServerError)
        {
            throw new AmazonDynamoDBException("text") { ErrorCode = "InternalServerError", StatusCode = (HttpStatusCode)500 };
        }

        if (world.Random.NextDouble() < world.Rates.Throttle)
        {
            world.Counts.Throttles++;
            throw new AmazonDynamoDBException("text") { ErrorCode = "ThrottlingException", StatusCode = (HttpStatusCode)400 };
        }

        return effect();
    }
}

/// <summary>Connect: its rate limit, its memory of client tokens, its refusals and its bad days.</summary>
internal sealed class SimulatedConnect(World world) : AmazonConnectClient(
    new BasicAWSCredentials("local", "local"), new AmazonConnectConfig { ServiceURL = "http://127.0.0.1:1" })
{
    /// <summary>A request of this name can never work.</summary>
    public const string NeverWorks = "never";

    private readonly Dictionary<string, (string Contact, DateTimeOffset At)> _tokens = [];
    private DateTimeOffset _bucketFullAt = DateTimeOffset.MinValue;

    public List<Contact> Contacts { get; } = [];

    public override Task<StartTaskContactResponse> StartTaskContactAsync(
        StartTaskContactRequest request, CancellationToken cancellationToken = default) =>
        Network.CallAsync(world, "start", Settings.ConnectTimeout, () => Start(request), cancellationToken);

    private StartTaskContactResponse Start(StartTaskContactRequest request)
    {
        var key = TaskKey.For(request.InstanceId!, request.ClientToken!);
        if (world.IsOut(Service.Connect) || world.Random.NextDouble() < world.Rates.ServerError)
        {
            throw Error(key, 500, "InternalServiceException");
        }

        if (!TakeFromBucket() || world.Random.NextDouble() < world.Rates.Throttle)
        {
            world.Counts.Throttles++;
            throw Error(key, 429, "ThrottlingException");
        }

        if (request.Name!.StartsWith(NeverWorks, StringComparison.Ordinal))
        {
            throw Error(key, 400, "InvalidParameterException");
        }

        var now = world.Loop.Now;
        if (request.ScheduledTime is { } time && (time < now.UtcDateTime || time > (now + world.Config.ConnectHorizon).UtcDateTime))
        {
            throw Error(key, 400, "InvalidParameterException");
        }

        if (_tokens.TryGetValue(request.ClientToken!, out var known) && now - known.At < world.Config.TokenMemory)
        {
            world.Trace(key, $"connect: the same contact {known.Contact}");
            return new StartTaskContactResponse { ContactId = known.Contact };
        }

        var contact = $"contact-{Contacts.Count + 1}";
        _tokens[request.ClientToken!] = (contact, now);
        Contacts.Add(new Contact(contact, request.ClientToken!, request.Name!, now)
        {
            StartsAt = request.ScheduledTime is { } at ? new DateTimeOffset(at, TimeSpan.Zero) : now,
        });
        world.Trace(key, $"connect: new contact {contact}");
        world.Audit.OnContact(key, request.ClientToken!);
        return new StartTaskContactResponse { ContactId = contact };
    }

    public override Task<DescribeContactResponse> DescribeContactAsync(
        DescribeContactRequest request, CancellationToken cancellationToken = default) =>
        Network.CallAsync(world, "describe", Settings.ConnectTimeout, () => OnContact(request.ContactId!, c => new DescribeContactResponse
        {
            Contact = new Amazon.Connect.Model.Contact
            {
                ScheduledTimestamp = c.StartsAt.UtcDateTime,
                DisconnectTimestamp = c.StoppedAt?.UtcDateTime,
            },
        }), cancellationToken);

    public override Task<StopContactResponse> StopContactAsync(
        StopContactRequest request, CancellationToken cancellationToken = default) =>
        Network.CallAsync(world, "stop", Settings.ConnectTimeout, () => OnContact(request.ContactId!, c =>
        {
            c.StoppedAt ??= world.Loop.Now;
            return new StopContactResponse();
        }), cancellationToken);

    public override Task<UpdateContactScheduleResponse> UpdateContactScheduleAsync(
        UpdateContactScheduleRequest request, CancellationToken cancellationToken = default) =>
        Network.CallAsync(world, "move", Settings.ConnectTimeout, () => OnContact(request.ContactId!, c =>
        {
            if (request.ScheduledTime < world.Loop.Now.UtcDateTime)
            {
                throw Error(c.Id, 400, "InvalidParameterException");
            }

            c.StartsAt = new DateTimeOffset(request.ScheduledTime!.Value.ToUniversalTime(), TimeSpan.Zero);
            return new UpdateContactScheduleResponse();
        }), cancellationToken);

    private T OnContact<T>(string id, Func<Contact, T> effect)
    {
        if (world.IsOut(Service.Connect) || world.Random.NextDouble() < world.Rates.ServerError)
        {
            throw Error(id, 500, "InternalServiceException");
        }

        return effect(Contacts.Find(c => c.Id == id) ?? throw Error(id, 404, "ResourceNotFoundException"));
    }

    private bool TakeFromBucket()
    {
        var now = world.Loop.Now;
        var interval = TimeSpan.FromSeconds(1 / world.Config.Quota);
        if (_bucketFullAt - now > interval * (world.Config.QuotaBurst - 1))
        {
            return false;
        }

        _bucketFullAt = (_bucketFullAt > now ? _bucketFullAt : now) + interval;
        return true;
    }

    private AmazonConnectException Error(string key, int status, string code)
    {
        world.Trace(key, $"connect: {status} {code}");
        return new AmazonConnectException("text", null, ErrorType.Unknown, code, "id", (HttpStatusCode)status);
    }
}

/// <summary>A task contact.</summary>
/// <param name="Name">The request's name, which in the simulation is the task's identity.</param>
internal sealed record Contact(string Id, string ClientToken, string Name, DateTimeOffset At)
{
    /// <summary>When an agent gets it.</summary>
    public required DateTimeOffset StartsAt { get; set; }

    /// <summary>When it was ended, if it was.</summary>
    public DateTimeOffset? StoppedAt { get; set; }
}

/// <summary>SQS as the function sees it.</summary>
internal sealed class SimulatedSqs(World world, SimulatedQueue tasks, SimulatedQueue dead) : AmazonSQSClient(
    "local", "local", new AmazonSQSConfig { ServiceURL = "http://127.0.0.1:1" })
{
    public override Task<SendMessageResponse> SendMessageAsync(
        SendMessageRequest request, CancellationToken cancellationToken = default) =>
        Network.CallAsync(
            world,
            "send",
            Settings.QueueTimeout,
            () =>
            {
                Fail();
                var queue = request.QueueUrl == world.Config.Settings.DeadLetterQueueUrl ? dead : tasks;
                var id = queue.Send(
                    request.MessageBody,
                    request.MessageGroupId,
                    request.MessageAttributes?.ToDictionary(a => a.Key, a => a.Value.StringValue));
                return new SendMessageResponse { MessageId = id };
            },
            cancellationToken);

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

    private void Fail()
    {
        if (world.Random.NextDouble() < world.Rates.ServerError)
        {
            throw new AmazonSQSException("text") { ErrorCode = "InternalError", StatusCode = (HttpStatusCode)500 };
        }
    }
}

internal enum Service
{
    Ledger,
    Connect,
}
