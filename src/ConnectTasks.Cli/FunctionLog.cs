using ConnectTasks.Local;

namespace ConnectTasks.Cli;

/// <summary>Writes what the functions log, and what goes wrong around them, to standard error.</summary>
internal static class FunctionLog
{
    public static Action<LambdaEvent> To(Terminal terminal) => seen =>
    {
        if ((seen is LambdaEvent.LogLine log ? log.Text : Trouble(seen)) is { } line)
            terminal.Say(line);
    };

    /// <summary>Without the functions' own log lines.</summary>
    public static Action<LambdaEvent> TroubleTo(Terminal terminal) => seen =>
    {
        if (Trouble(seen) is { } line)
            terminal.Say(line);
    };

    private static string? Trouble(LambdaEvent seen) => seen switch
    {
        LambdaEvent.InvocationFinished { Result: not InvocationResult.Success } invocation =>
            $"{invocation.Function}: {invocation.Result.Text}",
        LambdaEvent.BatchFinished { Result: InvocationResult.InitFailed failed } => failed.Text,
        LambdaEvent.PollingFailed failed => $"{failed.Queue} does not answer: {failed.Error}",
        LambdaEvent.PollingResumed resumed => $"{resumed.Queue} answers again.",
        LambdaEvent.Warning warning => $"{warning.Source}: {warning.Text}",
        _ => null,
    };
}
