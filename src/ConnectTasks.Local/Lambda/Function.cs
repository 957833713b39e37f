namespace ConnectTasks.Local;

/// <summary>
/// A deployed function: environments are started when they are needed, up to its concurrency, reused when idle (the
/// most recently used first), and replaced when they have crashed or timed out.
/// </summary>
/// <param name="settings">What the function is.</param>
/// <param name="time">The clock of timeouts and deadlines.</param>
/// <param name="newRequestId">Makes the request ids.</param>
/// <param name="observe">Sees what happens; called on several threads.</param>
internal sealed class Function(
    FunctionSettings settings, TimeProvider time, Func<Guid> newRequestId, Action<LambdaEvent> observe)
    : IAsyncDisposable
{
    private readonly SemaphoreSlim _slots = new(settings.MaximumConcurrency);
    private readonly Lock _lock = new();
    private readonly List<ExecutionEnvironment> _environments = [];
    private readonly Stack<ExecutionEnvironment> _idle = new();
    private int _started;
    private long _peakMemoryBytes;
    private bool _isDisposed;

    public string Name => settings.Name;

    /// <summary>
    /// The most memory that any of the function's processes has had resident, in bytes, as seen at the end of each
    /// invocation and now; 0 where the system does not tell.
    /// </summary>
    public long PeakMemoryBytes
    {
        get
        {
            lock (_lock)
            {
                return _environments.Select(environment => environment.ReadPeakMemoryBytes())
                    .Append(_peakMemoryBytes).Max();
            }
        }
    }

    /// <summary>
    /// Invokes the function and waits for its answer. Where Lambda would refuse a throttled invocation and its caller
    /// would retry, this waits until an environment is free.
    /// </summary>
    /// <param name="payload">The event: JSON, at most 6 MB.</param>
    /// <param name="cancellation">Gives the invocation up: its process is killed.</param>
    /// <exception cref="OperationCanceledException">The invocation was given up.</exception>
    /// <exception cref="ObjectDisposedException">The function has been disposed of.</exception>
    public async Task<InvocationResult> InvokeAsync(ReadOnlyMemory<byte> payload, CancellationToken cancellation)
    {
        await _slots.WaitAsync(cancellation);
        try
        {
            var began = time.GetTimestamp();
            var requestId = newRequestId();
            while (true)
            {
                ExecutionEnvironment environment;
                try
                {
                    environment = TakeIdle() ?? await StartAsync();
                }
                catch (FunctionStartException exception)
                {
                    return new InvocationResult.InitFailed(exception.Message);
                }
                var result = await RunAsync(environment, requestId, payload, cancellation);
                // An idle environment may have died unnoticed; the event was not given to it.
                if (result is null)
                    continue;
                observe(new LambdaEvent.InvocationFinished(
                    Name, environment.Number, requestId, result, time.GetElapsedTime(began)));
                return result;
            }
        }
        finally
        {
            _slots.Release();
        }
    }

    /// <summary>Kills one environment, idle or busy, as a crash would. Returns its number; null if none runs.</summary>
    public int? KillOne(Random random)
    {
        ExecutionEnvironment victim;
        lock (_lock)
        {
            var alive = _environments.FindAll(environment => environment.IsAlive);
            if (alive.Count == 0)
                return null;
            victim = alive[random.Next(alive.Count)];
        }
        victim.Kill();
        return victim.Number;
    }

    /// <summary>Stops all environments; invocations that still run end with an exit.</summary>
    public async ValueTask DisposeAsync()
    {
        ExecutionEnvironment[] environments;
        lock (_lock)
        {
            _isDisposed = true;
            environments = [.. _environments];
            _idle.Clear();
        }
        await Task.WhenAll(environments.Select(RetireAsync));
    }

    private async Task<InvocationResult?> RunAsync(
        ExecutionEnvironment environment, Guid requestId, ReadOnlyMemory<byte> payload, CancellationToken cancellation)
    {
        InvocationResult? result = null;
        try
        {
            return result = await environment.InvokeAsync(requestId, payload, cancellation);
        }
        finally
        {
            if (result is not { LeavesEnvironmentUsable: true } || !TryGiveBack(environment))
                await RetireAsync(environment);
        }
    }

    private ExecutionEnvironment? TakeIdle()
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            return _idle.TryPop(out var environment) ? environment : null;
        }
    }

    private bool TryGiveBack(ExecutionEnvironment environment)
    {
        lock (_lock)
        {
            if (_isDisposed)
                return false;
            _idle.Push(environment);
            return true;
        }
    }

    private async Task<ExecutionEnvironment> StartAsync()
    {
        var environment = await ExecutionEnvironment.StartAsync(
            settings, Interlocked.Increment(ref _started), time, observe);
        bool isTooLate;
        lock (_lock)
        {
            isTooLate = _isDisposed;
            _environments.Add(environment);
        }
        if (!isTooLate)
            return environment;
        await RetireAsync(environment);
        throw new ObjectDisposedException(nameof(Function));
    }

    /// <summary>Removes and stops an environment; the second of two concurrent calls does nothing.</summary>
    private async Task RetireAsync(ExecutionEnvironment environment)
    {
        lock (_lock)
        {
            if (!_environments.Remove(environment))
                return;
            _peakMemoryBytes = Math.Max(_peakMemoryBytes, environment.ReadPeakMemoryBytes());
        }
        await environment.DisposeAsync();
    }
}
