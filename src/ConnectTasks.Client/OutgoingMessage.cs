using System.Text;
using Amazon.SQS.Model;

namespace ConnectTasks.Client;

/// <summary>A message that is ready to be sent, or what is wrong with it.</summary>
internal sealed record OutgoingMessage
{
    public const string AttributeType = "String";

    public required int Index { get; init; }

    public TaskRequest? Request { get; init; }

    public string Body { get; init; } = "";

    public IReadOnlyDictionary<string, string> Attributes { get; init; } = new Dictionary<string, string>();

    public string? GroupId { get; init; }

    public string? DeduplicationId { get; init; }

    public int? DelaySeconds { get; init; }

    /// <summary>What SQS counts: body and attributes, in UTF-8 bytes.</summary>
    public int Bytes { get; init; }

    /// <summary>If there are any, the message is not sent.</summary>
    public IReadOnlyList<Violation> Violations { get; init; } = [];

    public bool IsValid => Violations.Count == 0;

    public static int Measure(string body, IReadOnlyDictionary<string, string> attributes) =>
        Encoding.UTF8.GetByteCount(body) + attributes.Sum(a =>
            Encoding.UTF8.GetByteCount(a.Key) + AttributeType.Length + Encoding.UTF8.GetByteCount(a.Value));

    public SendMessageBatchRequestEntry ToEntry(string id) => new()
    {
        Id = id,
        MessageBody = Body,
        DelaySeconds = DelaySeconds,
        MessageGroupId = GroupId,
        MessageDeduplicationId = DeduplicationId,
        MessageAttributes = Attributes.Count == 0
            ? null
            : Attributes.ToDictionary(
                a => a.Key, a => new MessageAttributeValue { DataType = AttributeType, StringValue = a.Value }),
    };

    public SendResult ToResult(SendStatus status) =>
        new() { Index = Index, Request = Request, Status = status, Violations = Violations };
}
