using System.Text;

namespace ConnectTasks.Lambda;

/// <summary>
/// What happens to one task request, from top to bottom: every branch about it is here. Nothing is done to the queue
/// here; the outcome says what is to be done. Commands about tasks are <see cref="CommandProcessor"/>'s.
/// </summary>
internal sealed class TaskProcessor(
    ITaskLedger ledger,
    ContactCentre contactCentre,
    Pacer pacer,
    Settings settings,
    TimeProvider time)
{
    /// <summary>How often Connect is called for one message in one invocation.</summary>
    private const int MaxCalls = 3;

    /// <summary>A time so near that by Connect's clock it may have passed, and is refused for it.</summary>
    private static readonly TimeSpan Moment = TimeSpan.FromMinutes(2);

    private readonly ScheduleRules _schedule = settings.ScheduleRules;
    private readonly CommandProcessor _commands = new(ledger, contactCentre, settings.ScheduleRules, time);

    public async Task<Outcome> ProcessAsync(Message message, Invocation invocation)
    {
        var read = TaskMessage.Read(message.Body);
        if (read.Command is { } command)
        {
            return await ProcessAsync(command, message, invocation);
        }

        if (read.Request is not { } request)
        {
            return new Outcome.Rejected(read.Violations);
        }

        if (IsForeign(request.InstanceId))
        {
            return new Outcome.Rejected([Violations.OtherInstance]);
        }

        // What an envelope's service delivers again is another message with the same envelope.
        var token = request.ClientToken
            ?? TaskKey.DeriveToken(message.QueueArn, read.EnvelopeId ?? message.OriginalMessageId);
        return await ProcessAsync(request, token, message, invocation) with { ClientToken = token };
    }

    private async Task<Outcome> ProcessAsync(TaskCommand command, Message message, Invocation invocation)
    {
        if (IsForeign(command.InstanceId))
        {
            return new Outcome.Rejected([Violations.OtherInstance]);
        }

        var outcome = time.GetUtcNow() > invocation.LastStart
            ? new Outcome.Deferred(DeferralCause.Time)
            : await _commands.ProcessAsync(command, message, invocation);
        return outcome with { ClientToken = command.ClientToken };
    }

    private async Task<Outcome> ProcessAsync(TaskRequest request, string token, Message message, Invocation invocation)
    {
        var now = time.GetUtcNow();
        if (now > invocation.LastStart)
        {
            return new Outcome.Deferred(DeferralCause.Time);
        }

        if (request.ScheduledTime is { } asked && _schedule.IsTooFarAhead(asked, now))
        {
            return new Outcome.Rejected([Violations.TooFarAhead]);
        }

        var claim = new Claim(
            TaskKey.For(request.InstanceId, token),
            invocation.NextOwner(),
            RequestFingerprint.Compute(request),
            request.ScheduledTime,
            message.ReleasedAt,
            invocation.Deadline + Settings.LeaseMargin);
        if (request.ScheduledTime is { } far && _schedule.IsBeyondHorizon(far, now))
        {
            // A new task that is far ahead, as most are, waits with one write; one that is known goes on below.
            var first = new Attempt(request, token, claim, MayExist: false, far);
            var hold = HoldOf(first, far, _schedule.ReleaseTime(far));
            var held = await ledger.HoldAsync(claim, hold, isOwned: false, now, invocation.HardStop);
            if (held.State == LedgerWriteState.Done)
            {
                return new Outcome.Held(hold.ReleaseAt);
            }
        }

        var claimed = await ledger.ClaimAsync(claim, now, invocation.HardStop);
        return claimed.State switch
        {
            ClaimState.TokenReused => new Outcome.TokenReused(),
            ClaimState.Cancelled => new Outcome.Cancelled(),
            ClaimState.AlreadyStarted => new Outcome.AlreadyStarted(claimed.ContactId),
            ClaimState.AlreadyHeld => new Outcome.AlreadyHeld(),
            ClaimState.InFlight => new Outcome.InFlight(LeftOf(claimed.LeaseEnd ?? claim.LeaseEnd)),
            ClaimState.Unavailable => new Outcome.LedgerUnavailable(claimed.ErrorCode!, TimeSpan.Zero),
            ClaimState.Claimed => await ProcessClaimedAsync(request, token, message, claim, claimed, invocation),
        };
    }

    /// <summary>The claim is ours: see whether it is the task's time.</summary>
    private Task<Outcome> ProcessClaimedAsync(
        TaskRequest request, string token, Message message, Claim claim, ClaimResult claimed, Invocation invocation)
    {
        var now = time.GetUtcNow();
        var attempt = new Attempt(
            request, token, claim, claimed.MayExist, claimed.ScheduledTime ?? request.ScheduledTime);
        if (attempt.ScheduledTime is { } scheduled)
        {
            if (_schedule.IsBeyondHorizon(scheduled, now))
            {
                return HoldAsync(attempt, scheduled, _schedule.ReleaseTime(scheduled), invocation);
            }

            if (!claimed.WasKnown && _schedule.WasLongPast(scheduled, message.OriginallySentAt ?? now))
            {
                return ReleaseAsync(attempt, new Outcome.Rejected([Violations.LongPast]), invocation);
            }
        }

        return StartAsync(attempt, invocation);
    }

    /// <summary>It is the task's time: call Connect at our pace, and record what came of it.</summary>
    private async Task<Outcome> StartAsync(Attempt attempt, Invocation invocation)
    {
        if (await CallAsync(attempt, invocation) is not { } reply)
        {
            return await ReleaseAsync(attempt, new Outcome.Deferred(DeferralCause.Pace), invocation);
        }

        return reply.Kind switch
        {
            ReplyKind.Done => await CompleteAsync(attempt, reply.Text, invocation),
            ReplyKind.Refused => await RefuseAsync(attempt, reply.Text, invocation),
            ReplyKind.Throttled => await ReleaseAsync(attempt, new Outcome.Throttled(reply.Text), invocation),
            ReplyKind.OverQuota => await ReleaseAsync(attempt, new Outcome.OverQuota(reply.Text), invocation),
            // A service that fails may have done it before it failed.
            ReplyKind.Unavailable => await ReleaseAsync(
                attempt with { MayExist = true }, new Outcome.Unavailable(reply.Text), invocation),
            ReplyKind.Misconfigured => await ReleaseAsync(attempt, new Outcome.Misconfigured(reply.Text), invocation),
            // Not failed: the lease stands until no call can be under way any more.
            ReplyKind.Unknown => new Outcome.Unknown(reply.Text, LeftOf(attempt.Claim.LeaseEnd)),
        };
    }

    /// <summary>
    /// One call at our pace, and another one if Connect throttled it: waiting here costs no receive, and the pacer has
    /// slowed down. Null if no call was made, because our turn does not come in time.
    /// </summary>
    private async Task<Reply?> CallAsync(Attempt attempt, Invocation invocation)
    {
        Reply? reply = null;
        for (var call = 1; call <= MaxCalls; call++)
        {
            if (!await pacer.WaitAsync(LeftOf(invocation.LastStart), invocation.HardStop))
            {
                return reply;
            }

            // Connect refuses a time that has passed: then the task is to start at once.
            var scheduled = attempt.ScheduledTime > time.GetUtcNow() ? attempt.ScheduledTime : null;
            reply = await contactCentre.StartAsync(attempt.Request, attempt.Token, scheduled, invocation.HardStop);
            if (reply.Value.Kind != ReplyKind.Throttled)
            {
                return reply;
            }

            pacer.OnThrottled();
        }

        return reply;
    }

    private async Task<Outcome> CompleteAsync(Attempt attempt, string contactId, Invocation invocation)
    {
        var now = time.GetUtcNow();
        var late = attempt.ScheduledTime is { } scheduled && scheduled < now ? now - scheduled : TimeSpan.Zero;
        var write = await ledger.CompleteAsync(attempt.Claim, contactId, now, invocation.HardStop);
        return write.State switch
        {
            // The task is started but not recorded: come back, get the same contact from Connect, and record it.
            LedgerWriteState.Unavailable =>
                new Outcome.LedgerUnavailable(write.ErrorCode!, LeftOf(attempt.Claim.LeaseEnd)),
            // Whoever took over gets the same contact for the same ClientToken, and records it.
            LedgerWriteState.NotOwner or LedgerWriteState.Done =>
                new Outcome.Started(contactId, late, attempt.ScheduledTime is not null),
        };
    }

    /// <summary>Refused for ever, unless it may be its time that Connect refused.</summary>
    private async Task<Outcome> RefuseAsync(Attempt attempt, string errorCode, Invocation invocation)
    {
        var now = time.GetUtcNow();
        if (attempt.ScheduledTime is { } scheduled)
        {
            if (_schedule.IsNearHorizon(scheduled, now))
            {
                var later = ScheduleRules.SecondReleaseTime(scheduled, now);
                return await HoldAsync(attempt, scheduled, later, invocation);
            }

            // Sent as a time to come that came on the way.
            if (scheduled > now - Moment && scheduled < now + Moment)
            {
                return await ReleaseAsync(attempt, new Outcome.Deferred(DeferralCause.Moment), invocation);
            }
        }

        return await ReleaseAsync(attempt, new Outcome.Refused(errorCode, attempt.MayExist), invocation);
    }

    private async Task<Outcome> HoldAsync(
        Attempt attempt, DateTimeOffset scheduled, DateTimeOffset releaseAt, Invocation invocation)
    {
        // A wait of its own, which a second delivery of this copy can't take over: this one lets SQS delete the copy.
        // The ledger counts in whole milliseconds.
        var soonest = attempt.Claim.ReleasedAt?.AddMilliseconds(1);
        var hold = HoldOf(attempt, scheduled, soonest > releaseAt ? soonest.Value : releaseAt);
        var write = await ledger.HoldAsync(attempt.Claim, hold, isOwned: true, time.GetUtcNow(), invocation.HardStop);
        return write.State switch
        {
            LedgerWriteState.Done => new Outcome.Held(hold.ReleaseAt),
            LedgerWriteState.NotOwner => new Outcome.InFlight(TimeSpan.Zero),
            LedgerWriteState.Unavailable =>
                new Outcome.LedgerUnavailable(write.ErrorCode!, LeftOf(attempt.Claim.LeaseEnd)),
        };
    }

    private static Hold HoldOf(Attempt attempt, DateTimeOffset scheduled, DateTimeOffset releaseAt)
    {
        // With the token in it, also a derived one: the released copy is another message.
        var request = TaskRequestJson.Write(attempt.Request with { ClientToken = attempt.Token });
        return new Hold(Encoding.UTF8.GetString(request), scheduled, releaseAt, attempt.MayExist);
    }

    private async Task<Outcome> ReleaseAsync(Attempt attempt, Outcome outcome, Invocation invocation)
    {
        var forget = outcome.Settlement == Settlement.DeadLetter;
        var write = await ledger.ReleaseAsync(
            attempt.Claim,
            new Release(outcome.Reason, attempt.MayExist, forget),
            time.GetUtcNow(),
            invocation.HardStop);
        // A refusal that is not forgotten would make a TokenReused of the corrected request. Other outcomes are retried
        // anyway, at the latest when the lease ends.
        return forget && write.State == LedgerWriteState.Unavailable
            ? new Outcome.LedgerUnavailable(write.ErrorCode!, LeftOf(attempt.Claim.LeaseEnd))
            : outcome;
    }

    private bool IsForeign(string instanceId) => settings.InstanceId is { } served && served != instanceId;

    private TimeSpan LeftOf(DateTimeOffset end)
    {
        var left = end - time.GetUtcNow();
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    /// <summary>One attempt at a task that we have claimed.</summary>
    /// <param name="MayExist">Whether an earlier attempt ended without an answer.</param>
    /// <param name="ScheduledTime">
    /// When the task is to start: the request's time, or the one it was given since.
    /// </param>
    private sealed record Attempt(
        TaskRequest Request, string Token, Claim Claim, bool MayExist, DateTimeOffset? ScheduledTime);
}
