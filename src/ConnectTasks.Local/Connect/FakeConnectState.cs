using System.Text.Json;

namespace ConnectTasks.Local;

/// <summary>
/// Connect as far as tasks go, without a network: what it validates, remembers, throttles and counts. Safe for use by
/// several threads. Time and ids come from outside, so that a run can be replayed.
/// </summary>
internal sealed partial class FakeConnectState(FakeConnectOptions options, TimeProvider time, Func<Guid> newId)
{
    /// <summary>The latest calls that are kept for <see cref="Calls"/>; the totals count all of them.</summary>
    public const int MaximumCallsKept = 20_000;

    private readonly Lock _gate = new();
    private readonly List<Entry> _contacts = [];
    private readonly Dictionary<(string Instance, string Token), Entry> _tokens = [];
    private readonly Dictionary<string, string> _chainOf = [];
    private readonly Dictionary<string, int> _tasksInChain = [];
    private readonly Queue<ConnectCall> _calls = [];
    private readonly RateLimit _starts = new(options.RatePerSecond, options.Burst, time.GetUtcNow());
    private long _callCount, _throttledCount;

    public IReadOnlyList<StartedContact> Contacts
    {
        get
        {
            lock (_gate)
                return [.. _contacts.Select(entry => AsOf(entry.Contact, time.GetUtcNow()))];
        }
    }

    public IReadOnlyList<ConnectCall> Calls
    {
        get
        {
            lock (_gate)
                return [.. _calls];
        }
    }

    /// <summary>Calls so far, those answered with 429, those that met a fault, and the faults yet to come.</summary>
    public (long Calls, long Throttled, long Faulted, int FaultsLeft) Totals
    {
        get
        {
            lock (_gate)
                return (_callCount, _throttledCount, _faultCount, _faults.Count);
        }
    }

    /// <summary>Sees each call as it is answered, under the lock: it must be quick, and must not call back.</summary>
    public Action<ConnectCall>? Observe { private get; set; }

    public FakeConnectOptions Options => options;

    /// <summary>
    /// How many contacts there are; the newest of them that match, newest first; and those that wait for their time,
    /// the next first. At most so many of each.
    /// </summary>
    public (int Count, IReadOnlyList<StartedContact> Newest, IReadOnlyList<StartedContact> Scheduled) Look(
        int most, Func<StartedContact, bool> matches)
    {
        lock (_gate)
        {
            var now = time.GetUtcNow();
            var newest = Enumerable.Reverse(_contacts).Select(entry => entry.Contact).Where(matches).Take(most);
            var scheduled = _contacts.Select(entry => entry.Contact)
                .Where(contact => contact.EndedAt is null && contact.ScheduledTime > now)
                .OrderBy(contact => contact.ScheduledTime).Take(most);
            return (_contacts.Count, [.. newest.Select(c => AsOf(c, now))], [.. scheduled.Select(c => AsOf(c, now))]);
        }
    }

    /// <summary>StartTaskContact.</summary>
    /// <param name="body">The request's body, as it came.</param>
    /// <param name="isSigned">Whether the call had an Authorization header. Signatures are not verified.</param>
    public ConnectReply StartTask(ReadOnlyMemory<byte> body, bool isSigned)
    {
        // Null if it cannot be read: refused below, after what the service checks before it reads the body.
        var request = Parse(body);
        var token = request is { ValueKind: JsonValueKind.Object } r ? ConnectRules.Text(r, "ClientToken") : null;
        return Call(ConnectOperations.StartTaskContact, isSigned, _starts, now =>
            request is not { } task
                ? ConnectReply.Error(400, "SerializationException", "The request body is not JSON.")
                : ConnectRules.Check(task, now, options.Horizon) ?? Start(task, now), token);
    }

    /// <summary>One call: the signature, a fault that is due, the quota, and the service's own answer.</summary>
    private ConnectReply Call(
        ConnectOperations operation, bool isSigned, RateLimit rate, Func<DateTimeOffset, ConnectReply> answer,
        string? clientToken = null)
    {
        lock (_gate)
        {
            var now = time.GetUtcNow();
            var fault = isSigned ? TakeFault(operation) : null;
            var reply = !isSigned ? Unsigned
                : fault is { Status: { } status, Code: { } code } ? ErrorOf(status, code)
                : !rate.Take(now) ? Throttled
                : Spoil(answer(now), fault);
            var met = fault?.Name ?? reply.Fault;
            if (met is not (null or "ok"))
                _faultCount++;
            Count(new ConnectCall
            {
                At = now,
                Operation = $"{operation}",
                Status = reply.Status,
                Code = reply.Code,
                ContactId = reply.ContactId,
                ClientToken = clientToken,
                Fault = met,
            });
            return reply;
        }
    }

    private ConnectReply Start(JsonElement request, DateTimeOffset now)
    {
        if (ConnectRules.Text(request, "ContactFlowId") is { } flow && options.UnknownFlows.Contains(flow))
            return ConnectReply.Error(404, "ResourceNotFoundException", "The flow was not found in the instance.");

        var instance = ConnectRules.Text(request, "InstanceId")!;
        if (NotThereYet(instance, request, now) is { } notYet)
            return notYet;
        var token = ConnectRules.Text(request, "ClientToken") is { Length: > 0 } text ? text : null;
        if (token is not null
            && _tokens.TryGetValue((instance, token), out var known)
            && now - known.Contact.StartedAt < options.ClientTokenLifetime)
        {
            known.Contact = known.Contact with { Calls = known.Contact.Calls + 1 };
            return ConnectReply.Started(known.Contact.ContactId);
        }

        var previous = ConnectRules.Text(request, "PreviousContactId");
        var chain = previous is null ? null : _chainOf.GetValueOrDefault(previous, previous);
        if (chain is not null && _tasksInChain.GetValueOrDefault(chain) >= ConnectRules.MaximumLinkedTasks)
        {
            return ConnectReply.Error(402, "ServiceQuotaExceededException",
                $"The contact already has {ConnectRules.MaximumLinkedTasks} linked tasks.");
        }

        var entry = new Entry(new StartedContact
        {
            ContactId = newId().ToString(),
            InstanceId = instance,
            ClientToken = token,
            Name = ConnectRules.Text(request, "Name"),
            ScheduledTime = ConnectRules.ScheduledTime(request),
            StartedAt = now,
            UpdatedAt = now,
            Calls = 1,
            Request = request,
        });
        _contacts.Add(entry);
        _byId[(instance, entry.Contact.ContactId)] = entry;
        if (token is not null)
            _tokens[(instance, token)] = entry;
        if (chain is not null)
        {
            _chainOf[entry.Contact.ContactId] = chain;
            _tasksInChain[chain] = _tasksInChain.GetValueOrDefault(chain) + 1;
        }

        return ConnectReply.Started(entry.Contact.ContactId);
    }

    private void Count(ConnectCall call)
    {
        _callCount++;
        if (call.Status == 429)
            _throttledCount++;
        _calls.Enqueue(call);
        if (_calls.Count > MaximumCallsKept)
            _calls.Dequeue();
        Observe?.Invoke(call);
    }

    private sealed class Entry(StartedContact contact)
    {
        public StartedContact Contact { get; set; } = contact;

        /// <summary>The contact before it was last moved or ended.</summary>
        public StartedContact? Before { get; private set; }

        public void Change(StartedContact changed) => (Before, Contact) = (Contact, changed);
    }
}
