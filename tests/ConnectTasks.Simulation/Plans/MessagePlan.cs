namespace ConnectTasks.Simulation;

internal enum MessageKind
{
    Plain,
    Tokenless,
    Duplicate,

    /// <summary>Another request with the token of an earlier one.</summary>
    Reuse,
    Malformed,

    /// <summary>Connect refuses it for ever.</summary>
    NeverWorks,

    /// <summary>It names a flow that is not there and never will be.</summary>
    WrongFlow,

    /// <summary>It makes Connect fail, for ever.</summary>
    Sick,

    /// <summary>Its time was years ago when it was sent.</summary>
    LongPast,

    /// <summary>It has to be held and is too large for it.</summary>
    TooLarge,

    /// <summary>Its links end before its time.</summary>
    Expiring,

    /// <summary>A follow-up, often further ahead than Connect takes.</summary>
    Scheduled,
    Cancel,
    Reschedule,
}

/// <summary>One message that a producer sends.</summary>
/// <param name="Task">The identity of the task: the request's name.</param>
internal sealed record MessagePlan(MessageKind Kind, string Body, string Task, string? Token, string? Group, TimeSpan At)
{
    /// <summary>When the task is to start, or is to start instead.</summary>
    public DateTimeOffset? Time { get; init; }

    /// <summary>Of a cancellation: ends a task that runs too.</summary>
    public bool EndIfRunning { get; init; }

    /// <summary>Of what can't work: what is sent instead when its letter is seen.</summary>
    public MessagePlan? Correction { get; init; }

    /// <summary>A command, which all come with the time of their sending stamped on them.</summary>
    public bool IsCommand => Kind is MessageKind.Cancel or MessageKind.Reschedule;

    /// <summary>The reasons that it may be dead-lettered for, as they begin; none of a healthy message.</summary>
    public string[] Expected => Kind switch
    {
        MessageKind.Malformed => ["Rejected.MalformedJson"],
        MessageKind.NeverWorks => ["Refused.InvalidParameterException"],
        MessageKind.WrongFlow => ["Refused.ResourceNotFoundException"],
        MessageKind.Sick => ["Exhausted."],
        MessageKind.LongPast => ["Rejected.LongPast"],
        MessageKind.TooLarge => ["Rejected.TooLargeToHold"],
        MessageKind.Expiring => ["Rejected.AttachmentExpires"],
        _ => [],
    };

    /// <summary>The ledger's key of it.</summary>
    public string Key(string messageId) => Kind == MessageKind.Malformed
        ? messageId
        : TaskKey.For(Some.Instance, Token ?? TaskKey.DeriveToken(QueuedMessage.QueueArn, messageId));

    /// <summary>A request for a task at a time, or at once.</summary>
    public static MessagePlan Request(
        MessageKind kind, string task, string? token, string? group, TimeSpan at, DateTimeOffset? time = null,
        string flow = Some.Flow) =>
        new(kind, Some.Request(task, token, time, flow), task, token, group, at) { Time = time };

    /// <summary>A cancellation of the request's task.</summary>
    public MessagePlan Cancel(TimeSpan at, bool endIfRunning = false) =>
        new(MessageKind.Cancel, Some.Command(TaskCommandKind.Cancel, Token!, null, endIfRunning), Task, Token, Group, at)
        {
            EndIfRunning = endIfRunning,
        };

    /// <summary>A reschedule of the request's task.</summary>
    public MessagePlan Move(TimeSpan at, DateTimeOffset time) =>
        new(MessageKind.Reschedule, Some.Command(TaskCommandKind.Reschedule, Token!, time), Task, Token, Group, at)
        {
            Time = time,
        };
}

/// <summary>A message that was sent.</summary>
/// <param name="MessageId">The id that SQS gave it first.</param>
internal sealed record Sent(string MessageId, MessagePlan Plan, DateTimeOffset At);
