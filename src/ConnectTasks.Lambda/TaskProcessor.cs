namespace ConnectTasks.Lambda;

/// <summary>
/// What happens to one message, from top to bottom: every branch about a message is here. Nothing is done to the queue
/// here; the outcome says what is to be done.
/// </summary>
internal sealed class TaskProcessor(
    ITaskLedger ledger,
    TaskStarter starter,
    Pacer pacer,
    Settings settings,
    TimeProvider time,
    Func<Guid> newGuid)
{
    /// <summary>How often Connect is called for one message in one invocation.</summary>
    private const int MaxCalls = 3;

    public async Task<Outcome> ProcessAsync(Message message, Invocation invocation)
    {
        var read = TaskRequestJson.Read(message.Body);
        if (read.Request is not { } request)
        {
            return new Outcome.Rejected(read.Violations);
        }

        if (settings.InstanceId is { } served && served != request.InstanceId)
        {
            return new Outcome.Rejected([Violations.OtherInstance]);
        }

        var token = request.ClientToken ?? TaskKey.DeriveToken(message.QueueArn, message.OriginalMessageId);
        return await ProcessAsync(request, token, invocation) with { ClientToken = token };
    }

    private async Task<Outcome> ProcessAsync(TaskRequest request, string token, Invocation invocation)
    {
        if (time.GetUtcNow() > invocation.LastStart)
        {
            return new Outcome.Deferred(DeferralCause.Time);
        }

        var claim = new Claim(
            TaskKey.For(request.InstanceId, token),
            $"{invocation.RequestId}/{newGuid():N}",
            RequestFingerprint.Compute(request),
            invocation.Deadline + Settings.LeaseMargin);
        var claimed = await ledger.ClaimAsync(claim, time.GetUtcNow(), invocation.HardStop);
        return claimed.State switch
        {
            ClaimState.TokenReused => new Outcome.TokenReused(),
            ClaimState.AlreadyStarted => new Outcome.AlreadyStarted(claimed.ContactId),
            ClaimState.InFlight => new Outcome.InFlight(LeftOf(claimed.LeaseEnd ?? claim.LeaseEnd)),
            ClaimState.Unavailable => new Outcome.LedgerUnavailable(claimed.ErrorCode!, TimeSpan.Zero),
            ClaimState.Claimed => await StartAsync(request, token, claim, claimed.MayExist, invocation),
        };
    }

    /// <summary>The claim is ours: call Connect at our pace, and record what came of it.</summary>
    private async Task<Outcome> StartAsync(
        TaskRequest request, string token, Claim claim, bool mayExist, Invocation invocation)
    {
        if (await CallAsync(request, token, invocation) is not { } reply)
        {
            return await ReleaseAsync(claim, new Outcome.Deferred(DeferralCause.Pace), invocation);
        }

        return reply.Kind switch
        {
            StartReplyKind.Started => await CompleteAsync(claim, reply.Text, invocation),
            StartReplyKind.Refused => await ReleaseAsync(claim, new Outcome.Refused(reply.Text, mayExist), invocation),
            StartReplyKind.Throttled => await ReleaseAsync(claim, new Outcome.Throttled(reply.Text), invocation),
            StartReplyKind.OverQuota => await ReleaseAsync(claim, new Outcome.OverQuota(reply.Text), invocation),
            StartReplyKind.Unavailable => await ReleaseAsync(claim, new Outcome.Unavailable(reply.Text), invocation),
            StartReplyKind.Misconfigured => await ReleaseAsync(claim, new Outcome.Misconfigured(reply.Text), invocation),
            // Not failed: the lease stands until no call can be under way any more.
            StartReplyKind.Unknown => new Outcome.Unknown(reply.Text, LeftOf(claim.LeaseEnd)),
        };
    }

    /// <summary>
    /// One call at our pace, and another one if Connect throttled it: waiting here costs no receive, and the pacer has
    /// slowed down. Null if no call was made, because our turn does not come in time.
    /// </summary>
    private async Task<StartReply?> CallAsync(TaskRequest request, string token, Invocation invocation)
    {
        StartReply? reply = null;
        for (var call = 1; call <= MaxCalls; call++)
        {
            if (!await pacer.WaitAsync(LeftOf(invocation.LastStart), invocation.HardStop))
            {
                return reply;
            }

            reply = await starter.StartAsync(request, token, invocation.HardStop);
            if (reply.Value.Kind != StartReplyKind.Throttled)
            {
                return reply;
            }

            pacer.OnThrottled();
        }

        return reply;
    }

    private async Task<Outcome> CompleteAsync(Claim claim, string contactId, Invocation invocation)
    {
        var write = await ledger.CompleteAsync(claim, contactId, time.GetUtcNow(), invocation.HardStop);
        return write.State switch
        {
            // The task is started but not recorded: come back, get the same contact from Connect, and record it.
            LedgerWriteState.Unavailable => new Outcome.LedgerUnavailable(write.ErrorCode!, LeftOf(claim.LeaseEnd)),
            // Whoever took over gets the same contact for the same ClientToken, and records it.
            LedgerWriteState.NotOwner or LedgerWriteState.Done => new Outcome.Started(contactId),
        };
    }

    private async Task<Outcome> ReleaseAsync(Claim claim, Outcome outcome, Invocation invocation)
    {
        var forget = outcome is Outcome.Refused;
        var write = await ledger.ReleaseAsync(claim, outcome.Reason, forget, time.GetUtcNow(), invocation.HardStop);
        // A refusal that is not forgotten would make a TokenReused of the corrected request. Other outcomes are retried
        // anyway, at the latest when the lease ends.
        return forget && write.State == LedgerWriteState.Unavailable
            ? new Outcome.LedgerUnavailable(write.ErrorCode!, LeftOf(claim.LeaseEnd))
            : outcome;
    }

    private TimeSpan LeftOf(DateTimeOffset end)
    {
        var left = end - time.GetUtcNow();
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }
}
