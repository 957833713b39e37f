using System.Text.Json.Nodes;
using ConnectTasks.Local;

namespace ConnectTasks.Tests.Local.Sqs;

/// <summary>What SQS refuses of a message, in the service's own words.</summary>
public sealed class SqsRulesTests
{
    private const string WrongType = "The request include parameter that is not valid for this queue type";

    [Theory]
    [InlineData(false, """{"MessageBody":"b"}""")]
    [InlineData(false, """{"MessageBody":"b","MessageGroupId":"tenant-1"}""")]
    [InlineData(false, """{"MessageBody":"b","DelaySeconds":900}""")]
    [InlineData(false, """{"MessageBody":"b","MessageDeduplicationId":null}""")]
    [InlineData(true, """{"MessageBody":"b","MessageGroupId":"g","MessageDeduplicationId":"d"}""")]
    [InlineData(true, """{"MessageBody":"b","MessageGroupId":"g","DelaySeconds":0}""")]
    public void What_SQS_takes_passes(bool isFifo, string message) =>
        Assert.Null(SqsRules.Check(Json(message), isFifo));

    [Theory]
    [InlineData(false, """{"MessageDeduplicationId":"x"}""", "InvalidParameterValue",
        $"Value x for parameter MessageDeduplicationId is invalid. Reason: {WrongType}.")]
    [InlineData(false, """{"MessageDeduplicationId":"x","MessageGroupId":"g"}""", "InvalidParameterValue",
        $"Value x for parameter MessageDeduplicationId is invalid. Reason: {WrongType}.")]
    [InlineData(true, """{"MessageGroupId":"g","DelaySeconds":2}""", "InvalidParameterValue",
        $"Value 2 for parameter DelaySeconds is invalid. Reason: {WrongType}.")]
    [InlineData(true, """{"MessageDeduplicationId":"x"}""", "MissingParameter",
        "The request must contain the parameter MessageGroupId.")]
    [InlineData(false, """{"DelaySeconds":901}""", "InvalidParameterValue",
        "Value 901 for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900.")]
    [InlineData(false, """{"MessageGroupId":"group 123"}""", "InvalidParameterValue",
        "Value group 123 for parameter MessageGroupId is invalid. Reason: MessageGroupId can only include "
        + "alphanumeric and punctuation characters. 1 to 128 in length.")]
    [InlineData(true, """{"MessageGroupId":"g","MessageDeduplicationId":""}""", "InvalidParameterValue",
        "Value  for parameter MessageDeduplicationId is invalid. Reason: MessageDeduplicationId can only include "
        + "alphanumeric and punctuation characters. 1 to 128 in length.")]
    public void What_SQS_refuses_is_refused_in_its_words(bool isFifo, string message, string code, string text)
    {
        var refusal = SqsRules.Check(Json(message), isFifo);
        Assert.Equal((code, text), (refusal?.Code, refusal?.Message));
    }

    [Theory]
    [InlineData(10, null)]
    [InlineData(11, "Number of message attributes [11] exceeds the allowed maximum [10].")]
    public void A_message_has_ten_attributes_at_most(int count, string? text)
    {
        var attributes = new JsonObject();
        for (var i = 0; i < count; i++)
            attributes[$"a{i}"] = new JsonObject { ["DataType"] = "String", ["StringValue"] = "v" };
        var message = new JsonObject { ["MessageAttributes"] = attributes };
        Assert.Equal(text, SqsRules.Check(message, isFifo: false)?.Message);
    }

    [Fact]
    public void An_identifier_has_128_characters_at_most()
    {
        Assert.Null(SqsRules.Check(new JsonObject { ["MessageGroupId"] = new string('a', 128) }, isFifo: false));
        Assert.NotNull(SqsRules.Check(new JsonObject { ["MessageGroupId"] = new string('a', 129) }, isFifo: false));
    }

    private static JsonObject Json(string text) => (JsonObject)JsonNode.Parse(text)!;
}
