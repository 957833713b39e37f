using System.Text.Json;
using System.Text.Json.Serialization;
using Amazon.Lambda.Core;
using Amazon.Lambda.RuntimeSupport;
using Amazon.Lambda.Serialization.SystemTextJson;
using Amazon.Lambda.SQSEvents;

namespace ConnectTasks.Tests.AwsPackages;

/// <summary>What a function is to Lambda, over Lambda's own protocol. Holds for the official packages too.</summary>
public sealed class RuntimeApiTests
{
    private const string OneMessage = """{"Records":[{"messageId":"m-1","body":"{}"}]}""";

    private readonly SourceGeneratorLambdaJsonSerializer<TestJson> _serializer = new();

    [Fact]
    public async Task The_response_to_a_batch_is_byte_for_byte_what_Lambda_understands()
    {
        await using var api = await FakeRuntimeApi.StartAsync(OneMessage, """{"Records":[]}""");

        await RunAsync(api, (batch, _) => Task.FromResult(new SQSBatchResponse(
            [.. batch.Records!.Select(r => new SQSBatchResponse.BatchItemFailure { ItemIdentifier = r.MessageId })])));

        Assert.Equal(
            ["/2018-06-01/runtime/invocation/request-1/response", "/2018-06-01/runtime/invocation/request-2/response"],
            api.Posts.Select(p => p.Path));
        Assert.Equal("""{"batchItemFailures":[{"itemIdentifier":"m-1"}]}""", api.Posts[0].Text);
        Assert.Equal("""{"batchItemFailures":[]}""", api.Posts[1].Text);
    }

    [Fact]
    public async Task Everything_that_Lambda_says_about_an_invocation_reaches_the_handler()
    {
        await using var api = await FakeRuntimeApi.StartAsync(OneMessage, OneMessage);
        var seen = new List<(string Id, string? Arn, string? Trace, string? TraceVariable, TimeSpan Remaining)>();

        await RunAsync(api, (_, context) =>
        {
            seen.Add((
                context.AwsRequestId,
                context.InvokedFunctionArn,
                context.TraceId,
                Environment.GetEnvironmentVariable("_X_AMZN_TRACE_ID"),
                context.RemainingTime));
            return Task.FromResult(new SQSBatchResponse());
        });

        Assert.Equal(["request-1", "request-2"], seen.Select(s => s.Id));
        Assert.All(seen, s => Assert.Equal("arn:aws:lambda:eu-central-1:1:function:f", s.Arn));
        Assert.Equal(["Root=1-request-1", "Root=1-request-2"], seen.Select(s => s.Trace));
        Assert.Equal(seen.Select(s => s.Trace), seen.Select(s => s.TraceVariable));
        Assert.All(seen, s => Assert.InRange(s.Remaining, TimeSpan.Zero, TimeSpan.FromSeconds(60)));
    }

    [Fact]
    public async Task A_calling_application_describes_itself_in_the_context()
    {
        await using var api = await FakeRuntimeApi.StartAsync(OneMessage);
        api.Headers["Lambda-Runtime-Client-Context"] =
            """{"client":{"installation_id":"i","app_title":"t"},"custom":{"k":"v"},"env":{"locale":"de"}}""";
        api.Headers["Lambda-Runtime-Cognito-Identity"] = """{"cognitoIdentityId":"c","cognitoIdentityPoolId":"p"}""";
        IClientContext? client = null;
        ICognitoIdentity? identity = null;

        await RunAsync(api, (_, context) =>
        {
            client = context.ClientContext;
            identity = context.Identity;
            return Task.FromResult(new SQSBatchResponse());
        });

        var application = client!.Client!;
        Assert.Equal(("i", "t", null), (application.InstallationId, application.AppTitle, application.AppVersionCode));
        Assert.Equal("v", client.Custom!["k"]);
        Assert.Equal("de", client.Environment!["locale"]);
        Assert.Equal(("c", "p"), (identity!.IdentityId, identity.IdentityPoolId));
    }

    [Fact]
    public async Task A_handlers_exception_is_reported_with_type_message_and_stack_and_the_next_event_runs()
    {
        await using var api = await FakeRuntimeApi.StartAsync(OneMessage, OneMessage);

        await RunAsync(api, (_, context) => context.AwsRequestId == "request-1"
            ? throw new InvalidDataException("what happened", new FormatException("why"))
            : Task.FromResult(new SQSBatchResponse()));

        Assert.Equal("/2018-06-01/runtime/invocation/request-1/error", api.Posts[0].Path);
        Assert.Equal("InvalidDataException", api.Posts[0].Headers["Lambda-Runtime-Function-Error-Type"]);
        Assert.StartsWith("application/vnd.aws.lambda.error+json", api.Posts[0].Headers["Content-Type"]);
        using var error = JsonDocument.Parse(api.Posts[0].Body);
        Assert.Equal("InvalidDataException", error.RootElement.GetProperty("errorType").GetString());
        Assert.Equal("what happened", error.RootElement.GetProperty("errorMessage").GetString());
        Assert.Contains(
            nameof(A_handlers_exception_is_reported_with_type_message_and_stack_and_the_next_event_runs),
            error.RootElement.GetProperty("stackTrace")[0].GetString());
        Assert.Equal("why", error.RootElement.GetProperty("cause").GetProperty("errorMessage").GetString());
        Assert.Equal("/2018-06-01/runtime/invocation/request-2/response", api.Posts[1].Path);
    }

    [Fact]
    public async Task An_exception_whose_name_is_not_ASCII_is_reported_and_the_next_event_runs()
    {
        await using var api = await FakeRuntimeApi.StartAsync(OneMessage, OneMessage);

        await RunAsync(api, (_, context) => context.AwsRequestId == "request-1"
            ? throw new ÜberlaufException()
            : Task.FromResult(new SQSBatchResponse()));

        Assert.Equal(nameof(ÜberlaufException), api.Posts[0].Headers["Lambda-Runtime-Function-Error-Type"]);
        Assert.Equal("/2018-06-01/runtime/invocation/request-2/response", api.Posts[1].Path);
    }

    [Theory]
    [InlineData("{not json")]
    [InlineData("[]")]
    [InlineData("""{"Records":[{"messageId":17}]}""")]
    public async Task An_event_that_cannot_be_read_is_the_failure_of_its_own_invocation(string unreadable)
    {
        await using var api = await FakeRuntimeApi.StartAsync(unreadable, OneMessage);

        await RunAsync(api, (_, _) => Task.FromResult(new SQSBatchResponse()));

        Assert.Equal(
            ["/2018-06-01/runtime/invocation/request-1/error", "/2018-06-01/runtime/invocation/request-2/response"],
            api.Posts.Select(p => p.Path));
        Assert.Equal("JsonSerializerException", api.Posts[0].Headers["Lambda-Runtime-Function-Error-Type"]);
    }

    [Fact]
    public async Task A_cancellation_inside_a_handler_is_a_failure_like_any_other()
    {
        await using var api = await FakeRuntimeApi.StartAsync(OneMessage, OneMessage);

        await RunAsync(api, (_, context) => context.AwsRequestId == "request-1"
            ? throw new TaskCanceledException()
            : Task.FromResult(new SQSBatchResponse()));

        Assert.Equal(["error", "response"], api.Posts.Select(p => p.Path.Split('/')[^1]));
    }

    [Fact]
    public async Task Nothing_is_posted_before_the_handlers_last_await_is_over()
    {
        await using var api = await FakeRuntimeApi.StartAsync(OneMessage);
        var write = new TaskCompletionSource();
        var posted = -1;

        var run = RunAsync(api, async (_, _) =>
        {
            await write.Task;
            posted = api.Posts.Count;
            return new SQSBatchResponse();
        });
        write.SetResult();
        await run;

        Assert.Equal(0, posted);
        Assert.Single(api.Posts);
    }

    [Fact]
    public async Task An_initialization_error_is_reported_and_ends_the_run_before_any_event()
    {
        await using var api = await FakeRuntimeApi.StartAsync(OneMessage);

        var thrown = await Assert.ThrowsAsync<InvalidDataException>(() => RunAsync(
            api,
            (_, _) => Task.FromResult(new SQSBatchResponse()),
            initialize: () => throw new InvalidDataException("TASK_TABLE is missing")));

        Assert.Equal("TASK_TABLE is missing", thrown.Message);
        var report = Assert.Single(api.Posts);
        Assert.Equal("/2018-06-01/runtime/init/error", report.Path);
        Assert.Contains("TASK_TABLE is missing", report.Text);
        Assert.Contains("InvalidDataException", report.Text);
        Assert.Equal(0, api.Nexts);
    }

    [Fact]
    public async Task An_initialization_that_declines_ends_the_run_without_an_error()
    {
        await using var api = await FakeRuntimeApi.StartAsync(OneMessage);

        await RunAsync(
            api, (_, _) => Task.FromResult(new SQSBatchResponse()), initialize: () => Task.FromResult(false));

        Assert.Empty(api.Posts);
        Assert.Equal(0, api.Nexts);
    }

    [Fact]
    public async Task Initialization_is_over_before_the_first_event_is_asked_for()
    {
        await using var api = await FakeRuntimeApi.StartAsync(OneMessage);
        var nextsDuringInitialization = -1;

        await RunAsync(api, (_, _) => Task.FromResult(new SQSBatchResponse()), initialize: async () =>
        {
            await Task.Yield();
            nextsDuringInitialization = api.Nexts;
            return true;
        });

        Assert.Equal(0, nextsDuringInitialization);
        Assert.Single(api.Posts);
    }

    [Theory]
    [InlineData(500, "{}")]
    [InlineData(403, """{"errorMessage":"no","errorType":"Forbidden"}""")]
    [InlineData(503, "")]
    public async Task A_Runtime_API_that_refuses_to_give_an_event_ends_the_run_at_once(int status, string body)
    {
        await using var api = await FakeRuntimeApi.StartAsync();
        api.NextAnswer = (status, body);

        await Assert.ThrowsAnyAsync<Exception>(() => RunAsync(api, (_, _) => Task.FromResult(new SQSBatchResponse())));

        Assert.Equal(1, api.Nexts);
    }

    [Fact]
    public async Task A_Runtime_API_that_refuses_a_response_ends_the_run()
    {
        await using var api = await FakeRuntimeApi.StartAsync(OneMessage, OneMessage);
        api.PostAnswer = (413, """{"errorMessage":"too large","errorType":"RequestEntityTooLarge"}""");

        await Assert.ThrowsAnyAsync<Exception>(() => RunAsync(api, (_, _) => Task.FromResult(new SQSBatchResponse())));

        Assert.Single(api.Posts);
        Assert.Equal(1, api.Nexts);
    }

    [Fact]
    public async Task Cancellation_ends_the_wait_for_an_event_without_an_error()
    {
        await using var api = await FakeRuntimeApi.StartAsync();

        await RunAsync(api, (_, _) => Task.FromResult(new SQSBatchResponse()));

        Assert.Equal(1, api.Nexts);
        Assert.Empty(api.Posts);
    }

    private sealed class ÜberlaufException : Exception;

    private async Task RunAsync(
        FakeRuntimeApi api,
        Func<SQSEvent, ILambdaContext, Task<SQSBatchResponse>> handler,
        LambdaBootstrapInitializer? initialize = null)
    {
        using var bootstrap = LambdaBootstrapBuilder.Create(handler, _serializer)
            .ConfigureOptions(options => options.RuntimeApiEndpoint = api.Endpoint)
            .UseBootstrapHandler(initialize ?? (() => Task.FromResult(true)))
            .Build();
        await bootstrap.RunAsync(api.Drained);
    }
}

[JsonSerializable(typeof(SQSEvent))]
[JsonSerializable(typeof(SQSBatchResponse))]
internal sealed partial class TestJson : JsonSerializerContext;
