using Amazon.Lambda.Core;
using Amazon.Lambda.RuntimeSupport.Bootstrap;

namespace Amazon.Lambda.RuntimeSupport;

/// <summary>One invocation: reads the event, runs the handler, writes the response.</summary>
internal delegate Task Invoke(Stream input, ILambdaContext context, Stream output);

/// <summary>
/// Runs a handler inside Lambda: takes events from the Runtime API one at a time and gives back a response or an error
/// for each.
/// </summary>
public class LambdaBootstrap : IDisposable
{
    private const string TraceIdVariable = "_X_AMZN_TRACE_ID";

    private readonly Invoke _handler;
    private readonly ILambdaSerializer _serializer;
    private readonly LambdaBootstrapInitializer? _initializer;
    private readonly LambdaEnvironment _environment;
    private readonly RuntimeApiClient _runtimeApi;
    private readonly LambdaConsoleLogger _logger;
    private readonly TimeProvider _time = TimeProvider.System;

    internal LambdaBootstrap(
        Invoke handler,
        ILambdaSerializer serializer,
        LambdaBootstrapInitializer? initializer,
        LambdaBootstrapOptions options)
    {
        _handler = handler;
        _serializer = serializer;
        _initializer = initializer;
        _environment = LambdaEnvironment.Read(Environment.GetEnvironmentVariable);
        _runtimeApi = new RuntimeApiClient(options.RuntimeApiEndpoint ?? _environment.RuntimeApi);
#pragma warning disable RS0030 // Lambda takes a function's log from its standard output; this is where it begins.
        _logger = new LambdaConsoleLogger(Console.Out, LogSettings.Read(Environment.GetEnvironmentVariable), _time);
#pragma warning restore RS0030
    }

    /// <summary>
    /// Initializes, then serves invocations until <paramref name="cancellationToken"/> fires, which ends the wait for
    /// the next event; an invocation that already runs is finished and answered first.
    /// </summary>
    /// <exception cref="RuntimeApiClientException">The Runtime API refused a request. Lambda asks the process to end
    /// then, and starts another.</exception>
    /// <exception cref="HttpRequestException">The Runtime API cannot be reached.</exception>
    public async Task RunAsync(CancellationToken cancellationToken = default)
    {
        LimitHeapToFunctionMemory();
        if (!await InitializeAsync())
            return;
        try
        {
            while (!cancellationToken.IsCancellationRequested)
                await InvokeOnceAsync(await _runtimeApi.NextAsync(cancellationToken));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Asked to stop while waiting for work: the normal end.
        }
    }

    /// <summary>Closes the connection to the Runtime API.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Closes the connection to the Runtime API.</summary>
    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
            _runtimeApi.Dispose();
    }

    private async Task<bool> InitializeAsync()
    {
        if (_initializer is null)
            return true;
        try
        {
            return await _initializer();
        }
        catch (Exception e)
        {
            _logger.LogUnhandled(e);
            await _runtimeApi.ReportInitializationErrorAsync(ErrorReport.Of(e));
            throw;
        }
    }

    private async Task InvokeOnceAsync(Invocation invocation)
    {
        Environment.SetEnvironmentVariable(TraceIdVariable, invocation.TraceId);
        _logger.Invocation = invocation;

        var response = new MemoryStream();
        ErrorReport? error = null;
        try
        {
            var context = new LambdaContext(invocation, _environment, _logger, _serializer, _time);
            await _handler(new MemoryStream(invocation.Event, writable: false), context, response);
        }
        catch (Exception e)
        {
            // Whatever it is, it is this invocation's failure and not the next one's.
            _logger.LogUnhandled(e);
            error = ErrorReport.Of(e);
        }

        // Without the caller's cancellation: work that is done is reported even if the process is asked to end.
        if (error is null)
            await _runtimeApi.SendResponseAsync(invocation.RequestId, response);
        else
            await _runtimeApi.ReportInvocationErrorAsync(invocation.RequestId, error);
        _logger.Invocation = null;
    }

    // The runtime sees the machine's memory, not the function's share of it, and would collect too late.
    private void LimitHeapToFunctionMemory()
    {
        var limit = (ulong)_environment.MemoryLimitInMB * 1024 * 1024;
        if (limit == 0 || _environment.KeepsHeapLimit || (ulong)GC.GetGCMemoryInfo().TotalAvailableMemoryBytes < limit)
            return;
        AppContext.SetData("GCHeapHardLimit", limit);
        try
        {
            GC.RefreshMemoryLimit();
        }
        catch (InvalidOperationException e)
        {
            // More is in use than the limit allows. The function works without one.
            ((ILambdaLogger)_logger).LogWarning(e, "The heap could not be limited to the function's memory");
        }
    }
}
