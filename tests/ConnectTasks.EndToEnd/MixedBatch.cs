using ConnectTasks.Local;
using ConnectTasks.Tests;

namespace ConnectTasks.EndToEnd;

/// <summary>A batch with each kind of message, and what must have become of them in the end.</summary>
internal sealed class MixedBatch
{
    private readonly string _run;
    private readonly Dictionary<string, (string Reason, string Body)> _bad = [];
    private string _tokenless = "";

    private MixedBatch(string run) => _run = run;

    /// <summary>The tasks of this batch.</summary>
    public IReadOnlyList<string> Tokens => [.. Starting, Of("refused"), Of("held"), Of("cancelled")];

    private IReadOnlyList<string> Starting => [Of("plain"), Of("scheduled"), _tokenless];

    /// <summary>Sends ten messages, as many as a batch has.</summary>
    public static async Task<MixedBatch> SendAsync(FaultLane lane, string run)
    {
        var batch = new MixedBatch(run);
        var plain = Some.Body(batch.Of("plain"));
        await lane.SendAsync(plain);
        await lane.SendAsync(plain);
        await lane.SendAsync(Some.Body(FaultWorld.DoneToken));
        await lane.SendAsync(World.BodyOf(
            Some.Request(batch.Of("scheduled")) with { ScheduledTime = World.In(TimeSpan.FromDays(2)) }));
        await lane.SendAsync(World.BodyOf(
            Some.Request(batch.Of("held")) with { ScheduledTime = World.In(TimeSpan.FromDays(8)) }));
        batch._tokenless = TaskKey.DeriveToken(
            lane.QueueArn, await lane.SendAsync(Some.Body(token: null, $"tokenless of {run}")));
        await lane.SendAsync(World.BodyOf(new TaskCommand
        {
            Kind = TaskCommandKind.Cancel,
            InstanceId = Some.Instance,
            ClientToken = batch.Of("cancelled"),
        }));
        await batch.SendBadAsync(lane, "Rejected.MalformedJson", $$"""{"Name":"{{run}}""");
        await batch.SendBadAsync(lane, "TokenReused", Some.Body(FaultWorld.DoneToken, $"another task of {run}"));
        await batch.SendBadAsync(lane, "Refused.ResourceNotFoundException", Some.Body(batch.Of("refused"))
            .Replace(Some.Flow, FakeConnectOptions.UnknownFlowId, StringComparison.Ordinal));
        return batch;
    }

    /// <summary>What must hold when nothing is on the queue any more.</summary>
    public async Task CheckAsync(World world)
    {
        foreach (var token in Starting)
        {
            var contact = Assert.Single(world.ContactsOf(token));
            var item = await world.LedgerItemAsync(token);
            Assert.Equal(("Started", contact.ContactId), (item?.State, item?.ContactId));
        }

        foreach (var token in Tokens.Except(Starting))
        {
            Assert.Empty(world.ContactsOf(token));
        }

        Assert.Single(world.ContactsOf(FaultWorld.DoneToken));
        Assert.Equal("Held", (await world.LedgerItemAsync(Of("held")))?.State);
        Assert.Equal("Cancelled", (await world.LedgerItemAsync(Of("cancelled")))?.State);

        var letters = (await world.DeadLettersAsync()).ToLookup(letter => letter.Origin!.MessageId);
        foreach (var (id, (reason, body)) in _bad)
        {
            // Never lost; one whose sending got no answer may lie there twice.
            Assert.NotEmpty(letters[id]);
            Assert.All(letters[id], letter => Assert.Equal((reason, body), (letter.Reason, letter.Body)));
        }

        Assert.DoesNotContain(letters.SelectMany(l => l), l => Starting.Contains(l.Origin!.ClientToken ?? ""));
    }

    private async Task SendBadAsync(FaultLane lane, string reason, string body) =>
        _bad.Add(await lane.SendAsync(body), (reason, body));

    private string Of(string kind) => $"{_run}-{kind}";
}
