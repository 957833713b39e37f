using Microsoft.Extensions.Logging;

namespace ConnectTasks.Simulation;

/// <summary>Turns the function's log lines into lines of the trace.</summary>
internal sealed class TraceLogger(World world) : ILogger
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (state is not IReadOnlyList<KeyValuePair<string, object?>> fields)
        {
            return;
        }

        string? Field(string name)
        {
            for (var i = 0; i < fields.Count; i++)
            {
                if (fields[i].Key.Equals(name, StringComparison.OrdinalIgnoreCase))
                {
                    return fields[i].Value?.ToString();
                }
            }

            return null;
        }

        if (Field("Exception") is { } fault)
        {
            throw new ViolationException("no fault of the program", $"{fault} {Field("StackTrace")}");
        }

        if (Field("MessageId") is { } id && Field("Error") is null && Field("ErrorCode") is null)
        {
            var returns = Field("ReturnInSeconds");
            world.Ended(id, Field("Reason") ?? "", isSettled: returns is null);
            var wait = returns is null ? "" : $", back in {returns} s";
            world.TraceMessage(id, $"function: {Field("Reason")}{wait}");
        }
    }
}
