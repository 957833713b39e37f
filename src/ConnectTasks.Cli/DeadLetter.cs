using Amazon.SQS;
using Amazon.SQS.Model;

namespace ConnectTasks.Cli;

/// <summary>A message on the dead-letter queue, with the reason beside it.</summary>
internal sealed record DeadLetter
{
    private const int MessagesAtOnce = 10;

    public required string MessageId { get; init; }

    public required string Body { get; init; }

    /// <summary>The reason's code; null for a message that SQS moved there by itself.</summary>
    public string? Reason { get; init; }

    /// <summary>The reason in sentences.</summary>
    public string? Detail { get; init; }

    public DeadLetterOrigin? Origin { get; init; }

    /// <summary>Reads all that lies there. The messages stay, hidden for ten minutes.</summary>
    public static async Task<IReadOnlyList<DeadLetter>> ReadAllAsync(
        IAmazonSQS sqs, string queueUrl, CancellationToken cancellation)
    {
        var request = new ReceiveMessageRequest
        {
            QueueUrl = queueUrl,
            MaxNumberOfMessages = MessagesAtOnce,
            MessageAttributeNames = ["All"],
            VisibilityTimeout = 600,
        };
        var letters = new List<DeadLetter>();
        while ((await sqs.ReceiveMessageAsync(request, cancellation)).Messages is { Count: > 0 } messages)
            letters.AddRange(messages.Select(Read));
        return letters;
    }

    private static DeadLetter Read(Message message)
    {
        string? Attribute(string name) => message.MessageAttributes?.GetValueOrDefault(name)?.StringValue;
        return new DeadLetter
        {
            MessageId = message.MessageId,
            Body = message.Body,
            Reason = Attribute(DeadLetterAttributes.Reason),
            Detail = Attribute(DeadLetterAttributes.Detail),
            Origin = DeadLetterOrigin.Parse(Attribute(DeadLetterAttributes.Origin)),
        };
    }
}
