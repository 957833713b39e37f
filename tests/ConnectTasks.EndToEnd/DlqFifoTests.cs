using System.Globalization;
using System.Text.Json;
using Amazon.SQS.Model;
using ConnectTasks.Client;
using ConnectTasks.Tests;

namespace ConnectTasks.EndToEnd;

/// <summary>A dead-letter queue that is FIFO, where a message in flight hides the rest of its group.</summary>
public sealed class DlqFifoTests(FifoWorld world) : IClassFixture<FifoWorld>
{
    private const string Long = "long";

    [Fact]
    public async Task A_look_reaches_ten_of_each_group_says_how_many_are_behind_and_work_on_those_reaches_the_rest()
    {
        // Sent by turns, in numbers that no batch of ten ends with.
        (string Group, int Count)[] groups = [("short", 7), ("middle", 8), (Long, 23)];
        for (var i = 0; i < groups.Max(group => group.Count); i++)
        {
            foreach (var (group, count) in groups.Where(group => i < group.Count))
                await AddAsync(group, i);
        }

        // Twice, because nothing may stay hidden after the first.
        for (var i = 0; i < 2; i++)
            Assert.Equal("long 10, middle 8, short 7; 13 more", await ListAsync());

        // Behind those that stay, and in a group that has more than a look reaches.
        await RunAsync("purge", "--token", "middle-7", "--token", "long-4");
        Assert.Equal("long 10, middle 7, short 7; 12 more", await ListAsync());

        foreach (var rest in (string[])["long 10, middle 7, short 7; 2 more", "long 2, middle 7, short 7; 0 more"])
        {
            await RunAsync("redrive", "--reason", Long, "--queue-url", world.System.QueueUrl);
            Assert.Equal(rest, await ListAsync());
        }

        await RunAsync("redrive", "--all", "--queue-url", world.System.QueueUrl);
        Assert.Equal("; 0 more", await ListAsync());

        await world.AtRestAsync();
        var started = world.Connect.Contacts.Select(contact => contact.ClientToken!).ToList();
        foreach (var (group, count) in groups)
        {
            Assert.Equal(
                Enumerable.Range(0, count).Select(i => TokenOf(group, i)).Except(["middle-7", "long-4"]),
                started.Where(token => token.StartsWith(group, StringComparison.Ordinal)));
        }
    }

    [Fact]
    public async Task Within_five_minutes_a_corrected_request_arrives_under_the_same_token_and_so_does_each_redrive()
    {
        const string Token = "corrected";
        var client = new TaskQueueClient(world.System.Sqs, new TaskQueueOptions { QueueUrl = world.System.QueueUrl });
        var tooFar = Some.Request(Token) with { ScheduledTime = TimeProvider.System.GetUtcNow().AddDays(500) };
        await client.SendAsync(tooFar);
        await LettersAsync(1);

        // The same letter twice, the second time mended: as if the first redrive had not deleted it.
        await RunAsync("redrive", "--token", Token, "--queue-url", world.System.QueueUrl);
        await LettersAsync(1);
        await client.SendAsync(tooFar with { ScheduledTime = null, Name = "corrected" });

        Assert.Equal("corrected", (await world.ContactAsync(Token)).Name);
        await world.AtRestAsync();
        await RunAsync("purge", "--token", Token);

        async Task LettersAsync(int count) => await world.UntilAsync($"{count} dead letters", async () =>
            await ListAsync() is var list && list == $"Rejected.TooFarAhead {count}; 0 more" ? list : null);
    }

    private Task AddAsync(string group, int number) => world.System.Sqs.SendMessageAsync(new SendMessageRequest
    {
        QueueUrl = world.System.DeadLetterQueueUrl,
        MessageBody = Some.Body(TokenOf(group, number)),
        MessageGroupId = group,
        MessageAttributes = new()
        {
            [DeadLetterAttributes.Reason] = new() { DataType = "String", StringValue = group },
        },
    });

    private static string TokenOf(string group, int number) =>
        string.Create(CultureInfo.InvariantCulture, $"{group}-{number}");

    private async Task<string> ListAsync()
    {
        using var list = JsonDocument.Parse(await RunAsync("list", "--json"));
        var reasons = list.RootElement.GetProperty("reasons").EnumerateArray()
            .Select(reason => $"{reason.GetProperty("reason")} {reason.GetProperty("count")}")
            .Order(StringComparer.Ordinal);
        return $"{string.Join(", ", reasons)}; {list.RootElement.GetProperty("notSeen")} more";
    }

    private async Task<string> RunAsync(params IEnumerable<string> arguments)
    {
        var given = arguments.ToList();
        if (given[0] != "list")
            given.Add("--yes");
        await using var command = CliProcess.Start(
            ["dlq", .. given, "--dead-letter-queue-url", world.System.DeadLetterQueueUrl]);
        var (exitCode, output) = await command.EndAsync();
        Assert.True(exitCode == 0, $"Exit code {exitCode}: {command.Errors}");
        return output;
    }
}
