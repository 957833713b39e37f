using System.Text.Json;
using System.Text.Json.Serialization;

namespace ConnectTasks;

/// <summary>
/// The message attributes that a dead letter carries beside its unchanged body; all of the data type <c>String</c>.
/// </summary>
public static class DeadLetterAttributes
{
    /// <summary>What the name of each of these attributes begins with.</summary>
    public const string Prefix = "ConnectTasks.";

    /// <summary>
    /// Why the message is here: a dotted code such as <c>Rejected.UnknownProperty</c>, <c>TokenReused</c>,
    /// <c>Refused.InvalidParameterException</c> or <c>Exhausted.Throttled</c>.
    /// </summary>
    public const string Reason = Prefix + "Reason";

    /// <summary>The reason in sentences: what is wrong and what to change. Never a value of the request.</summary>
    public const string Detail = Prefix + "Detail";

    /// <summary>Where the message came from: a <see cref="DeadLetterOrigin"/> as JSON.</summary>
    public const string Origin = Prefix + "Origin";
}

/// <summary>Where a dead letter came from. It goes with the message through a redrive and back.</summary>
/// <remarks>
/// The function adds it when it dead-letters a message, and <c>connect-tasks dlq redrive</c> adds it to a message that
/// SQS itself moved. SQS's own redrive adds nothing: such a message has a new id and a new time of sending.
/// </remarks>
public sealed record DeadLetterOrigin
{
    /// <summary>The id that SQS gave the message when it was first sent.</summary>
    public required string MessageId { get; init; }

    /// <summary>
    /// The ARN of the queue that the message was first received from. Together with <see cref="MessageId"/> it gives
    /// the token of a request without one: see <see cref="TaskKey.DeriveToken"/>. Empty where it is not known.
    /// </summary>
    public required string QueueArn { get; init; }

    /// <summary>When the message was first sent, in milliseconds since the Unix epoch.</summary>
    public required long SentAtMs { get; init; }

    /// <summary>How often the message had been received when it was dead-lettered.</summary>
    public required int ReceiveCount { get; init; }

    /// <summary>The token that the request was processed with, given or derived; <c>null</c> if unreadable.</summary>
    public string? ClientToken { get; init; }

    /// <summary>
    /// The id that Connect gave the call which it refused (<c>x-amzn-RequestId</c>): AWS Support asks for it.
    /// <c>null</c> if no call was refused.
    /// </summary>
    public string? ConnectRequestId { get; init; }

    /// <summary>The reasons that the message was dead-lettered for before, oldest first, or <c>null</c>.</summary>
    public IReadOnlyList<DeadLetterReason>? History { get; init; }

    /// <summary>Writes compact JSON with the properties in camel case, absent ones left out.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, DeadLetterJson.Default.DeadLetterOrigin);

    /// <summary>Reads what <see cref="ToJson"/> wrote. Properties that are not known are ignored.</summary>
    /// <param name="json">The value of the attribute, or <c>null</c>.</param>
    /// <returns>The origin, or <c>null</c> if the text is not one.</returns>
    public static DeadLetterOrigin? Parse(string? json)
    {
        if (json is null)
            return null;
        try
        {
            var origin = JsonSerializer.Deserialize(json, DeadLetterJson.Default.DeadLetterOrigin);
            return origin is { MessageId.Length: > 0, QueueArn: not null } ? origin : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>A reason that a message was dead-lettered for.</summary>
/// <param name="Reason">The code, as in <see cref="DeadLetterAttributes.Reason"/>.</param>
/// <param name="AtMs">When, in milliseconds since the Unix epoch.</param>
public sealed record DeadLetterReason(string Reason, long AtMs);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(DeadLetterOrigin))]
internal sealed partial class DeadLetterJson : JsonSerializerContext;
