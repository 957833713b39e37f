using System.Net;
using System.Text.Json.Nodes;
using Amazon.Runtime;
using Amazon.SQS;
using Amazon.SQS.Model;
using ConnectTasks.Local;
using Microsoft.AspNetCore.Http;

namespace ConnectTasks.Tests.Local.Sqs;

/// <summary>The front over the wire: the SDK calls it, and the server behind it takes anything.</summary>
public sealed class SqsFrontTests : IAsyncLifetime
{
    private const string Standard = "http://127.0.0.1/000000000000/tasks";
    private const string Fifo = Standard + ".fifo";

    /// <summary>MD5 of the body that is sent here, which the SDK checks.</summary>
    private const string Md5OfB = "92eb5ffee6ae2fec3ad71c777531578f";

    private readonly List<(string Host, JsonObject Request)> _taken = [];
    private LoopbackHttpServer? _server;
    private SqsFront? _front;
    private AmazonSQSClient? _sqs;

    public async ValueTask InitializeAsync()
    {
        _server = await LoopbackHttpServer.StartAsync(TakeAsync);
        _front = await SqsFront.StartAsync(_server.Address);
        _sqs = new AmazonSQSClient(new BasicAWSCredentials("local", "local"), new AmazonSQSConfig
        {
            ServiceURL = _front.Url.ToString(),
            AuthenticationRegion = "us-east-1",
            MaxErrorRetry = 0,
        });
    }

    public async ValueTask DisposeAsync()
    {
        _sqs?.Dispose();
        await _front!.DisposeAsync();
        await _server!.DisposeAsync();
    }

    [Fact]
    public async Task A_message_that_SQS_takes_goes_on_as_it_is_and_to_the_name_that_was_called()
    {
        await _sqs!.SendMessageAsync(new SendMessageRequest(Standard, "b") { MessageGroupId = "tenant-1" });

        var (host, request) = Assert.Single(_taken);
        Assert.Equal(_front!.Url.Authority, host);
        Assert.Equal(("b", "tenant-1"), ((string?)request["MessageBody"], (string?)request["MessageGroupId"]));
    }

    [Theory]
    [InlineData(Standard, null, "x", null, "InvalidParameterValue", "MessageDeduplicationId")]
    [InlineData(Standard, "g", "x", null, "InvalidParameterValue", "MessageDeduplicationId")]
    [InlineData(Fifo, "g", "x", 5, "InvalidParameterValue", "DelaySeconds")]
    [InlineData(Fifo, null, "x", null, "MissingParameter", "MessageGroupId")]
    public async Task What_the_queue_type_does_not_take_is_refused_before_the_server_sees_it(
        string queue, string? group, string? deduplication, int? delay, string code, string parameter)
    {
        var request = new SendMessageRequest(queue, "b")
        {
            MessageGroupId = group,
            MessageDeduplicationId = deduplication,
            DelaySeconds = delay,
        };

        var error = await Assert.ThrowsAnyAsync<AmazonSQSException>(() => _sqs!.SendMessageAsync(request));

        Assert.Equal((HttpStatusCode.BadRequest, code), (error.StatusCode, error.ErrorCode));
        Assert.Contains(parameter, error.Message, StringComparison.Ordinal);
        Assert.Empty(_taken);
    }

    [Fact]
    public async Task The_answer_is_that_of_the_JSON_protocol_with_the_query_protocols_code_in_a_header()
    {
        using var client = new HttpClient { BaseAddress = _front!.Url };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/");
        request.Headers.Add("X-Amz-Target", "AmazonSQS.SendMessage");
        request.Content = new StringContent(
            $$"""{"QueueUrl":"{{Standard}}","MessageBody":"b","MessageDeduplicationId":"x"}""");
        using var reply = await client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.BadRequest, reply.StatusCode);
        Assert.Equal("InvalidParameterValue;Sender", reply.Headers.GetValues("x-amzn-query-error").Single());
        Assert.Equal("application/x-amz-json-1.0", reply.Content.Headers.ContentType?.MediaType);
        var body = JsonNode.Parse(await reply.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
        Assert.Equal("com.amazon.coral.service#InvalidParameterValueException", (string?)body["__type"]);
        Assert.StartsWith("Value x for parameter MessageDeduplicationId is invalid.", (string?)body["message"],
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_a_batch_the_refused_entry_fails_and_the_others_are_sent()
    {
        var reply = await _sqs!.SendMessageBatchAsync(Standard,
        [
            new("one", "b"),
            new("two", "b") { MessageDeduplicationId = "x" },
            new("three", "b") { MessageGroupId = "g" },
        ]);

        Assert.Equal(["one", "three"], reply.Successful.Select(entry => entry.Id));
        var failed = Assert.Single(reply.Failed);
        Assert.Equal(("two", "InvalidParameterValue", true), (failed.Id, failed.Code, failed.SenderFault));
        Assert.Equal("The request include parameter that is not valid for this queue type", failed.Message);
        Assert.Equal(2, Assert.Single(_taken).Request["Entries"]!.AsArray().Count);
    }

    [Fact]
    public async Task A_batch_of_refused_entries_alone_is_answered_without_the_server()
    {
        var reply = await _sqs!.SendMessageBatchAsync(Standard, [new("one", "b") { MessageDeduplicationId = "x" }]);

        Assert.Equal("one", Assert.Single(reply.Failed).Id);
        Assert.Empty(reply.Successful ?? []);
        Assert.Empty(_taken);
    }

    [Fact]
    public async Task A_batch_to_a_FIFO_queue_with_an_entry_without_a_group_is_refused_as_a_whole()
    {
        var error = await Assert.ThrowsAnyAsync<AmazonSQSException>(() => _sqs!.SendMessageBatchAsync(Fifo,
            [new("one", "b") { MessageGroupId = "g", MessageDeduplicationId = "d" }, new("two", "b")]));

        Assert.Equal("InvalidParameterValue", error.ErrorCode);
        Assert.Equal("The request must contain the parameter MessageGroupId.", error.Message);
        Assert.Empty(_taken);
    }

    [Fact]
    public async Task What_is_wrong_with_a_batch_itself_is_left_to_the_server()
    {
        await Assert.ThrowsAnyAsync<AmazonServiceException>(() => _sqs!.SendMessageBatchAsync(Standard,
            [new("one", "b") { MessageDeduplicationId = "x" }, new("one", "b")]));
        Assert.Single(_taken);
    }

    [Fact]
    public async Task A_port_in_use_is_said_with_what_to_do()
    {
        var error = await Assert.ThrowsAsync<LocalException>(
            () => SqsFront.StartAsync(_server!.Address, _front!.Url.Port));
        Assert.Contains("--sqs-port", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_answer_of_the_server_is_no_answer_of_the_front()
    {
        await _server!.DisposeAsync();
        var error = await Assert.ThrowsAnyAsync<Exception>(() => _sqs!.SendMessageAsync(Standard, "b"));
        Assert.IsNotType<AmazonSQSException>(error);
    }

    /// <summary>A server that takes what it is sent, but a batch whose ids are not distinct.</summary>
    private async Task TakeAsync(HttpContext context)
    {
        var request = (JsonObject)(await JsonNode.ParseAsync(context.Request.Body))!;
        lock (_taken)
            _taken.Add((context.Request.Host.Value ?? "", request));
        JsonObject Sent(JsonNode? id) =>
            new() { ["Id"] = id?.DeepClone(), ["MessageId"] = "m", ["MD5OfMessageBody"] = Md5OfB };
        var entries = request["Entries"]?.AsArray();
        var ids = entries?.Select(entry => (string?)entry!["Id"]).ToList() ?? [];
        context.Response.StatusCode = ids.Distinct().Count() < ids.Count ? 400 : 200;
        context.Response.ContentType = "application/x-amz-json-1.0";
        var answer = entries is null
            ? Sent(null)
            : new JsonObject { ["Successful"] = new JsonArray([.. entries.Select(entry => Sent(entry!["Id"]))]) };
        await context.Response.WriteAsync(answer.ToJsonString(), context.RequestAborted);
    }
}
