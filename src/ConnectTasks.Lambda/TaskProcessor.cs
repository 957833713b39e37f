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
    private readonly RefusedTargets _refused = new(settings.NotFoundPatience);
    private readonly CommandProcessor _commands = new(ledger, contactCentre, settings, time);

    /// <param name="message">The delivery.</param>
    /// <param name="invocation">The time that is left.</param>
    /// <param name="onHarmless">
    /// Called when the ledger shows that no attempt at this message was cut off: it may run beside others.
    /// </param>
    public async Task<Outcome> ProcessAsync(Message message, Invocation invocation, Action? onHarmless = null)
    {
        var read = TaskMessage.Read(message.Body);
        if ((read.Command?.InstanceId ?? read.Request?.InstanceId) is not { } instance)
        {
            return new Outcome.Rejected(read.Violations);
        }

        // What an envelope's service delivers again is another message with the same envelope.
        var token = read.Command?.ClientToken ?? read.Request?.ClientToken
            ?? TaskKey.DeriveToken(message.OriginalQueueArn, read.EnvelopeId ?? message.OriginalMessageId);
        var outcome = IsForeign(instance) ? new Outcome.Rejected([Violations.OtherInstance])
            : read.Request is { } named && settings.AllowedTargets?.Check(named) is { } target
                ? new Outcome.Rejected([target])
            : time.GetUtcNow() > invocation.LastStart ? new Outcome.Deferred(DeferralCause.Time)
            : read.Command is { } command ? await _commands.ProcessAsync(command, message, invocation)
            : await ProcessAsync(read.Request!, token, message, invocation, onHarmless);
        return outcome with { ClientToken = token };
    }

    private async Task<Outcome> ProcessAsync(
        TaskRequest request, string token, Message message, Invocation invocation, Action? onHarmless)
    {
        var now = time.GetUtcNow();
        if (request.ScheduledTime is { } asked && _schedule.IsTooFarAhead(asked, now))
        {
            return new Outcome.Rejected([Violations.TooFarAhead]);
        }

        var claim = new Claim(
            TaskKey.For(request.InstanceId, token),
            invocation.NextOwner(),
            RequestFingerprint.Compute(request),
            request.ScheduledTime,
            message.Copy,
            invocation.Deadline + Settings.LeaseMargin);
        var attempt = new Attempt(request, token, message.GroupId, claim, request.ScheduledTime);
        if (request.ScheduledTime is { } wanted
            && await ProcessNewAsync(attempt, wanted, message, invocation) is { } outcome)
        {
            return outcome;
        }

        var claimed = await ledger.ClaimAsync(claim, now, invocation.HardStop);
        if (!claimed.WasLeftBehind)
        {
            onHarmless?.Invoke();
        }

        return claimed.State switch
        {
            ClaimState.TokenReused => new Outcome.TokenReused(),
            ClaimState.Cancelled => new Outcome.Cancelled(),
            ClaimState.AlreadyStarted => new Outcome.AlreadyStarted(claimed.ContactId),
            ClaimState.AlreadyHeld => new Outcome.AlreadyHeld(),
            ClaimState.InFlight => new Outcome.InFlight(LeftOf(claimed.LeaseEnd ?? claim.LeaseEnd)),
            ClaimState.Unavailable => new Outcome.LedgerUnavailable(claimed.ErrorCode!, TimeSpan.Zero),
            ClaimState.Claimed => await ProcessClaimedAsync(attempt.With(claimed), invocation) with
            {
                FirstTried = claimed.FirstTried ?? now,
            },
        };
    }

    /// <summary>
    /// A task with a time that is new, as most are: rejected for its time, or held with one write. Null for one that
    /// is known, or whose time is near: it is claimed.
    /// </summary>
    private async Task<Outcome?> ProcessNewAsync(
        Attempt attempt, DateTimeOffset scheduled, Message message, Invocation invocation)
    {
        var now = time.GetUtcNow();
        var far = _schedule.IsBeyondHorizon(scheduled, now)
            ? attempt.Until(scheduled, _schedule.ReleaseTime(scheduled))
            : (Hold?)null;
        var violation = far is { } wait ? HoldRules.Check(attempt.Request, wait)
            : message.Copy is null && _schedule.WasLongPast(scheduled, message.OriginallySentAt ?? now)
                ? Violations.LongPast : null;
        if (violation is not null)
        {
            // Judged before anything is claimed, so that a crash in between does not make it a known task.
            var known = await ledger.ReadAsync(attempt.Claim.Key, invocation.HardStop);
            return known.ErrorCode is { } error ? new Outcome.LedgerUnavailable(error, TimeSpan.Zero)
                : known.Item is { IsForgotten: false } item && !item.IsExpired(now) ? null
                : new Outcome.Rejected([violation]);
        }

        if (far is not { } hold)
        {
            return null;
        }

        var held = await ledger.HoldAsync(attempt.Claim, hold, isOwned: false, now, invocation.HardStop);
        return held.State switch
        {
            LedgerWriteState.Done => new Outcome.Held(hold.ReleaseAt),
            LedgerWriteState.TooLarge => new Outcome.Rejected([HoldRules.TooLarge(hold.Request)]),
            LedgerWriteState.NotOwner or LedgerWriteState.Unavailable => null,
        };
    }

    /// <summary>The claim is ours: see whether it is the task's time.</summary>
    private Task<Outcome> ProcessClaimedAsync(Attempt attempt, Invocation invocation) =>
        attempt.ScheduledTime is { } scheduled && _schedule.IsBeyondHorizon(scheduled, time.GetUtcNow())
            ? HoldAsync(attempt, scheduled, _schedule.ReleaseTime(scheduled), invocation)
            : StartAsync(attempt, invocation);

    /// <summary>It is the task's time: call Connect at our pace, and record what came of it.</summary>
    private async Task<Outcome> StartAsync(Attempt attempt, Invocation invocation)
    {
        if (await CallAsync(attempt, invocation) is not { } reply)
        {
            return await ReleaseAsync(attempt, new Outcome.Deferred(DeferralCause.Pace), invocation);
        }

        var outcome = reply.Kind switch
        {
            ReplyKind.Done => await CompleteAsync(attempt, reply.Text, invocation),
            ReplyKind.Refused or ReplyKind.NotFound or ReplyKind.Over => await RefuseAsync(attempt, reply, invocation),
            ReplyKind.Throttled => await ReleaseAsync(attempt, new Outcome.Throttled(reply.Text), invocation),
            ReplyKind.OverQuota => await ReleaseAsync(attempt, new Outcome.OverQuota(reply.Text), invocation),
            // A service that fails may have done it before it failed.
            ReplyKind.Unavailable => await ReleaseAsync(
                attempt with { MayExist = true }, new Outcome.Unavailable(reply.Text), invocation),
            ReplyKind.Misconfigured => await ReleaseAsync(attempt, new Outcome.Misconfigured(reply.Text), invocation),
            // Not failed: the lease stands until no call can be under way any more.
            ReplyKind.Unknown or ReplyKind.NotCalled => new Outcome.Unknown(reply.Text, LeftOf(attempt.Claim.LeaseEnd)),
        };
        return outcome with { ConnectRequestId = reply.RequestId };
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
        var write = await ledger.CompleteAsync(
            attempt.Claim, contactId, attempt.ScheduledTime, now, invocation.HardStop);
        return write.State switch
        {
            // The task is started but not recorded: come back, get the same contact from Connect, and record it.
            LedgerWriteState.Unavailable =>
                new Outcome.LedgerUnavailable(write.ErrorCode!, LeftOf(attempt.Claim.LeaseEnd)),
            // Whoever took over gets the same contact for the same ClientToken. But until one of us has recorded it,
            // the message must not go.
            LedgerWriteState.NotOwner => new Outcome.InFlight(TimeSpan.Zero),
            LedgerWriteState.TooLarge or LedgerWriteState.Done =>
                new Outcome.Started(contactId, late, attempt.ScheduledTime is not null),
        };
    }

    /// <summary>
    /// Refused for ever, unless it may be its time that Connect refused, or what it names is too new.
    /// </summary>
    private async Task<Outcome> RefuseAsync(Attempt attempt, Reply reply, Invocation invocation)
    {
        var now = time.GetUtcNow();
        // A time is refused as invalid, not as something that is not there.
        if (attempt.ScheduledTime is { } scheduled && reply.Text != ContactCentre.ResourceNotFound)
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

        if (reply.Kind == ReplyKind.NotFound)
        {
            if (!_refused.Contains(attempt.Request, now)
                && RetryPolicy.NextLook(now - (attempt.FirstTried ?? now), settings.NotFoundPatience) is { } next)
            {
                return await ReleaseAsync(attempt, new Outcome.NotFoundYet(reply.Text, next), invocation);
            }

            _refused.Add(attempt.Request, now);
        }

        return await ReleaseAsync(attempt, new Outcome.Refused(reply.Text, attempt.MayExist), invocation);
    }

    private async Task<Outcome> HoldAsync(
        Attempt attempt, DateTimeOffset scheduled, DateTimeOffset releaseAt, Invocation invocation)
    {
        var hold = attempt.Until(scheduled, releaseAt);
        if (HoldRules.Check(attempt.Request, hold) is { } violation)
        {
            return await ReleaseAsync(attempt, new Outcome.Rejected([violation]), invocation);
        }

        // A wait of its own, which a second delivery of this copy can't take over: this one lets SQS delete the copy.
        var write = await ledger.HoldAsync(attempt.Claim, hold, isOwned: true, time.GetUtcNow(), invocation.HardStop);
        return write.State switch
        {
            LedgerWriteState.Done => new Outcome.Held(hold.ReleaseAt),
            LedgerWriteState.NotOwner => new Outcome.InFlight(TimeSpan.Zero),
            LedgerWriteState.TooLarge => await ReleaseAsync(
                attempt, new Outcome.Rejected([HoldRules.TooLarge(hold.Request)]), invocation),
            LedgerWriteState.Unavailable =>
                new Outcome.LedgerUnavailable(write.ErrorCode!, LeftOf(attempt.Claim.LeaseEnd)),
        };
    }

    private async Task<Outcome> ReleaseAsync(Attempt attempt, Outcome outcome, Invocation invocation)
    {
        var forget = outcome.Settlement == Settlement.DeadLetter;
        var write = await ledger.ReleaseAsync(
            attempt.Claim,
            new Release(
                outcome.Reason,
                attempt.MayExist,
                forget,
                WasTried: attempt.FirstTried is not null || outcome is not Outcome.Deferred,
                attempt.ScheduledTime),
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
}
