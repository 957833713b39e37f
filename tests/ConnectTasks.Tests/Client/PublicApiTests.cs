using System.Reflection;
using ConnectTasks.Client;
using PublicApiGenerator;

namespace ConnectTasks.Tests.Client;

public class PublicApiTests
{
    [Fact]
    public async Task The_producers_sample_sends_a_task()
    {
        using var sqs = new SqsQueueFake();

        await ProducerSample.RunAsync(sqs, ClientRig.QueueUrl, Some.Instance, Some.Flow, Some.Now);

        Assert.Equal("Call back about invoice 4711", TaskRequestJson.Read(sqs.Only.MessageBody).Request?.Name);
    }

    [Fact]
    public void The_public_API_of_the_client_is_the_approved_one() =>
        AssertApproved(typeof(TaskQueueClient).Assembly, "PublicApi.approved.txt");

    [Fact]
    public void The_public_API_of_the_contracts_is_the_approved_one() =>
        AssertApproved(typeof(TaskRequest).Assembly, "PublicApi.Contracts.approved.txt");

    private static void AssertApproved(Assembly assembly, string file)
    {
        var actual = assembly.GeneratePublicApi(new ApiGeneratorOptions { IncludeAssemblyAttributes = false })
            .ReplaceLineEndings("\n").TrimEnd() + "\n";
        var path = Path.Combine(Directory(), file);
        var approved = File.Exists(path) ? File.ReadAllText(path).ReplaceLineEndings("\n") : "";
        if (actual == approved)
            return;
        var received = Path.Combine(
            AppContext.BaseDirectory, file.Replace("approved", "received", StringComparison.Ordinal));
        File.WriteAllText(received, actual);
        Assert.Fail($"The public API has changed. If that is meant, copy {received} over {path}.");
    }

    private static string Directory()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "TaskScheduler.sln")))
            folder = folder.Parent;
        return Path.Combine(folder!.FullName, "tests", "ConnectTasks.Tests", "Client");
    }
}
