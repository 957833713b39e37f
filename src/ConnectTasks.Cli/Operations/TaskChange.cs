using Amazon.Runtime;
using ConnectTasks.Local;

namespace ConnectTasks.Cli;

/// <summary>How a cancellation or a reschedule went.</summary>
/// <param name="IsDone">Whether the task is now as it was asked for.</param>
/// <param name="Code">For machines.</param>
/// <param name="Text">For people.</param>
internal sealed record ChangeResult(bool IsDone, string Code, string Text);

/// <summary>
/// Cancels or reschedules one task: sees first whether that can work, sends the command through the task queue, and
/// waits for its effect in the ledger. The function that carries it out decides; what is seen before is only there to
/// tell a person at once.
/// </summary>
internal sealed class TaskChange(Deployment deployment, TaskIdentity task, TimeSpan patience)
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(500);

    /// <summary>What keeps a task from being changed, apart from what Connect says of its contact.</summary>
    private static readonly ChangeResult Over =
        new(false, "Over", "The task is finished: there is nothing to cancel or to move.");

    private readonly TimeProvider _time = deployment.Time;

    /// <param name="endIfRunning">End it too if agents may work on it.</param>
    /// <param name="isUnseenFine">Cancel it also if it is not known yet, because its request may be on its way.</param>
    public async Task<ChangeResult> CancelAsync(bool endIfRunning, bool isUnseenFine, CancellationToken cancellation)
    {
        var before = await deployment.Ledger.ReadAsync(task.Key, cancellation);
        if (before is null && !isUnseenFine)
        {
            return await UnknownAsync(
                " To cancel a task whose request is still on its way, add --unseen.", cancellation);
        }

        if (before is { State: TaskRecord.Cancelled })
            return new ChangeResult(true, "AlreadyCancelled", "The task was cancelled before.");
        if (await ContactObstacleAsync(before, endIfRunning, isLast: false, cancellation) is { } obstacle)
            return obstacle;
        await deployment.Queue.CancelAsync(
            task.InstanceId, task.ClientToken, endIfRunning, cancellationToken: cancellation);
        return await WaitAsync(
            now => now is { State: TaskRecord.Cancelled }
                ? new ChangeResult(true, "Cancelled", now.ContactId is null
                    ? "The task is cancelled: it will not start."
                    : "The task is cancelled: its contact in Connect is ended.")
                : null,
            endIfRunning,
            cancellation);
    }

    public async Task<ChangeResult> RescheduleAsync(DateTimeOffset time, CancellationToken cancellation)
    {
        var before = await deployment.Ledger.ReadAsync(task.Key, cancellation);
        if (before is null)
            return await UnknownAsync("", cancellation);
        if (before is { State: TaskRecord.Cancelled })
        {
            return new ChangeResult(
                false, "AlreadyCancelled", "The task was cancelled, so it can't be moved: send a new request.");
        }

        if (await ContactObstacleAsync(before, endIfRunning: false, isLast: false, cancellation) is { } obstacle)
            return obstacle;
        await deployment.Queue.RescheduleAsync(
            task.InstanceId, task.ClientToken, time, cancellationToken: cancellation);
        return await WaitAsync(
            now => JudgeMove(before, now, time),
            endIfRunning: false,
            cancellation);
    }

    /// <summary>What a reschedule came to; null while that is open.</summary>
    private static ChangeResult? JudgeMove(TaskRecord before, TaskRecord? now, DateTimeOffset time) => now switch
    {
        { State: TaskRecord.Cancelled } =>
            new(false, "AlreadyCancelled", "The task was cancelled meanwhile, so it can't be moved."),
        // Connect has to be told yet.
        null or { MovedAt: null } or { ToldAt: not null } => null,
        { MovedAt: { } moved } when moved == before.MovedAt => null,
        { State: TaskRecord.Awaited } when now.ScheduledTime == time => new ChangeResult(
            true, "Rescheduled", $"The task is to start at {LocalTimes.Iso(time)}, once its request has come."),
        _ when now.ScheduledTime == time =>
            new ChangeResult(true, "Rescheduled", $"The task is to start at {LocalTimes.Iso(time)}."),
        { State: TaskRecord.Started, ScheduledTime: { } old } when old == before.ScheduledTime => new ChangeResult(
            false, "NotMoved", $"Connect did not take the new time: the task is to start at {LocalTimes.Iso(old)} as "
                + "before. The command is on the dead-letter queue, with the reason."),
        { ScheduledTime: { } other } => new ChangeResult(
            false, "Superseded", $"A reschedule that was sent later won: to start at {LocalTimes.Iso(other)}."),
        _ => null,
    };

    private async Task<ChangeResult> UnknownAsync(string advice, CancellationToken cancellation)
    {
        var code = await Unknown.IsForeignAsync(deployment, task, cancellation) is null ? "Unknown" : "Foreign";
        return new ChangeResult(false, code, await Unknown.SentenceAsync(deployment, task, cancellation) + advice);
    }

    /// <summary>Of a task that was started: whether it is over, or is being worked on.</summary>
    /// <param name="isLast">
    /// Whether the command has had its time. Before, only what is sure is an obstacle: for some minutes after a change
    /// Connect may not know the contact, or may show it as it was, and the function is patient with that.
    /// </param>
    private async Task<ChangeResult?> ContactObstacleAsync(
        TaskRecord? record, bool endIfRunning, bool isLast, CancellationToken cancellation)
    {
        if (record is not { State: TaskRecord.Started, ContactId: { } contactId })
            return null;
        var now = _time.GetUtcNow();
        ContactView contact;
        try
        {
            contact = await ContactView.DescribeAsync(
                deployment.Connect!, task.InstanceId, contactId, now, cancellation);
        }
        catch (Exception e) when (e is AmazonServiceException or HttpRequestException)
        {
            // Throttled, or not for these credentials: the function asks for itself.
            return null;
        }

        return contact.State switch
        {
            ContactView.Over => Over,
            ContactView.NotFound when isLast => new ChangeResult(false, "NotFoundYet",
                "The command is on the queue. Connect does not know the task's contact: shortly after the start it may "
                + "take minutes, and the command waits for that; later it means that the task is over. Ask "
                + "`connect-tasks status` in a few minutes."),
            ContactView.Running when !endIfRunning && (isLast || record.ScheduledTime is null
                || record.ScheduledTime <= now) => new ChangeResult(false, "Running",
                "The task has begun: it can't be moved, and --end-if-running is needed to cancel it."),
            _ => null,
        };
    }

    private async Task<ChangeResult> WaitAsync(
        Func<TaskRecord?, ChangeResult?> judge, bool endIfRunning, CancellationToken cancellation)
    {
        if (patience == TimeSpan.Zero)
            return new ChangeResult(true, "Sent", "The command is on the queue; its effect was not waited for.");
        var began = _time.GetTimestamp();
        while (_time.GetElapsedTime(began) < patience)
        {
            var record = await deployment.Ledger.ReadAsync(task.Key, cancellation);
            if (judge(record) is { } result)
                return result;
            await Task.Delay(PollInterval, _time, cancellation);
        }

        // It may have started, or ended, while the command was on its way.
        var last = await deployment.Ledger.ReadAsync(task.Key, cancellation);
        return judge(last)
            ?? await ContactObstacleAsync(last, endIfRunning, isLast: true, cancellation)
            ?? new ChangeResult(false, "NoEffectYet",
                $"The command is on the queue, but had no effect within {patience.TotalSeconds:0} s: it waits for its "
                + "turn behind other messages, or for a lease, or lies on the dead-letter queue with its reason. "
                + "Ask `connect-tasks status` later; sending it again does no harm."
                + (last is { State: TaskRecord.Started, ToldAt: { } told }
                    ? " The new time is written down, and Connect has to be told yet: there it is "
                        + $"{LocalTimes.Iso(told)}."
                    : last is { State: TaskRecord.Started }
                    ? " The task waits in Connect, which takes no time beyond its horizon (6 days, if it is not set "
                        + "otherwise): for a time that is further away, cancel it and send a new request."
                    : ""));
    }
}
