using System.Text.Json;

namespace ConnectTasks.Local;

/// <content>What goes wrong because someone asked for it.</content>
internal sealed partial class FakeConnectState
{
    private static readonly string[] Targets = ["ContactFlowId", "TaskTemplateId", "QuickConnectId"];
    private static readonly string[] EarlierContacts = ["PreviousContactId", "RelatedContactId"];

    private readonly List<Fault> _faults = [];

    /// <summary>Those that last until they are cleared, by their names: the last one of a name counts.</summary>
    private readonly Dictionary<string, Fault> _lasting = [];

    /// <summary>When a flow, template or quick connect was first named since they are not there at once.</summary>
    private readonly Dictionary<(string Instance, string Target), DateTimeOffset> _targetsSince = [];

    private long _faultCount;

    /// <summary>The faults that no call uses up.</summary>
    public IReadOnlyList<Fault> LastingFaults
    {
        get
        {
            lock (_gate)
                return [.. _lasting.Values];
        }
    }

    public void AddFaults(IEnumerable<Fault> faults)
    {
        lock (_gate)
        {
            foreach (var fault in faults)
            {
                if (fault.Window is null)
                    _faults.Add(fault);
                else
                    _lasting[fault.Name] = fault;
            }
        }
    }

    public void ClearFaults()
    {
        lock (_gate)
        {
            _faults.Clear();
            _lasting.Clear();
            _targetsSince.Clear();
        }
    }

    private Fault? TakeFault(ConnectOperations operation)
    {
        var at = _faults.FindIndex(fault => fault.Operations.HasFlag(operation));
        if (at < 0)
            return null;
        var fault = _faults[at];
        _faults.RemoveAt(at);
        return fault;
    }

    private static ConnectReply ErrorOf(int status, string code) =>
        ConnectReply.Error(status, code, "A fault that was asked for.");

    /// <summary>What becomes of an answer on its way.</summary>
    private static ConnectReply Spoil(ConnectReply reply, Fault? fault) => fault is null ? reply : reply with
    {
        IsLost = fault.IsLostReply,
        IsStalled = fault.IsStalled,
        IsEmpty = fault.IsEmpty && reply.Status == 200,
        Delay = fault.Delay,
    };

    /// <summary>The answer about a contact that was changed so lately that Connect may not know it yet.</summary>
    private ConnectReply? NotThereYet(Entry entry, DateTimeOffset now) =>
        NotThereYet(entry.Contact.UpdatedAt, now);

    /// <summary>The answer to a request that names a flow or an earlier contact of which the same is true.</summary>
    private ConnectReply? NotThereYet(string instance, JsonElement request, DateTimeOffset now)
    {
        if (!_lasting.ContainsKey(FaultScript.NotThereYet))
            return null;
        foreach (var name in Targets)
        {
            if (ConnectRules.Text(request, name) is not { Length: > 0 } target)
                continue;
            _targetsSince.TryAdd((instance, target), now);
            if (NotThereYet(_targetsSince[(instance, target)], now) is { } notYet)
                return notYet;
        }

        return EarlierContacts
            .Select(name => ConnectRules.Text(request, name))
            .Select(id => id is null ? null : _byId.GetValueOrDefault((instance, id)))
            .OfType<Entry>()
            .Select(entry => NotThereYet(entry, now))
            .FirstOrDefault(notYet => notYet is not null);
    }

    private ConnectReply? NotThereYet(DateTimeOffset since, DateTimeOffset now) =>
        _lasting.GetValueOrDefault(FaultScript.NotThereYet) is { Status: { } status, Code: { } code } fault
            && now - since < fault.Window
                ? ErrorOf(status, code) with { Fault = fault.Name }
                : null;

    /// <summary>The description of a contact, or of what it was if Connect still shows that.</summary>
    private ConnectReply Described(Entry entry, DateTimeOffset now)
    {
        var isStale = _lasting.GetValueOrDefault(FaultScript.Stale) is { } fault
            && entry.Before is not null && now - entry.Contact.UpdatedAt < fault.Window;
        var shown = isStale ? entry.Before! : entry.Contact;
        return ConnectReply.Done(new Dictionary<string, object> { ["Contact"] = Description(shown) }) with
        {
            Fault = isStale ? FaultScript.Stale : null,
        };
    }
}
