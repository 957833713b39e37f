using System.Net;
using ConnectTasks.Local;

namespace ConnectTasks.Tests.Local;

public sealed class RuntimeApiTests : IAsyncLifetime
{
    private RuntimeApi _api = null!;
    private TestRuntime _runtime = null!;

    public async ValueTask InitializeAsync()
    {
        _api = await RuntimeApi.StartAsync();
        _runtime = new TestRuntime(_api.Address);
    }

    public async ValueTask DisposeAsync()
    {
        _runtime.Dispose();
        await _api.DisposeAsync();
    }

    [Fact]
    public async Task A_runtime_gets_the_event_with_its_headers_and_its_answer_is_taken_unchanged()
    {
        var invocation = SomeInvocation("""{"a":1}""");
        var (next, answer) = await DeliverAsync(invocation);

        Assert.Equal("""{"a":1}""", await next.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal("application/json", next.Content.Headers.ContentType!.MediaType);
        Assert.Equal(invocation.RequestId.ToString(), TestRuntime.RequestId(next));
        Assert.Equal("1800000000123", TestRuntime.Header(next, "Lambda-Runtime-Deadline-Ms"));
        Assert.Equal(invocation.FunctionArn, TestRuntime.Header(next, "Lambda-Runtime-Invoked-Function-Arn"));
        Assert.Equal(invocation.TraceId, TestRuntime.Header(next, "Lambda-Runtime-Trace-Id"));

        var payload = SomeFunction.Utf8("""{ "batchItemFailures" : [ ] }""");
        var reply = await _runtime.RespondAsync(TestRuntime.RequestId(next), payload);

        Assert.Equal(HttpStatusCode.Accepted, reply.StatusCode);
        var success = Assert.IsType<InvocationResult.Success>(await answer);
        Assert.Equal(payload, success.Payload.ToArray());
    }

    [Fact]
    public async Task A_function_error_carries_the_type_and_message_of_its_document()
    {
        var (next, answer) = await DeliverAsync(SomeInvocation());
        var reply = await _runtime.FailAsync(
            TestRuntime.RequestId(next), """{"errorType":"FormatException","errorMessage":"bad input"}""", "Unhandled");

        Assert.Equal(HttpStatusCode.Accepted, reply.StatusCode);
        var error = Assert.IsType<InvocationResult.FunctionError>(await answer);
        Assert.Equal("FormatException: bad input", error.Text);
    }

    [Fact]
    public async Task A_function_error_without_a_document_carries_the_type_of_its_header()
    {
        var (next, answer) = await DeliverAsync(SomeInvocation());
        await _runtime.FailAsync(TestRuntime.RequestId(next), "no JSON", "Runtime.Weird");

        Assert.Equal("Runtime.Weird", (await answer).Text);
    }

    [Fact]
    public async Task An_answer_to_another_request_is_refused_and_the_right_one_is_still_taken()
    {
        var (next, answer) = await DeliverAsync(SomeInvocation());

        Assert.Equal(HttpStatusCode.BadRequest, (await _runtime.RespondAsync("other", "{}"u8.ToArray())).StatusCode);
        Assert.False(answer.IsCompleted);
        Assert.Equal(
            HttpStatusCode.Accepted,
            (await _runtime.RespondAsync(TestRuntime.RequestId(next), "{}"u8.ToArray())).StatusCode);
        Assert.IsType<InvocationResult.Success>(await answer);
    }

    [Fact]
    public async Task A_second_answer_to_one_request_is_refused()
    {
        var (next, answer) = await DeliverAsync(SomeInvocation());
        await _runtime.RespondAsync(TestRuntime.RequestId(next), "1"u8.ToArray());
        var second = await _runtime.FailAsync(TestRuntime.RequestId(next), "{}");

        Assert.Equal(HttpStatusCode.Forbidden, second.StatusCode);
        Assert.IsType<InvocationResult.Success>(await answer);
    }

    [Fact]
    public async Task A_second_event_is_not_given_out_while_one_is_unanswered()
    {
        await DeliverAsync(SomeInvocation());

        Assert.Equal(HttpStatusCode.Forbidden, (await _runtime.NextAsync()).StatusCode);
        Assert.Null(_api.TryDeliver(SomeInvocation()));
    }

    [Theory]
    [InlineData(FunctionSettings.MaximumPayloadBytes, HttpStatusCode.Accepted)]
    [InlineData(FunctionSettings.MaximumPayloadBytes + 1, HttpStatusCode.RequestEntityTooLarge)]
    public async Task A_response_over_six_megabytes_fails_the_invocation(int bytes, HttpStatusCode expected)
    {
        var (next, answer) = await DeliverAsync(SomeInvocation());
        var reply = await _runtime.RespondAsync(TestRuntime.RequestId(next), new byte[bytes]);

        Assert.Equal(expected, reply.StatusCode);
        Assert.Equal(expected == HttpStatusCode.Accepted, await answer is InvocationResult.Success);
    }

    [Fact]
    public async Task An_initialisation_error_is_told_instead_of_readiness()
    {
        var ready = _api.WaitUntilReadyAsync();
        var reply = await _runtime.FailInitAsync(
            """{"errorType":"SettingsError","errorMessage":"TASK_TABLE is missing"}""");

        Assert.Equal(HttpStatusCode.Accepted, reply.StatusCode);
        Assert.Contains("SettingsError: TASK_TABLE is missing", (await ready)!.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_runtime_that_has_asked_for_events_can_no_longer_fail_to_initialise()
    {
        await DeliverAsync(SomeInvocation());

        Assert.Equal(HttpStatusCode.Forbidden, (await _runtime.FailInitAsync("{}")).StatusCode);
    }

    [Fact]
    public async Task An_event_is_not_given_to_a_poll_that_was_hung_up()
    {
        using var hangUp = new CancellationTokenSource();
        var lost = _runtime.NextAsync(hangUp.Token);
        await _api.WaitUntilReadyAsync();
        await hangUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => lost);

        await SomeFunction.WaitUntilAsync(() => !_api.WaitUntilReadyAsync().IsCompleted);
        Assert.Null(_api.TryDeliver(SomeInvocation("4")));

        var next = _runtime.NextAsync();
        await _api.WaitUntilReadyAsync();
        Assert.NotNull(_api.TryDeliver(SomeInvocation("5")));
        using var got = await next;
        Assert.Equal("5", await got.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    private static Invocation SomeInvocation(string payload = "{}") => new()
    {
        RequestId = Guid.NewGuid(),
        Payload = SomeFunction.Utf8(payload),
        Deadline = DateTimeOffset.FromUnixTimeMilliseconds(1_800_000_000_123),
        FunctionArn = "arn:aws:lambda:us-east-1:000000000000:function:dispatch",
        TraceId = "Root=1-00000000-000000000000000000000000;Parent=0000000000000000;Sampled=0",
    };

    private async Task<(HttpResponseMessage Next, Task<InvocationResult> Answer)> DeliverAsync(Invocation invocation)
    {
        var next = _runtime.NextAsync();
        Assert.Null(await _api.WaitUntilReadyAsync());
        var answer = _api.TryDeliver(invocation);
        Assert.NotNull(answer);
        return (await next, answer);
    }
}
