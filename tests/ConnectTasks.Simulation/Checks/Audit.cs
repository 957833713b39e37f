using System.Globalization;
using Amazon.DynamoDBv2.Model;

namespace ConnectTasks.Simulation;

using Item = Dictionary<string, AttributeValue>;

/// <summary>
/// The invariants. Each violation names the invariant and the task, whose life the trace tells. A rule that forgives
/// something says why in one line.
/// </summary>
internal sealed class Audit(World world)
{
    public const string NothingLost = "nothing lost";
    public const string NothingDoubled = "nothing doubled";
    public const string ReasonFits = "every dead letter has a reason that fits";
    public const string StaysCancelled = "what was cancelled before it started never starts";
    public const string GroupIsKept = "a message keeps its group";

    public List<Violated> Violations { get; } = [];

    /// <summary>
    /// A task that someone works on is written by nobody else, before its lease has ended by the other's clock; what a
    /// newer version wrote, only a newer one writes; a wait is ended by its copy; and what Connect may have, is not
    /// called off in the ledger.
    /// </summary>
    public void OnLedgerWrite(string key, Item? before, Item after, UpdateItemRequest request, bool isNewer)
    {
        if (NewerVersion.IsOf(before) && !isNewer)
        {
            Add("an item of a newer version is left alone", key, $"{before!["state"].S} became {after["state"].S}");
        }

        var (was, becomes) = (before?.GetValueOrDefault("state")?.S, after["state"].S);
        var facts = world.Facts.Ledger(key);
        if (was == "Held" && becomes == "Starting" && !(facts.CopyAt >= facts.WaitsSince))
        {
            Add("a wait is ended by the copy that was sent for it", key, "it was taken over before that");
        }

        if (was != "Cancelled" && becomes == "Cancelled" && !(before?.ContainsKey("contactId") ?? false) && facts.Unanswered.Count > 0)
        {
            Add(StaysCancelled, key, "it was called off in the ledger, though an attempt got no answer");
        }

        if (was != "Starting" || !before!.TryGetValue("owner", out var owner))
        {
            return;
        }

        var writer = request.ExpressionAttributeValues.GetValueOrDefault(":owner")?.S ?? "a command";
        var takesOver = becomes == "Starting";
        var leaseEnd = long.Parse(before["leaseUntilMs"].N, CultureInfo.InvariantCulture);
        var isOver = world.Loop.Now.ToUnixTimeMilliseconds() > leaseEnd - (2 * world.MaxSkew).TotalMilliseconds;
        if (writer != owner.S && !(takesOver && isOver))
        {
            Add("a claim is written by its owner only", key, $"{was} of {owner.S} was written by {writer}");
        }
    }

    /// <summary>
    /// A task that the ledger was told of as started or cancelled is never started again while the ledger has to
    /// remember it, even when Connect has forgotten its token.
    /// </summary>
    public void OnContact(string key, string clientToken)
    {
        var known = world.Facts.Ledger(key);
        if (world.Loop.Now >= known.MemoryUntil)
        {
            // Nobody can be asked to remember for ever.
            return;
        }

        if (known.StartedAt is not null)
        {
            Add(NothingDoubled, key, $"Connect was asked to start {clientToken} again");
        }

        if (known.CancelledAt is not null)
        {
            Add(StaysCancelled, key, $"Connect was asked to start {clientToken}");
        }
    }

    /// <summary>What FIFO drops is to be the same message, not another one that looks like it.</summary>
    public void OnDroppedByDeduplication(MessagePlan plan)
    {
        if (!world.Facts.Sent.Exists(s => s.Plan.Body == plan.Body && s.At > world.Loop.Now - TimeSpan.FromMinutes(5)))
        {
            Add(NothingLost, plan.Key(""), $"SQS took a {plan.Kind} for another message and dropped it");
        }
    }

    /// <summary>A released copy has the group of the message that was held.</summary>
    public void OnQueued(QueuedMessage message, bool isCopy)
    {
        if (isCopy && world.Facts.SentOf(message.Id) is { } held)
        {
            var key = world.Facts.KeyOfMessage(message.Id);
            var groups = world.Facts.Sent.Where(s => !s.Plan.IsCommand && s.Plan.Task == held.Plan.Task).Select(s => s.Plan.Group);
            if (!groups.Contains(message.Group))
            {
                Add(GroupIsKept, key, $"the copy has {message.Group ?? "none"} instead of {held.Plan.Group ?? "none"}");
            }
        }
    }

    public void OnExpired(QueuedMessage message) =>
        Add(NothingLost, world.Facts.KeyOfMessage(message.Id), $"{message.Id} was deleted by SQS after its retention");

    /// <summary>On a standard queue a group means no order: nothing waits for its neighbours there.</summary>
    public void OnEnded(string messageId, string reason, bool isSettled)
    {
        if (reason == "Deferred.Order" && !world.Config.Fifo && world.Facts.SentOf(messageId)?.Plan.IsCommand == false)
        {
            Add("a group means no order on a standard queue", world.Facts.KeyOfMessage(messageId), messageId);
        }

        if (isSettled && reason == "NotPossible.InDoubt")
        {
            new FollowUpAudit(world, Add).CheckDoubt(world.Facts.KeyOfMessage(messageId), messageId);
        }
    }

    public void AtTheEnd()
    {
        foreach (var task in world.Facts.Sent.GroupBy(s => s.Plan.Key(s.MessageId)))
        {
            CheckTask(task.Key, [.. task]);
        }

        foreach (var message in world.Tasks.Messages)
        {
            Add("nothing waits for ever", world.Facts.KeyOfMessage(message.Id), $"{message.Id} is still queued after {message.ReceiveCount} receives");
        }

        CheckHeld();
        var letters = new LetterAudit(world, Add);
        foreach (var letter in world.Facts.Letters)
        {
            letters.Check(letter);
        }

        // All that went wrong in a calm world is of our own making; a new environment would have a burst of its own.
        if (world.Config.IsCalm && world.Facts.CommandsThrottledByQuota > 0)
        {
            Add("commands keep to the quotas of their calls", "", $"{world.Facts.CommandsThrottledByQuota} throttled");
        }
    }

    private void CheckHeld()
    {
        foreach (var (key, item) in world.Store.Items.Where(i => i.Value["state"].S is "Held" or "Queued"))
        {
            Add("nothing waits for ever", key, $"it is still {item["state"].S}");
        }
    }

    private void CheckTask(string key, List<Sent> sent)
    {
        // The contacts of a task are those of its name: a token changed on the way must not hide a double.
        foreach (var task in sent.GroupBy(s => s.Plan.Task))
        {
            var contacts = world.Connect.Contacts.FindAll(c => c.Name == task.Key);
            // When the ledger had never heard of the first, and Connect has forgotten its token, nobody can know.
            if (contacts.Count > 1 && contacts[1].At - contacts[0].At < world.Config.TokenMemory)
            {
                Add(NothingDoubled, key, $"{task.Key} has {contacts.Count} contacts");
            }
        }

        foreach (var message in sent.Where(s => !s.Plan.IsCommand))
        {
            CheckRequest(key, message, sent);
        }

        if (sent.Exists(s => s.Plan.IsCommand || s.Plan.Kind == MessageKind.Scheduled))
        {
            new FollowUpAudit(world, Add).Check(key, sent);
        }
    }

    private void CheckRequest(string key, Sent message, List<Sent> ofTheToken)
    {
        var plan = message.Plan;
        if (world.Tasks.Messages.Any(m => world.Facts.SentOf(m.Id) == message))
        {
            // Reported as one that waits for ever.
            return;
        }

        var hasLetter = world.Facts.Letters.Any(l => l.Sent == message && !l.IsRedriven);
        var hasContact = world.Connect.Contacts.Exists(c => c.Name == plan.Task);
        var isCancelled = ofTheToken.Exists(s => s.Plan.Kind == MessageKind.Cancel && world.Facts.WasAccepted(s));
        // Of requests that share a token the first to come is started, the others are reuses.
        var isReuse = ofTheToken.Exists(s => !s.Plan.IsCommand && s.Plan.Task != plan.Task && s.Plan.Expected.Length == 0);
        var isLeftOpen = world.Facts.Letters.Any(l => l.Sent == message && l.IsLeftOpen);
        var canWork = plan.Expected.Length == 0 && !(isReuse && !hasContact) && !isLeftOpen;
        if (canWork && !hasContact && !isCancelled)
        {
            Add(NothingLost, key, $"{message.MessageId} is gone and its task was not started");
        }
        else if (!canWork && !hasLetter && !isCancelled)
        {
            Add(NothingLost, key, $"{message.MessageId} is gone and not on the dead-letter queue");
        }
        else if (plan.Expected.Length > 0 && hasContact)
        {
            Add("started or dead-lettered, not both", key, message.MessageId);
        }
    }

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
