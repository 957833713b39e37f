using System.Globalization;
using Amazon.Lambda.SQSEvents;

namespace ConnectTasks.Lambda;

/// <summary>
/// One delivery of one message of the task queue: what SQS says of it, with defaults for what it does not.
/// </summary>
internal sealed record Message
{
    /// <summary>How many reasons a dead letter's origin remembers.</summary>
    private const int MaxHistory = 10;

    /// <summary>More than clocks differ, or SQS delays a message.</summary>
    private static readonly TimeSpan MaxStampSkew = TimeSpan.FromHours(1);

    public required string MessageId { get; init; }

    public required string ReceiptHandle { get; init; }

    public required string Body { get; init; }

    public required string QueueArn { get; init; }

    /// <summary>
    /// Deliveries so far, this one included; at least 1. Approximate, so nothing permanent hangs on it.
    /// </summary>
    public required int ReceiveCount { get; init; }

    /// <summary>When the producer sent it; null if SQS did not say.</summary>
    public required DateTimeOffset? SentAt { get; init; }

    /// <summary>When it was first delivered; null if SQS did not say.</summary>
    public required DateTimeOffset? FirstReceivedAt { get; init; }

    /// <summary>
    /// The message group: an order on a FIFO queue; on a standard queue only a name to share the queue fairly by. Null
    /// if it has none.
    /// </summary>
    public required string? GroupId { get; init; }

    public required IReadOnlyDictionary<string, SQSEvent.MessageAttribute> Attributes { get; init; }

    /// <summary>
    /// The message's first id: a redriven dead letter has a new one, and a token derived from its id must not change.
    /// </summary>
    public string OriginalMessageId => Origin?.MessageId ?? MessageId;

    /// <summary>The queue that it was first received from: the other half of a derived token.</summary>
    public string OriginalQueueArn => Origin is { QueueArn.Length: > 0 } origin ? origin.QueueArn : QueueArn;

    /// <summary>When the producer sent it, before any redrive; null if that is not known.</summary>
    /// <remarks>
    /// A redrive by our tool keeps the time in the origin. One in the console makes a new message: then the client's
    /// stamp tells, which is the sender's own clock and counts only where it differs by more than clocks do.
    /// </remarks>
    public DateTimeOffset? OriginallySentAt =>
        Origin is { SentAtMs: > 0 and <= MaxUnixMilliseconds } origin
            ? DateTimeOffset.FromUnixTimeMilliseconds(origin.SentAtMs)
            : Stamp is { } stamp && SentAt - stamp > MaxStampSkew ? stamp : SentAt;

    private DateTimeOffset? Stamp => TaskMessageAttributes.ParseSentAt(Text(TaskMessageAttributes.SentAt));

    /// <summary>Of the copy that the release function sent: the wait that it ends. Else null.</summary>
    public ReleasedCopy? Copy
    {
        get
        {
            // "{time of release}/{number of the wait}", or the time alone.
            if (Text(Queues.ReleasedAttribute)?.Split('/') is not { Length: 1 or 2 } parts
                || Milliseconds(parts[0]) is not { } releasedAt)
            {
                return null;
            }

            return new ReleasedCopy(
                releasedAt,
                parts.Length == 2
                && long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                    ? number
                    : null);
        }
    }

    private string? Text(string attribute) =>
        Attributes.TryGetValue(attribute, out var value) ? value?.StringValue : null;

    private static DateTimeOffset? Milliseconds(string? text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var ms)
        && ms is > 0 and <= MaxUnixMilliseconds
            ? DateTimeOffset.FromUnixTimeMilliseconds(ms)
            : null;

    private DeadLetterOrigin? Origin => DeadLetterOrigin.Parse(Text(DeadLetterAttributes.Origin));

    /// <summary>
    /// What a dead letter of this message says of its origin; an earlier one's history goes on in it.
    /// </summary>
    public DeadLetterOrigin OriginAfter(Outcome outcome, DateTimeOffset now)
    {
        var earlier = Origin;
        return new DeadLetterOrigin
        {
            MessageId = OriginalMessageId,
            QueueArn = OriginalQueueArn,
            SentAtMs = OriginallySentAt?.ToUnixTimeMilliseconds() ?? 0,
            ReceiveCount = ReceiveCount + (earlier?.ReceiveCount ?? 0),
            ClientToken = outcome.ClientToken,
            ConnectRequestId = outcome.ConnectRequestId,
            History =
            [
                .. (earlier?.History ?? []).TakeLast(MaxHistory - 1),
                new DeadLetterReason(outcome.Reason, now.ToUnixTimeMilliseconds()),
            ],
        };
    }

    /// <summary>
    /// The trace that the message belongs to: the producer's <c>traceparent</c>, else X-Ray's AWSTraceHeader. Null if
    /// it has none, or one that does not look like a trace's.
    /// </summary>
    public string? TraceId =>
        TraceOf(Attributes.ContainsKey("traceparent") ? Text("traceparent") : TraceHeader);

    /// <summary>X-Ray's header, as SQS hands it on; null if there is none.</summary>
    public required string? TraceHeader { get; init; }

    private static string? TraceOf(string? header) =>
        header is { Length: > 0 and <= 200 }
        && header.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '=' or ';' or ':')
            ? header
            : null;

    /// <summary>Reads one record; never throws, whatever is missing from it.</summary>
    public static Message From(SQSEvent.SQSMessage record)
    {
        var system = record.Attributes;
        return new Message
        {
            MessageId = record.MessageId ?? "",
            ReceiptHandle = record.ReceiptHandle ?? "",
            Body = record.Body ?? "",
            QueueArn = record.EventSourceArn ?? "",
            ReceiveCount = Math.Max(1, (int)Math.Min(int.MaxValue, Number(system, "ApproximateReceiveCount") ?? 1)),
            SentAt = Time(system, "SentTimestamp"),
            FirstReceivedAt = Time(system, "ApproximateFirstReceiveTimestamp"),
            GroupId = system is not null && system.TryGetValue("MessageGroupId", out var group) ? group : null,
            TraceHeader = system is not null && system.TryGetValue("AWSTraceHeader", out var trace) ? trace : null,
            Attributes = record.MessageAttributes ?? [],
        };
    }

    private static DateTimeOffset? Time(Dictionary<string, string>? attributes, string name) =>
        attributes is not null && attributes.TryGetValue(name, out var text) ? Milliseconds(text) : null;

    private static long? Number(Dictionary<string, string>? attributes, string name) =>
        attributes is not null && attributes.TryGetValue(name, out var text)
        && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;

    /// <summary>The last millisecond that a DateTimeOffset can hold.</summary>
    private const long MaxUnixMilliseconds = 253_402_300_799_999;
}
