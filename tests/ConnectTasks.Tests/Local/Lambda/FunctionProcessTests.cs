using ConnectTasks.Local;
using Microsoft.Extensions.Time.Testing;

namespace ConnectTasks.Tests.Local;

/// <summary>How a function's process is started and ended.</summary>
public sealed class FunctionProcessTests
{
    private readonly Observations _seen = new();
    private readonly FakeTimeProvider _time = new(DateTimeOffset.FromUnixTimeSeconds(1_800_000_000));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

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
        _seen.ServeEach(Task.FromResult);
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
        _seen.ServeEach(Task.FromResult);
        var function = SomeFunction.From(
            SomeFunction.Settings("trap '' TERM; sleep 600 & echo $!; wait; wait; sleep 600"), _seen, _time);
        await function.InvokeAsync("1"u8.ToArray(), Cancellation);
        var child = await _seen.FirstAsync<LambdaEvent.LogLine>();

        await SomeFunction.AdvanceUntilAsync(DisposeAsync(), _time);

        Assert.False(SomeFunction.IsRunning(_seen.Of<LambdaEvent.EnvironmentStarted>().Single().ProcessId));
        Assert.False(SomeFunction.IsRunning(int.Parse(child.Text, null)));

        async Task<bool> DisposeAsync()
        {
            await function.DisposeAsync();
            return true;
        }
    }

    [Fact]
    public async Task The_peak_memory_of_the_function_is_known_after_its_process_has_ended()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux tells a process's peak.");
        _seen.ServeEach(Task.FromResult);
        var function = SomeFunction.From(SomeFunction.Settings(), _seen);
        await function.InvokeAsync("1"u8.ToArray(), Cancellation);
        await function.DisposeAsync();

        // Of a process that has hardly begun: a few pages.
        Assert.InRange(function.PeakMemoryBytes, 1, 100_000_000);
    }
}
