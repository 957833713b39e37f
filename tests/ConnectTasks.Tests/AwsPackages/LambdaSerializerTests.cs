using System.Text;
using Amazon.Lambda.Serialization.SystemTextJson;
using Amazon.Lambda.SQSEvents;

namespace ConnectTasks.Tests.AwsPackages;

/// <summary>The JSON of events and responses. Holds for the official packages too.</summary>
public sealed class LambdaSerializerTests
{
    private readonly SourceGeneratorLambdaJsonSerializer<TestJson> _serializer = new();

    [Fact]
    public void Every_member_of_an_SQS_event_is_read_under_Lambdas_name_for_it()
    {
        var message = Read("""
            {"Records":[{
              "messageId":"m-1","receiptHandle":"r-1","body":"{\"a\":1}",
              "attributes":{"ApproximateReceiveCount":"3","SentTimestamp":"1800000000000"},
              "messageAttributes":{
                "text":{"stringValue":"s","stringListValues":[],"binaryListValues":[],"dataType":"String"},
                "bytes":{"binaryValue":"AQID","dataType":"Binary"}},
              "md5OfBody":"b5","md5OfMessageAttributes":"a5",
              "eventSource":"aws:sqs","eventSourceARN":"arn:aws:sqs:eu-central-1:1:q","awsRegion":"eu-central-1",
              "somethingNew":{"x":[1]}}]}
            """).Records!.Single();

        Assert.Equal(("m-1", "r-1", "{\"a\":1}"), (message.MessageId, message.ReceiptHandle, message.Body));
        Assert.Equal("3", message.Attributes!["ApproximateReceiveCount"]);
        Assert.Equal(("b5", "a5"), (message.Md5OfBody, message.Md5OfMessageAttributes));
        Assert.Equal(
            ("aws:sqs", "arn:aws:sqs:eu-central-1:1:q", "eu-central-1"),
            (message.EventSource, message.EventSourceArn, message.AwsRegion));
        Assert.Equal("s", message.MessageAttributes!["text"].StringValue);
        Assert.Equal([1, 2, 3], message.MessageAttributes["bytes"].BinaryValue!.ToArray());
        Assert.Equal("Binary", message.MessageAttributes["bytes"].DataType);
    }

    [Fact]
    public void A_response_escapes_only_what_JSON_asks_for()
    {
        using var stream = new MemoryStream();
        _serializer.Serialize(
            new SQSBatchResponse([new() { ItemIdentifier = "é+<&>'\"" }]), stream);

        var json = Encoding.UTF8.GetString(stream.ToArray());
        Assert.Equal("""{"batchItemFailures":[{"itemIdentifier":"é+<&>'\""}]}""", json);
    }

    [Fact]
    public void A_type_that_the_context_does_not_name_is_an_error_that_says_so()
    {
        using var stream = new MemoryStream("{}"u8.ToArray());

        var error = Assert.Throws<JsonSerializerException>(() => _serializer.Deserialize<Version>(stream));

        Assert.Contains("System.Version", error.Message);
        Assert.Contains(nameof(TestJson), error.Message);
    }

    private SQSEvent Read(string json)
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(json));
        return _serializer.Deserialize<SQSEvent>(stream);
    }
}
