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

    public required string Key { get; init; }
    public required string State { get; init; }
    public string? Fingerprint { get; init; }
    public string? ContactId { get; init; }
    public string? Request { get; init; }
    public string? LastReason { get; init; }
    public bool MayExist { get; init; }
    public long Attempts { get; init; }
    public long? ReleaseAtMs { get; init; }
    public DateTimeOffset? ReleaseAt => ReleaseAtMs is { } ms ? DateTimeOffset.FromUnixTimeMilliseconds(ms) : null;
    public DateTimeOffset? LeaseEnd { get; init; }
    public DateTimeOffset? ScheduledTime { get; init; }
    public DateTimeOffset? MovedAt { get; init; }
    public DateTimeOffset? Created { get; init; }
    public DateTimeOffset? Updated { get; init; }
    public long? TtlEpochSeconds { get; init; }

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
        LastReason = Text(item, "lastReason"),
        MayExist = item.ContainsKey("mayExist"),
        Attempts = Whole(item, "attempts") ?? 0,
        ReleaseAtMs = Whole(item, "releaseAtMs"),
        LeaseEnd = Time(item, "leaseUntilMs"),
        ScheduledTime = Time(item, "scheduledAtMs"),
        MovedAt = Time(item, "movedAtMs"),
        Created = Time(item, "createdMs"),
        Updated = Time(item, "updatedMs"),
        TtlEpochSeconds = Whole(item, "ttlEpochSeconds"),
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
        public const string Starting = nameof(Starting);
        public const string Started = nameof(Started);
        public const string Released = nameof(Released);
        public const string Held = nameof(Held);
        public const string Queued = nameof(Queued);
        public const string Cancelled = nameof(Cancelled);
    }
}
