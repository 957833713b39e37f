namespace ConnectTasks.Lambda;

/// <summary>
/// What happens to one cancellation or reschedule, from top to bottom: first in the ledger, for a task that has not
/// started; then in Connect, for one that waits there. Doing it twice comes to the same.
/// </summary>
internal sealed class CommandProcessor(
    ITaskLedger ledger, ContactCentre contactCentre, Settings settings, TimeProvider time)
{
    public const string Unknown = "UnknownTask";
    public const string Running = nameof(Running);
    public const string Over = nameof(Over);
    public const string AlreadyCancelled = nameof(AlreadyCancelled);
    public const string BeyondHorizon = nameof(BeyondHorizon);
    public const string InDoubt = nameof(InDoubt);

    /// <summary>
    /// How long a command waits for its task's request, from its first look: two of the longest waits, in which the
    /// request returns from any back-off. The wait may otherwise be endless: the token may be wrong; on a FIFO queue
    /// the request may stand behind the command in its group, and wait for it; a held task is tried again when due.
    /// </summary>
    private static readonly TimeSpan Patience = 2 * RetryPolicy.LongestWait;

    /// <summary>A time that has passed meanwhile is moved to so soon: Connect takes none of the past.</summary>
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(30);

    private readonly ScheduleRules _schedule = settings.ScheduleRules;

    public async Task<Outcome> ProcessAsync(TaskCommand command, Message message, Invocation invocation)
    {
        var now = time.GetUtcNow();
        var key = TaskKey.For(command.InstanceId, command.ClientToken);
        var sentAt = message.OriginallySentAt ?? now;
        if (command.ScheduledTime is { } wanted
            && (_schedule.WasLongPast(wanted, sentAt) ? Violations.LongPast
                : _schedule.IsTooFarAhead(wanted, now) ? Violations.TooFarAhead : null) is { } violation)
        {
            return new Outcome.Rejected([violation]);
        }

        Move? move = command.Kind == TaskCommandKind.Reschedule && command.ScheduledTime is { } newTime
            ? new Move(newTime, _schedule.ReleaseTime(newTime), sentAt)
            : null;
        var change = move is { } to
            ? await ledger.MoveAsync(key, to, now, invocation.HardStop)
            : await ledger.CancelAsync(key, now, invocation.HardStop);
        if (change.ErrorCode is { } error)
        {
            return new Outcome.LedgerUnavailable(error, TimeSpan.Zero);
        }

        return change.Done ? new Outcome.Commanded(command.Kind, "InLedger")
            // It was there a moment ago: look again.
            : change.Item is not { } item ? new Outcome.InFlight(TimeSpan.Zero)
            : await ProcessKnownAsync(command, move, item, invocation);
    }

    /// <summary>The ledger's item did not allow the change.</summary>
    private async Task<Outcome> ProcessKnownAsync(
        TaskCommand command, Move? move, LedgerItem item, Invocation invocation)
    {
        if (item.IsNewer)
        {
            return new Outcome.InFlight(RetryPolicy.LongestWait);
        }

        if (item.State == LedgerItem.States.Awaited)
        {
            return time.GetUtcNow() - item.AwaitedSince < Patience
                ? new Outcome.Deferred(DeferralCause.Request) : new Outcome.NotPossible(Unknown);
        }

        if (move is { } moving
            && (item.MovedAt > moving.SentAt || (item.MovedAt == moving.SentAt && item.ToldAt is null)))
        {
            // By a later command, or by an earlier try of this one; unless Connect refused that.
            return item.MovedAt == moving.SentAt
                && item is { State: LedgerItem.States.Started, LastReason: { } refusal }
                ? new Outcome.NotPossible(refusal)
                : new Outcome.Commanded(command.Kind, "MovedBefore");
        }

        return item.State switch
        {
            LedgerItem.States.Cancelled => move is null
                ? new Outcome.Commanded(command.Kind, "InLedger")
                : new Outcome.NotPossible(AlreadyCancelled),
            LedgerItem.States.Started when item.ContactId is { } contact =>
                await ProcessStartedAsync(command, move, item, contact, invocation),
            _ => await ProcessInDoubtAsync(item, invocation),
        };
    }

    /// <summary>
    /// Someone works on it, or it may exist in Connect though it waits here: what it comes to decides.
    /// </summary>
    private async Task<Outcome> ProcessInDoubtAsync(LedgerItem item, Invocation invocation)
    {
        var now = time.GetUtcNow();
        if (item.LeaseEnd > now)
        {
            return new Outcome.InFlight(item.LeaseEnd.Value - now);
        }

        // Each attempt at the request begins the wait anew; without one for so long there may be none to come.
        var awaited = await ledger.AwaitAsync(item.Key, now, invocation.HardStop);
        return awaited.ErrorCode is { } error ? new Outcome.LedgerUnavailable(error, TimeSpan.Zero)
            : now - awaited.Item?.AwaitedSince > Patience ? new Outcome.NotPossible(InDoubt)
            : new Outcome.InFlight(RetryPolicy.LongestWait);
    }

    private async Task<Outcome> ProcessStartedAsync(
        TaskCommand command, Move? move, LedgerItem item, string contact, Invocation invocation)
    {
        var now = time.GetUtcNow();
        var phase = await contactCentre.PhaseAsync(command.InstanceId, contact, now, invocation);
        if (phase.Kind == ReplyKind.Over || phase.Text == nameof(ContactPhase.Over))
        {
            // Perhaps ended by an earlier try of this very cancellation, whose answer was lost.
            return move is null ? new Outcome.Commanded(command.Kind, Over) : new Outcome.NotPossible(Over);
        }

        if (phase.Kind != ReplyKind.Done)
        {
            return Of(phase, command, await ChangedAtAsync(item, phase, invocation));
        }

        if (phase.Text == nameof(ContactPhase.Running) && !command.EndIfRunning)
        {
            // What Connect shows may be older than the last change, by which the task's time is still to come.
            var latest = (await ledger.ReadAsync(item.Key, invocation.HardStop)).Item ?? item;
            return latest.ScheduledTime > now && NextLook(latest.Updated) is { } next
                ? new Outcome.NotFoundYet(nameof(ContactPhase.Running), next)
                : new Outcome.NotPossible(Running);
        }

        return move is { } to
            ? await MoveAsync(command, to, item, contact, invocation)
            : await StopAsync(command, item, contact, invocation);
    }

    private async Task<Outcome> StopAsync(
        TaskCommand command, LedgerItem item, string contact, Invocation invocation)
    {
        var reply = await contactCentre.StopAsync(command.InstanceId, contact, invocation);
        if (reply.Kind is not (ReplyKind.Done or ReplyKind.Over))
        {
            return Of(reply, command, await ChangedAtAsync(item, reply, invocation));
        }

        var write = await ledger.RecordStopAsync(
            item.Key, contact, item.ScheduledTime, time.GetUtcNow(), invocation.HardStop);
        return write.State == LedgerWriteState.Unavailable
            ? new Outcome.LedgerUnavailable(write.ErrorCode!, TimeSpan.Zero)
            : new Outcome.Commanded(command.Kind, reply.Kind == ReplyKind.Over ? Over : "InConnect");
    }

    /// <summary>What is wanted is written first, and told to Connect by one command at a time.</summary>
    private async Task<Outcome> MoveAsync(
        TaskCommand command, Move move, LedgerItem item, string contact, Invocation invocation)
    {
        var now = time.GetUtcNow();
        if (_schedule.IsBeyondHorizon(move.ScheduledTime, now))
        {
            return new Outcome.NotPossible(BeyondHorizon);
        }

        var lease = new ContactChange(contact, invocation.NextOwner(), invocation.Deadline + Settings.LeaseMargin);
        // An earlier try that got no answer, of which the lease is left, may have changed the contact since.
        var isRetry = item.MovedAt == move.SentAt && item.ChangeLeaseEnd is null;
        var want = await ledger.WantAsync(item.Key, lease, move, isRetry, now, invocation.HardStop);
        if (want.ErrorCode is { } error)
        {
            return new Outcome.LedgerUnavailable(error, TimeSpan.Zero);
        }

        if (!want.Done)
        {
            return want.Item?.MovedAt > move.SentAt
                || (want.Item?.MovedAt == move.SentAt && want.Item.ScheduledTime != move.ScheduledTime)
                ? new Outcome.Commanded(command.Kind, "MovedBefore")
                // A task without a time does not wait in Connect.
                : want.Item is { State: LedgerItem.States.Started, ScheduledTime: null }
                ? new Outcome.NotPossible(Running)
                : new Outcome.InFlight(want.Item?.ChangeLeaseEnd - now ?? TimeSpan.Zero);
        }

        var soonest = now + Soon;
        var reply = await contactCentre.MoveAsync(
            command.InstanceId,
            contact,
            move.ScheduledTime > soonest ? move.ScheduledTime : soonest,
            invocation);
        var outcome = reply.Kind == ReplyKind.Done
            ? new Outcome.Commanded(command.Kind, "InConnect")
            : Of(reply, command, isRetry ? item.FirstTried ?? now : now);
        if (reply.Kind is ReplyKind.Unknown or ReplyKind.Unavailable)
        {
            // It may still come to Connect: nobody else tells it another time before the lease ends.
            return outcome;
        }

        var end = reply.Kind == ReplyKind.Done ? ContactChangeEnd.Taken
            : outcome.Settlement == Settlement.Retry ? ContactChangeEnd.NotYet
            : ContactChangeEnd.Refused;
        var refusal = (outcome as Outcome.NotPossible)?.Why;
        var told = await ledger.ToldAsync(item.Key, lease, move, end, refusal, time.GetUtcNow(), invocation.HardStop);
        return told.State == LedgerWriteState.Unavailable
            ? new Outcome.LedgerUnavailable(told.ErrorCode!, TimeSpan.Zero)
            : outcome;
    }

    /// <summary>What Connect's failure to carry out a command comes to.</summary>
    /// <param name="changedAt">Since when Connect may know something else than it says.</param>
    private Outcome Of(Reply reply, TaskCommand command, DateTimeOffset? changedAt)
    {
        Outcome outcome = reply.Kind switch
        {
            ReplyKind.NotFound when NextLook(changedAt) is { } next => new Outcome.NotFoundYet(reply.Text, next),
            // Connect no longer knows the contact.
            ReplyKind.NotFound when reply.Text == ContactCentre.ResourceNotFound =>
                command.Kind == TaskCommandKind.Cancel
                    ? new Outcome.Commanded(command.Kind, Over) : new Outcome.NotPossible(Over),
            ReplyKind.Over => new Outcome.NotPossible(Over),
            ReplyKind.Refused or ReplyKind.NotFound => new Outcome.NotPossible(reply.Text),
            ReplyKind.Throttled => new Outcome.Throttled(reply.Text, IsCommand: true),
            ReplyKind.OverQuota => new Outcome.OverQuota(reply.Text),
            ReplyKind.Misconfigured => new Outcome.Misconfigured(reply.Text),
            ReplyKind.NotCalled => new Outcome.Deferred(DeferralCause.Pace),
            // Asking again does no harm: the answer to a second stop is that it is over.
            ReplyKind.Unknown or ReplyKind.Unavailable or ReplyKind.Done => new Outcome.Unavailable(reply.Text),
        };
        return outcome with { ConnectRequestId = reply.RequestId };
    }

    /// <summary>
    /// Since when Connect may not find a contact for a change: our last one, or, because people and other programs
    /// change contacts too, the first look that did not find it.
    /// </summary>
    private async Task<DateTimeOffset?> ChangedAtAsync(LedgerItem item, Reply reply, Invocation invocation)
    {
        if (reply.Kind != ReplyKind.NotFound)
        {
            return item.Updated;
        }

        var now = time.GetUtcNow();
        var awaited = await ledger.AwaitAsync(item.Key, now, invocation.HardStop);
        return awaited.Item is not { } latest ? now
            : latest.AwaitedSince > latest.Updated ? latest.AwaitedSince : latest.Updated;
    }

    /// <summary>When to look again, if the last change is too recent for Connect's answer to be final.</summary>
    private TimeSpan? NextLook(DateTimeOffset? changedAt) =>
        RetryPolicy.NextLook(time.GetUtcNow() - (changedAt ?? default), settings.NotFoundPatience);
}
