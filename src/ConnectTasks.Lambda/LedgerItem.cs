using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Amazon.DynamoDBv2.Model;

namespace ConnectTasks.Lambda;

/// <summary>
/// What the ledger keeps of one task, and how it is spelled in DynamoDB. Units are the last word of a name.
/// </summary>
internal sealed record LedgerItem
{
    /// <summary>The sparse index of held tasks: hash key <c>dueShard</c>, range key <c>releaseAtMs</c>.</summary>
    public const string DueIndex = "due";

    /// <summary>
    /// How many shards the index has, so that tasks that are due at one moment do not fall on one partition.
    /// </summary>
    public const int DueShards = 8;

    /// <summary>
    /// The version of the items that this code writes. An item of a later version is left to the code that wrote it:
    /// it counts as in flight.
    /// </summary>
    public const int CurrentVersion = 2;

    public required string Key { get; init; }
    public required string State { get; init; }
    public string? Fingerprint { get; init; }
    public string? ContactId { get; init; }
    public string? Request { get; init; }

    /// <summary>The MessageGroupId of the message that is held; its released copy is sent with it.</summary>
    public string? MessageGroup { get; init; }

    public string? Owner { get; init; }
    public string? LastReason { get; init; }
    public bool MayExist { get; init; }
    public long Attempts { get; init; }
    public long? ReleaseAtMs { get; init; }
    public DateTimeOffset? ReleaseAt => ReleaseAtMs is { } ms ? DateTimeOffset.FromUnixTimeMilliseconds(ms) : null;

    /// <summary>Counts the waits of the task: each hold and each move of a held or queued task is another.</summary>
    public long? WaitNumber { get; init; }

    public DateTimeOffset? LeaseEnd { get; init; }

    /// <summary>When the task is to start: its request's time, or the one of the last accepted reschedule.</summary>
    public DateTimeOffset? ScheduledTime { get; init; }

    /// <summary>When that reschedule was sent.</summary>
    public DateTimeOffset? MovedAt { get; init; }

    /// <summary>
    /// The time that Connect has been told, while it differs from <see cref="ScheduledTime"/>; null if both agree.
    /// </summary>
    public DateTimeOffset? ToldAt { get; init; }

    /// <summary>The end of the lease of the command that is changing the contact in Connect.</summary>
    public DateTimeOffset? ChangeLeaseEnd { get; init; }

    /// <summary>
    /// The first claim of the present request that led to a real try; of a started task that is being moved in Connect,
    /// the first try of the move.
    /// </summary>
    public DateTimeOffset? FirstTried { get; init; }

    /// <summary>When a command first found that it has to wait: for the task's request, or for its contact.</summary>
    public DateTimeOffset? AwaitedSince { get; init; }

    public DateTimeOffset? Created { get; init; }
    public DateTimeOffset? Updated { get; init; }
    public long? TtlEpochSeconds { get; init; }
    public long Version { get; init; } = CurrentVersion;
    public long FingerprintVersion { get; init; } = RequestFingerprint.FormVersion;

    /// <summary>Written by a later version of this code, whose rules are not known here.</summary>
    public bool IsNewer => Version > CurrentVersion || FingerprintVersion > RequestFingerprint.FormVersion;

    /// <summary>Left over from a request that was refused: nothing of it counts any more.</summary>
    public bool IsForgotten => State == States.Released && Fingerprint is null && MovedAt is null;

    /// <summary>There is no item any more; it was there a moment ago.</summary>
    public bool IsGone { get; init; }

    /// <summary>TTL deletes late, by days at worst: what has expired counts as gone.</summary>
    public bool IsExpired(DateTimeOffset now) => TtlEpochSeconds < now.ToUnixTimeSeconds();

    public static LedgerItem? From(Dictionary<string, AttributeValue>? item) =>
        item is null or { Count: 0 } ? null : Read(item);

    private static LedgerItem Read(Dictionary<string, AttributeValue> item) => new()
    {
        Key = Text(item, "pk") ?? "",
        State = Text(item, "state") ?? "",
        Fingerprint = Text(item, "fingerprint"),
        ContactId = Text(item, "contactId"),
        Request = Text(item, "requestJson"),
        MessageGroup = Text(item, "messageGroup"),
        Owner = Text(item, "owner"),
        LastReason = Text(item, "lastReason"),
        MayExist = item.ContainsKey("mayExist"),
        Attempts = Whole(item, "attempts") ?? 0,
        ReleaseAtMs = Whole(item, "releaseAtMs"),
        WaitNumber = Whole(item, "waitNumber"),
        LeaseEnd = Time(item, "leaseUntilMs"),
        ScheduledTime = Time(item, "scheduledAtMs"),
        MovedAt = Time(item, "movedAtMs"),
        ToldAt = Time(item, "toldAtMs"),
        ChangeLeaseEnd = Time(item, "changeUntilMs"),
        FirstTried = Time(item, "firstTriedMs"),
        AwaitedSince = Time(item, "awaitedMs"),
        Created = Time(item, "createdMs"),
        Updated = Time(item, "updatedMs"),
        TtlEpochSeconds = Whole(item, "ttlEpochSeconds"),
        // Items of the first version have neither.
        Version = Whole(item, "itemVersion") ?? 1,
        FingerprintVersion = Whole(item, "fingerprintVersion") ?? 1,
    };

    /// <summary>
    /// The shard of a task: the same in every version of this code, or held tasks would be left behind.
    /// </summary>
    public static string ShardOf(string key) =>
        (SHA256.HashData(Encoding.UTF8.GetBytes(key))[0] % DueShards).ToString(CultureInfo.InvariantCulture);

    public static AttributeValue Number(long number) => new() { N = number.ToString(CultureInfo.InvariantCulture) };

    public static AttributeValue Milliseconds(DateTimeOffset time) => Number(time.ToUnixTimeMilliseconds());

    private static string? Text(Dictionary<string, AttributeValue> item, string name) =>
        item.TryGetValue(name, out var value) ? value.S : null;

    private static long? Whole(Dictionary<string, AttributeValue> item, string name) =>
        item.TryGetValue(name, out var value)
        && long.TryParse(value.N, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;

    private static DateTimeOffset? Time(Dictionary<string, AttributeValue> item, string name) =>
        Whole(item, name) is { } ms and >= 0 and < 253_402_300_800_000
            ? DateTimeOffset.FromUnixTimeMilliseconds(ms)
            : null;

    /// <summary>The states of a task. Anything else counts as in flight.</summary>
    public static class States
    {
        /// <summary>A reschedule came before the request: its time is kept for the request.</summary>
        public const string Awaited = nameof(Awaited);

        public const string Starting = nameof(Starting);
        public const string Started = nameof(Started);
        public const string Released = nameof(Released);
        public const string Held = nameof(Held);
        public const string Queued = nameof(Queued);
        public const string Cancelled = nameof(Cancelled);
    }
}
