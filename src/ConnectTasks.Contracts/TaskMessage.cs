namespace ConnectTasks;

/// <summary>What the body of a message on the task queue turned out to be.</summary>
public readonly record struct MessageReadResult
{
    /// <summary>The task request in normal form, or <c>null</c> if the body holds none or anything is wrong.</summary>
    public TaskRequest? Request { get; init; }

    /// <summary>The command, or <c>null</c> if the body holds none or anything is wrong.</summary>
    public TaskCommand? Command { get; init; }

    /// <summary>
    /// The id that the innermost envelope was given by its service (the notification's <c>MessageId</c>, the event's
    /// <c>id</c>), or <c>null</c> without an envelope. It stays the same when the service delivers again, which gives
    /// the queue another message: a token for a request without one has to come from it.
    /// </summary>
    public string? EnvelopeId { get; init; }

    /// <summary>
    /// What is wrong, as in <see cref="ReadResult.Violations"/>; empty if there is a request or a command. Inside an
    /// envelope paths begin with the way in: <c>$.detail.Name</c> in an event, <c>$.Message → $.Name</c> in a
    /// notification, <c>$ → $.Name</c> in a JSON string: what follows an arrow is a path in the text that is there.
    /// </summary>
    public required IReadOnlyList<Violation> Violations { get; init; }
}

/// <summary>The body of a message on the task queue: a task request or a command, bare or in an envelope.</summary>
/// <remarks>
/// Envelopes are recognised by their own markers, and only if the body is neither a request nor a command and has no
/// property of a request:
/// <list type="bullet">
/// <item>an Amazon SNS notification, as a subscription without raw message delivery writes it: <c>Type</c> is
/// <c>Notification</c>, and the string <c>Message</c> holds the content;</item>
/// <item>an Amazon EventBridge event: <c>detail-type</c> and <c>source</c> are there, and the object <c>detail</c> is
/// the content;</item>
/// <item>a JSON string that holds JSON, as quoted templates of input transformers write it.</item>
/// </list>
/// They may be around one another, each kind once: an EventBridge event that came through an SNS topic is taken.
/// What else is around a request is named: an S3 pointer of an extended client, Base64, HTML escapes.
/// </remarks>
public static class TaskMessage
{
    /// <summary>Reads and checks a body, and reports everything that is wrong with it at once.</summary>
    /// <param name="body">The body of a message; <c>null</c> is the same as empty.</param>
    /// <returns>A request, or a command, or what is wrong. Never throws.</returns>
    public static MessageReadResult Read(string? body) => Read(body ?? "", EnvelopeKinds.None);

    private static MessageReadResult Read(string body, EnvelopeKinds opened)
    {
        var read = TaskRequestJson.Read(body);
        return read.Request is null
            ? ReadOther(body.StartsWith('\uFEFF') ? body[1..] : body, read.Violations, opened)
            : new MessageReadResult { Request = read.Request, Violations = read.Violations };
    }

    /// <param name="violations">What keeps the body from being a request.</param>
    private static MessageReadResult ReadOther(
        string body, IReadOnlyList<Violation> violations, EnvelopeKinds opened)
    {
        if (TaskCommandJson.Read(body) is { } command)
            return new MessageReadResult { Command = command.Command, Violations = command.Violations };
        var findings = new Findings();
        var envelope = Envelope.Open(body, violations[0].Code, findings);
        if (envelope is not null && opened.HasFlag(envelope.Kind))
        {
            findings.Add(
                envelope.Kind == EnvelopeKinds.JsonString
                    ? ViolationCodes.DoubleEncoded
                    : ViolationCodes.NestedEnvelope,
                $"The body is {envelope.Name} in another one: send the task request in one at the most.");
        }
        if (!findings.IsEmpty)
            return new MessageReadResult { Violations = findings.ToList() };
        if (envelope is null)
            return new MessageReadResult { Violations = violations };
        var content = Read(envelope.Content, opened | envelope.Kind);
        return content with
        {
            EnvelopeId = content.EnvelopeId ?? envelope.Id,
            Violations = [.. content.Violations.Select(envelope.Place)],
        };
    }
}
