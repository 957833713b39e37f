namespace ConnectTasks.Simulation;

/// <summary>The invariants of a task that waits for its time and may be moved or called off.</summary>
internal sealed class FollowUpAudit(World world, Action<string, string, string> violated)
{
    private const string Time = "a task starts at the time it was last given";

    /// <summary>The longest that Connect shows a contact as it was before, or not at all.</summary>
    private static readonly TimeSpan Inconsistency = TimeSpan.FromSeconds(240);

    /// <summary>A time that has passed is moved to so soon: Connect takes none of the past.</summary>
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(31);

    /// <summary>How long a command waits for its request, from its first look.</summary>
    private static readonly TimeSpan RequestPatience = 2 * Lambda.RetryPolicy.LongestWait;

    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    public void Check(string key, List<Sent> sent)
    {
        var contacts = world.Connect.Contacts.FindAll(c => c.Name == sent[0].Plan.Task);
        var commands = sent.FindAll(s => s.Plan.IsCommand);
        foreach (var command in commands)
        {
            foreach (var (reason, at) in world.Facts.Settled(command))
            {
                CheckCommand(key, command, reason, at, contacts, sent);
            }
        }

        var cancelled = commands.FindAll(s => s.Plan.Kind == MessageKind.Cancel && world.Facts.WasAccepted(s));
        if (cancelled.Count > 0)
        {
            CheckCancelled(key, cancelled, contacts);
        }
        else if (contacts.Count > 0)
        {
            CheckTime(key, sent, commands, contacts[0]);
        }
    }

    /// <summary>An attempt that got no answer is what doubt is: without one there is none.</summary>
    public void CheckDoubt(string key, string messageId)
    {
        var item = world.Store.Items.GetValueOrDefault(key);
        if (item is null || (item["state"].S != "Starting" && !item.ContainsKey("mayExist")))
        {
            violated(Audit.ReasonFits, key, $"{messageId} lies there as in doubt, and nothing is");
        }
    }

    private void CheckCancelled(string key, List<Sent> cancelled, List<Contact> contacts)
    {
        var accepted = cancelled.SelectMany(world.Facts.Settled)
            .Where(s => s.Reason.StartsWith("Commanded", StringComparison.Ordinal)).Min(s => s.At);
        foreach (var contact in contacts)
        {
            // One that was over by itself, or that people ended, needs no stop.
            var isEnded = contact.EndsAt <= accepted;
            var isOfAnotherLife = contact.At > world.Facts.Ledger(key).MemoryUntil;
            if (!isEnded && !isOfAnotherLife)
            {
                violated(Audit.StaysCancelled, key, $"{contact.Id} was not ended");
            }
        }
    }

    private void CheckCommand(
        string key, Sent command, string reason, DateTimeOffset at, List<Contact> contacts, List<Sent> sent)
    {
        var isMove = command.Plan.Kind == MessageKind.Reschedule;
        var isTrue = reason switch
        {
            "NotPossible.UnknownTask" => isMove && !WasKnown(key, sent, at)
                && at - world.Facts.Ledger(key).AwaitedAt >= RequestPatience - (2 * world.MaxSkew) - Second,
            // By any time that Connect may have shown: what it shows may be some minutes old.
            "NotPossible.Running" => contacts.Exists(c =>
                c.TimesSince(at - Inconsistency).Any(t => t <= at + world.MaxSkew + Second))
                && !command.Plan.EndIfRunning,
            "NotPossible.Over" => isMove && contacts.Exists(c => c.EndsAt <= at),
            "NotPossible.AlreadyCancelled" => isMove && world.Facts.Ledger(key).CancelledAt <= at,
            // Checked when it was given.
            "NotPossible.InDoubt" => true,
            // It was ended moments before, by this very command, another one or people: what Connect says right after
            // that is all that the letter can know.
            "NotPossible.InvalidRequestException" when contacts.Exists(c =>
                c.StoppedAt <= at && at - c.StoppedAt < Inconsistency) => true,
            "NotPossible.BeyondHorizon" => isMove && contacts.Count > 0
                && command.Plan.Time > at + world.Config.LaterSettings.ScheduleHorizon - world.MaxSkew - Second,
            _ when reason.StartsWith("NotPossible.", StringComparison.Ordinal) => world.Connect.Refusals.Exists(r =>
                reason.EndsWith(r.Code, StringComparison.Ordinal) && contacts.Exists(c => c.Id == r.Contact) && r.At <= at),
            // Its letter is judged by the length of the outage.
            _ => reason.StartsWith("Commanded.", StringComparison.Ordinal)
                || reason.StartsWith("Exhausted.", StringComparison.Ordinal),
        };
        if (!isTrue)
        {
            violated(Audit.ReasonFits, key, $"{command.MessageId} ended as {reason}");
        }
    }

    /// <summary>An attempt at one of its requests had reached the ledger, which has to remember it.</summary>
    private bool WasKnown(string key, List<Sent> sent, DateTimeOffset at) =>
        world.Facts.Ledger(key).FirstRequestAt < at
        // What was refused is forgotten, so that its correction may come.
        && sent.Exists(s => !s.Plan.IsCommand && s.Plan.Expected.Length == 0 && s.At < at);

    /// <summary>
    /// It starts at its time, or, where its release was late, within a tick and the queue's wait of it.
    /// </summary>
    private void CheckTime(string key, List<Sent> sent, List<Sent> commands, Contact contact)
    {
        if (contact.WasMovedByPeople || contact.WasStoppedByPeople)
        {
            // People do what they like.
            return;
        }

        var (times, last) = Allowed(sent, commands);
        if (times.Exists(t => IsAt(t, contact)))
        {
            CheckLateness(key, sent, last, times.Max(), contact);
            return;
        }

        var off = times.Min(t => Math.Abs((contact.StartsAt - t).TotalSeconds));
        violated(Time, key, $"{contact.Id} starts at {(contact.StartsAt - World.Start).TotalSeconds:0} s, {off:0} s off");
    }

    /// <summary>The move that was sent last wins, any of those of one moment; without one the request's time holds.</summary>
    private (List<DateTimeOffset> Times, Sent? Last) Allowed(List<Sent> sent, List<Sent> commands)
    {
        var moves = commands.FindAll(s => s.Plan.Kind == MessageKind.Reschedule && (IsWanted(s) || WasRefused(s)));
        var requests = sent.FindAll(s => s.Plan.Kind == MessageKind.Scheduled);
        var last = moves.FindAll(s => s.At == moves.Max(m => m.At));
        // When the last one came too late, its letter says so: the task has any time that it was given before, or the
        // new one, if only Connect's answer was lost.
        var which = last.Count == 0 ? requests : last.Exists(WasRefused) ? [.. moves, .. requests] : last;
        return (which.ConvertAll(s => s.Plan.Time!.Value), last.LastOrDefault());
    }

    /// <summary>
    /// It has this time; or, when that had passed before anyone could tell Connect, the soonest time that could be.
    /// </summary>
    private bool IsAt(DateTimeOffset time, Contact contact)
    {
        var (startsAt, clocks) = (contact.StartsAt, world.MaxSkew + Second);
        return startsAt == time
            || (startsAt >= time - clocks && time <= contact.TimedAt + Soon + clocks
                && startsAt <= contact.TimedAt + Soon + clocks);
    }

    /// <summary>A command that stands before its request in a FIFO group waits for it in vain, and the group with it.</summary>
    private int TasksCommandedEarly(string? group) => !world.Config.Fifo ? 0 : world.Facts.Sent
        .Where(s => s.Plan.Group == group).GroupBy(s => s.Plan.Task).Count(t => t.MinBy(s => s.At)!.Plan.IsCommand);

    private void CheckLateness(string key, List<Sent> sent, Sent? last, DateTimeOffset time, Contact contact)
    {
        var calm = World.Start + world.Config.Storm;
        var redriven = world.Facts.Letters.Where(l => l.IsRedriven && sent.Contains(l.Sent!))
            .Select(l => l.RedrivenAt!.Value).DefaultIfEmpty(calm).Max();
        var known = sent.Min(s => s.At);
        var latest = new[] { time, calm, known, redriven, last?.At ?? known }.Max()
            + (2 * world.Config.Tick) + ((world.Config.Fifo ? 6 : 2) * Lambda.RetryPolicy.LongestWait) + (2 * WorldConfig.Visibility)
            + (TasksCommandedEarly(sent[0].Plan.Group) * RequestPatience);
        if (contact.StartsAt > latest)
        {
            violated(Time, key, $"{(contact.StartsAt - time).TotalSeconds:0} s late, and nothing held it up");
        }
    }

    /// <summary>A move that was accepted, or one whose request came when it was no longer waited for.</summary>
    private bool IsWanted(Sent move) => world.Facts.WasAccepted(move)
        || world.Facts.Settled(move).Any(s => s.Reason == "NotPossible.UnknownTask");

    private bool WasRefused(Sent command) => command.Plan.Time is not null
        && world.Facts.Settled(command).Any(s => s.Reason != "NotPossible.UnknownTask"
            && s.Reason.StartsWith("NotPossible.", StringComparison.Ordinal));
}
