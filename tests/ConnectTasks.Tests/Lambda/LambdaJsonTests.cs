using System.Text;
using Amazon.Lambda.SQSEvents;
using ConnectTasks.Lambda;

namespace ConnectTasks.Tests.Lambda;

/// <summary>Events that are not as Lambda makes them. With official packages, too.</summary>
public sealed class LambdaJsonTests
{
    [Theory]
    [InlineData("null")]
    [InlineData("17")]
    [InlineData("[]")]
    [InlineData("""{"binaryValue":"%","dataType":"Binary"}""")]
    [InlineData("""{"binaryValue":17,"dataType":"Binary"}""")]
    [InlineData("""{"stringValue":{"x":[1]},"dataType":"String"}""")]
    [InlineData("""{"binaryListValues":["%"],"dataType":"Binary"}""")]
    public void An_attribute_that_can_not_be_read_is_left_out_and_nothing_else(string broken)
    {
        var records = Read($$$"""
            {"Records":[
              {"messageId":"m-1","messageAttributes":{"broken":{{{broken}}},"good":{"stringValue":"s","dataType":"String"}},
               "body":"b"},
              {"messageId":"m-2","body":"b"}]}
            """).Records!;

        Assert.Equal(["m-1", "m-2"], records.Select(r => r.MessageId));
        Assert.Equal("s", Assert.Single(records[0].MessageAttributes!, a => a.Key == "good").Value.StringValue);
        Assert.Single(records[0].MessageAttributes!);
        Assert.Equal(["good"], Message.From(records[0]).Attributes.Keys);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("[{}]")]
    [InlineData("\"none\"")]
    public void Attributes_that_are_no_object_are_none(string attributes)
    {
        var record = Read($$"""{"Records":[{"messageId":"m-1","messageAttributes":{{attributes}},"body":"b"}]}""")
            .Records!.Single();

        Assert.Equal("b", record.Body);
        Assert.Empty(Message.From(record).Attributes);
    }

    [Fact]
    public void Attributes_are_read_as_the_packages_read_them()
    {
        var attributes = Read("""
            {"Records":[{"messageAttributes":{
              "bytes":{"binaryValue":"AQID","stringListValues":[],"binaryListValues":[],"dataType":"Binary"}}}]}
            """).Records!.Single().MessageAttributes!;

        Assert.Equal([1, 2, 3], attributes["bytes"].BinaryValue!.ToArray());
        Assert.Equal("Binary", attributes["bytes"].DataType);
    }

    private static SQSEvent Read(string json) =>
        LambdaJson.Serializer().Deserialize<SQSEvent>(new MemoryStream(Encoding.UTF8.GetBytes(json)));
}
