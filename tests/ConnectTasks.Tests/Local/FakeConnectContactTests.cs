using System.Text;
using System.Text.Json;
using Amazon.Connect;
using Amazon.Connect.Model;
using Amazon.Runtime;
using ConnectTasks.Lambda;
using ConnectTasks.Local;
using Microsoft.Extensions.Time.Testing;

namespace ConnectTasks.Tests.Local;

/// <summary>What becomes of a contact after it was started: by the clock, and over the wire with the SDK.</summary>
public sealed class FakeConnectContactTests
{
    private static readonly DateTimeOffset Start = new(2027, 1, 15, 8, 0, 0, TimeSpan.Zero);
    private readonly FakeTimeProvider _time = new(Start);
    private int _ids;

    [Fact]
    public void A_contact_waits_for_its_time_then_runs_and_is_over_when_it_is_stopped()
    {
        var connect = Connect();
        var contact = StartTask(connect, Start.AddHours(1));
        Assert.Equal(ContactState.Scheduled, Only(connect).State);

        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(ContactState.Running, Only(connect).State);

        Assert.Equal(200, connect.Stop(Body(contact), isSigned: true).Status);
        Assert.Equal(ContactState.Ended, Only(connect).State);
        Assert.Equal(_time.GetUtcNow(), Only(connect).EndedAt);
    }

    [Fact]
    public void A_contact_that_is_over_or_never_was_cannot_be_stopped()
    {
        var connect = Connect();
        var contact = StartTask(connect, null);
        connect.Stop(Body(contact), isSigned: true);

        foreach (var body in (byte[][])[Body(contact), Body("never"), Body(contact, "another instance")])
        {
            var reply = connect.Stop(body, isSigned: true);
            Assert.Equal((410, "ContactNotFoundException"), (reply.Status, reply.Code));
        }
    }

    [Fact]
    public void A_contact_that_waits_is_moved_within_the_horizon()
    {
        var connect = Connect();
        var contact = StartTask(connect, Start.AddHours(1));

        Assert.Equal(200, Move(connect, contact, Start.AddDays(6)).Status);
        Assert.Equal((Start.AddDays(6), 1), (Only(connect).ScheduledTime, Only(connect).Moves));
        Assert.Equal((400, "InvalidParameterException"), Short(Move(connect, contact, Start.AddDays(6).AddSeconds(1))));
        Assert.Equal((400, "InvalidParameterException"), Short(Move(connect, contact, Start.AddSeconds(-1))));
        Assert.Equal((404, "ResourceNotFoundException"), Short(Move(connect, "never", Start.AddHours(1))));

        _time.Advance(TimeSpan.FromDays(6));
        Assert.Equal((400, "InvalidRequestException"), Short(Move(connect, contact, Start.AddDays(7))));
    }

    [Fact]
    public void A_contact_is_moved_twenty_times_at_most()
    {
        var connect = Connect();
        var contact = StartTask(connect, Start.AddHours(1));

        for (var i = 0; i < 20; i++)
            Assert.Equal(200, Move(connect, contact, Start.AddHours(2 + i)).Status);

        Assert.Equal((429, "LimitExceededException"), Short(Move(connect, contact, Start.AddHours(1))));
    }

    [Fact]
    public void Each_operation_has_its_own_rate()
    {
        var connect = new FakeConnectState(new FakeConnectOptions(), _time, NewId);
        var contact = StartTask(connect, Start.AddHours(1));

        var moves = Enumerable.Range(0, 6).Select(_ => Move(connect, contact, Start.AddHours(2)).Status);
        Assert.Equal([200, 200, 200, 200, 200, 429], moves);
        var described = Enumerable.Range(0, 16).Select(_ => connect.Describe("INST", contact, isSigned: true).Status);
        Assert.Equal([.. Enumerable.Repeat(200, 15), 429], described);
        Assert.Equal(200, connect.Stop(Body(contact), isSigned: true).Status);
        Assert.Equal(2, connect.Totals.Throttled);
    }

    [Fact]
    public void These_calls_must_be_signed_and_well_formed_and_use_up_no_fault_of_a_start()
    {
        var connect = Connect();
        var contact = StartTask(connect, null);
        Assert.True(FaultScript.TryParse("""["500"]"""u8.ToArray(), out var faults, out _));
        connect.AddFaults(faults);

        Assert.Equal(403, connect.Stop(Body(contact), isSigned: false).Status);
        Assert.Equal(403, connect.Describe("INST", contact, isSigned: false).Status);
        Assert.Equal((400, "SerializationException"), Short(connect.Stop("["u8.ToArray(), isSigned: true)));
        Assert.Equal((400, "InvalidParameterException"), Short(connect.Stop("{}"u8.ToArray(), isSigned: true)));
        Assert.Equal(200, connect.Stop(Body(contact), isSigned: true).Status);
        Assert.Equal(1, connect.Totals.FaultsLeft);
    }

    [Fact]
    public async Task The_functions_see_the_phases_of_a_contact_over_the_wire()
    {
        await using var server = await FakeConnect.StartAsync(Connect(), _time);
        using var client = Client(server);
        var centre = new ContactCentre(client, Some.Settings(), _time);
        using var invocation = new ConnectTasks.Lambda.Invocation("request-1", TimeSpan.FromDays(1), _time);
        var contact = StartTask(server.State, Start.AddHours(1));

        Assert.Equal((ReplyKind.Done, "Waiting"), await PhaseAsync(centre, contact, invocation));
        Assert.Equal(ReplyKind.Done, (await centre.MoveAsync("INST", contact, Start.AddHours(2), invocation)).Kind);
        _time.Advance(TimeSpan.FromHours(2));
        Assert.Equal((ReplyKind.Done, "Running"), await PhaseAsync(centre, contact, invocation));
        Assert.Equal(ReplyKind.Done, (await centre.StopAsync("INST", contact, invocation)).Kind);
        Assert.Equal((ReplyKind.Done, "Over"), await PhaseAsync(centre, contact, invocation));
        Assert.Equal((ReplyKind.NotFound, "ResourceNotFoundException"), await PhaseAsync(centre, "never", invocation));
        var again = await centre.StopAsync("INST", contact, invocation);
        Assert.Equal((ReplyKind.Over, "ContactNotFoundException"), (again.Kind, again.Text));
    }

    [Fact]
    public async Task A_contact_that_was_moved_too_often_is_refused_and_not_retried()
    {
        await using var server = await FakeConnect.StartAsync(Connect(), _time);
        using var client = Client(server);
        var centre = new ContactCentre(client, Some.Settings(), _time);
        using var invocation = new ConnectTasks.Lambda.Invocation("request-1", TimeSpan.FromDays(1), _time);
        var contact = StartTask(server.State, Start.AddHours(1));
        for (var i = 0; i < 20; i++)
            Move(server.State, contact, Start.AddHours(2));

        var reply = await centre.MoveAsync("INST", contact, Start.AddHours(3), invocation);

        Assert.Equal((ReplyKind.Refused, "LimitExceededException"), (reply.Kind, reply.Text));
    }

    [Fact]
    public async Task A_description_has_the_services_names_and_times()
    {
        await using var server = await FakeConnect.StartAsync(Connect(), _time);
        using var client = Client(server);
        var contact = StartTask(server.State, Start.AddHours(1));

        var response = await client.DescribeContactAsync(
            new DescribeContactRequest { InstanceId = "INST", ContactId = contact },
            TestContext.Current.CancellationToken);

        Assert.Equal(contact, response.Contact!.Id);
        Assert.EndsWith($":instance/INST/contact/{contact}", response.Contact.Arn, StringComparison.Ordinal);
        Assert.Equal(Start.AddHours(1).UtcDateTime, response.Contact.ScheduledTimestamp?.ToUniversalTime());
        Assert.Equal(Start.UtcDateTime, response.Contact.InitiationTimestamp?.ToUniversalTime());
        Assert.Null(response.Contact.DisconnectTimestamp);
    }

    private FakeConnectState Connect() => new(new FakeConnectOptions { RatePerSecond = 0 }, _time, NewId);

    private Guid NewId() => new(++_ids, 0, 0, new byte[8]);

    private async Task<(ReplyKind, string)> PhaseAsync(
        ContactCentre centre, string contact, ConnectTasks.Lambda.Invocation invocation)
    {
        var reply = await centre.PhaseAsync("INST", contact, _time.GetUtcNow(), invocation);
        return (reply.Kind, reply.Text);
    }

    private static AmazonConnectClient Client(FakeConnect server) => new(
        new BasicAWSCredentials("local", "local"),
        new AmazonConnectConfig
        {
            ServiceURL = server.Url.ToString(),
            AuthenticationRegion = "us-east-1",
            MaxErrorRetry = 0,
        });

    private static StartedContact Only(FakeConnectState connect) => Assert.Single(connect.Contacts);

    private static string StartTask(FakeConnectState connect, DateTimeOffset? scheduled) => connect.StartTask(
        Json(new
        {
            InstanceId = "INST",
            ContactFlowId = "FLOW",
            Name = "case",
            ClientToken = "t-1",
            ScheduledTime = scheduled?.ToUnixTimeSeconds(),
        }),
        isSigned: true).ContactId!;

    private static ConnectReply Move(FakeConnectState connect, string contact, DateTimeOffset time) => connect.Move(
        Json(new { InstanceId = "INST", ContactId = contact, ScheduledTime = time.ToUnixTimeSeconds() }),
        isSigned: true);

    private static byte[] Body(string contact, string instance = "INST") =>
        Json(new { InstanceId = instance, ContactId = contact });

    private static byte[] Json(object value) => Encoding.UTF8.GetBytes(JsonSerializer.Serialize(value));

    private static (int, string?) Short(ConnectReply reply) => (reply.Status, reply.Code);
}
