using System.Globalization;
using System.Text.Json;

namespace ConnectTasks.Local;

/// <content>What is done with a contact that was started: it is described, moved and ended.</content>
internal sealed partial class FakeConnectState
{
    /// <summary>How often a contact may be moved (API reference, UpdateContactSchedule).</summary>
    public const int MaximumMoves = 20;

    private static readonly ConnectReply Throttled =
        ConnectReply.Error(429, "ThrottlingException", "Rate exceeded.");

    private static readonly ConnectReply Unsigned =
        ConnectReply.Error(403, "MissingAuthenticationTokenException", "The request is not signed.");

    private static readonly ConnectReply NotFound =
        ConnectReply.Error(404, "ResourceNotFoundException", "The contact was not found in the instance.");

    private readonly Dictionary<(string Instance, string Contact), Entry> _byId = [];

    // Each call has a quota of its own, and to raise that of StartTaskContact raises no other.
    private readonly RateLimit _moves =
        Quota(options, time, FakeConnectOptions.MoveRatePerSecond, FakeConnectOptions.MoveBurst);

    private readonly RateLimit _stops =
        Quota(options, time, FakeConnectOptions.OtherRatePerSecond, FakeConnectOptions.OtherBurst);

    private readonly RateLimit _descriptions =
        Quota(options, time, FakeConnectOptions.OtherRatePerSecond, FakeConnectOptions.OtherBurst);

    /// <summary>StopContact: ends a contact in any state but the last.</summary>
    public ConnectReply Stop(ReadOnlyMemory<byte> body, bool isSigned) =>
        Call(ConnectOperations.StopContact, isSigned, _stops, now => Find(Parse(body), now, entry =>
        {
            if (entry is null || entry.Contact.EndedAt is not null)
                return ConnectReply.Error(410, "ContactNotFoundException", "The contact is over, or never was.");
            entry.Change(entry.Contact with { EndedAt = now, UpdatedAt = now });
            return ConnectReply.Done();
        }));

    /// <summary>UpdateContactSchedule: gives a contact that waits another time.</summary>
    public ConnectReply Move(ReadOnlyMemory<byte> body, bool isSigned) =>
        Call(ConnectOperations.UpdateContactSchedule, isSigned, _moves, now => Find(Parse(body), now, entry =>
        {
            if (entry is null)
                return NotFound;
            if (ConnectRules.ScheduledTime(Parse(body)!.Value) is not { } scheduled)
                return ConnectReply.InvalidParameter("ScheduledTime is required, in epoch seconds.");
            if (ConnectRules.CheckScheduledTime(scheduled, now, options.Horizon) is { } refusal)
                return refusal;
            if (AsOf(entry.Contact, now).State != ContactState.Scheduled)
                return ConnectReply.InvalidRequest("The contact does not wait for its time any more.");
            if (entry.Contact.Moves >= MaximumMoves)
            {
                return ConnectReply.Error(429, "LimitExceededException", string.Create(CultureInfo.InvariantCulture,
                    $"The contact was moved {MaximumMoves} times, which is the limit."));
            }

            entry.Change(entry.Contact with
            {
                ScheduledTime = scheduled,
                Moves = entry.Contact.Moves + 1,
                UpdatedAt = now,
            });
            return ConnectReply.Done();
        }));

    /// <summary>DescribeContact.</summary>
    public ConnectReply Describe(string instance, string contact, bool isSigned) =>
        Call(ConnectOperations.DescribeContact, isSigned, _descriptions, now =>
            _byId.GetValueOrDefault((instance, contact)) is not { } entry ? NotFound
                : NotThereYet(entry, now) ?? Described(entry, now));

    /// <summary>The contact with the state that it has at a time.</summary>
    private static StartedContact AsOf(StartedContact contact, DateTimeOffset now) => contact with
    {
        State = contact.EndedAt is not null ? ContactState.Ended
            : contact.ScheduledTime > now ? ContactState.Scheduled
            : ContactState.Running,
    };

    private static RateLimit Quota(FakeConnectOptions options, TimeProvider time, double perSecond, int burst) =>
        new(options.RatePerSecond <= 0 ? 0 : perSecond, burst, time.GetUtcNow());

    private static JsonElement? Parse(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private ConnectReply Find(JsonElement? request, DateTimeOffset now, Func<Entry?, ConnectReply> answer)
    {
        if (request is not { ValueKind: JsonValueKind.Object } body)
            return ConnectReply.Error(400, "SerializationException", "The request body is not a JSON object.");
        foreach (var name in (string[])["InstanceId", "ContactId"])
        {
            if (ConnectRules.Text(body, name) is not { Length: > 0 })
                return ConnectReply.InvalidParameter($"{name} is required.");
        }

        var key = (ConnectRules.Text(body, "InstanceId")!, ConnectRules.Text(body, "ContactId")!);
        var entry = _byId.GetValueOrDefault(key);
        return (entry is null ? null : NotThereYet(entry, now)) ?? answer(entry);
    }

    /// <summary>As the service writes it; times are epoch seconds, and what is not known is left out.</summary>
    private static Dictionary<string, object> Description(StartedContact contact)
    {
        var all = new Dictionary<string, object?>
        {
            ["Arn"] = $"arn:aws:connect:us-east-1:000000000000:instance/{contact.InstanceId}"
                + $"/contact/{contact.ContactId}",
            ["Id"] = contact.ContactId,
            ["Channel"] = "TASK",
            ["InitiationMethod"] = "API",
            ["Name"] = contact.Name,
            ["InitiationTimestamp"] = Seconds(contact.StartedAt),
            ["LastUpdateTimestamp"] = Seconds(contact.UpdatedAt),
            ["ScheduledTimestamp"] = Seconds(contact.ScheduledTime),
            ["DisconnectTimestamp"] = Seconds(contact.EndedAt),
            ["DisconnectReason"] = contact.EndedAt is null ? null : "API",
        };
        return all.Where(entry => entry.Value is not null).ToDictionary(entry => entry.Key, entry => entry.Value!);
    }

    private static decimal? Seconds(DateTimeOffset? instant) => instant?.ToUnixTimeMilliseconds() / 1000m;
}
