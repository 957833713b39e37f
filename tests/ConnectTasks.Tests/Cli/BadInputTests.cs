using System.CommandLine;
using System.Net;
using Amazon.SQS;
using ConnectTasks.Cli;
using ConnectTasks.Tests.Client;

namespace ConnectTasks.Tests.Cli;

/// <summary>Input that no command can take: a sentence, an exit code, and nothing half done.</summary>
public sealed class BadInputTests : IDisposable
{
    private readonly CliRig _rig = new();
    private readonly SqsQueueFake _sqs = new();
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory();

    public void Dispose()
    {
        _rig.Dispose();
        _sqs.Dispose();
        _folder.Delete(recursive: true);
    }

    [Theory]
    [InlineData("huge.json", "")]
    [InlineData("huge.jsonl", "{\"InstanceId\":\"i\"}\n")]
    [InlineData("huge.csv", "InstanceId,Name\n")]
    public async Task Two_gigabytes_of_zeros_are_refused_at_their_beginning(string name, string beginning)
    {
        Assert.Equal(2, await EnqueueAsync(Huge(name, beginning)));

        Assert.Contains($"is not text: character {beginning.Length + 1}", _rig.Error, StringComparison.Ordinal);
        Assert.Empty(_sqs.Batches);
    }

    [Fact]
    public async Task A_patch_of_two_gigabytes_is_refused_by_its_size()
    {
        var patch = Huge("patch.json", "{");

        var refusal = await Assert.ThrowsAsync<UsageException>(
            () => DlqMend.ReadPatchAsync(patch, TestContext.Current.CancellationToken));

        Assert.Contains("has more than 1,048,576 bytes", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("AccessDenied", "it may belong to another account")]
    [InlineData("QueueDoesNotExist", "There is no such queue")]
    [InlineData("ExpiredToken", "log in again")]
    public async Task What_stops_enqueue_is_said_beside_the_results_too(string code, string expected)
    {
        _sqs.Reply = (_, _) => throw new AmazonSQSException("No.")
        {
            ErrorCode = code,
            StatusCode = HttpStatusCode.BadRequest,
        };
        var file = Path.Combine(_folder.FullName, "a.jsonl");
        await File.WriteAllTextAsync(file, Some.Body(), TestContext.Current.CancellationToken);

        Assert.Equal(1, await EnqueueAsync(file));

        Assert.Contains(expected, _rig.Error, StringComparison.Ordinal);
        Assert.Contains("Run the same command again for the rest", _rig.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_question_waits_for_no_answer_once_the_command_is_to_stop()
    {
        using var nobody = new Silent();
        using var stop = new CancellationTokenSource();
        var answer = (_rig.Terminal with { In = nobody }).AskAsync("Go on?", stop.Token);
        Assert.False(answer.IsCompleted);

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => answer);
    }

    private string Huge(string name, string beginning)
    {
        var path = Path.Combine(_folder.FullName, name);
        using var file = File.Create(path);
        file.Write(System.Text.Encoding.UTF8.GetBytes(beginning));
        file.SetLength(2L << 30);
        return path;
    }

    private async Task<int> EnqueueAsync(string file)
    {
        Task<IAmazonSQS> Connect(ParseResult result, Uri url) => Task.FromResult<IAmazonSQS>(_sqs);
        var root = new RootCommand { EnqueueCommand.Create(_rig.Terminal, Connect) };
        return await CommandLine.RunAsync(root, ["enqueue", file, "--queue-url", DlqFake.TaskUrl], _rig.Terminal);
    }

    /// <summary>A keyboard that nobody types on.</summary>
    private sealed class Silent : TextReader
    {
        private readonly TaskCompletionSource<string?> _never = new();

        public override ValueTask<string?> ReadLineAsync(CancellationToken cancellationToken) => new(_never.Task);
    }
}
