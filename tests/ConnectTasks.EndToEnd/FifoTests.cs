using System.Globalization;
using ConnectTasks.Local;
using ConnectTasks.Tests;

namespace ConnectTasks.EndToEnd;

/// <summary>The system with FIFO queues.</summary>
public sealed class FifoWorld : World
{
    private protected override LocalSystemOptions Options => DefaultOptions with
    {
        Parameters = new Dictionary<string, string>(DefaultOptions.Parameters) { ["Fifo"] = "true" },
    };
}

/// <summary>Mixed message groups of a FIFO queue.</summary>
public sealed class FifoTests(FifoWorld world) : IClassFixture<FifoWorld>
{
    [Fact]
    public async Task Each_group_keeps_its_order_whatever_fails_and_what_can_never_work_holds_nobody_up()
    {
        Assert.EndsWith(".fifo", world.System.QueueUrl, StringComparison.Ordinal);
        world.Connect.AddFaults(
        [
            new Fault { Name = "ok" },
            new Fault { Name = "500", Status = 500, Code = "InternalServiceException" },
            new Fault { Name = "429", Status = 429, Code = "ThrottlingException" },
        ]);
        string[] groups = ["a", "b", "c"];
        var bad = new List<string>();
        for (var i = 1; i <= 4; i++)
        {
            foreach (var group in groups)
            {
                await world.SendAsync(Some.Body($"fifo-{group}-{i}"), group);
            }

            bad.Add(await world.SendAsync(
                string.Create(CultureInfo.InvariantCulture, $$"""{"InstanceId":"i","Nmae":"{{i}}"}"""), "a"));
        }

        foreach (var group in groups)
        {
            await world.ContactAsync($"fifo-{group}-4");
        }

        await world.AtRestAsync();
        var started = world.Connect.Contacts.Select(contact => contact.ClientToken!).ToList();
        foreach (var group in groups)
        {
            Assert.Equal(
                Enumerable.Range(1, 4).Select(i => $"fifo-{group}-{i}"),
                started.Where(token => token.StartsWith($"fifo-{group}-", StringComparison.Ordinal)));
        }

        Assert.Equal(0, world.Connect.Totals.FaultsLeft);
        foreach (var id in bad)
        {
            Assert.Equal("Rejected.UnknownProperty", (await world.DeadLetterAsync(id)).Reason);
        }
    }
}
