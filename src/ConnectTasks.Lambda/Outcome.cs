namespace ConnectTasks.Lambda;

/// <summary>
/// Every way in which the processing of one message can end, in order of precedence: the same order as in the README's
/// outcome table and in the test of it. An outcome is a value; <see cref="BatchHandler"/> carries its settlement out.
/// No text in it ever holds a value from the message: bodies hold personal data.
/// </summary>
internal abstract record Outcome
{
    private Outcome()
    {
    }

    /// <summary>What is to be done with the message.</summary>
    public abstract Settlement Settlement { get; }

    /// <summary>Why, as a dotted code to group and search by, such as <c>Rejected.TooLong</c>.</summary>
    public abstract string Reason { get; }

    /// <summary>Why, and what to do about it, in sentences.</summary>
    public abstract string Detail { get; }

    /// <summary>The task's token, given or derived; null if the request could not be read.</summary>
    public string? ClientToken { get; init; }

    /// <summary>When the request was first really tried; null if that is not known.</summary>
    public DateTimeOffset? FirstTried { get; init; }

    /// <summary>Connect's id of the call that failed, which AWS's support asks for; null if there is none.</summary>
    public string? ConnectRequestId { get; init; }

    /// <summary>The metric that counts it.</summary>
    public virtual string Metric => Name;

    /// <summary>The contact, where there is one.</summary>
    public virtual string? ContactId => null;

    /// <summary>The outcome's name: the first part of every reason.</summary>
    public string Name => GetType().Name;

    /// <summary>1. The body is not a valid task request and never will be.</summary>
    public sealed record Rejected(IReadOnlyList<Violation> Violations) : Outcome
    {
        public override Settlement Settlement => Settlement.DeadLetter;
        public override string Reason => $"{nameof(Rejected)}.{Violations[0].Code}";
        public override string Detail => string.Join(' ', Violations.Select(v => v.Message));
    }

    /// <summary>2. The ClientToken is known with another request.</summary>
    public sealed record TokenReused : Outcome
    {
        public override Settlement Settlement => Settlement.DeadLetter;
        public override string Reason => nameof(TokenReused);
        public override string Detail =>
            "This ClientToken was used before for a request with other contents, so this one was not started. "
            + "If it is a task of its own, send it with a ClientToken of its own.";
    }

    /// <summary>3. The task was cancelled before it started.</summary>
    public sealed record Cancelled : Outcome
    {
        public override Settlement Settlement => Settlement.Delete;
        public override string Reason => nameof(Cancelled);
        public override string Detail => "The task was cancelled before it started, so it was not started.";
    }

    /// <summary>4. The same request was started before: this is a duplicate.</summary>
    public sealed record AlreadyStarted(string? Contact) : Outcome
    {
        public override string? ContactId => Contact;
        public override Settlement Settlement => Settlement.Delete;
        public override string Reason => nameof(AlreadyStarted);
        public override string Detail => "A duplicate of a task that was started before. Nothing to do.";
    }

    /// <summary>5. The same request waits for its time: this is a duplicate.</summary>
    public sealed record AlreadyHeld : Outcome
    {
        public override Settlement Settlement => Settlement.Delete;
        public override string Reason => nameof(AlreadyHeld);
        public override string Detail => "A duplicate of a task that waits for its time. Nothing to do.";
    }

    /// <summary>6. Another delivery of the same request is being worked on; it may still fail.</summary>
    public sealed record InFlight(TimeSpan Until) : Outcome
    {
        public override Settlement Settlement => Settlement.Retry;
        public override string Reason => nameof(InFlight);
        public override string Detail => "Another delivery of this request holds the lease. Looked at again "
            + "when it ends.";
    }

    /// <summary>7. Its time is further ahead than Connect takes: it waits in the ledger.</summary>
    public sealed record Held(DateTimeOffset ReleaseAt) : Outcome
    {
        public override Settlement Settlement => Settlement.Delete;
        public override string Reason => nameof(Held);
        public override string Detail => "Further ahead than Connect takes, so it waits in the ledger until it "
            + "is released.";
    }

    /// <summary>8. Not tried: no time or no pace was left in this invocation.</summary>
    public sealed record Deferred(DeferralCause Cause) : Outcome
    {
        public override Settlement Settlement => Settlement.Retry;
        public override string Reason => $"{nameof(Deferred)}.{Cause}";
        public override string Detail => Cause switch
        {
            DeferralCause.Time => "Not tried: too little time was left in the invocation. Tried again soon.",
            DeferralCause.Pace => "Not tried: the request rate was used up for this invocation. Tried again soon.",
            DeferralCause.Moment => "Its time is about to come. Tried again when it has.",
            DeferralCause.Order => "Not tried: an earlier message of its group has to go first. Tried again after it.",
            DeferralCause.Request =>
                "The task's request has not come yet. Its new time is kept for it; looked at again soon.",
        };
    }

    /// <summary>9. Connect gave a contact id.</summary>
    /// <param name="LateBy">How long after its time it was started; zero if it was not late or had no time.</param>
    /// <param name="WasScheduled">Whether it had a time.</param>
    public sealed record Started(string Contact, TimeSpan LateBy, bool WasScheduled) : Outcome
    {
        public override string? ContactId => Contact;
        public override Settlement Settlement => Settlement.Delete;
        public override string Reason => nameof(Started);
        public override string Detail => LateBy > TimeSpan.Zero
            ? "The task contact was started, later than its ScheduledTime."
            : "The task contact was started.";
    }

    /// <summary>10. Connect says that this request can never work.</summary>
    public sealed record Refused(string ErrorCode, bool MayExist) : Outcome
    {
        public override Settlement Settlement => Settlement.DeadLetter;
        public override string Reason => $"{nameof(Refused)}.{ErrorCode}";
        public override string Detail =>
            $"Amazon Connect refused the request with {ErrorCode}. "
            + (ErrorCode == ContactCentre.ResourceNotFound
                ? "Check that the instance, flow, template, quick connect and contact that it names exist, then "
                    + "redrive it."
                : "Compare the request with what its flow or template takes, correct it, then redrive it.")
            + (MayExist ? " An earlier attempt got no answer: look in Connect whether the task exists." : "");
    }

    /// <summary>11. Connect does not find what is named; right after a change that is not final.</summary>
    /// <param name="NextLook">The time from now until it is looked for again.</param>
    public sealed record NotFoundYet(string ErrorCode, TimeSpan NextLook) : Outcome
    {
        public override Settlement Settlement => Settlement.Retry;
        public override string Reason => $"{nameof(NotFoundYet)}.{ErrorCode}";
        public override string Detail =>
            $"Amazon Connect answered {ErrorCode}, which it also says of what was made or changed in the last minutes. "
            + "Looked for again until NOT_FOUND_PATIENCE_SECONDS have passed; then the answer is final.";
    }

    /// <summary>12. Connect's request rate is used up (429).</summary>
    /// <param name="IsCommand">Whether it was a call of a command, which has a quota of its own.</param>
    public sealed record Throttled(string ErrorCode, bool IsCommand = false) : Outcome
    {
        public override string Metric => IsCommand ? "ThrottledCommand" : Name;
        public override Settlement Settlement => Settlement.Retry;
        public override string Reason => $"{nameof(Throttled)}.{ErrorCode}";
        public override string Detail =>
            "Amazon Connect's request rate was exceeded. Retried; if it lasts, have the quota raised or lower "
                + "the rate.";
    }

    /// <summary>12. The instance has too many active tasks, or the task's chain is full (402).</summary>
    public sealed record OverQuota(string ErrorCode) : Outcome
    {
        public override Settlement Settlement => Settlement.Retry;
        public override string Reason => $"{nameof(OverQuota)}.{ErrorCode}";
        public override string Detail =>
            "The instance has too many active tasks, or the chain of PreviousContactId has its 12 tasks. Retried; "
            + "if it lasts, have the active-tasks quota raised, or start a new chain.";
    }

    /// <summary>12. Connect failed (5xx).</summary>
    public sealed record Unavailable(string ErrorCode) : Outcome
    {
        public override Settlement Settlement => Settlement.Retry;
        public override string Reason => $"{nameof(Unavailable)}.{ErrorCode}";
        public override string Detail => $"Amazon Connect failed with {ErrorCode}. Retried with the same ClientToken.";
    }

    /// <summary>13. No answer: the task may exist.</summary>
    public sealed record Unknown(string Cause, TimeSpan LeaseLeft) : Outcome
    {
        public override Settlement Settlement => Settlement.Retry;
        public override string Reason => $"{nameof(Unknown)}.{Cause}";
        public override string Detail =>
            "Amazon Connect gave no answer, so the task may exist. Retried with the same ClientToken after the lease.";
    }

    /// <summary>14. Connect does not let this function in (403): our configuration, not the message.</summary>
    public sealed record Misconfigured(string ErrorCode) : Outcome
    {
        public override Settlement Settlement => Settlement.Retry;
        public override string Reason => $"{nameof(Misconfigured)}.{ErrorCode}";
        public override string Detail =>
            $"Amazon Connect answered {ErrorCode}: check the function's permissions, Region and instance id. "
            + "The message is kept and retried slowly.";
    }

    /// <summary>15. A read or write of the ledger failed.</summary>
    public sealed record LedgerUnavailable(string ErrorCode, TimeSpan LeaseLeft) : Outcome
    {
        public override Settlement Settlement => Settlement.Retry;
        public override string Reason => $"{nameof(LedgerUnavailable)}.{ErrorCode}";
        public override string Detail =>
            $"The task ledger's table answered {ErrorCode}. Retried; if it lasts, check the table and the permissions.";
    }

    /// <summary>16. Retried for longer than the age limit; the last outcome tells why.</summary>
    public sealed record Exhausted(Outcome Last) : Outcome
    {
        public override Settlement Settlement => Settlement.DeadLetter;
        public override string Reason => $"{nameof(Exhausted)}.{Last.Reason}";
        public override string Detail =>
            "Retried for longer than the age limit. The last attempt: " + Last.Detail
            + " When the cause is gone, redrive the message.";
    }

    /// <summary>17. A cancellation or reschedule has taken effect.</summary>
    public sealed record Commanded(TaskCommandKind Kind, string Where) : Outcome
    {
        public override Settlement Settlement => Settlement.Delete;
        public override string Reason => $"{nameof(Commanded)}.{Kind}.{Where}";
        public override string Detail => Kind == TaskCommandKind.Cancel
            ? "The task was cancelled."
            : "The task was given its new time, or has one that was sent later.";
    }

    /// <summary>18. A cancellation or reschedule that can't be carried out.</summary>
    public sealed record NotPossible(string Why) : Outcome
    {
        public override Settlement Settlement => Settlement.DeadLetter;
        public override string Reason => $"{nameof(NotPossible)}.{Why}";
        public override string Detail => Why switch
        {
            CommandProcessor.Unknown =>
                "No request with this InstanceId and ClientToken has come within an hour: check both. If it comes "
                    + "later, its task starts at the time of this reschedule.",
            CommandProcessor.Running =>
                "The task has begun. To end it all the same, send the cancellation with EndIfRunning; it can't "
                    + "be moved.",
            CommandProcessor.Over => "The task is over: there is nothing to cancel or to move.",
            CommandProcessor.AlreadyCancelled => "The task was cancelled, so it can't be moved: send a new request.",
            CommandProcessor.BeyondHorizon =>
                "The task waits in Connect, which takes no time that far ahead: cancel it and send a new request.",
            CommandProcessor.InDoubt =>
                "An attempt to start the task got no answer, so it may exist in Connect, and its request was not tried "
                    + "again since. Redrive this command when it has been, or look for the task in Connect.",
            _ => $"Amazon Connect refused the change with {Why}.",
        };
    }
}

/// <summary>What becomes of a message.</summary>
internal enum Settlement
{
    /// <summary>Its id is left out of the batch response, and SQS deletes it.</summary>
    Delete,

    /// <summary>It is sent to the dead-letter queue with its reason, then deleted.</summary>
    DeadLetter,

    /// <summary>Its id is reported, and it returns when its visibility timeout ends.</summary>
    Retry,
}

/// <summary>Why a message was not tried.</summary>
internal enum DeferralCause
{
    Time,
    Pace,
    Order,
    Request,
    Moment,
}
