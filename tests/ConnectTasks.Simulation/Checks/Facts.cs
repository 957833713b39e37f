using System.Globalization;
using Amazon.DynamoDBv2.Model;

namespace ConnectTasks.Simulation;

using Item = Dictionary<string, AttributeValue>;

/// <summary>What really happened, whatever the function believes: the audit's evidence.</summary>
internal sealed class Facts(World world)
{
    private readonly Dictionary<string, QueuedMessage> _messages = [];
    private readonly Dictionary<string, Sent> _sentOf = [];
    private readonly Dictionary<string, string> _keyOfMessage = [];
    private readonly Dictionary<string, string> _keyOfToken = [];
    private readonly Dictionary<string, LedgerFacts> _ledger = [];
    private readonly Dictionary<string, DateTimeOffset> _flows = [];
    private readonly Dictionary<string, List<(string Reason, DateTimeOffset At)>> _settled = [];
    private readonly List<Letter> _letters = [];
    private int _calls;

    public List<Sent> Sent { get; } = [];

    public IReadOnlyList<Letter> Letters => _letters;

    /// <summary>Calls about contacts that Connect throttled because its quota was used up.</summary>
    public int CommandsThrottledByQuota { get; private set; }

    /// <summary>What the ledger has been told of a task.</summary>
    public LedgerFacts Ledger(string key) =>
        _ledger.TryGetValue(key, out var facts) ? facts : _ledger[key] = new LedgerFacts();

    public DateTimeOffset ChangedAt(string key) => Ledger(key).ChangedAt;

    /// <summary>The message as it was sent to the task queue.</summary>
    public QueuedMessage? MessageOf(string id) => _messages.GetValueOrDefault(id);

    /// <summary>What the producers sent of which this message is, also after a redrive or a wait in the ledger.</summary>
    public Sent? SentOf(string id) => _sentOf.GetValueOrDefault(id);

    /// <summary>How a message was settled, each time it was.</summary>
    public IReadOnlyList<(string Reason, DateTimeOffset At)> Settled(Sent sent) =>
        _settled.GetValueOrDefault(sent.MessageId) ?? [];

    public bool WasAccepted(Sent command) =>
        Settled(command).Any(s => s.Reason.StartsWith("Commanded", StringComparison.Ordinal));

    public string KeyOfMessage(string id) => _keyOfMessage.GetValueOrDefault(id) ?? id;

    public string KeyOfContact(Contact contact) =>
        _keyOfToken.TryGetValue(contact.ClientToken, out var key)
            ? key
            : _keyOfToken[contact.ClientToken] = TaskKey.For(Some.Instance, contact.ClientToken);

    /// <summary>A message has come to the task queue.</summary>
    public void OnQueued(QueuedMessage message, MessagePlan? plan, Sent? redriven)
    {
        _messages[message.Id] = message;
        if (plan is not null)
        {
            var sent = new Sent(message.Id, plan, world.Loop.Now);
            Sent.Add(sent);
            (_sentOf[message.Id], _keyOfMessage[message.Id]) = (sent, plan.Key(message.Id));
            PublishFlow(plan);
        }
        else if (redriven is not null)
        {
            (_sentOf[message.Id], _keyOfMessage[message.Id]) = (redriven, redriven.Plan.Key(redriven.MessageId));
        }
        else if (TaskRequestJson.Read(message.Body).Request is { ClientToken: { } token } request)
        {
            // A released copy is of the task that it asks for.
            var key = _keyOfMessage[message.Id] = TaskKey.For(request.InstanceId, token);
            Ledger(key).CopyAt = world.Loop.Now;
            if (Sent.Find(s => !s.Plan.IsCommand && s.Plan.Key(s.MessageId) == key) is { } held)
            {
                _sentOf[message.Id] = held;
            }
        }
    }

    /// <summary>A message has come to the dead-letter queue.</summary>
    public void OnLetter(QueuedMessage letter, bool wasMoved)
    {
        letter.Attributes.TryGetValue(DeadLetterAttributes.Origin, out var json);
        var origin = wasMoved ? null : DeadLetterOrigin.Parse(json);
        var reason = wasMoved ? null : letter.Attributes.GetValueOrDefault(DeadLetterAttributes.Reason);
        var from = wasMoved ? letter.Id : origin?.MessageId ?? "";
        var sent = SentOf(from);
        _letters.Add(new Letter(letter, sent, reason, world.Loop.Now, wasMoved)
        {
            IsLeftOpen = reason == "TokenReused" && sent is not null && IsLeftOpen(sent.Plan.Key(sent.MessageId)),
        });
    }

    /// <summary>
    /// A late delivery of a message that is gone has tried the token, and left open what became of it; or an item of a
    /// newer version, which older ones leave alone, has held the first request up.
    /// </summary>
    private bool IsLeftOpen(string key) =>
        world.Store.Items.TryGetValue(key, out var item) && item["state"].S is "Starting" or "Released"
        && item.ContainsKey("fingerprint")
        && (Ledger(key).ForgottenAt < Ledger(key).ClaimedAt || NewerVersion.IsOf(item))
        && world.Loop.Now - ChangedAt(key) > (2 * Lambda.RetryPolicy.LongestWait) - (2 * world.MaxSkew);

    public void OnEnded(string messageId, string reason, bool isSettled)
    {
        if (isSettled && SentOf(messageId) is { } sent)
        {
            if (!_settled.TryGetValue(sent.MessageId, out var all))
            {
                _settled[sent.MessageId] = all = [];
            }

            all.Add((reason, world.Loop.Now));
        }
    }

    public void OnLedgerWrite(string key, Item? before, Item after)
    {
        var (facts, now, state) = (Ledger(key), world.Loop.Now, after["state"].S);
        if (now > facts.MemoryUntil)
        {
            // The ledger may have forgotten it, and begins anew.
            (facts.StartedAt, facts.CancelledAt, facts.FirstRequestAt, facts.AwaitedAt) = (null, null, null, null);
            facts.Unanswered.Clear();
        }

        facts.ChangedAt = now;
        facts.FirstRequestAt ??= state is "Starting" or "Held" ? now : null;
        facts.AwaitedAt ??= state == "Awaited" ? now : null;
        facts.StartedAt ??= state == "Started" ? now : null;
        facts.CancelledAt ??= state == "Cancelled" ? now : null;
        if (state == "Held" && (before?.GetValueOrDefault("state")?.S != "Held" || WaitOf(before) != WaitOf(after)))
        {
            facts.WaitsSince = now;
        }

        if (state == "Released" && !after.ContainsKey("fingerprint"))
        {
            // Refused for good: had an earlier attempt made a contact, Connect would have answered with it.
            facts.ForgottenAt = now;
            facts.Unanswered.Clear();
        }

        facts.ClaimedAt = state == "Starting" ? now : facts.ClaimedAt;
        var until = new[] { TimeOf(before), TimeOf(after), now }.Max() + world.Config.Settings.LedgerRetention;
        facts.MemoryUntil = until > facts.MemoryUntil ? until : facts.MemoryUntil;
    }

    /// <summary>A request of a task is sent to Connect.</summary>
    /// <returns>A number for the call.</returns>
    public int OnStartCalled(string key)
    {
        Ledger(key).Unanswered.Add(++_calls);
        return _calls;
    }

    /// <summary>The function has heard that this call did nothing.</summary>
    public void OnStartRefused(string key, int call) => Ledger(key).Unanswered.Remove(call);

    /// <summary>The function has heard of the task's contact.</summary>
    public void OnContactKnown(string key) => Ledger(key).Unanswered.Clear();

    public void OnThrottledByQuota(string what, string key)
    {
        if (what != "start")
        {
            CommandsThrottledByQuota++;
            world.Trace(key, $"connect: the quota of {what} is used up");
        }
    }

    /// <summary>Whether Connect knows a flow by now.</summary>
    public bool IsFlowThere(string? flow, DateTimeOffset now) =>
        flow?.StartsWith(Some.WrongFlow, StringComparison.Ordinal) != true
        && (flow is null || !_flows.TryGetValue(flow, out var from) || now >= from);

    /// <summary>A flow that is published with its request is to be seen some time later.</summary>
    private void PublishFlow(MessagePlan plan)
    {
        if (TaskRequestJson.Read(plan.Body).Request?.ContactFlowId is { } flow
            && flow.StartsWith(Some.NewFlow, StringComparison.Ordinal))
        {
            var seconds = Math.Min(world.Random.Next(1, 200), world.LongestInconsistency.TotalSeconds);
            _flows.TryAdd(flow, world.Loop.Now + TimeSpan.FromSeconds(seconds));
        }
    }

    private static (string? ReleaseAt, string? Number) WaitOf(Item item) =>
        (item.GetValueOrDefault("releaseAtMs")?.N, item.GetValueOrDefault("waitNumber")?.N);

    private static DateTimeOffset TimeOf(Item? item) =>
        item?.GetValueOrDefault("scheduledAtMs")?.N is { } ms
            ? DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(ms, CultureInfo.InvariantCulture))
            : DateTimeOffset.MinValue;
}

/// <summary>What the ledger has been told of one task, while it has to remember it.</summary>
internal sealed class LedgerFacts
{
    public DateTimeOffset ChangedAt { get; set; }

    /// <summary>When an attempt at a request of the task first reached the ledger.</summary>
    public DateTimeOffset? FirstRequestAt { get; set; }

    /// <summary>When a command first looked for a task that was not there.</summary>
    public DateTimeOffset? AwaitedAt { get; set; }

    public DateTimeOffset? StartedAt { get; set; }
    public DateTimeOffset? CancelledAt { get; set; }

    /// <summary>When a request was last refused, so that another one may have its token.</summary>
    public DateTimeOffset? ForgottenAt { get; set; }

    /// <summary>When it was last claimed.</summary>
    public DateTimeOffset ClaimedAt { get; set; }

    /// <summary>When the task began to wait for the time that it waits for now.</summary>
    public DateTimeOffset WaitsSince { get; set; }

    /// <summary>When a copy of it was last sent.</summary>
    public DateTimeOffset? CopyAt { get; set; }

    /// <summary>Calls that may have made a contact of which the function has not heard.</summary>
    public HashSet<int> Unanswered { get; } = [];

    /// <summary>The later of the last change and the task's time, and the retention from there.</summary>
    public DateTimeOffset MemoryUntil { get; set; }
}

/// <summary>A message that came to the dead-letter queue.</summary>
/// <param name="Sent">Which message of the producers it is; null if nothing about it tells.</param>
/// <param name="Reason">Null if SQS moved it, or if it has none.</param>
internal sealed record Letter(QueuedMessage Message, Sent? Sent, string? Reason, DateTimeOffset At, bool WasMoved)
{
    /// <summary>Another request of the token was tried an hour before, and nothing was heard of it since.</summary>
    public bool IsLeftOpen { get; init; }

    public DateTimeOffset? RedrivenAt { get; set; }

    public bool IsRedriven => RedrivenAt is not null;
}
