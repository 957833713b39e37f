namespace ConnectTasks.Local;

/// <summary>What lay where, at the last look.</summary>
internal sealed record PageView
{
    /// <summary>The number of the look.</summary>
    public long Look { get; init; }

    public PlaceCounts Counts { get; init; } = new();

    public IReadOnlyList<StartedContact> Contacts { get; init; } = [];

    public IReadOnlyList<WaitingTask> Waiting { get; init; } = [];

    public long WaitingVersion { get; init; }

    public IReadOnlyList<DeadLetter> Letters { get; init; } = [];

    public IReadOnlyList<LetterRow> LetterRows { get; init; } = [];

    public long LettersVersion { get; init; }

    public DateTimeOffset LettersAt { get; init; }

    /// <summary>How many there were when they were read.</summary>
    public long LettersCount { get; init; }

    public IReadOnlyList<TaskRecord> Held { get; init; } = [];

    public DateTimeOffset HeldAt { get; init; }

    public long HeldAtVersion { get; init; } = -1;

    public TimeSpan HeldTook { get; init; }
}

/// <summary>How much lies where.</summary>
internal sealed record PlaceCounts
{
    public long Visible { get; init; }

    public long NotVisible { get; init; }

    public long Delayed { get; init; }

    public long Letters { get; init; }

    public long Held { get; init; }

    /// <summary>Whether there are more held tasks than were counted.</summary>
    public bool HasMoreHeld { get; init; }

    public long Contacts { get; init; }

    public int FaultsLeft { get; init; }

    /// <summary>What goes wrong until the faults are stopped, in a sentence; null if nothing does.</summary>
    public string? LastingFaults { get; init; }

    /// <summary>Why the last look failed, if it did.</summary>
    public string? Trouble { get; init; }
}

/// <summary>One update of a page. What is null has not changed.</summary>
internal sealed record PageUpdate
{
    public required DateTimeOffset Now { get; init; }

    /// <summary>Everything, in place of what the page had.</summary>
    public required bool IsFirst { get; init; }

    public required ActivityTotals Totals { get; init; }

    /// <summary>Messages that are new or changed, oldest first.</summary>
    public required IReadOnlyList<MessageRow> Messages { get; init; }

    public required int MessagesKept { get; init; }

    public required IReadOnlyList<Second> Seconds { get; init; }

    public required PlaceCounts Counts { get; init; }

    /// <summary>Contacts that are new or changed, newest first.</summary>
    public required IReadOnlyList<ContactRow> Contacts { get; init; }

    public IReadOnlyList<WaitingTask>? Waiting { get; init; }

    public IReadOnlyList<LetterRow>? Letters { get; init; }

    /// <summary>Starts a second that the fake Connect allows; 0 for no limit, null if it is not the fake.</summary>
    public double? Quota { get; init; }

    public required bool HasConnect { get; init; }
}

/// <summary>A contact as an agent sees it, in short.</summary>
internal sealed record ContactRow
{
    public required string Id { get; init; }

    public string? Name { get; init; }

    public string? Description { get; init; }

    public required ContactState State { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    public DateTimeOffset? ScheduledTime { get; init; }

    public string? Token { get; init; }

    public required string InstanceId { get; init; }

    /// <summary>Accepted calls that led to this one contact.</summary>
    public required int Calls { get; init; }

    public static ContactRow From(StartedContact contact) => new()
    {
        Id = contact.ContactId,
        Name = contact.Name,
        Description = ConnectRules.Text(contact.Request, "Description"),
        State = contact.State,
        StartedAt = contact.StartedAt,
        ScheduledTime = contact.ScheduledTime,
        Token = contact.ClientToken,
        InstanceId = contact.InstanceId,
        Calls = contact.Calls,
    };
}

/// <summary>A dead letter in short.</summary>
internal sealed record LetterRow
{
    private const int BodyMaxCharacters = 300;

    public required string Id { get; init; }

    /// <summary>The id of the message that it was when it failed.</summary>
    public required string OriginId { get; init; }

    public required string Reason { get; init; }

    public required string Detail { get; init; }

    public DateTimeOffset? SentAt { get; init; }

    /// <summary>The beginning of the body.</summary>
    public required string Body { get; init; }

    public static LetterRow From(DeadLetter letter) => new()
    {
        Id = letter.MessageId,
        OriginId = letter.Origin?.MessageId ?? letter.MessageId,
        Reason = letter.ReasonOrNone,
        Detail = letter.Detail ?? "SQS moved it here after too many receives: the function died on it each time.",
        SentAt = letter.SentAt,
        Body = letter.Body.Length > BodyMaxCharacters ? letter.Body[..BodyMaxCharacters] : letter.Body,
    };
}

/// <summary>A task that waits for its time.</summary>
internal sealed record WaitingTask
{
    /// <summary>Its key in the ledger, or its contact id.</summary>
    public required string Key { get; init; }

    public required string InstanceId { get; init; }

    public string? Token { get; init; }

    public string? Name { get; init; }

    public DateTimeOffset? StartsAt { get; init; }

    /// <summary>Whether Connect has it already, or the ledger holds it until its time is near.</summary>
    public required bool IsInConnect { get; init; }

    /// <summary>Of a held one: when it goes to Connect.</summary>
    public DateTimeOffset? ReleaseAt { get; init; }

    public static IReadOnlyList<WaitingTask> Merge(
        IReadOnlyList<TaskRecord> held, IReadOnlyList<StartedContact> scheduled, Activity activity)
    {
        var inLedger = held.Select(task =>
        {
            // A key that is a hash says neither.
            var at = task.Key.IndexOf('#', StringComparison.Ordinal);
            var token = at > 0 ? task.Key[(at + 1)..] : null;
            return new WaitingTask
            {
                Key = task.Key,
                InstanceId = at > 0 ? task.Key[..at] : "",
                Token = token,
                Name = token is null ? null : activity.NameOf(token),
                StartsAt = task.ScheduledTime,
                IsInConnect = false,
                ReleaseAt = task.ReleaseAt,
            };
        });
        var inConnect = scheduled.Select(contact => new WaitingTask
        {
            Key = contact.ContactId,
            InstanceId = contact.InstanceId,
            Token = contact.ClientToken,
            Name = contact.Name,
            StartsAt = contact.ScheduledTime,
            IsInConnect = true,
        });
        return [.. inLedger.Concat(inConnect).OrderBy(task => task.StartsAt).Take(PageFeed.RowsMaxCount)];
    }
}
