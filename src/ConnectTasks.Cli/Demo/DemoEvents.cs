using ConnectTasks.Local;

namespace ConnectTasks.Cli.Demo;

/// <summary>Counts what the functions do, for scenarios that interfere with them. Called on several threads.</summary>
internal sealed class DemoEvents(Action<LambdaEvent> next)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _died = [];

    public void Observe(LambdaEvent seen)
    {
        if (seen is LambdaEvent.InvocationFinished { Result: InvocationResult.Exited } died)
        {
            lock (_lock)
                _died[died.Function] = _died.GetValueOrDefault(died.Function) + 1;
        }

        next(seen);
    }

    /// <summary>Invocations of a function whose process died in the middle of its work.</summary>
    public int DiedOf(string function)
    {
        lock (_lock)
            return _died.GetValueOrDefault(function);
    }
}
