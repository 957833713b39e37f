using System.Globalization;

namespace ConnectTasks.Local;

/// <summary>
/// One execution environment of a function: its process and its own Runtime API. It runs one invocation at a time.
/// Lambda freezes an environment between invocations; here its process goes on running.
/// </summary>
internal sealed class ExecutionEnvironment : IAsyncDisposable
{
    private readonly FunctionSettings _settings;
    private readonly RuntimeApi _api;
    private readonly FunctionProcess _process;
    private readonly TimeProvider _time;
    private readonly Task _stopped;
    private bool _isInitialised;

    private ExecutionEnvironment(
        FunctionSettings settings, int number, RuntimeApi api, FunctionProcess process, TimeProvider time,
        Action<LambdaEvent> observe)
    {
        (_settings, Number, _api, _process, _time) = (settings, number, api, process, time);
        observe(new LambdaEvent.EnvironmentStarted(settings.Name, number, process.Id, api.Address));
        _stopped = AnnounceStopAsync(observe);
    }

    private enum Outcome
    {
        Came,
        ProcessEnded,
        TooLate,
    }

    /// <summary>1 for the function's first environment, and so on.</summary>
    public int Number { get; }

    public bool IsAlive => !_process.HasExited;

    /// <summary>Starts the process and its Runtime API. It does not wait until the function is initialised.</summary>
    /// <exception cref="FunctionStartException">The program is missing or can't be run.</exception>
    public static async Task<ExecutionEnvironment> StartAsync(
        FunctionSettings settings, int number, TimeProvider time, Action<LambdaEvent> observe)
    {
        var api = await RuntimeApi.StartAsync();
        try
        {
            var logStream = string.Create(
                CultureInfo.InvariantCulture, $"{time.GetUtcNow():yyyy/MM/dd}/[$LATEST]{number:x32}");
            var process = FunctionProcess.Start(
                settings, api.Address.Authority, logStream, time,
                line => observe(new LambdaEvent.LogLine(settings.Name, number, line)));
            return new ExecutionEnvironment(settings, number, api, process, time, observe);
        }
        catch
        {
            await api.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// Runs one invocation. Null if the process had already ended by itself, and the event was never given to it.
    /// </summary>
    /// <exception cref="OperationCanceledException">
    /// <paramref name="cancellation"/> was cancelled; the process has been killed.
    /// </exception>
    public async Task<InvocationResult?> InvokeAsync(
        Guid requestId, ReadOnlyMemory<byte> payload, CancellationToken cancellation)
    {
        try
        {
            var (answer, failure) = await DeliverAsync(requestId, payload, cancellation);
            if (answer is null)
                return failure;
            var outcome = await WaitForAsync(answer, _settings.Timeout, cancellation);
            if (outcome == Outcome.TooLate)
                Kill();
            return outcome switch
            {
                Outcome.Came => await answer,
                Outcome.ProcessEnded => new InvocationResult.Exited(await _process.Exited),
                Outcome.TooLate => new InvocationResult.TimedOut(_settings.Timeout),
            };
        }
        catch (OperationCanceledException)
        {
            Kill();
            throw;
        }
        finally
        {
            ReadPeakMemoryBytes();
        }
    }

    /// <summary>The most memory that the process has had resident, in bytes; 0 if the system does not tell.</summary>
    public long ReadPeakMemoryBytes() => _process.ReadPeakMemoryBytes();

    /// <summary>Kills the process (SIGKILL). An invocation that it was running has then ended with an exit.</summary>
    public void Kill()
    {
        ReadPeakMemoryBytes();
        _process.Kill();
    }

    public async ValueTask DisposeAsync()
    {
        ReadPeakMemoryBytes();
        await _process.DisposeAsync();
        await _stopped;
        await _api.DisposeAsync();
    }

    /// <summary>Waits until the runtime asks for an event and gives it this one.</summary>
    private async Task<(Task<InvocationResult>? Answer, InvocationResult? Failure)> DeliverAsync(
        Guid requestId, ReadOnlyMemory<byte> payload, CancellationToken cancellation)
    {
        var began = _time.GetTimestamp();
        var limit = _isInitialised ? _settings.Timeout : _settings.InitTimeout;
        while (true)
        {
            var ready = _api.WaitUntilReadyAsync();
            var left = limit - _time.GetElapsedTime(began);
            var outcome = await WaitForAsync(ready, left, cancellation);
            if (outcome == Outcome.Came && await ready is { } initFailed)
                return (null, initFailed);
            if (outcome == Outcome.TooLate)
            {
                Kill();
                return (null, _isInitialised ? new InvocationResult.TimedOut(limit) : InitTimedOut(limit));
            }
            // The poll of a process that has died may look open for a moment longer.
            if (!IsAlive)
                return (null, _isInitialised ? null : new InvocationResult.InitFailed(await DescribeEarlyEndAsync()));
            _isInitialised = true;
            var answer = _api.TryDeliver(new Invocation
            {
                RequestId = requestId,
                Payload = payload,
                Deadline = _time.GetUtcNow() + _settings.Timeout,
                FunctionArn = _settings.Arn,
                TraceId = NewTraceId(requestId),
            });
            if (answer is not null)
                return (answer, null);
        }
    }

    private async Task<Outcome> WaitForAsync(Task awaited, TimeSpan limit, CancellationToken cancellation)
    {
        try
        {
            await Task.WhenAny(awaited, _process.Exited)
                .WaitAsync(limit < TimeSpan.Zero ? TimeSpan.Zero : limit, _time, cancellation);
        }
        catch (TimeoutException) when (!awaited.IsCompleted)
        {
            return Outcome.TooLate;
        }
        // A process may answer and end at once: the answer counts.
        return awaited.IsCompleted ? Outcome.Came : Outcome.ProcessEnded;
    }

    private async Task<string> DescribeEarlyEndAsync()
    {
        var status = await _process.Exited;
        var errors = _process.EarlyErrors;
        return $"its process ended with {status} before it asked for an event" +
            (errors.Length == 0 ? "" : $"; it wrote: {errors}");
    }

    private static InvocationResult.InitFailed InitTimedOut(TimeSpan limit) => new(string.Create(
        CultureInfo.InvariantCulture, $"it did not ask for an event within {limit.TotalSeconds:0.##} seconds"));

    /// <summary>A trace header of the right shape that is not sampled: nothing is traced here.</summary>
    private string NewTraceId(Guid requestId) => string.Create(
        CultureInfo.InvariantCulture,
        $"Root=1-{_time.GetUtcNow().ToUnixTimeSeconds():x8}-{requestId.ToString("N")[..24]};Parent=" +
        $"{requestId.ToString("N")[16..]};Sampled=0");

    private async Task AnnounceStopAsync(Action<LambdaEvent> observe) =>
        observe(new LambdaEvent.EnvironmentStopped(_settings.Name, Number, await _process.Exited));
}
