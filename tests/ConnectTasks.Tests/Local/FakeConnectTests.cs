using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ConnectTasks.Local;
using Microsoft.Extensions.Time.Testing;

namespace ConnectTasks.Tests.Local;

public sealed class FakeConnectTests
{
    private static readonly FakeConnectOptions Unlimited = new() { RatePerSecond = 0 };

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2027, 1, 15, 8, 0, 0, TimeSpan.Zero));

    [Fact]
    public void A_request_starts_a_contact()
    {
        var connect = Connect(Unlimited);

        var reply = Start(connect, Request());

        Assert.Equal(200, reply.Status);
        var contact = Assert.Single(connect.Contacts);
        Assert.Equal(reply.ContactId, contact.ContactId);
        Assert.Equal(("INST", "t-1", "case"), (contact.InstanceId, contact.ClientToken, contact.Name));
        Assert.Equal(1, contact.Calls);
    }

    [Fact]
    public void The_same_token_gives_the_same_contact_until_its_lifetime_is_over()
    {
        var connect = Connect(Unlimited with { ClientTokenLifetime = TimeSpan.FromHours(1) });

        var first = Start(connect, Request());
        _time.Advance(TimeSpan.FromMinutes(59));
        var second = Start(connect, Request());
        Assert.Equal(first.ContactId, second.ContactId);
        Assert.Equal(2, Assert.Single(connect.Contacts).Calls);

        _time.Advance(TimeSpan.FromMinutes(1));
        var third = Start(connect, Request());
        Assert.NotEqual(first.ContactId, third.ContactId);
        Assert.Equal(2, connect.Contacts.Count);
    }

    [Fact]
    public void A_token_is_known_in_its_own_instance_only()
    {
        var connect = Connect(Unlimited);

        Start(connect, Request());
        Start(connect, Request(r => r["InstanceId"] = "other"));

        Assert.Equal(2, connect.Contacts.Count);
    }

    [Fact]
    public void Without_a_token_every_call_starts_a_contact()
    {
        var connect = Connect(Unlimited);

        Start(connect, Request(r => r.Remove("ClientToken")));
        Start(connect, Request(r => r.Remove("ClientToken")));

        Assert.Equal(2, connect.Contacts.Count);
    }

    [Fact]
    public void The_burst_and_then_the_rate_bound_the_calls()
    {
        var connect = Connect(new FakeConnectOptions { RatePerSecond = 2, Burst = 5 });

        var statuses = Enumerable.Range(0, 6).Select(_ => Start(connect, Request()).Status).ToArray();
        Assert.Equal([200, 200, 200, 200, 200, 429], statuses);

        _time.Advance(TimeSpan.FromMilliseconds(500));
        Assert.Equal(200, Start(connect, Request()).Status);
        var refused = Start(connect, Request());
        Assert.Equal((429, "ThrottlingException"), (refused.Status, refused.Code));
        Assert.Equal(2, connect.Totals.Throttled);
    }

    [Fact]
    public void An_unsigned_call_is_refused_and_uses_up_no_fault()
    {
        var connect = Connect(Unlimited);
        connect.AddFaults(Script("""["500"]"""));

        Assert.Equal(403, connect.StartTask(Bytes(Request()), isSigned: false).Status);
        Assert.Equal(500, Start(connect, Request()).Status);
    }

    [Fact]
    public void A_flow_that_is_not_known_gets_404()
    {
        var reply = Start(Connect(Unlimited), Request(r => r["ContactFlowId"] = FakeConnectOptions.UnknownFlowId));

        Assert.Equal((404, "ResourceNotFoundException"), (reply.Status, reply.Code));
    }

    [Fact]
    public void A_thirteenth_task_linked_to_one_contact_is_over_the_quota()
    {
        var connect = Connect(Unlimited);
        string? previous = "voice-1";
        for (var i = 0; i < 12; i++)
        {
            var reply = Start(connect, Request(r => (r["ClientToken"], r["PreviousContactId"]) = ($"t-{i}", previous)));
            Assert.Equal(200, reply.Status);
            previous = i % 2 == 0 ? reply.ContactId : "voice-1";
        }

        var thirteenth = Start(connect, Request(r => (r["ClientToken"], r["PreviousContactId"]) = ("t-13", previous)));
        Assert.Equal((402, "ServiceQuotaExceededException"), (thirteenth.Status, thirteenth.Code));
    }

    [Fact]
    public void Scripted_faults_come_in_order_one_a_call()
    {
        var connect = Connect(Unlimited);
        connect.AddFaults(Script("""
            ["ok", "429", {"fault": "400", "code": "InvalidRequestException"}, "lost-reply",
             {"fault": "slow", "seconds": 3}]
            """));

        var replies = Enumerable.Range(0, 6)
            .Select(i => Start(connect, Request(r => r["ClientToken"] = $"{i}")))
            .ToArray();

        Assert.Equal([200, 429, 400, 200, 200, 200], replies.Select(r => r.Status));
        Assert.Equal("InvalidRequestException", replies[2].Code);
        Assert.Equal([false, false, false, true, false, false], replies.Select(r => r.IsLost));
        Assert.Equal(TimeSpan.FromSeconds(3), replies[4].Delay);
        // The service did its work, whether or not the answer arrives.
        Assert.Equal(["0", "3", "4", "5"], connect.Contacts.Select(c => c.ClientToken));
        Assert.Equal((6, 1, 4, 0), connect.Totals);
    }

    [Fact]
    public void Faults_can_be_cleared()
    {
        var connect = Connect(Unlimited);
        connect.AddFaults(Script("""[{"fault": "500", "times": 20}]"""));
        Assert.Equal(20, connect.Totals.FaultsLeft);

        connect.ClearFaults();

        Assert.Equal(200, Start(connect, Request()).Status);
    }

    [Theory]
    [InlineData("{}", "array")]
    [InlineData("[", "not JSON")]
    [InlineData("""["ok", "418"]""", "Fault 1")]
    [InlineData("""[7]""", "Fault 0")]
    [InlineData("""[{"fault": "slow", "seconds": -1}]""", "\"seconds\"")]
    [InlineData("""[{"fault": "429", "times": 0}]""", "\"times\"")]
    [InlineData("""[{"fault": "429", "tiems": 2}]""", "\"tiems\"")]
    [InlineData("""[{"code": "X"}]""", "must be one of")]
    public void A_fault_script_that_is_wrong_is_refused_with_the_place(string script, string expected)
    {
        Assert.False(FaultScript.TryParse(Encoding.UTF8.GetBytes(script), out _, out var error));
        Assert.Contains(expected, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Over_http_it_speaks_the_services_protocol()
    {
        await using var connect = await FakeConnect.StartAsync(
            Connect(Unlimited), TimeProvider.System);
        using var client = new HttpClient { BaseAddress = connect.Url };

        using var started = await PutAsync(client, Request());
        Assert.Equal(HttpStatusCode.OK, started.StatusCode);
        var answer = await JsonAsync(started);
        Assert.Equal(connect.State.Contacts.Single().ContactId, answer.GetProperty("ContactId").GetString());

        using var refused = await PutAsync(client, Request(r => r.Remove("Name")));
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Equal("InvalidParameterException", refused.Headers.GetValues("x-amzn-errortype").Single());
        var message = (await JsonAsync(refused)).GetProperty("Message").GetString();
        Assert.Contains("Name", message, StringComparison.Ordinal);

        using var unsigned = new StringContent(Request().ToJsonString());
        using var forbidden = await client.PutAsync(
            new Uri("/contact/task", UriKind.Relative), unsigned, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Forbidden, forbidden.StatusCode);
    }

    [Fact]
    public async Task The_local_api_lists_contacts_and_calls_and_takes_faults()
    {
        var token = TestContext.Current.CancellationToken;
        await using var connect = await FakeConnect.StartAsync(
            Connect(Unlimited), TimeProvider.System);
        using var client = new HttpClient { BaseAddress = connect.Url };

        using var script = new StringContent("""["lost-reply", "500"]""");
        using var added = await client.PostAsync(new Uri("/_local/faults", UriKind.Relative), script, token);
        Assert.Equal(2, (await JsonAsync(added)).GetProperty("added").GetInt32());

        await Assert.ThrowsAsync<HttpRequestException>(() => PutAsync(client, Request()));
        using var failed = await PutAsync(client, Request());
        Assert.Equal(HttpStatusCode.InternalServerError, failed.StatusCode);
        using var started = await PutAsync(client, Request());

        var contacts = await JsonAsync(await client.GetAsync(new Uri("/_local/contacts", UriKind.Relative), token));
        var contact = Assert.Single(contacts.EnumerateArray());
        Assert.Equal(2, contact.GetProperty("calls").GetInt32());
        Assert.Equal("t-1", contact.GetProperty("clientToken").GetString());
        Assert.Equal("case", contact.GetProperty("request").GetProperty("Name").GetString());
        var calls = await JsonAsync(await client.GetAsync(new Uri("/_local/calls", UriKind.Relative), token));
        Assert.Equal([200, 500, 200], calls.EnumerateArray().Select(c => c.GetProperty("status").GetInt32()));

        using var wrong = new StringContent("""["nonsense"]""");
        using var bad = await client.PostAsync(new Uri("/_local/faults", UriKind.Relative), wrong, token);
        Assert.Equal(HttpStatusCode.BadRequest, bad.StatusCode);
        using var cleared = await client.DeleteAsync(new Uri("/_local/faults", UriKind.Relative), token);
        Assert.Equal(HttpStatusCode.OK, cleared.StatusCode);
    }

    [Fact]
    public async Task A_port_in_use_is_said_with_what_to_do()
    {
        var token = TestContext.Current.CancellationToken;
        await using var first = await FakeConnect.StartAsync(
            Connect(Unlimited), TimeProvider.System);

        var error = await Assert.ThrowsAsync<LocalException>(() => FakeConnect.StartAsync(
            Connect(Unlimited), TimeProvider.System, first.Url.Port));

        Assert.Contains($"{first.Url.Port}", error.Message, StringComparison.Ordinal);
        Assert.Contains("--connect-port", error.Message, StringComparison.Ordinal);
    }

    private FakeConnectState Connect(FakeConnectOptions options)
    {
        var count = 0;
        return new FakeConnectState(options, _time, () => new Guid(++count, 0, 0, new byte[8]));
    }

    private static JsonObject Request(Action<JsonObject>? change = null)
    {
        var request = new JsonObject
        {
            ["InstanceId"] = "INST",
            ["ContactFlowId"] = "FLOW",
            ["Name"] = "case",
            ["ClientToken"] = "t-1",
        };
        change?.Invoke(request);
        return request;
    }

    private static ConnectReply Start(FakeConnectState connect, JsonObject request) =>
        connect.StartTask(Bytes(request), isSigned: true);

    private static byte[] Bytes(JsonObject request) => Encoding.UTF8.GetBytes(request.ToJsonString());

    private static IReadOnlyList<Fault> Script(string json)
    {
        Assert.True(FaultScript.TryParse(Encoding.UTF8.GetBytes(json), out var faults, out var error), error);
        return faults;
    }

    private static async Task<HttpResponseMessage> PutAsync(HttpClient client, JsonObject body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, "/contact/task");
        request.Content = new ByteArrayContent(Bytes(body));
        request.Headers.TryAddWithoutValidation("Authorization", "AWS4-HMAC-SHA256 Credential=local");
        return await client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    private static async Task<JsonElement> JsonAsync(HttpResponseMessage response)
    {
        using var document = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync());
        return document.RootElement.Clone();
    }
}
