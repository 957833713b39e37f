using System.Text.Json;
using Amazon.SQS.Model;
using ConnectTasks.Local;

namespace ConnectTasks.Tests.Local;

public sealed class SqsEventWriterTests
{
    private const string QueueArn = "arn:aws:sqs:eu-central-1:000000000000:tasks.fifo";

    [Fact]
    public void A_record_has_the_names_order_and_shapes_of_Lambdas_event()
    {
        var message = new Message
        {
            MessageId = "m1",
            ReceiptHandle = "handle",
            Body = """{"Name":"Zoë <b>&"}""",
            MD5OfBody = "0cc175b9c0f1b6a831c399e269772661",
            MD5OfMessageAttributes = "92eb5ffee6ae2fec3ad71c777531578f",
            Attributes = new Dictionary<string, string>
            {
                ["ApproximateReceiveCount"] = "2",
                ["AWSTraceHeader"] = "Root=1-2-3",
                ["SentTimestamp"] = "1800000000000",
                ["SequenceNumber"] = "18849496460467696128",
                ["MessageGroupId"] = "g-7",
                ["SenderId"] = "AIDA",
                ["MessageDeduplicationId"] = "d",
                ["ApproximateFirstReceiveTimestamp"] = "1800000000001",
            },
            MessageAttributes = new Dictionary<string, MessageAttributeValue>
            {
                ["text"] = new() { DataType = "String", StringValue = "a" },
                ["bytes"] = new() { DataType = "Binary", BinaryValue = new MemoryStream([1, 2, 255]) },
                ["number"] = new() { DataType = "Number.int", StringValue = "5" },
            },
        };

        Assert.Equal(
            """
            {"Records":[{"messageId":"m1","receiptHandle":"handle","body":"{\"Name\":\"Zoë <b>&\"}",
            "attributes":{"ApproximateReceiveCount":"2","AWSTraceHeader":"Root=1-2-3","SentTimestamp":"1800000000000",
            "SequenceNumber":"18849496460467696128","MessageGroupId":"g-7","SenderId":"AIDA",
            "MessageDeduplicationId":"d",
            "ApproximateFirstReceiveTimestamp":"1800000000001"},
            "messageAttributes":{
            "text":{"stringValue":"a","stringListValues":[],"binaryListValues":[],"dataType":"String"},
            "bytes":{"binaryValue":"AQL/","stringListValues":[],"binaryListValues":[],"dataType":"Binary"},
            "number":{"stringValue":"5","stringListValues":[],"binaryListValues":[],"dataType":"Number.int"}},
            "md5OfMessageAttributes":"92eb5ffee6ae2fec3ad71c777531578f","md5OfBody":"0cc175b9c0f1b6a831c399e269772661",
            "eventSource":"aws:sqs","eventSourceARN":"arn:aws:sqs:eu-central-1:000000000000:tasks.fifo",
            "awsRegion":"eu-central-1"}]}
            """.ReplaceLineEndings(""),
            SomeFunction.Text(SqsEventWriter.Write([message], QueueArn)));
    }

    [Fact]
    public void A_record_without_attributes_has_empty_objects()
    {
        var message = new Message { MessageId = "m1", ReceiptHandle = "handle", Body = "x", MD5OfBody = "md5" };

        Assert.Equal(
            """{"Records":[{"messageId":"m1","receiptHandle":"handle","body":"x","attributes":{},""" +
            "\"messageAttributes\":{},\"md5OfBody\":\"md5\",\"eventSource\":\"aws:sqs\"," +
            $"\"eventSourceARN\":\"{QueueArn}\",\"awsRegion\":\"eu-central-1\"}}]}}",
            SomeFunction.Text(SqsEventWriter.Write([message], QueueArn)));
    }

    [Theory]
    [InlineData("\"&<>'\t\r\n\\ \u0001 \U0001F600 \u2028 \u00e9")]
    [InlineData("&quot;already&amp;escaped&quot;")]
    [InlineData("")]
    [InlineData("not json {")]
    public void The_body_arrives_byte_for_byte(string body)
    {
        var message = new Message { MessageId = "m1", ReceiptHandle = "handle", Body = body, MD5OfBody = "md5" };

        using var written = JsonDocument.Parse(SqsEventWriter.Write([message], QueueArn));

        Assert.Equal(body, written.RootElement.GetProperty("Records")[0].GetProperty("body").GetString());
    }
}
