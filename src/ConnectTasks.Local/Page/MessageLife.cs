namespace ConnectTasks.Local;

/// <summary>What kind of thing happened to a message.</summary>
internal enum StepKind
{
    Sent,
    Received,
    Claim,
    Call,
    Outcome,
    Crash,
    Deleted,
}

/// <summary>Something that happened to a message, in words.</summary>
/// <param name="IsTrouble">Whether it is what one looks for when something went wrong.</param>
internal sealed record LifeStep(DateTimeOffset At, StepKind Kind, string Text, bool IsTrouble = false);

/// <summary>A row about a message: where it is now.</summary>
internal sealed record MessageRow
{
    public required string Id { get; init; }

    public string? Token { get; init; }

    public string? Name { get; init; }

    /// <summary>The outcome's name; <c>Working</c> while a function has it, <c>Crashed</c> if that died.</summary>
    public required string State { get; init; }

    public string? Reason { get; init; }

    public string? ContactId { get; init; }

    public required int Receives { get; init; }

    public DateTimeOffset? ReturnsAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }
}

/// <summary>All that is known of a message, for the one who asks about it.</summary>
internal sealed record MessageDetails
{
    public required MessageRow Row { get; init; }

    /// <summary>The body, cut after <see cref="Activity.BodyMaxCharacters"/>.</summary>
    public required string Body { get; init; }

    public required bool IsCut { get; init; }

    public required IReadOnlyList<LifeStep> Steps { get; init; }

    /// <summary>Steps that are not kept any more.</summary>
    public required int StepsDropped { get; init; }

    /// <summary>Other messages about the same task: duplicates, commands, a redrive.</summary>
    public required IReadOnlyList<MessageRow> Others { get; init; }
}

/// <summary>A message as it goes through its life. Not safe for use by several threads.</summary>
internal sealed class MessageLife(string id, string body, MessageReadResult read)
{
    public const string Working = nameof(Working);
    public const string Crashed = nameof(Crashed);

    private readonly Queue<LifeStep> _steps = [];
    private readonly List<ConnectCall> _calls = [];
    private string _state = Working;
    private string? _reason, _contactId;
    private DateTimeOffset? _returnsAt;

    public string Id => id;

    public string? Token { get; private set; } = read.Request?.ClientToken ?? read.Command?.ClientToken;

    public int Receives { get; private set; }

    public DateTimeOffset UpdatedAt { get; private set; }

    /// <summary>Grows with each change of any message, so that changes since a moment can be told.</summary>
    public long Version { get; set; }

    public int StepsDropped { get; private set; }

    public string Body => body;

    public IEnumerable<LifeStep> Steps => _steps;

    /// <summary>What the row shows as its name: the task's, or what a command asks for.</summary>
    private string? Name { get; } = read.Request?.Name ?? read.Command?.Kind switch
    {
        TaskCommandKind.Cancel => "(cancel)",
        TaskCommandKind.Reschedule => "(reschedule)",
        null => null,
    };

    public MessageRow Row => new()
    {
        Id = id,
        Token = Token,
        Name = Name,
        State = _state,
        Reason = _reason,
        ContactId = _contactId,
        Receives = Receives,
        ReturnsAt = _returnsAt,
        UpdatedAt = UpdatedAt,
    };

    public bool Matches(string text) =>
        ((string?[])[id, Token, _contactId, Name])
            .Any(value => value?.Contains(text, StringComparison.OrdinalIgnoreCase) is true);

    public void Sent(DateTimeOffset at, string text) => Add(new LifeStep(at, StepKind.Sent, text));

    public void Received(DateTimeOffset at, int count, int batch)
    {
        (Receives, _state, _returnsAt) = (count, Working, null);
        _calls.Clear();
        Add(new LifeStep(at, StepKind.Received, LifeWords.Received(count, batch)));
    }

    /// <summary>A call for this message's task while a function has the message: perhaps its own.</summary>
    public void Called(ConnectCall call)
    {
        if (_state == Working && _calls.Count < Activity.StepsMaxCount)
            _calls.Add(call);
    }

    public void Ended(LogEntry entry)
    {
        (_state, _reason) = (entry.Outcome, entry.Reason);
        (Token, _contactId) = (entry.ClientToken ?? Token, entry.ContactId ?? _contactId);
        _returnsAt = entry.ReturnIn is { } wait ? entry.At + wait : null;
        if (LifeWords.Claim(entry) is { } claim)
            Add(new LifeStep(entry.At - entry.Duration, StepKind.Claim, claim));
        AddCalls(LifeWords.CalledConnect(entry.Outcome));
        Add(new LifeStep(entry.At, StepKind.Outcome, LifeWords.Ended(entry), LifeWords.IsTrouble(entry.Outcome)));
    }

    /// <summary>The invocation ended without a word about this message.</summary>
    public void Died(DateTimeOffset at, string how)
    {
        if (_state != Working)
            return;
        AddCalls(wasCalled: true);
        _state = Crashed;
        Add(new LifeStep(at, StepKind.Crash, LifeWords.Died(how), IsTrouble: true));
    }

    public void Deleted(DateTimeOffset at) =>
        Add(new LifeStep(at, StepKind.Deleted, "Deleted from the task queue: this message is done."));

    private void AddCalls(bool wasCalled)
    {
        // A duplicate that was in hand meanwhile made none of these calls itself.
        foreach (var call in wasCalled ? _calls : [])
        {
            var isTrouble = call.Status != 200 || call.Fault is not null;
            Add(new LifeStep(call.At, StepKind.Call, LifeWords.Called(call), isTrouble));
        }

        _calls.Clear();
    }

    private void Add(LifeStep step)
    {
        _steps.Enqueue(step);
        UpdatedAt = step.At > UpdatedAt ? step.At : UpdatedAt;
        // The sending and the first receive say most: what is dropped comes after them.
        if (_steps.Count <= Activity.StepsMaxCount)
            return;
        var all = _steps.ToList();
        all.RemoveAt(2);
        StepsDropped++;
        _steps.Clear();
        all.ForEach(_steps.Enqueue);
    }
}
