using System.Globalization;
using Amazon.DynamoDBv2.Model;

namespace ConnectTasks.Local;

/// <summary>
/// What the ledger has of one task, as far as people ask about it. The functions write it; a test holds the names here
/// against what they write.
/// </summary>
internal sealed record TaskRecord
{
    /// <summary>The version of the items that this version knows: the functions' own.</summary>
    public const int KnownVersion = 2;

    public const string Awaited = nameof(Awaited);
    public const string Held = nameof(Held);
    public const string Queued = nameof(Queued);
    public const string Starting = nameof(Starting);
    public const string Released = nameof(Released);
    public const string Started = nameof(Started);
    public const string Cancelled = nameof(Cancelled);

    public required string Key { get; init; }

    public required string State { get; init; }

    public string? ContactId { get; init; }

    /// <summary>Why the last attempt did not start it.</summary>
    public string? LastReason { get; init; }

    /// <summary>Whether an attempt got no answer from Connect, so that a contact may exist.</summary>
    public bool MayExist { get; init; }

    public long Attempts { get; init; }

    public DateTimeOffset? ScheduledTime { get; init; }

    /// <summary>Of a held task: when it goes back to the queue.</summary>
    public DateTimeOffset? ReleaseAt { get; init; }

    public DateTimeOffset? LeaseEnd { get; init; }

    /// <summary>When the last reschedule that took effect was sent.</summary>
    public DateTimeOffset? MovedAt { get; init; }

    /// <summary>
    /// Of a started task that is being moved in Connect: the time that Connect has been told, which differs from
    /// <see cref="ScheduledTime"/>; else null.
    /// </summary>
    public DateTimeOffset? ToldAt { get; init; }

    /// <summary>The first real try of the present request.</summary>
    public DateTimeOffset? FirstTried { get; init; }

    /// <summary>How often the task has begun to wait: each hold and each move of a task that waits here.</summary>
    public long? WaitNumber { get; init; }

    /// <summary>The message group that the request came with.</summary>
    public string? MessageGroup { get; init; }

    public long ItemVersion { get; init; } = 1;

    public long FingerprintVersion { get; init; } = 1;

    /// <summary>Of a task whose request was refused, or has not come yet: false.</summary>
    public bool HasRequest { get; init; } = true;

    /// <summary>Written by a later version of the functions, whose rules are not known here.</summary>
    public bool IsNewer => ItemVersion > KnownVersion || FingerprintVersion > RequestFingerprint.FormVersion;

    public DateTimeOffset? Created { get; init; }

    public DateTimeOffset? Updated { get; init; }

    /// <summary>When the ledger forgets it; never for a held one.</summary>
    public DateTimeOffset? Expires { get; init; }

    /// <summary>The state in words.</summary>
    public string Words => IsNewer
        ? string.Create(
            CultureInfo.InvariantCulture,
            $"written by a later version of the functions (item {ItemVersion}, fingerprint {FingerprintVersion}), "
            + $"which this command knows only in part: update it")
        : State switch
        {
            Awaited => "a reschedule came first: it waits for the task's request",
            Held => "waits here until it is handed to Connect",
            Queued => "is on the queue again, because its time is near",
            Starting => "is being started",
            Released when !HasRequest =>
                "was refused, and the dead letter has the reason: a corrected request may have the same ClientToken",
            Released => "was tried and is tried again",
            Started when ToldAt is not null => "was started in Connect, and is being moved there",
            Started => "was started in Connect",
            Cancelled => "was cancelled",
            _ => "is in a state that this version does not know",
        };

    /// <summary>Reads an item; null if there is none, or if it has expired but is not deleted yet.</summary>
    public static TaskRecord? From(Dictionary<string, AttributeValue>? item, DateTimeOffset now)
    {
        if (item is null or { Count: 0 })
            return null;
        var record = new TaskRecord
        {
            Key = Text(item, "pk") ?? "",
            State = Text(item, "state") ?? "",
            ContactId = Text(item, "contactId"),
            LastReason = Text(item, "lastReason"),
            MayExist = item.ContainsKey("mayExist"),
            Attempts = Number(item, "attempts") ?? 0,
            ScheduledTime = Time(item, "scheduledAtMs"),
            ReleaseAt = Time(item, "releaseAtMs"),
            LeaseEnd = Time(item, "leaseUntilMs"),
            MovedAt = Time(item, "movedAtMs"),
            ToldAt = Time(item, "toldAtMs"),
            FirstTried = Time(item, "firstTriedMs"),
            WaitNumber = Number(item, "waitNumber"),
            MessageGroup = Text(item, "messageGroup"),
            ItemVersion = Number(item, "itemVersion") ?? 1,
            FingerprintVersion = Number(item, "fingerprintVersion") ?? 1,
            HasRequest = item.ContainsKey("fingerprint"),
            Created = Time(item, "createdMs"),
            Updated = Time(item, "updatedMs"),
            Expires = Number(item, "ttlEpochSeconds") is { } seconds and >= 0 and < 253_402_300_800
                ? DateTimeOffset.FromUnixTimeSeconds(seconds)
                : null,
        };
        return record.Expires < now ? null : record;
    }

    private static string? Text(Dictionary<string, AttributeValue> item, string name) =>
        item.GetValueOrDefault(name)?.S;

    private static long? Number(Dictionary<string, AttributeValue> item, string name) =>
        long.TryParse(item.GetValueOrDefault(name)?.N, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static DateTimeOffset? Time(Dictionary<string, AttributeValue> item, string name) =>
        Number(item, name) is { } ms and >= 0 and < 253_402_300_800_000
            ? DateTimeOffset.FromUnixTimeMilliseconds(ms)
            : null;
}
