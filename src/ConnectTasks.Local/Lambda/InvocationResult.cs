using System.Globalization;

namespace ConnectTasks.Local;

/// <summary>Every way an invocation can end, as the caller of a synchronous invocation would be told.</summary>
internal abstract record InvocationResult
{
    private InvocationResult()
    {
    }

    /// <summary>One line for a person, in the words that Lambda uses.</summary>
    public abstract string Text { get; }

    /// <summary>True if the environment that ran the invocation can run another one.</summary>
    public abstract bool LeavesEnvironmentUsable { get; }

    /// <summary>The function answered.</summary>
    /// <param name="Payload">The bytes that the function posted, unchanged.</param>
    internal sealed record Success(ReadOnlyMemory<byte> Payload) : InvocationResult
    {
        public override string Text => "succeeded";

        public override bool LeavesEnvironmentUsable => true;
    }

    /// <summary>The function reported an error through the Runtime API.</summary>
    /// <param name="Type">The error type that the function gave, such as an exception's class name.</param>
    /// <param name="Message">The function's own error text; empty if it gave none.</param>
    /// <param name="Payload">The error document as it was posted.</param>
    internal sealed record FunctionError(string Type, string Message, ReadOnlyMemory<byte> Payload) : InvocationResult
    {
        public override string Text => Message.Length == 0 ? Type : $"{Type}: {Message}";

        public override bool LeavesEnvironmentUsable => true;
    }

    /// <summary>The function did not answer within its timeout; its process was killed.</summary>
    internal sealed record TimedOut(TimeSpan Timeout) : InvocationResult
    {
        public override string Text => string.Create(
            CultureInfo.InvariantCulture,
            $"Sandbox.Timedout: Task timed out after {Timeout.TotalSeconds:0.00} seconds");

        public override bool LeavesEnvironmentUsable => false;
    }

    /// <summary>The function's process ended while it had the event.</summary>
    /// <param name="Status">How it ended, such as <c>exit status 1</c> or <c>signal: killed</c>.</param>
    internal sealed record Exited(string Status) : InvocationResult
    {
        public override string Text => $"Runtime.ExitError: Runtime exited with error: {Status}";

        public override bool LeavesEnvironmentUsable => false;
    }

    /// <summary>The function never got as far as asking for an event.</summary>
    /// <param name="Reason">The function's own error text if it gave one, otherwise what was seen of it.</param>
    internal sealed record InitFailed(string Reason) : InvocationResult
    {
        public override string Text => $"The function failed to start: {Reason}";

        public override bool LeavesEnvironmentUsable => false;
    }
}
