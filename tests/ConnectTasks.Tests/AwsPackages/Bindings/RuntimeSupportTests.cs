using System.Text.Json;
using Amazon.Lambda.Core;
using Amazon.Lambda.RuntimeSupport;
using Amazon.Lambda.Serialization.SystemTextJson;
using Amazon.Lambda.SQSEvents;
using Microsoft.Extensions.Time.Testing;

namespace ConnectTasks.Tests.AwsPackages.Bindings;

/// <summary>What the bindings do beyond the official package, or do in their own way.</summary>
public sealed class RuntimeSupportTests
{
    private static readonly ILambdaSerializer Serializer = new SourceGeneratorLambdaJsonSerializer<TestJson>();

    [Fact]
    public async Task Work_that_is_done_when_the_process_is_asked_to_end_is_still_reported()
    {
        await using var api = await FakeRuntimeApi.StartAsync("""{"Records":[]}""", """{"Records":[]}""");
        using var stop = new CancellationTokenSource();
        using var bootstrap = LambdaBootstrapBuilder
            .Create<SQSEvent, SQSBatchResponse>(
                async (_, _) =>
                {
                    await stop.CancelAsync();
                    return new SQSBatchResponse();
                },
                Serializer)
            .ConfigureOptions(options => options.RuntimeApiEndpoint = api.Endpoint)
            .Build();

        await bootstrap.RunAsync(stop.Token);

        Assert.EndsWith("/request-1/response", Assert.Single(api.Posts).Path);
        Assert.Equal(1, api.Nexts);
    }

    [Fact]
    public async Task A_refusal_of_the_Runtime_API_names_the_request_the_status_and_the_answer()
    {
        await using var api = await FakeRuntimeApi.StartAsync();
        api.NextAnswer = (500, "container error");
        using var bootstrap = Bootstrap(api.Endpoint);

        var error = await Assert.ThrowsAsync<RuntimeApiClientException>(() => bootstrap.RunAsync());

        Assert.Equal((500, "container error"), (error.StatusCode, error.Response));
        Assert.Contains("GET /2018-06-01/runtime/invocation/next", error.Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("not a host:port")]
    [InlineData("127.0.0.1:port")]
    public void An_address_of_the_Runtime_API_that_is_none_is_refused_by_its_name(string address)
    {
        var error = Assert.Throws<InvalidOperationException>(() => Bootstrap(address));

        Assert.Contains("AWS_LAMBDA_RUNTIME_API", error.Message);
    }

    [Fact]
    public void The_remaining_time_falls_with_the_clock_and_below_zero()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddMilliseconds(1_800_000_000_000));
        ILambdaContext context = new LambdaContext(
            Invocation(deadlineMs: 1_800_000_030_250), Environment(), null!, Serializer, time);

        Assert.Equal(TimeSpan.FromMilliseconds(30_250), context.RemainingTime);
        time.Advance(TimeSpan.FromSeconds(31));
        Assert.Equal(TimeSpan.FromMilliseconds(-750), context.RemainingTime);
    }

    [Fact]
    public void The_context_describes_the_function_from_the_environment()
    {
        ILambdaContext context = new LambdaContext(
            Invocation(0), Environment(), null!, Serializer, TimeProvider.System);

        Assert.Equal(("f", "7", 512), (context.FunctionName, context.FunctionVersion, context.MemoryLimitInMB));
        Assert.Equal(("group", "stream"), (context.LogGroupName, context.LogStreamName));
        Assert.Null(context.ClientContext!.Client);
        Assert.Null(context.Identity!.IdentityId);
        Assert.Same(Serializer, context.Serializer);
    }

    [Fact]
    public void An_error_report_is_bounded_whatever_the_exception_holds()
    {
        Exception exception = new InvalidDataException(new string('x', 1_000_000) + "\ud83d\udcde");
        for (var i = 0; i < 50; i++)
            exception = new InvalidOperationException(new string('y', 100_000), exception);

        var json = ErrorReport.Of(exception).ToJson();

        Assert.InRange(json.Length, 1, 256 * 1024);
        using var report = JsonDocument.Parse(json);
        Assert.Equal("InvalidOperationException", report.RootElement.GetProperty("errorType").GetString());
        Assert.Equal(JsonValueKind.Array, report.RootElement.GetProperty("stackTrace").ValueKind);
    }

    private static LambdaBootstrap Bootstrap(string endpoint) => LambdaBootstrapBuilder
        .Create<SQSEvent, SQSBatchResponse>((_, _) => Task.FromResult(new SQSBatchResponse()), Serializer)
        .ConfigureOptions(options => options.RuntimeApiEndpoint = endpoint)
        .Build();

    private static LambdaEnvironment Environment() => LambdaEnvironment.Read(name => name switch
    {
        "AWS_LAMBDA_FUNCTION_NAME" => "f",
        "AWS_LAMBDA_FUNCTION_VERSION" => "7",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE" => "512",
        "AWS_LAMBDA_LOG_GROUP_NAME" => "group",
        "AWS_LAMBDA_LOG_STREAM_NAME" => "stream",
        _ => null,
    });

    private static Invocation Invocation(long deadlineMs) => new()
    {
        RequestId = "r",
        Event = [],
        DeadlineMs = deadlineMs,
        InvokedFunctionArn = null,
        TraceId = null,
        ClientContext = null,
        CognitoIdentity = null,
        TenantId = null,
    };
}
