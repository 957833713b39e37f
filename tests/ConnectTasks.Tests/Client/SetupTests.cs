using Amazon.SQS;
using ConnectTasks.Client;
using Microsoft.Extensions.DependencyInjection;

namespace ConnectTasks.Tests.Client;

public class SetupTests
{
    [Fact]
    public async Task One_line_adds_the_client()
    {
        using var sqs = new SqsQueueFake();
        var services = new ServiceCollection().AddSingleton<IAmazonSQS>(sqs);

        services.AddConnectTasks(options => options.QueueUrl = ClientRig.QueueUrl);

        await using var provider = services.BuildServiceProvider();
        var client = provider.GetRequiredService<TaskQueueClient>();
        Assert.Same(client, provider.GetRequiredService<TaskQueueClient>());
        Assert.True((await client.SendAsync(Some.Request())).IsSent);
        Assert.Single(sqs.Batches);
    }

    [Fact]
    public void Wrong_options_stop_the_start_and_are_all_named()
    {
        var error = Assert.Throws<ArgumentException>(() => new ServiceCollection().AddConnectTasks(options =>
        {
            options.QueueUrl = "arn:aws:sqs:us-east-1:000000000000:tasks";
            options.MessageMaxBytes = 1_023;
            options.MaxAttempts = 11;
        }));

        Assert.Equal(
            "The task queue's options: QueueUrl is not the URL of a queue: give https://HOST/ACCOUNT/NAME, not a name "
            + "or an ARN, without white space, a query or a fragment. MessageMaxBytes is 1023: set it to 1024 to 1048576 "
            + "bytes. MaxAttempts is 11: set it to 1 to 10. (Parameter 'configure')",
            error.Message);
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData(" ", false)]
    [InlineData("tasks", false)]
    [InlineData("https://sqs.us-east-1.amazonaws.com", false)]
    [InlineData("https://sqs.us-east-1.amazonaws.com/1/tasks?x=1", false)]
    [InlineData("https://sqs.us-east-1.amazonaws.com/1/tasks\n", false)]
    [InlineData("http://127.0.0.1:4566/000000000000/tasks", true)]
    [InlineData("https://sqs.cn-north-1.amazonaws.com.cn/000000000000/tasks.fifo", true)]
    public void A_queue_is_named_by_its_URL(string? url, bool isUrl)
    {
        using var sqs = new SqsQueueFake();
        var error = Record.Exception(() => new TaskQueueClient(sqs, new TaskQueueOptions { QueueUrl = url }));

        Assert.Equal(isUrl, error is null);
    }

    [Fact]
    public void Defaults_are_what_is_documented()
    {
        var options = new TaskQueueOptions();

        Assert.Equal((null, 1_048_576, 4), (options.QueueUrl, options.MessageMaxBytes, options.MaxAttempts));
    }

    [Fact]
    public async Task Options_that_change_later_have_no_effect()
    {
        using var sqs = new SqsQueueFake();
        var options = new TaskQueueOptions { QueueUrl = ClientRig.QueueUrl };
        var client = new TaskQueueClient(sqs, options);

        options.QueueUrl = "https://sqs.us-east-1.amazonaws.com/000000000000/other";
        await client.SendAsync(Some.Request());

        Assert.Equal(ClientRig.QueueUrl, sqs.Batches[0].QueueUrl);
    }
}
