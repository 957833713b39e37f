using ConnectTasks.Local;
using Microsoft.Extensions.Time.Testing;

namespace ConnectTasks.Tests.Local;

public sealed class FunctionTests
{
    private readonly Observations _seen = new();
    private readonly FakeTimeProvider _time = new(DateTimeOffset.FromUnixTimeSeconds(1_800_000_000));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_invocation_gives_the_bytes_that_the_function_answered()
    {
        _seen.ServeEach(async e => $"[{await Task.FromResult(e)}]");
        await using var function = SomeFunction.From(SomeFunction.Settings(), _seen);

        var result = await function.InvokeAsync("7"u8.ToArray(), Cancellation);

        Assert.Equal("[7]", SomeFunction.Text(Assert.IsType<InvocationResult.Success>(result).Payload));
    }

    [Fact]
    public async Task Invocations_one_after_the_other_share_one_environment()
    {
        _seen.ServeEach(Task.FromResult);
        await using var function = SomeFunction.From(SomeFunction.Settings(), _seen);

        for (var i = 0; i < 5; i++)
            await function.InvokeAsync("1"u8.ToArray(), Cancellation);

        Assert.Single(_seen.Of<LambdaEvent.EnvironmentStarted>());
    }

    [Fact]
    public async Task Each_environment_runs_one_invocation_at_a_time_and_there_are_no_more_than_allowed()
    {
        var running = 0;
        var most = 0;
        var three = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _seen.ServeEach(async e =>
        {
            var now = Interlocked.Increment(ref running);
            InterlockedMax(ref most, now);
            if (now == 3)
                three.TrySetResult();
            await three.Task;
            Interlocked.Decrement(ref running);
            return e;
        });
        await using var function = SomeFunction.From(SomeFunction.Settings() with { MaximumConcurrency = 3 }, _seen);

        var results = await Task.WhenAll(
            Enumerable.Range(0, 30).Select(_ => function.InvokeAsync("1"u8.ToArray(), Cancellation)));

        Assert.All(results, result => Assert.IsType<InvocationResult.Success>(result));
        Assert.Equal(3, most);
        Assert.Equal(3, _seen.Of<LambdaEvent.EnvironmentStarted>().Count());
    }

    [Fact]
    public async Task A_function_that_passes_its_timeout_is_killed_and_replaced()
    {
        var isStuck = true;
        _seen.ServeEach(e => isStuck ? new TaskCompletionSource<string>().Task : Task.FromResult(e));
        var settings = SomeFunction.Settings() with { Timeout = TimeSpan.FromSeconds(3) };
        await using var function = SomeFunction.From(settings, _seen, _time);

        var result = await SomeFunction.AdvanceUntilAsync(function.InvokeAsync("1"u8.ToArray(), Cancellation), _time);

        Assert.Equal("Sandbox.Timedout: Task timed out after 3.00 seconds", result.Text);
        var first = _seen.Of<LambdaEvent.EnvironmentStarted>().Single();
        Assert.False(SomeFunction.IsRunning(first.ProcessId));
        Assert.Equal("signal: killed", (await _seen.FirstAsync<LambdaEvent.EnvironmentStopped>()).Status);
        isStuck = false;
        Assert.IsType<InvocationResult.Success>(await function.InvokeAsync("1"u8.ToArray(), Cancellation));
        Assert.Equal(2, _seen.Of<LambdaEvent.EnvironmentStarted>().Count());
    }

    [Fact]
    public async Task An_idle_environment_waits_for_its_next_event_without_a_limit()
    {
        _seen.ServeEach(Task.FromResult);
        await using var function = SomeFunction.From(SomeFunction.Settings(), _seen, _time);
        await function.InvokeAsync("1"u8.ToArray(), Cancellation);

        _time.Advance(TimeSpan.FromHours(3));

        Assert.IsType<InvocationResult.Success>(await function.InvokeAsync("2"u8.ToArray(), Cancellation));
        Assert.Single(_seen.Of<LambdaEvent.EnvironmentStarted>());
    }

    [Fact]
    public async Task A_crash_in_an_invocation_fails_it_and_the_next_one_gets_a_new_environment()
    {
        var hasEvent = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var isStuck = true;
        _seen.ServeEach(e =>
        {
            hasEvent.TrySetResult();
            return isStuck ? new TaskCompletionSource<string>().Task : Task.FromResult(e);
        });
        await using var function = SomeFunction.From(SomeFunction.Settings(), _seen);

        var invocation = function.InvokeAsync("1"u8.ToArray(), Cancellation);
        await hasEvent.Task.WaitAsync(SomeFunction.Deadline, Cancellation);
        Assert.Equal(1, function.KillOne(new Random(1)));

        Assert.Equal("Runtime.ExitError: Runtime exited with error: signal: killed", (await invocation).Text);
        isStuck = false;
        Assert.IsType<InvocationResult.Success>(await function.InvokeAsync("1"u8.ToArray(), Cancellation));
    }

    [Fact]
    public async Task An_environment_that_died_while_idle_is_replaced_without_failing_an_invocation()
    {
        _seen.ServeEach(Task.FromResult);
        await using var function = SomeFunction.From(SomeFunction.Settings(), _seen);
        await function.InvokeAsync("1"u8.ToArray(), Cancellation);
        function.KillOne(new Random(1));
        await _seen.FirstAsync<LambdaEvent.EnvironmentStopped>();

        Assert.IsType<InvocationResult.Success>(await function.InvokeAsync("2"u8.ToArray(), Cancellation));
    }

    [Fact]
    public async Task A_function_that_reports_an_initialisation_error_fails_with_its_own_text()
    {
        _seen.OnEachEnvironment(async runtime =>
            await runtime.FailInitAsync("""{"errorType":"SettingsError","errorMessage":"TASK_TABLE is missing"}"""));
        await using var function = SomeFunction.From(SomeFunction.Settings(), _seen);

        var result = await function.InvokeAsync("1"u8.ToArray(), Cancellation);

        Assert.Equal("The function failed to start: SettingsError: TASK_TABLE is missing", result.Text);
    }

    [Fact]
    public async Task A_function_that_never_asks_for_an_event_fails_after_the_init_timeout()
    {
        await using var function = SomeFunction.From(SomeFunction.Settings(), _seen, _time);

        var result = await SomeFunction.AdvanceUntilAsync(function.InvokeAsync("1"u8.ToArray(), Cancellation), _time);

        Assert.Equal("The function failed to start: it did not ask for an event within 10 seconds", result.Text);
        Assert.False(SomeFunction.IsRunning(_seen.Of<LambdaEvent.EnvironmentStarted>().Single().ProcessId));
    }

    [Fact]
    public async Task Giving_an_invocation_up_kills_its_process()
    {
        var hasEvent = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _seen.ServeEach(_ =>
        {
            hasEvent.TrySetResult();
            return new TaskCompletionSource<string>().Task;
        });
        await using var function = SomeFunction.From(SomeFunction.Settings(), _seen);
        using var giveUp = new CancellationTokenSource();
        var invocation = function.InvokeAsync("1"u8.ToArray(), giveUp.Token);
        await hasEvent.Task.WaitAsync(SomeFunction.Deadline, Cancellation);

        await giveUp.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => invocation);
        Assert.False(SomeFunction.IsRunning(_seen.Of<LambdaEvent.EnvironmentStarted>().Single().ProcessId));
    }

    [Fact]
    public async Task A_disposed_function_refuses_to_be_invoked()
    {
        var function = SomeFunction.From(SomeFunction.Settings(), _seen);
        await function.DisposeAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => function.InvokeAsync("1"u8.ToArray(), Cancellation));
    }

    private static void InterlockedMax(ref int target, int value)
    {
        for (var seen = Volatile.Read(ref target); seen < value;)
            seen = Interlocked.CompareExchange(ref target, value, seen);
    }
}
