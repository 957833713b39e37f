using System.Text.Json.Nodes;
using Amazon.Connect;
using Amazon.Connect.Model;
using Amazon.Runtime;

namespace ConnectTasks.Tests.AwsPackages;

/// <summary>
/// What the client makes of error answers, against recordings of another AWS SDK (Recordings/record.py). Holds for the
/// official package too.
/// </summary>
public sealed class ConnectErrorTests
{
    private static readonly JsonNode[] Recordings = Recorded.Read("errors.json");

    private static readonly StartTaskContactRequest Start = new() { Name = "n", ClientToken = "t" };

    public static TheoryData<string> Names => [.. Recordings.Select(r => (string)r["name"]!)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task An_error_has_the_code_and_the_message_that_another_SDK_finds(string name)
    {
        var recording = Recordings.Single(r => (string)r["name"]! == name);
        var status = (int)recording["status"]!;
        var headers = recording["headers"]!.AsObject().ToDictionary(h => h.Key, h => (string)h.Value!);
        await using var server = await ConnectServer.StartAsync(
            new Answer(status, recording["body"]!.ToJsonString()) { Headers = headers });
        using var connect = server.Client();

        var error = await Assert.ThrowsAnyAsync<AmazonConnectException>(() => connect.StartTaskContactAsync(Start));

        Assert.Equal((string?)recording["error"]!["code"], error.ErrorCode);
        Assert.Equal((string?)recording["error"]!["message"], error.Message);
        Assert.Equal(status, (int)error.StatusCode);
        Assert.Equal("request-1", error.RequestId);
    }

    [Theory]
    [InlineData(400, typeof(InvalidParameterException))]
    [InlineData(400, typeof(InvalidRequestException))]
    [InlineData(402, typeof(ServiceQuotaExceededException))]
    [InlineData(404, typeof(ResourceNotFoundException))]
    [InlineData(429, typeof(ThrottlingException))]
    [InlineData(500, typeof(InternalServiceException))]
    public async Task An_error_that_starting_a_task_lists_has_its_own_type(int status, Type type)
    {
        await using var server = await ConnectServer.StartAsync(Answer.Error(status, type.Name));
        using var connect = server.Client();

        // Or one derived from it: AWS may tell them apart more finely.
        Assert.IsAssignableFrom(
            type, await Assert.ThrowsAnyAsync<AmazonConnectException>(() => connect.StartTaskContactAsync(Start)));
    }

    [Theory]
    [InlineData(403, "AccessDeniedException")]
    [InlineData(403, "ExpiredTokenException")]
    [InlineData(410, "ContactNotFoundException")]
    [InlineData(429, "TooManyRequestsException")]
    public async Task An_error_that_starting_a_task_does_not_list_has_its_code_all_the_same(int status, string code)
    {
        await using var server = await ConnectServer.StartAsync(Answer.Error(status, code));
        using var connect = server.Client();

        var error = await Assert.ThrowsAnyAsync<AmazonConnectException>(() => connect.StartTaskContactAsync(Start));

        Assert.Equal((code, status), (error.ErrorCode, (int)error.StatusCode));
    }

    [Fact]
    public async Task The_other_operations_have_their_own_lists()
    {
        await using var server = await ConnectServer.StartAsync(
            Answer.Error(410, "ContactNotFoundException"),
            Answer.Error(400, "InvalidActiveRegionException"),
            Answer.Error(429, "LimitExceededException"),
            Answer.Error(429, "ThrottlingException"),
            Answer.Error(404, "ResourceNotFoundException"));
        using var connect = server.Client();

        var stop = new StopContactRequest();
        await Assert.ThrowsAnyAsync<ContactNotFoundException>(() => connect.StopContactAsync(stop));
        await Assert.ThrowsAnyAsync<InvalidActiveRegionException>(() => connect.StopContactAsync(stop));
        await Assert.ThrowsAnyAsync<LimitExceededException>(
            () => connect.UpdateContactScheduleAsync(new UpdateContactScheduleRequest()));
        var describe = new DescribeContactRequest { InstanceId = "i", ContactId = "c" };
        await Assert.ThrowsAnyAsync<ThrottlingException>(() => connect.DescribeContactAsync(describe));
        await Assert.ThrowsAnyAsync<ResourceNotFoundException>(() => connect.DescribeContactAsync(describe));
    }

    [Theory]
    [InlineData(502, "<html>Bad Gateway</html>")]
    [InlineData(503, "")]
    [InlineData(500, "[1")]
    public async Task An_error_without_a_code_still_has_its_status(int status, string body)
    {
        await using var server = await ConnectServer.StartAsync(new Answer(status, body));
        using var connect = server.Client();

        var error = await Assert.ThrowsAnyAsync<AmazonServiceException>(() => connect.StartTaskContactAsync(Start));

        Assert.Equal(status, (int)error.StatusCode);
    }

    [Theory]
    [InlineData(RequestRetryMode.Standard, "ThrottlingException")]
    [InlineData(RequestRetryMode.Adaptive, "TooManyRequestsException")]
    public async Task A_throttled_request_is_retried_with_the_same_token(RequestRetryMode mode, string code)
    {
        await using var server = await ConnectServer.StartAsync(
            Answer.Error(429, code), new Answer(200, """{"ContactId":"c-1"}"""));
        using var connect = server.Client(config =>
        {
            config.RetryMode = mode;
            config.MaxErrorRetry = 1;
        });

        var response = await connect.StartTaskContactAsync(Start);

        Assert.Equal("c-1", response.ContactId);
        Assert.Equal(2, server.Requests.Count);
        Assert.Single(server.Requests.Select(r => r.Text).Distinct());
    }

    [Theory]
    [InlineData(429, "ThrottlingException")]
    [InlineData(500, "InternalServiceException")]
    public async Task Nothing_is_retried_if_retries_are_off(int status, string code)
    {
        await using var server = await ConnectServer.StartAsync(Answer.Error(status, code));
        using var connect = server.Client(config => config.MaxErrorRetry = 0);

        await Assert.ThrowsAnyAsync<AmazonConnectException>(() => connect.StartTaskContactAsync(Start));

        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task A_refused_request_is_not_retried()
    {
        await using var server = await ConnectServer.StartAsync(Answer.Error(400, "InvalidParameterException"));
        using var connect = server.Client(config => config.MaxErrorRetry = 5);

        await Assert.ThrowsAnyAsync<InvalidParameterException>(() => connect.StartTaskContactAsync(Start));

        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task An_endpoint_that_nobody_listens_on_is_an_error_without_a_status()
    {
        var server = await ConnectServer.StartAsync();
        using var connect = server.Client();
        await server.DisposeAsync();

        var error = await Assert.ThrowsAnyAsync<Exception>(() => connect.StartTaskContactAsync(Start));

        Assert.True(error is HttpRequestException or AmazonServiceException { StatusCode: 0 }, $"{error}");
    }
}
