using System.Net;
using System.Text;
using System.Text.Json;
using ConnectTasks.Local;
using Microsoft.Extensions.Time.Testing;

namespace ConnectTasks.Tests.Local;

/// <summary>Faults on all calls of the fake Connect, one a call or for as long as they last.</summary>
public sealed class FakeConnectFaultTests
{
    private static readonly DateTimeOffset Start = new(2027, 1, 15, 8, 0, 0, TimeSpan.Zero);
    private readonly FakeTimeProvider _time = new(Start);
    private int _ids;

    [Fact]
    public void A_call_uses_up_the_first_fault_that_is_for_it()
    {
        var connect = Connect("""
            [{"fault": "500", "call": "StopContact"}, "429", {"fault": "gone"}, {"fault": "403", "call": "any"}]
            """);

        Assert.Equal(429, StartTask(connect).Status);
        Assert.Equal((410, "ContactNotFoundException"), Short(Describe(connect, "c")));
        Assert.Equal(500, Stop(connect, "c").Status);
        Assert.Equal((403, "AccessDeniedException"), Short(Move(connect, "c", 2)));
        Assert.Equal(0, connect.Totals.FaultsLeft);
        Assert.Equal(4, connect.Totals.Faulted);
        Assert.Equal(["429", "gone", "500", "403"], connect.Calls.Select(call => call.Fault));
    }

    [Theory]
    [InlineData("404", 404, "ResourceNotFoundException")]
    [InlineData("400", 400, "InvalidRequestException")]
    public void For_a_time_after_a_start_a_move_and_a_stop_a_contact_is_not_there_yet(
        string status, int expected, string code)
    {
        var connect = Connect("[]");
        var contact = StartTask(connect, scheduledHours: 1).ContactId!;
        AddFaults(connect, $$"""[{"fault": "not-there-yet", "status": {{status}}, "seconds": 60}]""");

        ConnectReply[] replies = [Describe(connect, contact), Move(connect, contact, 2), Stop(connect, contact)];
        Assert.All(replies, reply => Assert.Equal((expected, code), Short(reply)));
        Assert.Equal("not-there-yet", connect.Calls[^1].Fault);

        _time.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal(200, Describe(connect, contact).Status);
        Assert.Equal(200, Move(connect, contact, 2).Status);
        Assert.Equal(expected, Stop(connect, contact).Status);
        _time.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal(200, Stop(connect, contact).Status);
        Assert.Equal(expected, Describe(connect, contact).Status);

        connect.ClearFaults();
        Assert.Equal(200, Describe(connect, contact).Status);
        Assert.Empty(connect.LastingFaults);
    }

    [Fact]
    public void For_a_time_after_it_is_first_named_a_flow_is_not_there_yet()
    {
        var connect = Connect("""[{"fault": "not-there-yet", "seconds": 10}]""");

        Assert.Equal((404, "ResourceNotFoundException"), Short(StartTask(connect)));
        _time.Advance(TimeSpan.FromSeconds(9));
        Assert.Equal(404, StartTask(connect).Status);
        Assert.Empty(connect.Contacts);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(200, StartTask(connect).Status);
    }

    [Theory]
    [InlineData("PreviousContactId")]
    [InlineData("RelatedContactId")]
    public void A_request_that_names_a_contact_of_a_moment_ago_is_refused_for_a_time(string property)
    {
        var connect = Connect("[]");
        var earlier = StartTask(connect).ContactId!;
        _time.Advance(TimeSpan.FromSeconds(5));
        AddFaults(connect, """[{"fault": "not-there-yet", "seconds": 10}]""");
        StartTask(connect);
        _time.Advance(TimeSpan.FromSeconds(4));
        Assert.Equal(404, StartTask(connect, linked: (property, earlier)).Status);
        _time.Advance(TimeSpan.FromSeconds(6));
        Assert.Equal(200, StartTask(connect, linked: (property, earlier)).Status);
    }

    [Fact]
    public void For_the_first_calls_only_a_contact_is_not_there_yet()
    {
        var connect = Connect("[]");
        var contact = StartTask(connect).ContactId!;
        AddFaults(connect, """[{"fault": "not-there-yet", "times": 2, "call": "DescribeContact"}]""");

        Assert.Equal([404, 404, 200], Enumerable.Range(0, 3).Select(_ => Describe(connect, contact).Status));
    }

    [Fact]
    public void A_stale_description_shows_the_contact_as_it_was_before_its_last_change()
    {
        var connect = Connect("""[{"fault": "stale", "seconds": 30}]""");
        var contact = StartTask(connect, scheduledHours: 1).ContactId!;
        Assert.Equal(Start.AddHours(1), Shown(connect, contact, "ScheduledTimestamp"));

        Move(connect, contact, 2);
        Assert.Equal(Start.AddHours(1), Shown(connect, contact, "ScheduledTimestamp"));
        _time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(Start.AddHours(2), Shown(connect, contact, "ScheduledTimestamp"));

        Stop(connect, contact);
        Assert.Null(Shown(connect, contact, "DisconnectTimestamp"));
        // It is over all the same.
        Assert.Equal((410, "ContactNotFoundException"), Short(Stop(connect, contact)));
        _time.Advance(TimeSpan.FromSeconds(30));
        Assert.NotNull(Shown(connect, contact, "DisconnectTimestamp"));
    }

    [Fact]
    public void The_quota_of_moves_is_not_raised_with_that_of_starts()
    {
        var connect = new FakeConnectState(
            new FakeConnectOptions { RatePerSecond = 100, Burst = 100 }, _time, NewId);
        var contact = StartTask(connect, scheduledHours: 1).ContactId!;

        var moves = Enumerable.Range(0, 6).Select(_ => Move(connect, contact, 2).Status);
        Assert.Equal([200, 200, 200, 200, 200, 429], moves);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal([200, 200, 429], Enumerable.Range(0, 3).Select(_ => Move(connect, contact, 2).Status));
    }

    [Fact]
    public async Task An_empty_answer_is_200_without_what_was_asked_for()
    {
        await using var server = await FakeConnect.StartAsync(
            Connect("""["empty", {"fault": "empty", "call": "DescribeContact"}]"""), TimeProvider.System);
        using var client = new HttpClient { BaseAddress = server.Url };

        using var started = await SendAsync(client, HttpMethod.Put, "/contact/task", Request());
        Assert.Equal((HttpStatusCode.OK, "{}"), (started.StatusCode, await started.Content.ReadAsStringAsync()));
        var contact = Assert.Single(server.State.Contacts).ContactId;
        using var described = await SendAsync(client, HttpMethod.Get, $"/contacts/INST/{contact}");
        Assert.Equal((HttpStatusCode.OK, "{}"), (described.StatusCode, await described.Content.ReadAsStringAsync()));
    }

    [Theory]
    [InlineData("StartTaskContact")]
    [InlineData("DescribeContact")]
    [InlineData("StopContact")]
    [InlineData("UpdateContactSchedule")]
    public async Task A_stalled_answer_has_its_headers_and_half_of_its_body_and_never_ends(string call)
    {
        await using var server = await FakeConnect.StartAsync(Connect("[]"), TimeProvider.System);
        using var client = new HttpClient { BaseAddress = server.Url };
        var contact = StartTask(server.State, scheduledHours: 1).ContactId!;
        AddFaults(server.State, $$"""[{"fault": "stalled-body", "call": "{{call}}"}]""");
        var (method, path, body) = call switch
        {
            "StartTaskContact" => (HttpMethod.Put, "/contact/task", Request()),
            "StopContact" => (HttpMethod.Post, "/contact/stop", Of(contact)),
            "UpdateContactSchedule" => (HttpMethod.Post, "/contact/schedule", Of(contact, Start.AddHours(2))),
            _ => (HttpMethod.Get, $"/contacts/INST/{contact}", null),
        };

        using var reply = await SendAsync(client, method, path, body);
        Assert.Equal(HttpStatusCode.OK, reply.StatusCode);
        var promised = reply.Content.Headers.ContentLength!.Value;
        await using var stream = await reply.Content.ReadAsStreamAsync();
        var received = new byte[promised / 2];
        await stream.ReadExactlyAsync(received);
        var next = stream.ReadAsync(new byte[1]).AsTask();
        await Task.Delay(TimeSpan.FromMilliseconds(300));
        Assert.False(next.IsCompleted);
        // The call was carried out.
        Assert.Equal("stalled-body", server.State.Calls[^1].Fault);
        Assert.Equal(200, server.State.Calls[^1].Status);
    }

    [Fact]
    public async Task The_local_API_tells_what_faults_there_are_and_which_are_to_come()
    {
        await using var server = await FakeConnect.StartAsync(
            Connect("""["500", {"fault": "not-there-yet", "seconds": 60}]"""), TimeProvider.System);
        using var client = new HttpClient { BaseAddress = server.Url };

        var told = JsonDocument.Parse(await client.GetStringAsync("/_local/faults")).RootElement;

        Assert.Equal(1, told.GetProperty("faultsLeft").GetInt32());
        var lasting = Assert.Single(told.GetProperty("lasting").EnumerateArray());
        Assert.Equal(("not-there-yet", 60),
            (lasting.GetProperty("fault").GetString(), lasting.GetProperty("seconds").GetInt32()));
        Assert.Equal(
            FaultKind.All.Select(kind => kind.Name),
            told.GetProperty("known").EnumerateArray().Select(kind => kind.GetProperty("fault").GetString()));
        var example = Encoding.UTF8.GetBytes(told.GetProperty("example").GetRawText());
        Assert.True(FaultScript.TryParse(example, out _, out var error), error);
    }

    private FakeConnectState Connect(string script)
    {
        var connect = new FakeConnectState(new FakeConnectOptions { RatePerSecond = 0 }, _time, NewId);
        AddFaults(connect, script);
        return connect;
    }

    private Guid NewId() => new(++_ids, 0, 0, new byte[8]);

    private static void AddFaults(FakeConnectState connect, string script)
    {
        Assert.True(FaultScript.TryParse(Encoding.UTF8.GetBytes(script), out var faults, out var error), error);
        connect.AddFaults(faults);
    }

    private static ConnectReply StartTask(
        FakeConnectState connect, int? scheduledHours = null, (string Property, string Id)? linked = null) =>
        connect.StartTask(Bytes(Request(scheduledHours, linked)), isSigned: true);

    private static Dictionary<string, object> Request(
        int? scheduledHours = null, (string Property, string Id)? linked = null)
    {
        var request = new Dictionary<string, object>
        {
            ["InstanceId"] = "INST",
            ["ContactFlowId"] = "FLOW",
            ["Name"] = "case",
        };
        if (scheduledHours is { } hours)
            request["ScheduledTime"] = Start.AddHours(hours).ToUnixTimeSeconds();
        if (linked is { } link)
            request[link.Property] = link.Id;
        return request;
    }

    private static ConnectReply Describe(FakeConnectState connect, string contact) =>
        connect.Describe("INST", contact, isSigned: true);

    private static ConnectReply Stop(FakeConnectState connect, string contact) =>
        connect.Stop(Bytes(Of(contact)), isSigned: true);

    private static ConnectReply Move(FakeConnectState connect, string contact, int hours) =>
        connect.Move(Bytes(Of(contact, Start.AddHours(hours))), isSigned: true);

    private static Dictionary<string, object> Of(string contact, DateTimeOffset? time = null)
    {
        var request = new Dictionary<string, object> { ["InstanceId"] = "INST", ["ContactId"] = contact };
        if (time is { } scheduled)
            request["ScheduledTime"] = scheduled.ToUnixTimeSeconds();
        return request;
    }

    /// <summary>A time in the description of a contact; null if it is not there.</summary>
    private static DateTimeOffset? Shown(FakeConnectState connect, string contact, string name)
    {
        var body = JsonSerializer.SerializeToElement(Describe(connect, contact).Body).GetProperty("Contact");
        return body.TryGetProperty(name, out var seconds)
            ? DateTimeOffset.FromUnixTimeMilliseconds((long)(seconds.GetDecimal() * 1000))
            : null;
    }

    private static async Task<HttpResponseMessage> SendAsync(
        HttpClient client, HttpMethod method, string path, Dictionary<string, object>? body = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
            request.Content = new ByteArrayContent(Bytes(body));
        request.Headers.TryAddWithoutValidation("Authorization", "AWS4-HMAC-SHA256 Credential=local");
        return await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    private static byte[] Bytes(Dictionary<string, object> value) => JsonSerializer.SerializeToUtf8Bytes(value);

    private static (int, string?) Short(ConnectReply reply) => (reply.Status, reply.Code);
}
