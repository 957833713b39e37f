using System.Text.Json;
using System.Text.Json.Serialization;

namespace ConnectTasks;

/// <summary>The message attributes that a dead letter carries beside the unchanged body and the producer's own.</summary>
public static class DeadLetterAttributes
{
    /// <summary>All of ours begin with this; those of producers should not.</summary>
    public const string Prefix = "ConnectTasks.";

    /// <summary>Why it lies there, as a dotted code such as <c>Rejected.TooLong</c>.</summary>
    public const string Reason = Prefix + "Reason";

    /// <summary>Why it lies there and what to do, in sentences.</summary>
    public const string Detail = Prefix + "Detail";

    /// <summary>Where it came from: see <see cref="DeadLetterOrigin"/>.</summary>
    public const string Origin = Prefix + "Origin";
}

/// <summary>Where a dead letter came from. It survives a redrive and a second dead letter.</summary>
public sealed record DeadLetterOrigin
{
    /// <summary>How many reasons of the past are kept.</summary>
    public const int MaxHistory = 10;

    /// <summary>The message's first id in the task queue.</summary>
    public required string MessageId { get; init; }

    /// <summary>The ARN of the task queue.</summary>
    public required string QueueArn { get; init; }

    /// <summary>When the producer sent it, in Unix epoch milliseconds; 0 if that is not known.</summary>
    public long SentAtMs { get; init; }

    /// <summary>How often it has been received, over all its redrives.</summary>
    public int ReceiveCount { get; init; }

    /// <summary>The task's token, if the request could be read.</summary>
    public string? ClientToken { get; init; }

    /// <summary>Why and when it was dead-lettered, the newest last; at most <see cref="MaxHistory"/>.</summary>
    public IReadOnlyList<DeadLetterEvent> History { get; init; } = [];

    /// <summary>Reads the attribute's value; null if it is none of ours.</summary>
    public static DeadLetterOrigin? Read(string? json)
    {
        try
        {
            return string.IsNullOrEmpty(json)
                ? null
                : JsonSerializer.Deserialize(json, DeadLetterJson.Default.DeadLetterOrigin);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The attribute's value.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, DeadLetterJson.Default.DeadLetterOrigin);
}

/// <summary>One time that a message was dead-lettered.</summary>
/// <param name="Reason">The reason's code.</param>
/// <param name="AtMs">When, in Unix epoch milliseconds.</param>
public sealed record DeadLetterEvent(string Reason, long AtMs);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(DeadLetterOrigin))]
internal sealed partial class DeadLetterJson : JsonSerializerContext;
