using Amazon.SQS.Model;

namespace ConnectTasks.Local;

/// <summary>
/// Something that the local Lambda did, for logs, counters and a live page. Events are raised on the threads that do
/// the work, several at a time: an observer must be quick, thread-safe and must not throw.
/// </summary>
internal abstract record LambdaEvent
{
    /// <summary>A line that the function wrote to its standard output or error, as it came.</summary>
    internal sealed record LogLine(string Function, int Environment, string Text) : LambdaEvent;

    /// <summary>An execution environment was started: its process runs and its Runtime API listens.</summary>
    internal sealed record EnvironmentStarted(string Function, int Environment, int ProcessId, Uri RuntimeApi)
        : LambdaEvent;

    /// <summary>An execution environment is gone. <c>Status</c> says how its process ended.</summary>
    internal sealed record EnvironmentStopped(string Function, int Environment, string Status) : LambdaEvent;

    /// <summary>An invocation has ended. <c>Duration</c> includes the start of a new environment.</summary>
    internal sealed record InvocationFinished(
        string Function, int Environment, Guid RequestId, InvocationResult Result, TimeSpan Duration) : LambdaEvent;

    /// <summary>An event source mapping has received a batch and is about to invoke the function with it.</summary>
    internal sealed record BatchReceived(string Queue, IReadOnlyList<Message> Messages) : LambdaEvent
    {
        public IReadOnlyList<string> MessageIds => [.. Messages.Select(message => message.MessageId)];
    }

    /// <summary>
    /// A batch's invocation has ended and its response has been read. <c>Failed</c> messages stay on the queue.
    /// </summary>
    internal sealed record BatchFinished(
        string Queue, IReadOnlyList<string> Succeeded, IReadOnlyList<string> Failed, InvocationResult Result)
        : LambdaEvent;

    /// <summary>Messages were deleted from the queue.</summary>
    internal sealed record MessagesDeleted(string Queue, IReadOnlyList<string> MessageIds) : LambdaEvent;

    /// <summary>The queue did not answer a poll. Raised once for a run of failures; polling goes on.</summary>
    internal sealed record PollingFailed(string Queue, string Error) : LambdaEvent;

    /// <summary>The queue answers polls again.</summary>
    internal sealed record PollingResumed(string Queue) : LambdaEvent;

    /// <summary>Something that whoever wrote the function or runs the system should read.</summary>
    internal sealed record Warning(string Source, string Text) : LambdaEvent;
}
