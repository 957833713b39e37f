using System.Globalization;
using ConnectTasks.Local;
using ConnectTasks.Tests;

namespace ConnectTasks.EndToEnd;

/// <summary>The system with a horizon of seconds instead of days.</summary>
public sealed class NearHorizonWorld : World
{
    internal static readonly TimeSpan Horizon = TimeSpan.FromSeconds(10);

    private protected override LocalSystemOptions Options => DefaultOptions with
    {
        Parameters = new Dictionary<string, string>(DefaultOptions.Parameters)
        {
            ["ScheduleHorizonSeconds"] = Horizon.TotalSeconds.ToString(CultureInfo.InvariantCulture),
        },
    };
}

/// <summary>Tasks that wait in the ledger, over the wire and on the real clock.</summary>
public sealed class HoldTests(NearHorizonWorld world) : IClassFixture<NearHorizonWorld>
{
    [Fact]
    public async Task Held_tasks_are_released_and_started_with_their_times_unless_they_were_cancelled()
    {
        var time = World.In(TimeSpan.FromSeconds(25));
        await world.SendAsync(Some.Request("hold-1") with { ScheduledTime = time });
        await world.SendAsync(Some.Request("hold-called-off") with { ScheduledTime = time });
        await world.SendAsync(Some.Request("hold-moved") with { ScheduledTime = time.AddDays(100) });
        await HeldAsync("hold-1");
        await HeldAsync("hold-called-off");
        await HeldAsync("hold-moved");
        Assert.DoesNotContain(world.Connect.Contacts, c => c.ClientToken!.StartsWith("hold-", StringComparison.Ordinal));

        await world.SendAsync(Some.Body("hold-1").Replace("}", $$""","ScheduledTime":{{time.ToUnixTimeSeconds()}}}""",
            StringComparison.Ordinal));
        await world.SendAsync(CommandFor("hold-called-off", TaskCommandKind.Cancel));
        await world.SendAsync(CommandFor("hold-moved", TaskCommandKind.Reschedule) with { ScheduledTime = time });

        await world.UntilAsync("the held tasks' contacts", async () =>
        {
            await world.Release.InvokeAsync("{}"u8.ToArray(), TestContext.Current.CancellationToken);
            return world.ContactsOf("hold-1").Count + world.ContactsOf("hold-moved").Count == 2 ? "both" : null;
        });
        await world.AtRestAsync();

        foreach (var token in (string[])["hold-1", "hold-moved"])
        {
            var contact = Assert.Single(world.ContactsOf(token));
            // At once, and not scheduled, if this machine was so slow that its time has come.
            Assert.True(contact.ScheduledTime == time || contact.StartedAt >= time);
            Assert.True(contact.StartedAt > time - NearHorizonWorld.Horizon);
            Assert.Equal("Started", (await world.LedgerItemAsync(token))?.State);
        }

        Assert.Empty(world.ContactsOf("hold-called-off"));
        Assert.Equal("Cancelled", (await world.LedgerItemAsync("hold-called-off"))?.State);
        Assert.Empty(await world.DeadLettersAsync());
    }

    [Fact]
    public async Task A_cancellation_that_comes_before_its_request_keeps_it_from_starting()
    {
        await world.SendAsync(CommandFor("cancelled-first", TaskCommandKind.Cancel));
        await world.AtRestAsync();
        await world.SendAsync(Some.Body("cancelled-first"));
        await world.AtRestAsync();

        Assert.Empty(world.ContactsOf("cancelled-first"));
        Assert.Equal("Cancelled", (await world.LedgerItemAsync("cancelled-first"))?.State);
    }

    private Task HeldAsync(string token) => world.UntilAsync(
        $"{token} to be held",
        async () => await world.LedgerItemAsync(token) is { State: "Held" } item ? item : null);

    private static TaskCommand CommandFor(string token, TaskCommandKind kind) =>
        new() { Kind = kind, InstanceId = Some.Instance, ClientToken = token };
}
