namespace ConnectTasks.Client;

/// <summary>What goes with a message beside its body.</summary>
public sealed record SendOptions
{
    /// <summary>The longest <see cref="Delay"/>, in seconds: the limit of SQS's DelaySeconds.</summary>
    public const int DelayMaxSeconds = 900;

    /// <summary>
    /// The most <see cref="MessageAttributes"/>: SQS takes 10 on a message, two of which the trace context needs.
    /// </summary>
    public const int MessageAttributesMaxCount = 8;

    /// <summary>
    /// The most <see cref="MessageAttributes"/> of a cancellation or a rescheduling, which needs one more for itself:
    /// <see cref="TaskMessageAttributes.SentAt"/>.
    /// </summary>
    public const int CommandMessageAttributesMaxCount = MessageAttributesMaxCount - 1;

    /// <summary>
    /// How long SQS hides the message after it is sent: 0 to 900 seconds, a fraction rounded up. <c>null</c>, the
    /// default, leaves it to the queue's own setting. It is not for scheduling: for that there is
    /// <see cref="TaskRequest.ScheduledTime"/>. FIFO queues take none.
    /// </summary>
    public TimeSpan? Delay { get; init; }

    /// <summary>
    /// The message group: 1 to 128 letters, digits and punctuation marks of ASCII. On a FIFO queue the messages of one
    /// group are processed in order, one after the other, so that one that has to be retried holds up the rest;
    /// <c>null</c>, the default, gives every task a group of its own, in which its cancellation and its rescheduling
    /// stay behind it. If you give a group, give the same one when you cancel or reschedule. On a standard queue it is
    /// passed on if it is given, also to a dead letter and back, and means no order: SQS's fair queues share the queue
    /// between groups, so that one with many messages does not make the others wait.
    /// </summary>
    public string? MessageGroupId { get; init; }

    /// <summary>
    /// Message attributes of the data type String, at most <see cref="MessageAttributesMaxCount"/>, with a cancellation
    /// or a rescheduling at most <see cref="CommandMessageAttributesMaxCount"/>; the task function passes over them.
    /// Names have 1 to 256 letters, digits, <c>_</c>, <c>-</c> and <c>.</c> (not first or last or twice in a row), and
    /// start with neither <c>AWS.</c>, <c>Amazon.</c> nor <c>ConnectTasks.</c>; values are not empty. Names and values
    /// count towards <see cref="TaskQueueOptions.MessageMaxBytes"/>. <c>traceparent</c> and <c>tracestate</c> are added
    /// from the current <see cref="System.Diagnostics.Activity"/>; given here, they replace those and do not count
    /// towards the limit. Of a message that is dead-lettered, as many are kept as fit beside the three of
    /// <see cref="DeadLetterAttributes"/>.
    /// </summary>
    public IReadOnlyDictionary<string, string>? MessageAttributes { get; init; }
}
