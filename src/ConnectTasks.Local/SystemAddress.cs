using System.Text.Json.Serialization;

namespace ConnectTasks.Local;

/// <summary>Where the parts of a system on this machine are found.</summary>
internal sealed record SystemAddress
{
    [JsonPropertyName("sqs")]
    public required string Sqs { get; init; }

    [JsonPropertyName("dynamodb")]
    public required string DynamoDb { get; init; }

    [JsonPropertyName("connect")]
    public required string Connect { get; init; }

    [JsonPropertyName("queueUrl")]
    public required string QueueUrl { get; init; }

    [JsonPropertyName("deadLetterQueueUrl")]
    public required string DeadLetterQueueUrl { get; init; }

    [JsonPropertyName("table")]
    public required string Table { get; init; }

    /// <summary>The page that shows all of it; null without one.</summary>
    [JsonPropertyName("page")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Page { get; init; }

    [JsonPropertyName("region")]
    public required string Region { get; init; }
}
