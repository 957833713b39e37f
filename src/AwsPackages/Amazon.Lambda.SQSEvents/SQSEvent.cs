namespace Amazon.Lambda.SQSEvents;

/// <summary>A batch of messages that Lambda's event source mapping has received from one queue.</summary>
public class SQSEvent
{
    /// <summary>The messages: 1 to 10, or up to 10,000 with a batching window.</summary>
    public List<SQSMessage>? Records { get; set; }

    /// <summary>One message.</summary>
    public class SQSMessage
    {
        /// <summary>The id that SQS gave the message when it was sent; redelivery keeps it, redrive does not.</summary>
        public string? MessageId { get; set; }

        /// <summary>The handle of this receive, for deleting the message or changing its visibility.</summary>
        public string? ReceiptHandle { get; set; }

        /// <summary>The body as it was sent.</summary>
        public string? Body { get; set; }

        /// <summary>The MD5 digest of the body, in hexadecimal.</summary>
        public string? Md5OfBody { get; set; }

        /// <summary>The MD5 digest of the message attributes, in hexadecimal; null without attributes.</summary>
        public string? Md5OfMessageAttributes { get; set; }

        /// <summary>The ARN of the queue.</summary>
        public string? EventSourceArn { get; set; }

        /// <summary><c>aws:sqs</c>.</summary>
        public string? EventSource { get; set; }

        /// <summary>The queue's Region.</summary>
        public string? AwsRegion { get; set; }

        /// <summary>
        /// System attributes: ApproximateReceiveCount, SentTimestamp and ApproximateFirstReceiveTimestamp (both in
        /// milliseconds since 1970), SenderId; in FIFO queues also MessageGroupId, MessageDeduplicationId and
        /// SequenceNumber.
        /// </summary>
        public Dictionary<string, string>? Attributes { get; set; }

        /// <summary>The sender's own attributes.</summary>
        public Dictionary<string, MessageAttribute>? MessageAttributes { get; set; }
    }

    /// <summary>One attribute that a sender put on a message.</summary>
    public class MessageAttribute
    {
        /// <summary>The value, if the type is String or Number.</summary>
        public string? StringValue { get; set; }

        /// <summary>The value, if the type is Binary.</summary>
        public MemoryStream? BinaryValue { get; set; }

        /// <summary>Reserved by SQS.</summary>
        public List<string>? StringListValues { get; set; }

        /// <summary>Reserved by SQS.</summary>
        public List<MemoryStream>? BinaryListValues { get; set; }

        /// <summary>String, Number or Binary, with an optional label after a dot.</summary>
        public string? DataType { get; set; }
    }
}
