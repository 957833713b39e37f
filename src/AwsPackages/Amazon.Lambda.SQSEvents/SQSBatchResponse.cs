using System.Text.Json.Serialization;

namespace Amazon.Lambda.SQSEvents;

/// <summary>
/// The messages of a batch that Lambda must not delete, where the event source mapping reports batch item failures.
/// An empty list means that all succeeded.
/// </summary>
public class SQSBatchResponse
{
    /// <summary>A response without failures.</summary>
    public SQSBatchResponse()
        : this([])
    {
    }

    /// <summary>A response with these failures.</summary>
    public SQSBatchResponse(List<BatchItemFailure> batchItemFailures) => BatchItemFailures = batchItemFailures;

    // Lambda knows only this spelling: with another one it takes the response for "all succeeded", and deletes them.
    /// <summary>The failed messages.</summary>
    [JsonPropertyName("batchItemFailures")]
    public List<BatchItemFailure> BatchItemFailures { get; set; }

    /// <summary>One failed message.</summary>
    public class BatchItemFailure
    {
        /// <summary>The message's <see cref="SQSEvent.SQSMessage.MessageId"/>.</summary>
        [JsonPropertyName("itemIdentifier")]
        public string? ItemIdentifier { get; set; }
    }
}
