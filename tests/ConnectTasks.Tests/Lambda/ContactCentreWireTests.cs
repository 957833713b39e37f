using System.Text.Json.Nodes;
using ConnectTasks.Lambda;
using ConnectTasks.Tests.AwsPackages;

namespace ConnectTasks.Tests.Lambda;

/// <summary>What goes over the wire to Connect, and what strange answers mean. With the official package, too.</summary>
public sealed class ContactCentreWireTests
{
    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    [InlineData(500, 1)]
    [InlineData(501, 1)]
    [InlineData(999, 1)]
    public async Task A_time_is_sent_in_whole_seconds_and_never_early(int milliseconds, int secondsLater)
    {
        await using var server = await ConnectServer.StartAsync();
        using var connect = server.Client();
        using var invocation = Invocation();
        var centre = new ContactCentre(connect, Some.Settings(), TimeProvider.System);
        // An even and an odd second: the SDK may round a half to the even one.
        foreach (var second in (long[])[1_800_000_000, 1_800_000_001])
        {
            var scheduled = DateTimeOffset.FromUnixTimeMilliseconds((second * 1000) + milliseconds);
            await centre.StartAsync(Some.Request(), "t", scheduled, invocation.HardStop);
            await centre.MoveAsync(Some.Instance, "c-1", scheduled, invocation);

            Assert.Equal(
                [second + secondsLater, second + secondsLater],
                server.Requests.TakeLast(2).Select(r => (decimal)JsonNode.Parse(r.Text)!["ScheduledTime"]!));
        }
    }

    [Theory]
    [InlineData("""{"ContactId":"c-1"} and more""", ReplyKind.Done)]
    [InlineData("""["ContactId"]""", ReplyKind.Unknown)]
    [InlineData("17", ReplyKind.Unknown)]
    [InlineData("null", ReplyKind.Unknown)]
    [InlineData("\"c-1\"", ReplyKind.Unknown)]
    [InlineData("""{"ContactId":{}}""", ReplyKind.Unknown)]
    [InlineData("""{"ContactId":"c-1""", ReplyKind.Unknown)]
    [InlineData("", ReplyKind.Unknown)]
    public async Task A_success_that_says_no_contact_is_none(string body, object expected)
    {
        var reply = await StartAsync(new Answer(200, body));

        Assert.Equal(expected, reply.Kind);
    }

    [Theory]
    [InlineData("InvalidParameterException", """{"message":"no""", ReplyKind.Unavailable)]
    [InlineData("InvalidParameterException", "{\"message\":\"no\"", ReplyKind.Refused)]
    [InlineData("InvalidRequestException", "{\"message\":\"no\"", ReplyKind.Unavailable)]
    public async Task A_refusal_that_is_cut_off_is_one_if_all_is_there_that_its_kind_has(
        string code, string body, object expected)
    {
        var reply = await StartAsync(new Answer(400, body) { Headers = new() { ["x-amzn-ErrorType"] = code } });

        Assert.Equal(expected, reply.Kind);
    }

    [Theory]
    [InlineData("""{"Contact":{"ScheduledTimestamp":1900000000}}""", ReplyKind.Done, "Waiting")]
    [InlineData("""{"Contact":{"ScheduledTimestamp":"1900000000.5"}}""", ReplyKind.Done, "Waiting")]
    [InlineData("""{"Contact":{"ScheduledTimestamp":"2030-01-01T00:00:00Z"}}""", ReplyKind.Done, "Waiting")]
    [InlineData("""{"Contact":{"ScheduledTimestamp":null}}""", ReplyKind.Done, "Running")]
    [InlineData("""{"Contact":{"ScheduledTimestamp":"soon"}}""", ReplyKind.Unknown, null)]
    [InlineData("""{"Contact":{"ScheduledTimestamp":true}}""", ReplyKind.Unknown, null)]
    [InlineData("""{"Contact":{"ScheduledTimestamp":1e300}}""", ReplyKind.Unknown, null)]
    public async Task A_contacts_time_that_is_none_is_not_taken_for_having_no_time(
        string body, object kind, string? text)
    {
        await using var server = await ConnectServer.StartAsync(new Answer(200, body));
        using var connect = server.Client();
        using var invocation = Invocation();
        var centre = new ContactCentre(connect, Some.Settings(), TimeProvider.System);

        var reply = await centre.PhaseAsync(Some.Instance, "c-1", Some.Now, invocation);

        Assert.Equal(kind, reply.Kind);
        if (reply.Kind == ReplyKind.Done)
        {
            Assert.Equal(text, reply.Text);
        }
    }

    private static Invocation Invocation() => new("r", TimeSpan.FromSeconds(60), TimeProvider.System);

    private static async Task<Reply> StartAsync(Answer answer)
    {
        await using var server = await ConnectServer.StartAsync(answer);
        using var connect = server.Client();
        var centre = new ContactCentre(connect, Some.Settings(), TimeProvider.System);
        return await centre.StartAsync(Some.Request(), "t", scheduledTime: null, CancellationToken.None);
    }
}
