using System.Diagnostics;
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
        ServeEach(async e => $"[{await Task.FromResult(e)}]");
        await using var function = SomeFunction.From(SomeFunction.Settings(), _seen);

        var result = await function.InvokeAsync("7"u8.ToArray(), Cancellation);

        Assert.Equal("[7]", SomeFunction.Text(Assert.IsType<InvocationResult.Success>(result).Payload));
    }

    [Fact]
    public async Task Invocations_one_after_the_other_share_one_environment()
    {
        ServeEach(Task.FromResult);
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
        ServeEach(async e =>
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
        ServeEach(e => isStuck ? new TaskCompletionSource<string>().Task : Task.FromResult(e));
        var settings = SomeFunction.Settings() with { Timeout = TimeSpan.FromSeconds(3) };
        await using var function = SomeFunction.From(settings, _seen, _time);

        var result = await AdvanceUntilAsync(function.InvokeAsync("1"u8.ToArray(), Cancellation));

        Assert.Equal("Sandbox.Timedout: Task timed out after 3.00 seconds", result.Text);
        var first = _seen.Of<LambdaEvent.EnvironmentStarted>().Single();
        Assert.False(IsRunning(first.ProcessId));
        Assert.Equal("signal: killed", (await _seen.FirstAsync<LambdaEvent.EnvironmentStopped>()).Status);
        isStuck = false;
        Assert.IsType<InvocationResult.Success>(await function.InvokeAsync("1"u8.ToArray(), Cancellation));
        Assert.Equal(2, _seen.Of<LambdaEvent.EnvironmentStarted>().Count());
    }

    [Fact]
    public async Task An_idle_environment_waits_for_its_next_event_without_a_limit()
    {
        ServeEach(Task.FromResult);
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
        ServeEach(e =>
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
        ServeEach(Task.FromResult);
        await using var function = SomeFunction.From(SomeFunction.Settings(), _seen);
        await function.InvokeAsync("1"u8.ToArray(), Cancellation);
        function.KillOne(new Random(1));
        await _seen.FirstAsync<LambdaEvent.EnvironmentStopped>();

        Assert.IsType<InvocationResult.Success>(await function.InvokeAsync("2"u8.ToArray(), Cancellation));
    }

    [Fact]
    public async Task A_function_that_reports_an_initialisation_error_fails_with_its_own_text()
    {
        OnEachEnvironment(async runtime =>
            await runtime.FailInitAsync("""{"errorType":"SettingsError","errorMessage":"TASK_TABLE is missing"}"""));
        await using var function = SomeFunction.From(SomeFunction.Settings(), _seen);

        var result = await function.InvokeAsync("1"u8.ToArray(), Cancellation);

        Assert.Equal("The function failed to start: SettingsError: TASK_TABLE is missing", result.Text);
    }

    [Fact]
    public async Task A_function_that_ends_before_it_asks_for_an_event_fails_with_what_it_wrote()
    {
        await using var function = SomeFunction.From(SomeFunction.Settings("echo 'no table' >&2; exit 3"), _seen);

        var result = await function.InvokeAsync("1"u8.ToArray(), Cancellation);

        Assert.Equal(
            "The function failed to start: its process ended with exit status 3 before it asked for an event; " +
            "it wrote: no table",
            result.Text);
    }

    [Fact]
    public async Task A_function_that_never_asks_for_an_event_fails_after_the_init_timeout()
    {
        await using var function = SomeFunction.From(SomeFunction.Settings(), _seen, _time);

        var result = await AdvanceUntilAsync(function.InvokeAsync("1"u8.ToArray(), Cancellation));

        Assert.Equal("The function failed to start: it did not ask for an event within 10 seconds", result.Text);
        Assert.False(IsRunning(_seen.Of<LambdaEvent.EnvironmentStarted>().Single().ProcessId));
    }

    [Fact]
    public async Task A_missing_executable_is_named()
    {
        var settings = SomeFunction.Settings() with { Executable = "/nowhere/function.dll" };
        await using var function = SomeFunction.From(settings, _seen);

        var result = await function.InvokeAsync("1"u8.ToArray(), Cancellation);

        Assert.Contains("there is no file at /nowhere/function.dll", result.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_process_gets_what_Lambda_gives_it_and_nothing_of_ours()
    {
        const string leak = "CONNECT_TASKS_TEST_LEAK";
        Environment.SetEnvironmentVariable(leak, "1");
        var settings = SomeFunction.Settings("env; exit 0") with
        {
            Environment = new Dictionary<string, string>
            {
                ["TASK_TABLE"] = "tasks",
                ["AWS_ACCESS_KEY_ID"] = "mine",
                ["AWS_LAMBDA_RUNTIME_API"] = "elsewhere:1",
            },
            MemoryMebibytes = 512,
            LogFormat = "JSON",
        };
        await using var function = SomeFunction.From(settings, _seen);

        await function.InvokeAsync("1"u8.ToArray(), Cancellation);

        var environment = _seen.Of<LambdaEvent.LogLine>().Select(line => line.Text.Split('=', 2))
            .ToDictionary(pair => pair[0], pair => pair[1]);
        Assert.Equal("tasks", environment["TASK_TABLE"]);
        Assert.Equal("mine", environment["AWS_ACCESS_KEY_ID"]);
        Assert.Equal("dispatch", environment["AWS_LAMBDA_FUNCTION_NAME"]);
        Assert.Equal("$LATEST", environment["AWS_LAMBDA_FUNCTION_VERSION"]);
        Assert.Equal("512", environment["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]);
        Assert.Equal("JSON", environment["AWS_LAMBDA_LOG_FORMAT"]);
        Assert.Equal("us-east-1", environment["AWS_REGION"]);
        Assert.Equal(
            _seen.Of<LambdaEvent.EnvironmentStarted>().Single().RuntimeApi.Authority,
            environment["AWS_LAMBDA_RUNTIME_API"]);
        Assert.DoesNotContain(leak, environment.Keys);
        Assert.DoesNotContain("AWS_LAMBDA_LOG_LEVEL", environment.Keys);
    }

    [Fact]
    public async Task Disposing_lets_an_environment_end_by_itself()
    {
        // The read waits for ever, and a trap ends it at once.
        const string script = "trap 'echo bye; exit 0' TERM; mkfifo $P; echo up; exec 3<>$P; read x <&3";
        var pipe = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        ServeEach(Task.FromResult);
        var settings = SomeFunction.Settings(script) with
        {
            Environment = new Dictionary<string, string> { ["P"] = pipe },
        };
        var function = SomeFunction.From(settings, _seen);
        await function.InvokeAsync("1"u8.ToArray(), Cancellation);
        await _seen.FirstAsync<LambdaEvent.LogLine>(line => line.Text == "up");

        await function.DisposeAsync();

        File.Delete(pipe);
        Assert.Equal("exit status 0", _seen.Of<LambdaEvent.EnvironmentStopped>().Single().Status);
        Assert.Equal("bye", _seen.Of<LambdaEvent.LogLine>().Last().Text);
    }

    [Fact]
    public async Task Disposing_kills_an_environment_that_will_not_end_with_all_its_children()
    {
        ServeEach(Task.FromResult);
        var function = SomeFunction.From(
            SomeFunction.Settings("trap '' TERM; sleep 600 & echo $!; wait; wait; sleep 600"), _seen, _time);
        await function.InvokeAsync("1"u8.ToArray(), Cancellation);
        var child = await _seen.FirstAsync<LambdaEvent.LogLine>();

        await AdvanceUntilAsync(DisposeAsync());

        Assert.False(IsRunning(_seen.Of<LambdaEvent.EnvironmentStarted>().Single().ProcessId));
        Assert.False(IsRunning(int.Parse(child.Text, null)));

        async Task<bool> DisposeAsync()
        {
            await function.DisposeAsync();
            return true;
        }
    }

    [Fact]
    public async Task Giving_an_invocation_up_kills_its_process()
    {
        var hasEvent = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        ServeEach(_ =>
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
        Assert.False(IsRunning(_seen.Of<LambdaEvent.EnvironmentStarted>().Single().ProcessId));
    }

    [Fact]
    public async Task The_peak_memory_of_the_function_is_known_after_its_process_has_ended()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux tells a process's peak.");
        ServeEach(Task.FromResult);
        var function = SomeFunction.From(SomeFunction.Settings(), _seen);
        await function.InvokeAsync("1"u8.ToArray(), Cancellation);
        await function.DisposeAsync();

        Assert.InRange(function.PeakMemoryBytes, 100_000, 100_000_000);
    }

    [Fact]
    public async Task A_disposed_function_refuses_to_be_invoked()
    {
        var function = SomeFunction.From(SomeFunction.Settings(), _seen);
        await function.DisposeAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => function.InvokeAsync("1"u8.ToArray(), Cancellation));
    }

    /// <summary>Moves virtual time on until the task is done; real processes answer in between.</summary>
    private async Task<T> AdvanceUntilAsync<T>(Task<T> task)
    {
        var began = Stopwatch.StartNew();
        while (!task.IsCompleted && began.Elapsed < SomeFunction.Deadline)
        {
            _time.Advance(TimeSpan.FromMilliseconds(100));
            await Task.WhenAny(task, Task.Delay(1, Cancellation));
        }
        Assert.True(task.IsCompleted, "not done in time");
        return await task;
    }

    private void ServeEach(Func<string, Task<string>> handle) => OnEachEnvironment(runtime => runtime.ServeAsync(handle));

    private void OnEachEnvironment(Func<TestRuntime, Task> play) => _seen.OnEvent = lambdaEvent =>
    {
        if (lambdaEvent is LambdaEvent.EnvironmentStarted started)
            _ = play(new TestRuntime(started.RuntimeApi));
    };

    private static bool IsRunning(int processId)
    {
        try
        {
            using var process = Process.GetProcessById(processId);
            return !process.HasExited && !IsZombie(processId);
        }
        catch (Exception exception) when (exception is ArgumentException or IOException)
        {
            return false;
        }
    }

    /// <summary>A dead process that nobody has reaped: an init that does not reap is common in containers.</summary>
    private static bool IsZombie(int processId) =>
        OperatingSystem.IsLinux() && File.ReadAllText($"/proc/{processId}/stat").Contains(") Z ", StringComparison.Ordinal);

    private static void InterlockedMax(ref int target, int value)
    {
        for (var seen = Volatile.Read(ref target); seen < value;)
            seen = Interlocked.CompareExchange(ref target, value, seen);
    }
}
