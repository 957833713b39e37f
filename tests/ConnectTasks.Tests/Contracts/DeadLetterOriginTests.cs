namespace ConnectTasks.Tests.Contracts;

public sealed class DeadLetterOriginTests
{
    private static readonly DeadLetterOrigin Origin = new()
    {
        MessageId = "m-1",
        QueueArn = "arn:aws:sqs:us-east-1:123456789012:tasks",
        SentAtMs = 1_800_000_000_123,
        ReceiveCount = 3,
        ClientToken = "t \"é\"",
        ConnectRequestId = "r-1",
        History = [new("Refused.InvalidParameterException", 1_800_000_001_000)],
    };

    [Fact]
    public void An_origin_is_compact_JSON()
    {
        Assert.Equal(
            """{"messageId":"m","queueArn":"q","sentAtMs":1,"receiveCount":2}""",
            new DeadLetterOrigin { MessageId = "m", QueueArn = "q", SentAtMs = 1, ReceiveCount = 2 }.ToJson());
        Assert.EndsWith(
            ""","connectRequestId":"r-1","history":[{"reason":"Refused.InvalidParameterException","atMs":1800000001000}]}""",
            Origin.ToJson(),
            StringComparison.Ordinal);
    }

    [Fact]
    public void An_origin_reads_back()
    {
        var read = DeadLetterOrigin.Parse(Origin.ToJson())!;

        Assert.Equal(Origin with { History = null }, read with { History = null });
        Assert.Equal(Origin.History!, read.History!);
    }

    [Fact]
    public void What_a_later_version_adds_is_passed_over() => Assert.Equal(
        "m",
        DeadLetterOrigin.Parse(
            """{"messageId":"m","queueArn":"q","sentAtMs":1,"receiveCount":2,"new":{"a":[1]}}""")!.MessageId);

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("text")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"messageId":"m","queueArn":"q","sentAtMs":"1","receiveCount":2}""")]
    [InlineData("""{"messageId":"","queueArn":"q","sentAtMs":1,"receiveCount":2}""")]
    [InlineData("""{"messageId":null,"queueArn":"q","sentAtMs":1,"receiveCount":2}""")]
    [InlineData("""{"messageId":"\ud800","queueArn":"q","sentAtMs":1,"receiveCount":2}""")]
    public void What_is_no_origin_is_null(string? json) => Assert.Null(DeadLetterOrigin.Parse(json));
}
