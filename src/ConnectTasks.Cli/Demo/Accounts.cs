using ConnectTasks.Local;

namespace ConnectTasks.Cli.Demo;

/// <summary>
/// The demo's books: every message that was sent, held against what Connect, the dead-letter queue and the ledger
/// have. Nothing is assumed.
/// </summary>
internal sealed record Accounts
{
    private Accounts()
    {
    }

    /// <summary>One for each message sent, in the order of sending.</summary>
    public required IReadOnlyList<DemoFate> Fates { get; init; }

    public required int Contacts { get; init; }

    /// <summary>Contacts beyond one for each task, and contacts that nobody asked for.</summary>
    public required int Doubled { get; init; }

    /// <summary>Tasks whose contact exists, but that the ledger does not have as started with that contact.</summary>
    public required int Unrecorded { get; init; }

    public int Sent => Fates.Count;

    public int Started => Count(Fate.Started);

    public int Duplicates => Count(Fate.Duplicate);

    public int DeadLettered => Count(Fate.DeadLettered);

    public int Cancelled => Count(Fate.Cancelled);

    public int Lost => Count(Fate.Lost);

    /// <summary>Messages that ended in another way than they should.</summary>
    public int Unexpected => Fates.Count(fate => !fate.IsAsExpected);

    /// <summary>Whether every message is accounted for, once, and as it should be.</summary>
    public bool IsBalanced => Lost == 0 && Doubled == 0 && Unrecorded == 0 && Unexpected == 0;

    /// <param name="sent">The messages in the order of sending.</param>
    /// <param name="contacts">Connect's contacts.</param>
    /// <param name="deadLetters">What lies on the dead-letter queue.</param>
    /// <param name="recorded">The ledger's contact id for each task that it has as started, by the task's key.</param>
    /// <param name="cancelled">The keys of the tasks that the ledger has as cancelled.</param>
    public static Accounts Settle(
        IReadOnlyList<DemoMessage> sent,
        IReadOnlyList<DemoContact> contacts,
        IReadOnlyList<DeadLetter> deadLetters,
        IReadOnlyDictionary<string, string> recorded,
        IReadOnlySet<string> cancelled)
    {
        var contactsOf = contacts.ToLookup(contact => (contact.InstanceId, contact.ClientToken));
        var letterOf = deadLetters.ToLookup(letter => letter.Origin?.MessageId ?? letter.MessageId);
        var seen = new HashSet<(string, string?)>();
        var fates = sent.Select(message => Settle(message, contactsOf, letterOf, cancelled, seen)).ToArray();
        return new Accounts
        {
            Fates = fates,
            Contacts = contacts.Count,
            // Each started task has one contact to its name; every other contact is one too many.
            Doubled = contacts.Count - fates.Count(fate => fate.Fate == Fate.Started),
            Unrecorded = fates.Count(fate => fate.Fate == Fate.Started
                && recorded.GetValueOrDefault(TaskKey.For(fate.Message.InstanceId!, fate.Message.ClientToken!))
                    != fate.ContactId),
        };
    }

    private static DemoFate Settle(
        DemoMessage message,
        ILookup<(string, string?), DemoContact> contactsOf,
        ILookup<string, DeadLetter> letterOf,
        IReadOnlySet<string> cancelled,
        HashSet<(string, string?)> seen)
    {
        if (letterOf[message.MessageId].FirstOrDefault() is { } letter)
            return new DemoFate(message, Fate.DeadLettered) { DeadLetter = letter };
        if (message is not { InstanceId: { } instance, ClientToken: { } token })
            return new DemoFate(message, Fate.Lost);
        if (contactsOf[(instance, token)].FirstOrDefault() is not { } contact)
        {
            return new DemoFate(
                message, cancelled.Contains(TaskKey.For(instance, token)) ? Fate.Cancelled : Fate.Lost);
        }

        var fate = seen.Add((instance, token)) ? Fate.Started : Fate.Duplicate;
        return new DemoFate(message, fate) { ContactId = contact.ContactId };
    }

    private int Count(Fate fate) => Fates.Count(f => f.Fate == fate);
}
