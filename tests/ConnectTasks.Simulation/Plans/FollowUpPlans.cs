namespace ConnectTasks.Simulation;

/// <summary>Tasks with a time, and commands about them.</summary>
internal sealed partial class Planner
{
    private MessagePlan Scheduled(int i, TimeSpan at, string? group, DateTimeOffset time)
    {
        var plan = MessagePlan.Request(MessageKind.Scheduled, $"task-{i}", $"t-{i}", group, at, time);
        _plans.Add(plan);
        return plan;
    }

    /// <summary>A scheduled task, perhaps sent twice; or a command about one, which may overtake it.</summary>
    private void AddFollowUp(int i, TimeSpan at, string? group)
    {
        var tasks = _plans.FindAll(p => p.Kind == MessageKind.Scheduled);
        if (tasks.Count > 0 && random.Next(5) < 3)
        {
            var task = tasks[random.Next(tasks.Count)] with { Group = group };
            // Soon after the request, or before it, or days later.
            var sentAt = (config.HasNewerVersion ? 3 : random.Next(4)) switch
            {
                3 when config.HasNewerVersion => task.At + (config.Storm * 0.3 * random.NextDouble()),
                0 => (task.Time!.Value - World.Start) * random.NextDouble(),
                1 => task.At * random.NextDouble(),
                _ => task.At + Seconds(-30, 300),
            };
            sentAt = sentAt > TimeSpan.Zero ? sentAt : TimeSpan.Zero;
            _plans.Add(random.Next(2) == 0 ? task.Cancel(sentAt, random.Next(4) == 0) : task.Move(sentAt, Ahead(sentAt, 0.1, 5)));
            return;
        }

        var plan = Scheduled(i, at, group, Ahead(at, 0.1, 5));
        if (random.Next(3) == 0)
        {
            _plans.Add(plan with { At = at + ((plan.Time!.Value - World.Start - at) * random.NextDouble()) });
        }
    }

    /// <summary>
    /// A task that waits in Connect, moved several times within a second, perhaps in one millisecond, there and back.
    /// </summary>
    private void AddMoves(int i, TimeSpan at, string? group)
    {
        var task = Scheduled(i, at, group, Ahead(at, 0.4, 0.85));
        var moveAt = at + (random.Next(3) == 0 ? Seconds(-5, 5) : Seconds(5, 400));
        // What comes later hides what went wrong before, so one burst is the most telling.
        for (var bursts = random.Next(4) == 0 ? 2 : 1; bursts > 0; bursts--)
        {
            // Connect takes twenty.
            for (var moves = random.Next(20) == 0 ? 23 : random.Next(2, 5); moves > 0; moves--)
            {
                var time = random.Next(4) == 0 ? task.Time!.Value : Ahead(moveAt, 0.4, 0.85);
                _plans.Add(task.Move(moveAt, time));
                moveAt += TimeSpan.FromMilliseconds(random.Next(5) == 0 ? 0 : random.Next(1, 250));
            }

            moveAt += Seconds(2, 300);
        }

        if (random.Next(8) == 0)
        {
            _plans.Add(task.Cancel(moveAt + Seconds(-1, 30)));
        }
    }

    /// <summary>A task cancelled soon after it was handed to Connect, or when it runs.</summary>
    private void AddCancels(int i, TimeSpan at, string? group)
    {
        var isShort = random.Next(3) == 0;
        var task = Scheduled(i, at, group, isShort ? TimeAt(at + Seconds(30, 400)) : Ahead(at, 0.2, 0.85));
        var cancelAt = at + (random.Next(3) == 0 ? Seconds(30, 900) : Seconds(0.1, 30));
        _plans.Add(task.Cancel(cancelAt, random.Next(3) == 0));
        if (random.Next(3) == 0)
        {
            _plans.Add(task.Cancel(cancelAt + Seconds(0, 120), endIfRunning: true));
        }

        if (random.Next(4) == 0)
        {
            _plans.Add(task.Move(cancelAt + Seconds(-20, 60), Ahead(cancelAt, 0.2, 0.85)));
        }
    }

    /// <summary>
    /// A task that waits in the ledger and is moved away and back around its release, which stands a twelfth of the
    /// horizon after the moment at which Connect would take it.
    /// </summary>
    private void AddThereAndBack(int i, TimeSpan at, string? group)
    {
        // Mostly all at about one time, more than the quota takes at once.
        var time = random.Next(4) == 0 || _plans.Count == 0 ? Ahead(at, 1.05, 2) : _plans[0].Time!.Value.AddSeconds(random.Next(20));
        at = at < time - World.Start - Horizon ? at : TimeSpan.Zero;
        var task = Scheduled(i, at, group, time);
        var release = time - World.Start - (Horizon * 11 / 12);
        // The tick that releases it, to a tenth of a second; or about that time.
        var tick = config.Tick * Math.Ceiling(release / config.Tick);
        var (awayAt, rounds) = (random.Next(2) == 0 ? tick + Seconds(-0.8, 0.3) : release + Seconds(-30, 120), random.Next(1, 3));
        for (var round = 0; round < rounds; round++)
        {
            var away = random.Next(3) == 0 ? Ahead(awayAt, 0.3, 0.8) : Ahead(awayAt, 1.02, 1.6);
            _plans.Add(task.Move(awayAt, away));
            var backAt = awayAt + Seconds(1, 90);
            if (random.Next(4) != 0)
            {
                _plans.Add(task.Move(backAt, time));
            }

            awayAt = backAt + Seconds(1, 200);
        }

        if (random.Next(5) == 0)
        {
            _plans.Add(task.Cancel(release + Seconds(-60, 200)));
        }

        // The same request again, when it is about to be due.
        for (var duplicates = random.Next(3); duplicates > 0; duplicates--)
        {
            _plans.Add(task with { At = release + Seconds(-40, 20) });
        }
    }

    /// <summary>A task whose time is further away than the ledger's retention, and what comes in between.</summary>
    private void AddLongTimes(int i, TimeSpan at, string? group)
    {
        var time = TimeAt(at + (Day * random.Next(60, 300)));
        var isInHorizon = Horizon > TimeSpan.FromDays(80) && random.Next(2) == 0;
        var task = Scheduled(i, at, group, isInHorizon ? TimeAt(at + (Day * random.Next(60, 85))) : time);
        var late = Day * random.Next(36, 55);
        switch (random.Next(4))
        {
            case 0:
                _plans.Add(task.Cancel(late));
                break;
            case 1:
                _plans.Add(task.Move(late, Ahead(late, 0.3, 0.9)));
                break;
            case 2:
                // Cancelled at once; the same request comes again when a tombstone of a month would be gone.
                _plans.Add(task.Cancel(at + Seconds(60, 4000)));
                break;
        }

        if (random.Next(2) == 0)
        {
            _plans.Add(task with { At = late + Seconds(-4000, 4000) });
        }
    }

    /// <summary>Commands and their requests, sent while nothing is processed or the ledger is out.</summary>
    private void AddBacklog(int i, TimeSpan at, string? group)
    {
        var task = MessagePlan.Request(MessageKind.Scheduled, $"task-{i}", $"t-{i}", group, at, Ahead(at + config.Storm, 0.3, 3));
        var gap = random.Next(3) switch
        {
            // The request comes a day later, or the command comes when the request has long been tried in vain.
            0 => Seconds(-300, 300),
            1 => -(config.Storm * random.NextDouble()),
            _ => random.Next(3) == 0 ? Day : Seconds(-20, 20),
        };
        _plans.Add(gap < TimeSpan.Zero ? task : task with { At = at + gap });
        _plans.Add(task.Move(gap < TimeSpan.Zero ? at - gap : at, Ahead(at + config.Storm + Day, 0.3, 3)));
    }

    /// <summary>Messages with groups on a standard queue: broken ones, tasks near and far, commands.</summary>
    private void AddOfGroup(int i, TimeSpan at, string group)
    {
        switch (random.Next(5))
        {
            case 0: _plans.Add(new(MessageKind.Malformed, "{not json", $"task-{i}", null, group, at)); break;
            case 1: AddRequest(i, at, group); break;
            default: AddFollowUp(i, at, group); break;
        }
    }

    /// <summary>All cancelled or moved at once, while all waits in Connect.</summary>
    private void AddManyCommands(int i)
    {
        var task = Scheduled(i, TimeSpan.FromSeconds(i), null, Ahead(TimeSpan.Zero, 0.5, 0.85));
        var at = TimeSpan.FromMinutes(5) + TimeSpan.FromMilliseconds(random.Next(500));
        _plans.Add(random.Next(3) == 0 ? task.Move(at, Ahead(at, 0.5, 0.85)) : task.Cancel(at));
    }
}
