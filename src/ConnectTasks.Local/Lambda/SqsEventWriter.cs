using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Amazon.SQS.Model;

namespace ConnectTasks.Local;

/// <summary>
/// Writes messages as the event that Lambda gives to a function (developer guide, "Using Lambda with Amazon SQS").
/// </summary>
internal static class SqsEventWriter
{
    // Lambda writes text as it is; only what JSON demands is escaped.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes the event's UTF-8 JSON.</summary>
    /// <param name="messages">The messages, received with all attributes.</param>
    /// <param name="queueArn">The queue's ARN.</param>
    public static ReadOnlyMemory<byte> Write(IEnumerable<Message> messages, string queueArn)
    {
        var region = queueArn.Split(':')[3];
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Options))
        {
            writer.WriteStartObject();
            writer.WriteStartArray("Records");
            foreach (var message in messages)
                WriteRecord(writer, message, queueArn, region);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }
        return buffer.WrittenMemory;
    }

    private static void WriteRecord(Utf8JsonWriter writer, Message message, string queueArn, string region)
    {
        writer.WriteStartObject();
        writer.WriteString("messageId", message.MessageId);
        writer.WriteString("receiptHandle", message.ReceiptHandle);
        writer.WriteString("body", message.Body);
        writer.WriteStartObject("attributes");
        foreach (var (name, value) in message.Attributes ?? [])
            writer.WriteString(name, value);
        writer.WriteEndObject();
        writer.WriteStartObject("messageAttributes");
        foreach (var (name, value) in message.MessageAttributes ?? [])
            WriteAttribute(writer, name, value);
        writer.WriteEndObject();
        if (message.MD5OfMessageAttributes is not null)
            writer.WriteString("md5OfMessageAttributes", message.MD5OfMessageAttributes);
        writer.WriteString("md5OfBody", message.MD5OfBody);
        writer.WriteString("eventSource", "aws:sqs");
        writer.WriteString("eventSourceARN", queueArn);
        writer.WriteString("awsRegion", region);
        writer.WriteEndObject();
    }

    private static void WriteAttribute(Utf8JsonWriter writer, string name, MessageAttributeValue value)
    {
        writer.WriteStartObject(name);
        if (value.StringValue is not null)
            writer.WriteString("stringValue", value.StringValue);
        if (value.BinaryValue is not null)
            writer.WriteBase64String("binaryValue", value.BinaryValue.ToArray());
        writer.WriteStartArray("stringListValues");
        foreach (var item in value.StringListValues ?? [])
            writer.WriteStringValue(item);
        writer.WriteEndArray();
        writer.WriteStartArray("binaryListValues");
        foreach (var item in value.BinaryListValues ?? [])
            writer.WriteBase64StringValue(item.ToArray());
        writer.WriteEndArray();
        writer.WriteString("dataType", value.DataType);
        writer.WriteEndObject();
    }
}
