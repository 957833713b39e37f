namespace ConnectTasks.Simulation;

/// <summary>The invariants of a task that waits for its time and may be moved or called off.</summary>
internal sealed class FollowUpAudit(World world, Action<string, string, string> violated)
{
    public void Check(string key, List<Sent> sent)
    {
        if (world.Tasks.Messages.Any(m => sent.Exists(s => s.MessageId == m.Id)))
        {
            return;
        }

        var contacts = world.Connect.Contacts.FindAll(c => c.Name == sent[0].Plan.Task);
        var commands = sent.FindAll(s => s.Plan.IsCommand);
        var cancelled = commands.FindAll(s => s.Plan.Kind == MessageKind.Cancel && Reason(s).StartsWith("Commanded", StringComparison.Ordinal));
        if (cancelled.Count > 0)
        {
            if (contacts.Exists(c => c.StoppedAt is null))
            {
                violated("what was cancelled before it started never starts", key, $"{contacts[0].Id} was not ended");
            }

            return;
        }

        foreach (var message in sent.Where(s => Reason(s).StartsWith("NotPossible", StringComparison.Ordinal)))
        {
            CheckNotPossible(key, message, contacts);
        }

        if (contacts.Count == 0)
        {
            violated("nothing lost", key, $"{sent[0].Plan.Task} was not started");
            return;
        }

        CheckTime(key, sent, commands, contacts[0]);
    }

    private void CheckNotPossible(string key, Sent message, List<Contact> contacts)
    {
        var (reason, at) = world.Outcomes[message.MessageId];
        var isTrue = reason switch
        {
            // Its request had not come within its patience.
            "NotPossible.UnknownTask" => message.Plan.Kind == MessageKind.Reschedule,
            "NotPossible.Running" => contacts.Exists(c => c.StartsAt <= at + world.MaxSkew),
            "NotPossible.AlreadyCancelled" or "NotPossible.Over" => message.Plan.Kind == MessageKind.Reschedule,
            // Its request may have stood behind it in the group, or waited for its time.
            "NotPossible.InDoubt" => world.Config.Fifo || world.HeldInDoubt.Contains(key),
            "NotPossible.BeyondHorizon" => contacts.Count > 0,
            // Connect's own horizon may be nearer than ours.
            "NotPossible.InvalidParameterException" => contacts.Count > 0,
            _ => false,
        };
        if (!isTrue)
        {
            violated("every dead letter has a reason that fits", key, $"{message.MessageId} lies there as {reason}");
        }
    }

    /// <summary>
    /// It starts at its time, or, where its release was late, within a tick and the queue's wait of it.
    /// </summary>
    private void CheckTime(string key, List<Sent> sent, List<Sent> commands, Contact contact)
    {
        // The accepted move that was sent last wins, any of those of one moment; without one the request's own time holds.
        var moves = commands.FindAll(s => s.Plan.Kind == MessageKind.Reschedule
            && Reason(s).StartsWith("Commanded", StringComparison.Ordinal));
        var last = moves.FindAll(s => s.At == moves.Max(m => m.At));
        var times = (last.Count > 0 ? last : sent.FindAll(s => s.Plan.Kind == MessageKind.Scheduled))
            .ConvertAll(s => s.Plan.Time!.Value);
        // A move whose answer was lost may have moved the task, and find it running when it is tried again.
        var earliest = commands
            .Where(s => s.Plan.Time is not null && Reason(s) == "NotPossible.Running")
            .Select(s => s.Plan.Time!.Value)
            .Concat(times)
            .Min();
        if (contact.StartsAt < earliest - world.MaxSkew - TimeSpan.FromSeconds(1))
        {
            var early = (earliest - contact.StartsAt).TotalSeconds;
            violated("a task starts at the time it was last given", key, $"{early:0} s early");
        }

        var calm = World.Start + world.Config.Storm;
        var known = sent.Min(s => s.At);
        var time = times.Max();
        var latest = new[] { time, calm, known, last.Count > 0 ? last[0].At : known }.Max()
            + (2 * world.Config.Tick) + (2 * Lambda.RetryPolicy.LongestWait) + (2 * WorldConfig.Visibility);
        if (contact.StartsAt > latest)
        {
            violated("a task starts at the time it was last given", key, $"{(contact.StartsAt - time).TotalSeconds:0} s late");
        }
    }

    private string Reason(Sent message) => world.Outcomes.GetValueOrDefault(message.MessageId).Reason ?? "";
}
