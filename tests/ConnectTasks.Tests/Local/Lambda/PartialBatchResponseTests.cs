using ConnectTasks.Local;

namespace ConnectTasks.Tests.Local;

/// <summary>The table of the Lambda developer guide, for a batch of the messages m1 and m2.</summary>
public sealed class PartialBatchResponseTests
{
    private static readonly string[] Batch = ["m1", "m2"];

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData(" { } ")]
    [InlineData("""{"batchItemFailures":null}""")]
    [InlineData("""{"batchItemFailures":[]}""")]
    public void An_empty_or_null_response_or_list_means_that_all_succeeded(string payload)
    {
        var verdict = Read(payload);

        Assert.Equal(Batch, verdict.Succeeded);
        Assert.Empty(verdict.Failed);
        Assert.Null(verdict.Malformed);
        Assert.Null(verdict.Remark);
    }

    [Theory]
    [InlineData("""{"batchItemFailures":[{"itemIdentifier":"m1"}]}""", "m2", "m1")]
    [InlineData("""{"batchItemFailures":[{"itemIdentifier":"m2"},{"itemIdentifier":"m2"}]}""", "m1", "m2")]
    [InlineData("""{"batchItemFailures":[{"itemIdentifier":"m2"},{"itemIdentifier":"m1"}]}""", "", "m1 m2")]
    [InlineData("""{"batchItemFailures":[{"itemIdentifier":"m1","note":1}],"more":true}""", "m2", "m1")]
    public void Only_the_listed_messages_failed(string payload, string succeeded, string failed)
    {
        var verdict = Read(payload);

        Assert.Equal(succeeded, string.Join(' ', verdict.Succeeded));
        Assert.Equal(failed, string.Join(' ', verdict.Failed));
        Assert.Null(verdict.Malformed);
    }

    [Theory]
    [InlineData("not json", "the response is not JSON")]
    [InlineData(" ", "the response is not JSON")]
    [InlineData("""{"batchItemFailures":[]} x""", "the response is not JSON")]
    [InlineData("""{"batchItemFailures":[{"itemIdentifier":"m1"},]}""", "the response is not JSON")]
    [InlineData("\"done\"", "the response is a string, not an object")]
    [InlineData("[]", "the response is an array, not an object")]
    [InlineData("true", "the response is a boolean, not an object")]
    [InlineData("""{"batchItemFailures":"m1"}""", "batchItemFailures is a string, not an array")]
    [InlineData("""{"batchItemFailures":{"itemIdentifier":"m1"}}""", "batchItemFailures is an object, not an array")]
    [InlineData("""{"batchItemFailures":["m1"]}""", "batchItemFailures[0]: it is a string, not an object")]
    [InlineData("""{"batchItemFailures":[null]}""", "batchItemFailures[0]: it is null, not an object")]
    [InlineData("""{"batchItemFailures":[{}]}""", "batchItemFailures[0]: it has no itemIdentifier")]
    [InlineData("""{"batchItemFailures":[{"id":"m1"}]}""", "batchItemFailures[0]: it has no itemIdentifier")]
    [InlineData(
        """{"batchItemFailures":[{"ItemIdentifier":"m1"}]}""",
        "batchItemFailures[0]: it has no itemIdentifier")]
    [InlineData(
        """{"batchItemFailures":[{"itemIdentifier":null}]}""",
        "batchItemFailures[0]: its itemIdentifier is null, not a string")]
    [InlineData(
        """{"batchItemFailures":[{"itemIdentifier":1}]}""",
        "batchItemFailures[0]: its itemIdentifier is a number, not a string")]
    [InlineData(
        """{"batchItemFailures":[{"itemIdentifier":""}]}""",
        "batchItemFailures[0]: its itemIdentifier is empty")]
    [InlineData(
        """{"batchItemFailures":[{"itemIdentifier":"m1"},{"itemIdentifier":"M2"}]}""",
        "batchItemFailures[1]: its itemIdentifier is not the id of a message in this batch")]
    public void Anything_that_can_not_be_read_means_that_the_whole_batch_failed(string payload, string reason)
    {
        var verdict = Read(payload);

        Assert.Empty(verdict.Succeeded);
        Assert.Equal(Batch, verdict.Failed);
        Assert.Equal(reason, verdict.Malformed);
    }

    [Fact]
    public void A_list_under_another_name_is_not_seen_and_this_is_remarked()
    {
        var verdict = Read("""{"BatchItemFailures":[{"ItemIdentifier":"m1"}]}""");

        Assert.Equal(Batch, verdict.Succeeded);
        Assert.Contains("no batchItemFailures", verdict.Remark, StringComparison.Ordinal);
    }

    private static BatchVerdict Read(string payload) => PartialBatchResponse.Read(SomeFunction.Utf8(payload), Batch);
}
