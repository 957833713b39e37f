using System.Net;
using Amazon.SQS;
using Amazon.SQS.Model;
using ConnectTasks.Tests;

namespace ConnectTasks.EndToEnd;

/// <summary>
/// SQS as the local run serves it: as strict as the service, and with message groups on standard queues.
/// </summary>
public sealed class SqsFrontTests(DeployedWorld world) : IClassFixture<DeployedWorld>
{
    private const string Broken = """{"InstanceId":"12345678","Name":"Call b""";

    private static readonly TimeSpan Seconds = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task What_a_queue_type_does_not_take_is_refused_as_SQS_does()
    {
        var standard = await CreateAsync("strict");
        var fifo = await CreateAsync("strict.fifo");
        (SendMessageRequest Request, string Code)[] refused =
        [
            (new(standard, "b") { MessageDeduplicationId = "x" }, "InvalidParameterValue"),
            (new(fifo, "b") { MessageGroupId = "g", DelaySeconds = 1 }, "InvalidParameterValue"),
            (new(fifo, "b"), "MissingParameter"),
        ];

        foreach (var (request, code) in refused)
        {
            var error = await Assert.ThrowsAnyAsync<AmazonSQSException>(
                () => world.System.Sqs.SendMessageAsync(request));
            Assert.Equal((HttpStatusCode.BadRequest, code), (error.StatusCode, error.ErrorCode));
        }

        Assert.Empty(await ReceiveAsync(standard));
        Assert.Empty(await ReceiveAsync(fifo));
    }

    [Fact]
    public async Task A_standard_queue_returns_a_messages_group_also_from_its_dead_letter_queue()
    {
        var dead = await CreateAsync("fair-dead");
        var arn = (await world.System.Sqs.GetQueueAttributesAsync(dead, ["QueueArn"])).QueueARN;
        var queue = await CreateAsync("fair", new()
        {
            ["VisibilityTimeout"] = "0",
            ["RedrivePolicy"] = $$"""{"deadLetterTargetArn":"{{arn}}","maxReceiveCount":1}""",
        });
        await world.System.Sqs.SendMessageAsync(new SendMessageRequest(queue, "one") { MessageGroupId = "tenant-1" });
        await world.System.Sqs.SendMessageBatchAsync(queue,
        [
            new("1", "same") { MessageGroupId = "tenant-2" },
            new("2", "same"),
            new("3", "same") { MessageGroupId = "tenant-3" },
        ]);

        string?[] groups = ["tenant-1", "tenant-2", null, "tenant-3"];
        Assert.Equal(groups, (await ReceiveAsync(queue)).Select(GroupOf));
        Assert.Empty(await ReceiveAsync(queue));
        Assert.Equal(groups, (await ReceiveAsync(dead)).Select(GroupOf));
    }

    [Fact]
    public async Task A_FIFO_queue_takes_a_deduplication_id_once_whatever_the_body()
    {
        var queue = await CreateAsync("once.fifo");
        var ids = new List<string>();
        foreach (var body in (string[])["first", "second"])
        {
            ids.Add((await world.System.Sqs.SendMessageAsync(
                new SendMessageRequest(queue, body) { MessageGroupId = "g", MessageDeduplicationId = "x" })).MessageId);
        }

        Assert.Equal(ids[0], ids[1]);
        Assert.Equal("first", Assert.Single(await ReceiveAsync(queue)).Body);
    }

    [Fact]
    public async Task A_broken_body_with_a_group_is_dead_lettered_with_its_reason_and_its_group_and_its_neighbours_go_on()
    {
        Assert.False(world.System.QueueUrl.EndsWith(".fifo", StringComparison.Ordinal));
        // The first message starts the function, which is not what is timed here.
        await world.SendAsync(Some.Body("fair-0"), "tenant-0");
        await world.ContactAsync("fair-0");
        var sentAt = TimeProvider.System.GetUtcNow();

        await world.SendAsync(Some.Body("fair-1"), "tenant-1");
        var broken = await world.SendAsync(Broken, "tenant-1");
        await world.SendAsync(Some.Body("fair-2"), "tenant-1");
        var letter = await world.UntilAsync("the dead letter", async () =>
            (await ReceiveAsync(world.System.DeadLetterQueueUrl)).Find(message => message.Body == Broken));

        Assert.InRange(TimeProvider.System.GetUtcNow() - sentAt, TimeSpan.Zero, Seconds);
        Assert.Equal("tenant-1", GroupOf(letter));
        Assert.Equal("Rejected.MalformedJson", letter.MessageAttributes[DeadLetterAttributes.Reason].StringValue);
        Assert.Equal(broken,
            DeadLetterOrigin.Parse(letter.MessageAttributes[DeadLetterAttributes.Origin].StringValue)?.MessageId);
        await world.ContactAsync("fair-1");
        await world.ContactAsync("fair-2");
        await world.AtRestAsync();
        Assert.Single(world.ContactsOf("fair-1"));
        Assert.Single(world.ContactsOf("fair-2"));
    }

    private async Task<string> CreateAsync(string name, Dictionary<string, string>? attributes = null)
    {
        attributes ??= [];
        if (name.EndsWith(".fifo", StringComparison.Ordinal))
        {
            attributes["FifoQueue"] = "true";
            attributes["ContentBasedDeduplication"] = "true";
        }

        return (await world.System.Sqs.CreateQueueAsync(
            new CreateQueueRequest { QueueName = name, Attributes = attributes })).QueueUrl;
    }

    private async Task<List<Message>> ReceiveAsync(string queue) =>
        (await world.System.Sqs.ReceiveMessageAsync(new ReceiveMessageRequest
        {
            QueueUrl = queue,
            MaxNumberOfMessages = 10,
            MessageAttributeNames = ["All"],
            MessageSystemAttributeNames = ["All"],
        })).Messages ?? [];

    private static string? GroupOf(Message message) => message.Attributes?.GetValueOrDefault("MessageGroupId");
}
