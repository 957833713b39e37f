using ConnectTasks.Lambda;
using ConnectTasks.Local;
using ConnectTasks.Tests;

namespace ConnectTasks.EndToEnd;

/// <summary>Services that never answer, or stop in the middle of an answer, against the function's process.</summary>
public sealed class StalledServiceTests(FaultWorld world)
{
    private const string StartTask = "PUT /contact/task";
    private const string Claim = "UpdateItem";
    private const string Send = "SendMessage";
    private const string SetReturn = "ChangeMessageVisibilityBatch";

    /// <summary>What a process on a busy machine may be late.</summary>
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(1.5);

    [Fact]
    public async Task A_service_that_stalls_gets_one_request_an_attempt_and_holds_up_nothing_else()
    {
        await using var lane = await FaultLane.StartAsync(world, "stalls");
        lane.Proxy.StallAt(new Dictionary<(string, string), Stall>
        {
            [(StartTask, "stall-connect-silent")] = Stall.Silent,
            [(StartTask, "stall-connect-half")] = Stall.HalfTheBody,
            [(Claim, "stall-ledger-silent")] = Stall.Silent,
            [(Claim, "stall-ledger-half")] = Stall.HalfTheBody,
            [(Send, "stall-queue-silent")] = Stall.Silent,
            [(Send, "stall-queue-half")] = Stall.HalfTheBody,
        });
        string[] tokens =
            ["stall-connect-silent", "stall-connect-half", "stall-ledger-silent", "stall-ledger-half"];
        foreach (var token in (string[])[.. tokens, "stall-none"])
        {
            await lane.SendAsync(Some.Body(token));
        }

        string[] letters =
        [
            await lane.SendAsync("{no JSON: stall-queue-silent"), await lane.SendAsync("{no JSON: stall-queue-half"),
        ];
        var begun = TimeProvider.System.GetTimestamp();
        var failed = await lane.DeliverAsync(await lane.ReceiveAsync());
        var took = TimeProvider.System.GetElapsedTime(begun);

        // All but the healthy one; and they waited side by side.
        Assert.Equal(6, failed.Count);
        Assert.Single(world.ContactsOf("stall-none"));
        Assert.True(took < (Settings.LedgerAttempts * Settings.LedgerTimeout) + (2 * Slack), $"It took {took}.");
        await lane.Proxy.DisarmAsync();
        AssertAttempts(lane, StartTask, "stall-connect", 1, Settings.ConnectTimeout);
        AssertAttempts(lane, Claim, "stall-ledger", Settings.LedgerAttempts, Settings.LedgerTimeout);
        AssertAttempts(lane, Send, "stall-queue", Settings.QueueAttempts, Settings.QueueTimeout);

        lane.Proxy.StallAt(null);
        await lane.RedeliverAsync(failed, tokens);
        foreach (var token in tokens)
        {
            Assert.Single(world.ContactsOf(token));
            Assert.Equal("Started", (await world.LedgerItemAsync(token))?.State);
        }

        foreach (var letter in letters)
        {
            Assert.Equal("Rejected.MalformedJson", (await world.DeadLetterAsync(letter)).Reason);
        }
    }

    [Fact]
    public async Task A_batch_whose_queues_stall_answers_before_its_deadline()
    {
        var timeout = TimeSpan.FromSeconds(9);
        await using var lane = await FaultLane.StartAsync(world, "stalled-end", timeout);
        var letters = new List<string>();
        for (var i = 0; i < 4; i++)
        {
            letters.Add(await lane.SendAsync($"{{no JSON: end-{(i % 2 == 0 ? "silent" : "half")}"));
        }

        lane.Proxy.StallAt(new Dictionary<(string, string), Stall>
        {
            [(Send, "end-silent")] = Stall.Silent,
            [(Send, "end-half")] = Stall.HalfTheBody,
            [(SetReturn, "")] = Stall.HalfTheBody,
        });
        var batch = await lane.ReceiveAsync();
        foreach (var message in batch)
        {
            // One after the other, so that they take longer than there is time.
            message.Attributes["ApproximateReceiveCount"] = "5";
        }

        var result = await lane.InvokeAsync(SqsEventWriter.Write(batch, lane.QueueArn));

        // Not killed for being late, although what it did last was cut off.
        var answer = Assert.IsType<InvocationResult.Success>(result).Payload;
        var ids = batch.ConvertAll(message => message.MessageId);
        Assert.Equal(ids.Order(), PartialBatchResponse.Read(answer, ids).Failed.Order());
        await lane.Proxy.DisarmAsync();
        Assert.Equal(2 * Settings.QueueAttempts, lane.Proxy.Stalled.Count);
        Assert.All(lane.Proxy.Stalled, call => Assert.True(call.Held < Settings.QueueTimeout + Slack, $"{call}"));

        lane.Proxy.StallAt(null);
        await lane.RedeliverAsync(batch);
        foreach (var letter in letters)
        {
            Assert.Equal("Rejected.MalformedJson", (await world.DeadLetterAsync(letter)).Reason);
        }
    }

    /// <summary>Each call about such a text was attempted so often, each time within its limit.</summary>
    private static void AssertAttempts(FaultLane lane, string operation, string about, int attempts, TimeSpan limit)
    {
        foreach (var text in (string[])[about + "-silent", about + "-half"])
        {
            var calls = lane.Proxy.Stalled.Where(call => (call.Operation, call.About) == (operation, text)).ToList();
            Assert.True(calls.Count == attempts, $"{text}: {calls.Count} requests instead of {attempts}");
            Assert.All(calls, call => Assert.InRange(call.Held, limit - Slack, limit + Slack));
        }
    }
}
