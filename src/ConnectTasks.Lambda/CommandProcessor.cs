namespace ConnectTasks.Lambda;

/// <summary>
/// What happens to one cancellation or reschedule, from top to bottom: first in the ledger, for a task that has not
/// started; then in Connect, for one that waits there. Doing it twice comes to the same.
/// </summary>
internal sealed class CommandProcessor(
    ITaskLedger ledger, ContactCentre contactCentre, ScheduleRules schedule, TimeProvider time)
{
    public const string Unknown = "UnknownTask";
    public const string Running = nameof(Running);
    public const string Over = nameof(Over);
    public const string AlreadyCancelled = nameof(AlreadyCancelled);
    public const string BeyondHorizon = nameof(BeyondHorizon);
    public const string InDoubt = nameof(InDoubt);

    /// <summary>How long a reschedule waits for its request, which it may have overtaken.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(15);

    /// <summary>
    /// How long a command waits for what comes of an attempt that got no answer, where that may take for ever or very
    /// long: on a FIFO queue the request may stand behind the command in its group, and wait for it; and a task that is
    /// held is tried again when it is due. Two of the longest waits, in which another group's request returns.
    /// </summary>
    private static readonly TimeSpan LongestDoubt = 2 * RetryPolicy.LongestWait;

    /// <summary>A time that has passed meanwhile is moved to so soon: Connect takes none of the past.</summary>
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(30);

    public async Task<Outcome> ProcessAsync(TaskCommand command, Message message, Invocation invocation)
    {
        var now = time.GetUtcNow();
        var key = TaskKey.For(command.InstanceId, command.ClientToken);
        var sentAt = message.OriginallySentAt ?? now;
        if (command.ScheduledTime is { } wanted
            && (schedule.WasLongPast(wanted, sentAt) ? Violations.LongPast
                : schedule.IsTooFarAhead(wanted, now) ? Violations.TooFarAhead : null) is { } violation)
        {
            return new Outcome.Rejected([violation]);
        }

        Move? move = command.Kind == TaskCommandKind.Reschedule && command.ScheduledTime is { } newTime
            ? new Move(newTime, schedule.ReleaseTime(newTime), sentAt)
            : null;
        var change = move is { } to
            ? await ledger.MoveAsync(key, to, now, invocation.HardStop)
            : await ledger.CancelAsync(key, now, invocation.HardStop);
        if (change.ErrorCode is { } error)
        {
            return new Outcome.LedgerUnavailable(error, TimeSpan.Zero);
        }

        if (change.Done)
        {
            return new Outcome.Commanded(command.Kind, "InLedger");
        }

        return change.Item is { } item
            ? await ProcessKnownAsync(command, move, message, item, invocation)
            : now - sentAt < Patience ? new Outcome.Deferred(DeferralCause.Order) : new Outcome.NotPossible(Unknown);
    }

    /// <summary>The ledger's item did not allow the change.</summary>
    private async Task<Outcome> ProcessKnownAsync(
        TaskCommand command, Move? move, Message message, LedgerItem item, Invocation invocation)
    {
        if (move is { } moving && item.MovedAt >= moving.SentAt)
        {
            // By a later command, or by an earlier try of this one.
            return new Outcome.Commanded(command.Kind, "MovedBefore");
        }

        switch (item.State)
        {
            case LedgerItem.States.Cancelled:
                return move is null
                    ? new Outcome.Commanded(command.Kind, "InLedger")
                    : new Outcome.NotPossible(AlreadyCancelled);
            case LedgerItem.States.Started when item.ContactId is { } contact:
                return await ProcessStartedAsync(command, move, item.Key, contact, invocation);
            default:
                // Someone works on it, or it may exist in Connect though it waits here: what it comes to decides.
                var now = time.GetUtcNow();
                if (item.LeaseEnd > now)
                {
                    return new Outcome.InFlight(item.LeaseEnd.Value - now);
                }

                var mayLast = message.GroupId is not null || item.State is LedgerItem.States.Held;
                return mayLast && now - message.OriginallySentAt > LongestDoubt
                    ? new Outcome.NotPossible(InDoubt)
                    : new Outcome.InFlight(RetryPolicy.LongestWait);
        }
    }

    private async Task<Outcome> ProcessStartedAsync(
        TaskCommand command, Move? move, string key, string contact, Invocation invocation)
    {
        var now = time.GetUtcNow();
        var phase = await contactCentre.PhaseAsync(command.InstanceId, contact, now, invocation.HardStop);
        if (phase.Kind != ReplyKind.Done && phase.Text != ContactCentre.ResourceNotFound)
        {
            return Of(phase);
        }

        if (phase.Text is nameof(ContactPhase.Over) or ContactCentre.ResourceNotFound)
        {
            // Perhaps ended by an earlier try of this very cancellation, whose answer was lost.
            return move is null ? new Outcome.Commanded(command.Kind, Over) : new Outcome.NotPossible(Over);
        }

        if (phase.Text == nameof(ContactPhase.Running) && !command.EndIfRunning)
        {
            return new Outcome.NotPossible(Running);
        }

        if (move is { } far && schedule.IsBeyondHorizon(far.ScheduledTime, now))
        {
            return new Outcome.NotPossible(BeyondHorizon);
        }

        var soonest = now + Soon;
        var reply = move is { } to
            ? await contactCentre.MoveAsync(
                command.InstanceId,
                contact,
                to.ScheduledTime > soonest ? to.ScheduledTime : soonest,
                invocation.HardStop)
            : await contactCentre.StopAsync(command.InstanceId, contact, invocation.HardStop);
        if (reply.Kind != ReplyKind.Done)
        {
            return Of(reply);
        }

        var write = await ledger.RecordInConnectAsync(key, contact, move, time.GetUtcNow(), invocation.HardStop);
        return write.State == LedgerWriteState.Unavailable
            ? new Outcome.LedgerUnavailable(write.ErrorCode!, TimeSpan.Zero)
            : new Outcome.Commanded(command.Kind, "InConnect");
    }

    private static Outcome Of(Reply reply) => reply.Kind switch
    {
        ReplyKind.Refused => new Outcome.NotPossible(reply.Text),
        ReplyKind.Throttled => new Outcome.Throttled(reply.Text),
        ReplyKind.OverQuota => new Outcome.OverQuota(reply.Text),
        ReplyKind.Misconfigured => new Outcome.Misconfigured(reply.Text),
        // Asking again does no harm: the answer to a second stop is that it is over.
        ReplyKind.Unknown or ReplyKind.Unavailable or ReplyKind.Done => new Outcome.Unavailable(reply.Text),
    };
}
