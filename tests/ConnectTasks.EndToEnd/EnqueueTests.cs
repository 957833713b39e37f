using System.Globalization;
using System.Text.Json;
using ConnectTasks.Local;
using ConnectTasks.Tests;
using ConnectTasks.Tests.Client;

namespace ConnectTasks.EndToEnd;

/// <summary>The system as it is deployed.</summary>
public sealed class PlainWorld : World
{
    private protected override LocalSystemOptions Options => DefaultOptions;
}

/// <summary>Producers against the whole system: the command on long files, and the client library.</summary>
public sealed class EnqueueTests(PlainWorld world) : IClassFixture<PlainWorld>, IDisposable
{
    /// <summary>Lines of the file. CONNECT_TASKS_ENQUEUE_LINES sets another number, such as 10000.</summary>
    private static readonly int Lines =
        int.TryParse(Environment.GetEnvironmentVariable("CONNECT_TASKS_ENQUEUE_LINES"), out var lines) ? lines : 2_000;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory();

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData(1)]
    public async Task A_long_file_whose_run_is_killed_twice_starts_every_task_once(int seed)
    {
        var random = new Random(seed);
        var file = Path.Combine(_folder.FullName, "tasks.jsonl");
        // No tokens, and every tenth line like the one before it: the command has to tell them apart, each time alike.
        var lines = Enumerable.Range(0, Lines).Select(i => Some.Body(
            token: null, string.Create(CultureInfo.InvariantCulture, $"enqueue {(i % 10 == 9 ? i - 1 : i)}")));
        await File.WriteAllLinesAsync(file, lines, TestContext.Current.CancellationToken);
        var seen = new HashSet<string>();
        var sent = 0;
        foreach (var share in (double[])[0.3, 0.6])
        {
            await using var killed = Enqueue(file);
            var until = (int)(Lines * (share + (random.NextDouble() * 0.2)));
            for (var i = 0; i < until; i++, sent++)
                seen.Add(TokenOf(await killed.ReadLineAsync()));
            Assert.Equal(CliProcess.KilledExitCode, await killed.KillAsync());
        }

        await using var whole = Enqueue(file);
        var (exitCode, output) = await whole.EndAsync();

        Assert.True(exitCode == 0, $"Exit code {exitCode}: {whole.Errors}");
        var tokens = output.TrimEnd().Split('\n').Select(TokenOf).ToHashSet();
        Assert.Equal(Lines, tokens.Count);
        Assert.Subset(tokens, seen);
        // In steps, because each wait is limited.
        for (var count = 0; count <= Lines; count += Lines / 10)
        {
            await world.UntilAsync(
                $"{count} contacts", () => Task.FromResult(Started(tokens).Count >= count ? "there" : null));
        }

        await world.AtRestAsync();
        var started = Started(tokens);
        Assert.Equal(Lines, started.Count);
        Assert.Equal(tokens, started.Select(contact => contact.ClientToken!).ToHashSet());
        // What was sent twice was received twice: it is the ledger that starts it once.
        Assert.True(world.System.Mappings.Sum(m => m.Counters.Deleted) >= Lines + sent);
        Assert.Empty(await world.DeadLettersAsync());
    }

    [Fact]
    public async Task Results_that_nobody_reads_to_their_end_keep_nothing_from_being_sent()
    {
        var file = Path.Combine(_folder.FullName, "tasks.jsonl");
        var tokens = Enumerable.Range(0, 30)
            .Select(i => string.Create(CultureInfo.InvariantCulture, $"head-{i}")).ToList();
        await File.WriteAllLinesAsync(
            file, tokens.Select(token => Some.Body(token)), TestContext.Current.CancellationToken);
        await using var enqueue = Enqueue(file);
        enqueue.StopReading();

        Assert.Equal(0, await enqueue.ExitAsync());

        Assert.Contains("Sent: 30 requests; invalid: 0; not sent: 0.", enqueue.Errors, StringComparison.Ordinal);
        foreach (var token in tokens)
            await world.ContactAsync(token);
    }

    [Fact]
    public async Task The_producers_sample_becomes_a_contact()
    {
        await ProducerSample.RunAsync(
            world.System.Sqs, world.System.QueueUrl, Some.Instance, Some.Flow, World.In(TimeSpan.FromHours(1)));

        var contact = await world.UntilAsync("the sample's contact", () => Task.FromResult(
            world.Connect.Contacts.FirstOrDefault(contact => contact.Name == "Call back about invoice 4711")));
        Assert.Equal(ConnectTasks.Client.ClientToken.FromKey("billing", "4711", "overdue-call"), contact.ClientToken);
    }

    private List<StartedContact> Started(HashSet<string> tokens) =>
        [.. world.Connect.Contacts.Where(contact => tokens.Contains(contact.ClientToken!))];

    private CliProcess Enqueue(string file) => CliProcess.Start(
        "enqueue", file, "--json", "--queue-url", world.System.QueueUrl,
        "--endpoint-url", world.System.SqsUrl.ToString());

    /// <summary>The token of what was sent, by a line of the results.</summary>
    private static string TokenOf(string line)
    {
        using var result = JsonDocument.Parse(line);
        Assert.Equal("sent", result.RootElement.GetProperty("status").GetString());
        return result.RootElement.GetProperty("clientToken").GetString()!;
    }
}
