using Amazon.DynamoDBv2.Model;

namespace ConnectTasks.Simulation;

using Item = Dictionary<string, AttributeValue>;

/// <summary>The invariants. Each violation names the invariant and the task, whose life the trace tells.</summary>
internal sealed class Audit(World world)
{
    public List<Violated> Violations { get; } = [];

    /// <summary>
    /// A task that someone works on is written by nobody else, before its lease has ended by the other's clock.
    /// </summary>
    public void OnLedgerWrite(string key, Item? before, Item after, UpdateItemRequest request)
    {
        if (before?.GetValueOrDefault("state")?.S != "Starting" || !before.TryGetValue("owner", out var owner))
        {
            return;
        }

        var writer = request.ExpressionAttributeValues.GetValueOrDefault(":owner")?.S ?? "a command";
        var takesOver = after["state"].S == "Starting";
        var leaseEnd = long.Parse(before["leaseUntilMs"].N, System.Globalization.CultureInfo.InvariantCulture);
        var isOver = world.Loop.Now.ToUnixTimeMilliseconds() > leaseEnd - (2 * world.MaxSkew).TotalMilliseconds;
        if (writer != owner.S && !(takesOver && isOver))
        {
            Add("a claim is written by its owner only", key, $"{before["state"].S} of {owner.S} was written by {writer}");
        }
    }

    /// <summary>
    /// A task that the ledger knows as started is never started again, even when Connect has forgotten it.
    /// </summary>
    public void OnContact(string key, string clientToken)
    {
        if (world.Store.Items.TryGetValue(key, out var item) && item["state"].S == "Started")
        {
            Add("nothing doubled", key, $"Connect was asked to start {clientToken} again");
        }
    }

    public void AtTheEnd()
    {
        foreach (var task in world.Sent.GroupBy(s => s.Plan.Key(s.MessageId)))
        {
            CheckTask(task.Key, [.. task]);
        }

        foreach (var message in world.Tasks.Messages)
        {
            Add("nothing waits for ever", KeyOf(message.Id), $"{message.Id} is still queued after {message.ReceiveCount} receives");
        }

        foreach (var message in world.Tasks.MovedByRedrive)
        {
            Add("every dead letter has a reason", KeyOf(message.Id), $"{message.Id} was moved by the redrive policy");
        }
    }

    private void CheckTask(string key, List<Sent> sent)
    {
        // The contacts of a task are those of its name: a token changed on the way must not hide a double.
        foreach (var task in sent.GroupBy(s => s.Plan.Task))
        {
            var contacts = world.Connect.Contacts.FindAll(c => c.Name == task.Key);
            if (contacts.Count > 1 && contacts[1].At - contacts[0].At < world.Config.TokenMemory)
            {
                Add("nothing doubled", key, $"{task.Key} has {contacts.Count} contacts");
            }
        }

        if (sent.Exists(s => s.Plan.Kind == MessageKind.Scheduled))
        {
            new FollowUpAudit(world, Add).Check(key, sent);
            return;
        }

        foreach (var message in sent)
        {
            CheckMessage(key, message, sent);
        }
    }

    private void CheckMessage(string key, Sent message, List<Sent> ofTheToken)
    {
        if (world.Tasks.Messages.Any(m => m.Id == message.MessageId))
        {
            return;
        }

        var plan = message.Plan;
        var reasons = world.Dead.Messages
            .Where(d => d.Attributes.TryGetValue(DeadLetterAttributes.Origin, out var origin)
                && DeadLetterOrigin.Parse(origin)?.MessageId == message.MessageId)
            .Select(d => d.Attributes[DeadLetterAttributes.Reason])
            .Distinct()
            .ToList();
        var hasContact = world.Connect.Contacts.Exists(c => c.Name == plan.Task);
        var expected = plan.Kind switch
        {
            MessageKind.Malformed => "Rejected.MalformedJson",
            MessageKind.NeverWorks => "Refused.InvalidParameterException",
            // Of requests that share a token the first to come is started, the others are reuses.
            _ when ofTheToken.Exists(s => s.Plan.Task != plan.Task) => hasContact ? null : "TokenReused",
            _ => null,
        };
        if (expected is null && reasons.Count > 0)
        {
            Add("no healthy message is dead-lettered", key, $"{message.MessageId} lies there as {string.Join(", ", reasons)}");
        }
        else if (expected is null && !hasContact)
        {
            Add("nothing lost", key, $"{message.MessageId} is gone and its task was not started");
        }
        else if (expected is not null && reasons.Count == 0)
        {
            Add("nothing lost", key, $"{message.MessageId} is gone and not on the dead-letter queue");
        }
        else if (expected is not null && (reasons.Count > 1 || reasons[0] != expected))
        {
            Add("every dead letter has a reason that fits", key, $"{string.Join(", ", reasons)} instead of {expected}");
        }
        else if (expected is not null && hasContact)
        {
            Add("started or dead-lettered, not both", key, message.MessageId);
        }
    }

    private string KeyOf(string messageId) =>
        world.Sent.Find(s => s.MessageId == messageId) is { } sent ? sent.Plan.Key(messageId) : messageId;

    private void Add(string invariant, string key, string what)
    {
        world.Trace(key, $"VIOLATED: {invariant}: {what}");
        Violations.Add(new Violated(invariant, key, what));
    }
}

internal sealed record Violated(string Invariant, string Key, string What);

/// <summary>A violation that ends the run at once.</summary>
internal sealed class ViolationException(string invariant, string what) : Exception(what)
{
    public string Invariant => invariant;
}
