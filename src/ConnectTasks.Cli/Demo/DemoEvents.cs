using ConnectTasks.Local;

namespace ConnectTasks.Cli.Demo;

/// <summary>
/// Counts what the functions do, for the scenarios that interfere with them. Called on several threads.
/// </summary>
internal sealed class DemoEvents(Action<LambdaEvent> next)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, (int Good, int Bad)> _invocations = [];

    public void Observe(LambdaEvent seen)
    {
        if (seen is LambdaEvent.InvocationFinished invocation)
        {
            lock (_lock)
            {
                var (good, bad) = _invocations.GetValueOrDefault(invocation.Function);
                _invocations[invocation.Function] =
                    invocation.Result is InvocationResult.Success ? (good + 1, bad) : (good, bad + 1);
            }
        }

        next(seen);
    }

    /// <summary>
    /// Invocations of a function that have ended well, and those that were killed, timed out or failed.
    /// </summary>
    public (int Good, int Bad) InvocationsOf(string function)
    {
        lock (_lock)
            return _invocations.GetValueOrDefault(function);
    }
}
