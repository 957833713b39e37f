namespace ConnectTasks.Client;

/// <summary>What became of a message.</summary>
public enum SendStatus
{
    /// <summary>It is on the queue.</summary>
    Sent,

    /// <summary>
    /// It breaks a rule and was not sent. It never will be as it is: see <see cref="SendResult.Violations"/>.
    /// </summary>
    Invalid,

    /// <summary>The queue did not take it: see <see cref="SendResult.ErrorCode"/>.</summary>
    Failed,

    /// <summary>
    /// The queue was asked and did not say: the message may or may not be on it. Sending it again is safe, because the
    /// client token is the same.
    /// </summary>
    Unknown,

    /// <summary>
    /// It was not sent, because the call was cancelled or several batches before it had failed.
    /// </summary>
    NotTried,
}

/// <summary>The result of sending one message.</summary>
public sealed record SendResult
{
    /// <summary>Which of the sequence it is, counted from 0; 0 for one that was sent alone.</summary>
    public required int Index { get; init; }

    /// <summary>The request as the caller gave it; <c>null</c> for a cancellation or rescheduling.</summary>
    public TaskRequest? Request { get; init; }

    /// <summary>What became of it.</summary>
    public required SendStatus Status { get; init; }

    /// <summary>Whether it is on the queue.</summary>
    public bool IsSent => Status == SendStatus.Sent;

    /// <summary>
    /// Whether sending the same again, unchanged, may succeed: it is not known to be on the queue, and nothing is known
    /// to be wrong with it. A resend never starts a second task, because the client token is the same.
    /// </summary>
    public bool CanResend =>
        Status is SendStatus.Unknown or SendStatus.NotTried || (Status == SendStatus.Failed && IsTransient);

    /// <summary>The id that SQS gave the message, if it was sent.</summary>
    public string? MessageId { get; init; }

    /// <summary>
    /// Every rule that it breaks, if it is <see cref="SendStatus.Invalid"/>; else empty. A path that starts with
    /// <c>$</c> is one in the request's JSON; one that starts with <c>SendOptions</c> is in the options. No value of
    /// the request is repeated.
    /// </summary>
    public IReadOnlyList<Violation> Violations { get; init; } = [];

    /// <summary>
    /// The error's code, if it failed or is unknown: SQS's own, such as <c>InvalidMessageContents</c>,
    /// <c>AccessDenied</c> or <c>RequestThrottled</c>, or <c>HTTP</c> and the status where it gave none;
    /// <c>NoAnswer</c> if SQS's reply passes the message over; else the name of the exception's type.
    /// </summary>
    public string? ErrorCode { get; init; }

    /// <summary>
    /// The error in the words of SQS or of its SDK, or <c>null</c>. They are not checked for what they repeat.
    /// </summary>
    public string? ErrorMessage { get; init; }

    /// <summary>Of a failed message: whether the error is one that passes (throttling, a fault of SQS).</summary>
    public bool IsTransient { get; init; }

    internal Exception? Cause { get; init; }

    /// <summary>Throws if the message is not on the queue.</summary>
    /// <returns>This result.</returns>
    /// <exception cref="TaskNotSentException">The status is another than <see cref="SendStatus.Sent"/>.</exception>
    public SendResult EnsureSent() => IsSent ? this : throw new TaskNotSentException(this);

    /// <summary>Index, status and codes, for logs: nothing of the request and no text of the service.</summary>
    public override string ToString()
    {
        var codes = Violations.Count > 0 ? string.Join(", ", Violations.Select(v => v.Code + " " + v.Path)) : ErrorCode;
        return codes is null ? $"#{Index} {Status}" : $"#{Index} {Status}: {codes}";
    }
}

/// <summary>A message is not known to be on the queue; <see cref="Result"/> says why.</summary>
/// <remarks>The message names properties, limits and codes, never a value of the request.</remarks>
public sealed class TaskNotSentException : Exception
{
    /// <summary>Says why a message was not sent.</summary>
    /// <param name="result">A result whose status is another than <see cref="SendStatus.Sent"/>.</param>
    public TaskNotSentException(SendResult result)
        : base(Describe(result), result.Cause) => Result = result;

    /// <summary>The result.</summary>
    public SendResult Result { get; }

    private static string Describe(SendResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        return result.Status switch
        {
            SendStatus.Sent => throw new ArgumentException("The message was sent.", nameof(result)),
            SendStatus.Invalid => "Nothing was sent. " + string.Join(' ', result.Violations.Select(v => v.Message)),
            SendStatus.Failed => result.IsTransient
                ? $"The queue did not take the message ({result.ErrorCode}). Send it again later."
                : $"The queue did not take the message ({result.ErrorCode}). It will not until that is mended.",
            SendStatus.Unknown => $"The queue did not say whether it took the message ({result.ErrorCode}). "
                + "Send it again with the same client token: it will not start a second task.",
            SendStatus.NotTried => "The message was not sent: the call ended before its turn.",
        };
    }
}
