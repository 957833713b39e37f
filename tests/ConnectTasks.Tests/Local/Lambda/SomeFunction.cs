using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using ConnectTasks.Local;
using Microsoft.Extensions.Time.Testing;

namespace ConnectTasks.Tests.Local;

/// <summary>Functions for the tests: the process is a shell script, the test plays the runtime over HTTP.</summary>
internal static class SomeFunction
{
    /// <summary>A process that does nothing until it is ended.</summary>
    public const string Idle = "exec sleep 600";

    /// <summary>How long a test waits for a real process before it calls it broken.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    public static FunctionSettings Settings(string script = Idle) => new()
    {
        Name = "dispatch",
        Executable = "/bin/sh",
        Arguments = ["-c", script],
        Timeout = TimeSpan.FromSeconds(30),
    };

    public static Function From(FunctionSettings settings, Observations seen, TimeProvider? time = null) =>
        new(settings, time ?? TimeProvider.System, Guid.NewGuid, seen.Observe);

    /// <summary>Moves virtual time on until the task is done; real processes answer in between.</summary>
    public static async Task<T> AdvanceUntilAsync<T>(Task<T> task, FakeTimeProvider time)
    {
        await WaitUntilAsync(() => task.IsCompleted, time);
        return await task;
    }

    /// <summary>
    /// Lets other threads and processes run until the condition holds, and moves virtual time on if it is given. The
    /// deadline is in real time.
    /// </summary>
    public static async Task WaitUntilAsync(Func<bool> isSo, FakeTimeProvider? time = null)
    {
        var began = Stopwatch.StartNew();
        while (!isSo())
        {
            Assert.True(began.Elapsed < Deadline, "not so in time");
            time?.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Delay(1, TestContext.Current.CancellationToken);
        }
    }

    public static bool IsRunning(int processId)
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

    public static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    public static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);

    /// <summary>A dead process that nobody has reaped: an init that does not reap is common in containers.</summary>
    private static bool IsZombie(int processId) =>
        OperatingSystem.IsLinux()
        && File.ReadAllText($"/proc/{processId}/stat").Contains(") Z ", StringComparison.Ordinal);
}

/// <summary>Records the events; lets a test await one that it expects.</summary>
internal sealed class Observations
{
    private readonly Lock _lock = new();
    private readonly List<(Func<LambdaEvent, bool> IsWanted, TaskCompletionSource<LambdaEvent> Source)> _waiting = [];

    private Func<TestRuntime, Task>? _play;

    public ConcurrentQueue<LambdaEvent> All { get; } = new();

    public void Observe(LambdaEvent lambdaEvent)
    {
        All.Enqueue(lambdaEvent);
        if (lambdaEvent is LambdaEvent.EnvironmentStarted started)
            _ = _play?.Invoke(new TestRuntime(started.RuntimeApi));
        lock (_lock)
        {
            foreach (var (_, source) in _waiting.Where(waiting => waiting.IsWanted(lambdaEvent)))
                source.TrySetResult(lambdaEvent);
        }
    }

    /// <summary>Plays the runtime of each environment that is started.</summary>
    public void OnEachEnvironment(Func<TestRuntime, Task> play) => _play = play;

    /// <summary>Answers each event of each environment with what the handler makes of it.</summary>
    public void ServeEach(Func<string, Task<string>> handle) =>
        OnEachEnvironment(runtime => runtime.ServeAsync(handle));

    public IEnumerable<T> Of<T>() => All.OfType<T>();

    /// <summary>The first event of this kind, now or when it comes.</summary>
    public async Task<T> FirstAsync<T>(Func<T, bool>? isWanted = null)
        where T : LambdaEvent
    {
        bool IsWanted(LambdaEvent lambdaEvent) => lambdaEvent is T wanted && isWanted?.Invoke(wanted) != false;
        TaskCompletionSource<LambdaEvent> source = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            _waiting.Add((IsWanted, source));
        }
        if (All.FirstOrDefault(IsWanted) is { } already)
            source.TrySetResult(already);
        return (T)await source.Task.WaitAsync(SomeFunction.Deadline, TestContext.Current.CancellationToken);
    }
}

/// <summary>What a function's runtime does, played over the Runtime API.</summary>
internal sealed class TestRuntime(Uri address) : IDisposable
{
    private readonly HttpClient _http = new()
    {
        BaseAddress = new Uri(address, "/2018-06-01/runtime/"),
        Timeout = Timeout.InfiniteTimeSpan,
    };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public Task<HttpResponseMessage> NextAsync(CancellationToken? cancellation = null) =>
        _http.GetAsync(new Uri("invocation/next", UriKind.Relative), cancellation ?? Cancellation);

    public Task<HttpResponseMessage> RespondAsync(string requestId, ReadOnlyMemory<byte> payload) =>
        PostAsync($"invocation/{requestId}/response", payload);

    public Task<HttpResponseMessage> FailAsync(string requestId, string error, string type = "") =>
        PostAsync($"invocation/{requestId}/error", SomeFunction.Utf8(error), type);

    public Task<HttpResponseMessage> FailInitAsync(string error) => PostAsync("init/error", SomeFunction.Utf8(error));

    /// <summary>Asks for events and answers each with what the handler makes of it, until the API is gone.</summary>
    public async Task ServeAsync(Func<string, Task<string>> handle)
    {
        try
        {
            while (true)
            {
                using var next = await NextAsync();
                var answer = await handle(await next.Content.ReadAsStringAsync(Cancellation));
                using var reply = await RespondAsync(RequestId(next), SomeFunction.Utf8(answer));
            }
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
        {
        }
    }

    public static string RequestId(HttpResponseMessage next) => Header(next, "Lambda-Runtime-Aws-Request-Id");

    public static string Header(HttpResponseMessage next, string name) => next.Headers.GetValues(name).Single();

    public void Dispose() => _http.Dispose();

    private async Task<HttpResponseMessage> PostAsync(string path, ReadOnlyMemory<byte> payload, string type = "")
    {
        using var content = new ReadOnlyMemoryContent(payload);
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(path, UriKind.Relative));
        request.Content = content;
        if (type.Length > 0)
            request.Headers.Add("Lambda-Runtime-Function-Error-Type", type);
        return await _http.SendAsync(request, Cancellation);
    }
}
