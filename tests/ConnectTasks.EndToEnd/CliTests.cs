using System.Net.Sockets;
using System.Text.Json;
using Amazon.SQS;
using ConnectTasks.Tests;

namespace ConnectTasks.EndToEnd;

/// <summary>The commands as a person or a script runs them.</summary>
public sealed class CliTests
{
    [Fact]
    public async Task Demo_accounts_for_every_message_in_one_line_of_JSON()
    {
        await using var demo = CliProcess.Start("demo", "--json");
        var (exitCode, output) = await demo.EndAsync();

        Assert.True(exitCode == 0, $"Exit code {exitCode}: {output}\n{demo.Errors}");
        using var json = JsonDocument.Parse(output);
        var report = json.RootElement;
        int Number(string name) => report.GetProperty(name).GetInt32();
        Assert.Equal((0, 0), (Number("lost"), Number("doubled")));
        Assert.Equal(Number("sent"), Number("started") + Number("duplicates") + Number("deadLettered"));
        Assert.Equal(Number("started"), Number("contacts"));
        Assert.Equal(3, Number("awsCallsPerTask"));
        Assert.True(Number("throttled") > 0);
    }

    [Fact]
    public async Task Local_tells_its_endpoints_serves_them_and_leaves_nothing_running_when_it_is_stopped()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Looks at processes as Linux shows them.");
        await using var local = CliProcess.Start(
            "local", "--json", "--sqs-port", "0", "--dynamodb-port", "0", "--connect-port", "0");
        using var ready = JsonDocument.Parse(await local.ReadLineAsync());
        string Text(string name) => ready.RootElement.GetProperty(name).GetString()!;

        using var sqs = new AmazonSQSClient(
            "any", "any", new AmazonSQSConfig { ServiceURL = Text("sqs"), AuthenticationRegion = "us-east-1" });
        await sqs.SendMessageAsync(Text("queueUrl"), Some.Body("by-hand"));
        using var http = new HttpClient();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(180));
        while (!(await http.GetStringAsync(Text("connect") + "/_local/contacts", patience.Token))
            .Contains("by-hand", StringComparison.Ordinal))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), patience.Token);
        }

        var children = local.Descendants();
        Assert.True(children.Count >= 3, "Two emulators and a function run.");
        local.Terminate();
        var (exitCode, rest) = await local.EndAsync();

        Assert.Equal((0, ""), (exitCode, rest));
        Assert.DoesNotContain(children, id => Directory.Exists($"/proc/{id}"));
        Assert.All(["sqs", "dynamodb", "connect"], name => AssertClosed(new Uri(Text(name))));
    }

    [Fact]
    public async Task Local_drains_a_burst_at_its_quota_and_says_what_it_came_to()
    {
        const int Tasks = 120;
        await using var local = CliProcess.Start(
            "local", "--json", "--sqs-port", "0", "--dynamodb-port", "0", "--connect-port", "0", "--page-port", "0",
            "--connect-rate", "20", "--connect-burst", "25");
        using var ready = JsonDocument.Parse(await local.ReadLineAsync());
        string Text(string name) => ready.RootElement.GetProperty(name).GetString()!;
        using var sqs = new AmazonSQSClient(
            "any", "any", new AmazonSQSConfig { ServiceURL = Text("sqs"), AuthenticationRegion = "us-east-1" });
        foreach (var ten in Enumerable.Range(0, Tasks).Chunk(10))
        {
            await sqs.SendMessageBatchAsync(
                Text("queueUrl"),
                [.. ten.Select(number => new Amazon.SQS.Model.SendMessageBatchRequestEntry(
                    $"{number}", Some.Body($"burst-{number}")))]);
        }

        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(180));
        while (!local.Errors.Contains("The queue is empty", StringComparison.Ordinal))
            await Task.Delay(TimeSpan.FromMilliseconds(100), patience.Token);
        // On a machine that is busy with other things it may be slower than the quota, but never faster.
        Assert.Matches(
            $@"The queue is empty: {Tasks} started, 0 dead-lettered, 0 without a start, \d+ retries; in [\d.]+ s, \d+% of",
            local.Errors);
    }

    [Fact]
    public async Task Invoke_prints_exactly_the_functions_response()
    {
        await using var invoke = CliProcess.Start("invoke", EventFile("single.json"));
        var (exitCode, output) = await invoke.EndAsync();

        Assert.True(exitCode == 0, $"Exit code {exitCode}: {invoke.Errors}");
        Assert.Equal("""{"batchItemFailures":[]}""" + "\n", output);
        Assert.Contains("for ClientToken case-1001", invoke.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2, "no-such-file.json")]
    [InlineData(1, "single.json", "--env", "CONNECT_BURST=none")]
    [InlineData(1, "single.json", "--executable", "no-such-program")]
    [InlineData(2, "single.json", "--no-such-option")]
    public async Task What_is_wrong_is_said_in_a_sentence_and_in_the_exit_code(int expected, params string[] arguments)
    {
        await using var invoke = CliProcess.Start(["invoke", EventFile(arguments[0]), .. arguments[1..]]);
        var (exitCode, output) = await invoke.EndAsync();

        Assert.Equal((expected, ""), (exitCode, output));
        // After the function's log lines, if there are any.
        var sentence = invoke.Errors.Trim().Split('\n')[^1];
        Assert.EndsWith(".", sentence.TrimEnd(), StringComparison.Ordinal);
        Assert.DoesNotContain("Unhandled exception", invoke.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_in_use_is_named_and_nothing_is_started()
    {
        using var taken = new TcpListener(System.Net.IPAddress.Loopback, 0);
        taken.Start();
        var port = ((System.Net.IPEndPoint)taken.LocalEndpoint).Port;
        await using var local = CliProcess.Start("local", "--json", "--connect-port", $"{port}");
        var (exitCode, output) = await local.EndAsync();

        Assert.Equal((1, ""), (exitCode, output));
        Assert.Contains($"{port}", local.Errors, StringComparison.Ordinal);
        Assert.Contains("--connect-port", local.Errors, StringComparison.Ordinal);
    }

    /// <summary>A sample event of this repository.</summary>
    private static string EventFile(string name) => Path.Combine(AppContext.BaseDirectory, "events", name);

    private static void AssertClosed(Uri url)
    {
        using var client = new TcpClient();
        Assert.Throws<SocketException>(() => client.Connect(url.Host, url.Port));
    }
}
