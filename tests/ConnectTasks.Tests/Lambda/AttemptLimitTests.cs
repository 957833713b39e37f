using Amazon.Connect;
using Amazon.Connect.Model;
using Amazon.DynamoDBv2;
using Amazon.Runtime;
using Amazon.SQS;
using ConnectTasks.Lambda;
using ConnectTasks.Tests.AwsPackages;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace ConnectTasks.Tests.Lambda;

/// <summary>One attempt of an AWS client, on the wire. With official packages, too.</summary>
public sealed class AttemptLimitTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMilliseconds(400);
    private static readonly AWSCredentials Credentials = new BasicAWSCredentials("AKIDEXAMPLE", "secret");
    private static readonly StartTaskContactRequest Start = new() { Name = "n", ClientToken = "t" };

    private readonly FakeTimeProvider _time = new();

    public static TheoryData<string> Stalls => ["no answer", "headers", "half of the body", "half of an error"];

    [Theory]
    [MemberData(nameof(Stalls))]
    public async Task An_attempt_that_stalls_is_one_request_and_a_cancellation(string stall)
    {
        const int Calls = 20;
        var stalls = false;
        await using var server = await LoopbackServer.StartAsync(
            (_, http) => stalls ? StallAsync(http, stall) : Task.CompletedTask);
        using var connect = Connect(server);
        await WarmUpAsync(() => connect.StartTaskContactAsync(Start));
        (stalls, var before) = (true, server.Requests.Count);

        // Many, because what the SDK makes of a time-out depends on which of two things is seen first.
        await Task.WhenAll(Enumerable.Range(0, Calls).Select(_ => Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => connect.StartTaskContactAsync(Start))));

        Assert.Equal(Calls, server.Requests.Count - before);
    }

    [Theory]
    [MemberData(nameof(Stalls))]
    public async Task Attempts_of_ledger_and_queue_are_as_many_as_their_clients_may_make(string stall)
    {
        var stalls = false;
        await using var server = await LoopbackServer.StartAsync(
            (_, http) => stalls ? StallAsync(http, stall) : Task.CompletedTask);
        using var dynamoDb = new AmazonDynamoDBClient(Credentials, Of<AmazonDynamoDBConfig>(server, retries: 2));
        using var sqs = new AmazonSQSClient(Credentials, Of<AmazonSQSConfig>(server, retries: 1));
        Task GetAsync() => dynamoDb.GetItemAsync("t", new() { ["pk"] = new("k") });
        Task SendAsync() => sqs.SendMessageAsync("http://127.0.0.1/q", "body");
        await WarmUpAsync(GetAsync);
        await WarmUpAsync(SendAsync);
        (stalls, var before) = (true, server.Requests.Count);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(GetAsync);
        Assert.Equal(3, server.Requests.Count - before);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(SendAsync);
        Assert.Equal(3 + 2, server.Requests.Count - before);
    }

    [Theory]
    [MemberData(nameof(Stalls))]
    public async Task A_call_that_its_caller_gives_up_ends_at_once_and_is_not_attempted_again(string stall)
    {
        using var caller = new CancellationTokenSource();
        var begun = 0L;
        await using var server = await LoopbackServer.StartAsync((_, http) =>
        {
            begun = TimeProvider.System.GetTimestamp();
            caller.CancelAfter(Limit);
            return StallAsync(http, stall);
        });
        using var dynamoDb = new AmazonDynamoDBClient(
            Credentials, Of<AmazonDynamoDBConfig>(server, retries: 2, TimeSpan.FromSeconds(30)));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => dynamoDb.GetItemAsync("t", new() { ["pk"] = new("k") }, caller.Token));

        Assert.InRange(TimeProvider.System.GetElapsedTime(begun), TimeSpan.Zero, Settings.AnswerReserve + Limit);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task A_connection_is_used_again_but_not_after_a_pause_in_which_it_may_have_died()
    {
        var connections = new List<string>();
        await using var server = await LoopbackServer.StartAsync((_, http) =>
        {
            connections.Add(http.Connection.Id);
            return http.Response.WriteAsync("""{"ContactId":"c-1"}""");
        });
        using var connect = Connect(server, TimeSpan.FromSeconds(30));

        foreach (var pause in (TimeSpan[])[default, AttemptLimit.MaxIdle, AttemptLimit.MaxIdle * 1.01])
        {
            _time.Advance(pause);
            await connect.StartTaskContactAsync(Start);
        }

        Assert.Equal(connections[0], connections[1]);
        Assert.NotEqual(connections[1], connections[2]);
    }

    [Fact]
    public async Task A_request_on_a_connection_that_the_server_has_closed_goes_out_on_another()
    {
        await using var server = await LoopbackServer.StartAsync((_, http) =>
        {
            http.Response.Headers.Connection = "close";
            return http.Response.WriteAsync("""{"ContactId":"c-1"}""");
        });
        using var connect = Connect(server, TimeSpan.FromSeconds(30));

        await connect.StartTaskContactAsync(Start);
        await connect.StartTaskContactAsync(Start);

        Assert.Equal(2, server.Requests.Count);
    }

    [Fact]
    public async Task A_request_that_left_is_not_sent_again_when_its_connection_breaks()
    {
        await using var server = await LoopbackServer.StartAsync(async (request, http) =>
        {
            if (request.Path == "/contact/stop")
            {
                await http.Response.WriteAsync("{}");
                return;
            }

            http.Abort();
        });
        using var connect = Connect(server, TimeSpan.FromSeconds(30));

        // The second one is on a connection that was used before.
        await connect.StopContactAsync(new StopContactRequest { ContactId = "c", InstanceId = "i" });
        await Assert.ThrowsAnyAsync<Exception>(() => connect.StartTaskContactAsync(Start));

        Assert.Equal(2, server.Requests.Count);
    }

    [Fact]
    public async Task A_redirect_is_an_error_and_not_a_second_request()
    {
        await using var server = await LoopbackServer.StartAsync((_, http) =>
        {
            http.Response.StatusCode = 307;
            http.Response.Headers.Location = "/elsewhere";
            return Task.CompletedTask;
        });
        using var connect = Connect(server, TimeSpan.FromSeconds(30));

        var error = await Assert.ThrowsAnyAsync<AmazonServiceException>(() => connect.StartTaskContactAsync(Start));

        Assert.Equal(307, (int)error.StatusCode);
        Assert.Single(server.Requests);
    }

    [Fact]
    public void The_limits_leave_room_for_one_another()
    {
        // Work has stopped by then: a dead letter as often as it is tried, when messages return, and the answer.
        Assert.True(Settings.SettlementReserve >=
            ((Settings.QueueAttempts + 1) * Settings.QueueTimeout) + Settings.AnswerReserve);
        // No record is begun without the time for its call and for one repeated write after it.
        Assert.True(Settings.AttemptReserve >= Settings.ConnectTimeout + (2 * Settings.LedgerTimeout));
        // A lease ends after the last call that its owner may have under way.
        Assert.True(Settings.LeaseMargin > Settings.ConnectTimeout);
        // A connection that is used again is younger than any freeze that matters, and older than any attempt.
        Assert.True(AttemptLimit.MaxIdle > Settings.ConnectTimeout);
    }

    [Fact]
    public void An_invocation_stops_its_work_and_then_all_calls_before_its_deadline()
    {
        using var invocation = new Invocation("r", TimeSpan.FromSeconds(60), _time);
        Assert.Equal(invocation.Deadline - Settings.SettlementReserve - Settings.AttemptReserve, invocation.LastStart);

        _time.Advance(TimeSpan.FromSeconds(60) - Settings.SettlementReserve);
        Assert.Equal((true, false), (invocation.HardStop.IsCancellationRequested, invocation.End.IsCancellationRequested));

        _time.Advance(Settings.SettlementReserve - Settings.AnswerReserve);
        Assert.True(invocation.End.IsCancellationRequested);
        Assert.Equal(Settings.AnswerReserve, invocation.Deadline - _time.GetUtcNow());
    }

    /// <summary>A client's first call is slow, whatever comes of it.</summary>
    private static Task WarmUpAsync(Func<Task> call) => call().ContinueWith(_ => { }, TaskScheduler.Default);

    private static async Task StallAsync(HttpContext http, string stall)
    {
        if (stall != "no answer")
        {
            http.Response.StatusCode = stall == "half of an error" ? 500 : 200;
            http.Response.ContentType = "application/json";
            http.Response.ContentLength = 20;
            await http.Response.StartAsync();
            if (stall != "headers")
            {
                await http.Response.WriteAsync("""{"ContactI""");
            }

            await http.Response.Body.FlushAsync();
        }

        await Task.Delay(Timeout.InfiniteTimeSpan, http.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
    }

    private AmazonConnectClient Connect(LoopbackServer server, TimeSpan? limit = null) =>
        new(Credentials, Of<AmazonConnectConfig>(server, retries: 0, limit));

    /// <summary>As the function makes its clients.</summary>
    private TConfig Of<TConfig>(LoopbackServer server, int retries, TimeSpan? limit = null)
        where TConfig : ClientConfig, new() => new()
        {
            ServiceURL = server.Url.ToString(),
            AuthenticationRegion = "eu-central-1",
            RetryMode = RequestRetryMode.Standard,
            HttpClientFactory = new AttemptLimit(limit ?? Limit, _time),
            MaxErrorRetry = retries,
            MaxStaleConnectionRetries = 0,
        };
}
