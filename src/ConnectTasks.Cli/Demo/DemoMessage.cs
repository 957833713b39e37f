using ConnectTasks.Local;

namespace ConnectTasks.Cli.Demo;

/// <summary>How a message should end, if the system does what it promises.</summary>
internal enum Fate
{
    /// <summary>Its task was started.</summary>
    Started,

    /// <summary>Its task had been started for another message before, and was not started again.</summary>
    Duplicate,

    DeadLettered,

    /// <summary>Its task was cancelled before it started, and has no contact.</summary>
    Cancelled,

    /// <summary>Neither a contact nor a dead letter: it has vanished, or it is still on its way.</summary>
    Lost,
}

/// <summary>A message that the demo put on the task queue.</summary>
internal sealed record DemoMessage
{
    /// <summary>What kind of message it is, for a person; rows of one kind are shown together.</summary>
    public required string Kind { get; init; }

    public required string MessageId { get; init; }

    public required string Body { get; init; }

    /// <summary>The identity of its task; null if the body is no valid request.</summary>
    public string? InstanceId { get; init; }

    /// <summary>The token given in the body, or the one that is derived for a request without one.</summary>
    public string? ClientToken { get; init; }

    /// <summary>When its task is to start; null for at once, or where it does not matter.</summary>
    public DateTimeOffset? StartsAt { get; init; }

    /// <summary>For a dead letter, the beginning of its reason's code.</summary>
    public required (Fate Fate, string? Reason) Expected { get; init; }
}

/// <summary>A contact, as Connect has it.</summary>
internal sealed record DemoContact(string InstanceId, string? ClientToken, string ContactId);

/// <summary>What became of a message.</summary>
internal sealed record DemoFate(DemoMessage Message, Fate Fate)
{
    public string? ContactId { get; init; }

    public DeadLetter? DeadLetter { get; init; }

    public bool IsAsExpected =>
        Fate == Message.Expected.Fate
        && (Message.Expected.Reason is not { } reason
            || DeadLetter?.Reason?.StartsWith(reason, StringComparison.Ordinal) == true);
}
