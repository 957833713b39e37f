using System.Globalization;
using System.Text.Json.Nodes;

namespace ConnectTasks.Local;

/// <summary>Why SQS does not take a message.</summary>
/// <param name="Code">The code of the query protocol, which SDKs show.</param>
/// <param name="Shape">The error's name in the JSON protocol.</param>
/// <param name="Message">SQS's own sentence.</param>
/// <param name="EntryMessage">The sentence for an entry of a batch, where SQS has another one.</param>
internal sealed record SqsRefusal(string Code, string Shape, string Message, string? EntryMessage = null)
{
    /// <summary>In a batch, SQS refuses all entries for this one.</summary>
    public bool IsOfTheWholeBatch { get; init; }

    public static SqsRefusal InvalidValue(string message, string? entryMessage = null) =>
        new("InvalidParameterValue", "InvalidParameterValueException", message, entryMessage);
}

/// <summary>
/// What SQS refuses of a message that is sent, as far as emulators are known to let it pass. Pure: a message in, a
/// refusal or nothing out. The sentences and codes are those of the service, as recorded by those who asked it:
/// localstack/localstack, tests/aws/services/sqs/test_sqs.snapshot.json; cdklabs/construct-hub #905;
/// aws/aws-sdk-js #3187 (a batch's entry); softwaremill/elasticmq #273 (a delay of 0 to a FIFO queue is taken).
/// </summary>
internal static class SqsRules
{
    public const int AttributesMaxCount = 10;
    private const int DelayMaxSeconds = 900;
    private const int IdMaxLength = 128;
    private const string Punctuation = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";
    private const string WrongQueueType = "The request include parameter that is not valid for this queue type";

    /// <summary>The refusal of one message, or null if SQS takes it.</summary>
    /// <param name="message">The request of SendMessage, or an entry of SendMessageBatch.</param>
    /// <param name="isFifo">The queue's type, which its name tells.</param>
    public static SqsRefusal? Check(JsonObject message, bool isFifo)
    {
        var group = Text(message, "MessageGroupId");
        var deduplication = Text(message, "MessageDeduplicationId");
        if (deduplication is not null && !isFifo)
            return NotOfThisType("MessageDeduplicationId", deduplication);
        if (isFifo && group is null)
        {
            // Of a batch too SQS says this of the request, and with another code.
            const string Missing = "The request must contain the parameter MessageGroupId.";
            return new SqsRefusal("MissingParameter", "MissingRequiredParameterException", Missing)
            {
                IsOfTheWholeBatch = true,
            };
        }

        return CheckId("MessageGroupId", group)
            ?? CheckId("MessageDeduplicationId", deduplication)
            ?? CheckDelay(message, isFifo)
            ?? CheckAttributes(message);
    }

    public static bool IsFifo(string? queueUrl) => queueUrl?.EndsWith(".fifo", StringComparison.Ordinal) == true;

    public static string? Text(JsonObject message, string name) =>
        message[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    private static SqsRefusal? CheckId(string name, string? id) =>
        id is null || (id.Length is >= 1 and <= IdMaxLength
            && id.All(c => char.IsAsciiLetterOrDigit(c) || Punctuation.Contains(c, StringComparison.Ordinal)))
                ? null
                : SqsRefusal.InvalidValue($"Value {id} for parameter {name} is invalid. Reason: {name} can only "
                    + $"include alphanumeric and punctuation characters. 1 to {IdMaxLength} in length.");

    private static SqsRefusal? CheckDelay(JsonObject message, bool isFifo)
    {
        if (message["DelaySeconds"] is not JsonValue value || !value.TryGetValue<int>(out var delay))
            return null;
        var text = delay.ToString(CultureInfo.InvariantCulture);
        if (delay is < 0 or > DelayMaxSeconds)
        {
            return SqsRefusal.InvalidValue($"Value {text} for parameter DelaySeconds is invalid. Reason: DelaySeconds "
                + $"must be >= 0 and <= {DelayMaxSeconds}.");
        }

        return isFifo && delay > 0 ? NotOfThisType("DelaySeconds", text) : null;
    }

    private static SqsRefusal? CheckAttributes(JsonObject message) =>
        message["MessageAttributes"] is JsonObject { Count: > AttributesMaxCount } attributes
            ? SqsRefusal.InvalidValue($"Number of message attributes [{attributes.Count}] exceeds the allowed maximum "
                + $"[{AttributesMaxCount}].")
            : null;

    private static SqsRefusal NotOfThisType(string name, string value) => SqsRefusal.InvalidValue(
        $"Value {value} for parameter {name} is invalid. Reason: {WrongQueueType}.", WrongQueueType);
}
