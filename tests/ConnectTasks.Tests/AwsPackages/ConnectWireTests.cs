using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Amazon.Connect;
using Amazon.Connect.Model;
using Amazon.Runtime;

namespace ConnectTasks.Tests.AwsPackages;

/// <summary>
/// What goes over the wire to Amazon Connect, against recordings of another AWS SDK with the same input
/// (Recordings/record.py). Holds for the official package too.
/// </summary>
public sealed class ConnectWireTests
{
    private static readonly JsonSerializerOptions Input = new()
    {
        Converters = { new ReferenceTypeConverter() },
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };

    private static readonly StartTaskContactRequest Start = new() { Name = "n", ClientToken = "t" };

    private static readonly JsonNode[] Recordings = Recorded.Read("requests.json");

    public static TheoryData<string> Names => [.. Recordings.Select(r => (string)r["name"]!)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_request_is_the_same_on_the_wire_as_that_of_another_SDK(string name)
    {
        var recording = Recordings.Single(r => (string)r["name"]! == name);
        await using var server = await ConnectServer.StartAsync();
        using var connect = server.Client();

        await CallAsync(connect, (string)recording["operation"]!, recording["input"]!);

        var expected = recording["request"]!;
        var actual = Assert.Single(server.Requests);
        Assert.Equal((string?)expected["method"], actual.Method);
        Assert.Equal((string?)expected["path"], actual.Path);
        Assert.Equal((string?)expected["contentType"], actual.Headers.GetValueOrDefault("Content-Type"));
        Assert.Equal(
            expected["signedFor"]!.AsArray().Select(part => (string?)part),
            actual.Headers["Authorization"].Split("Credential=")[1].Split(',')[0].Split('/')[2..]);
        AssertSameBody(name, expected["body"], actual.Text.Length == 0 ? null : JsonNode.Parse(actual.Text));
    }

    [Fact]
    public async Task A_contact_id_is_read_from_the_answer()
    {
        await using var server = await ConnectServer.StartAsync(
            new Answer(200, """{"ContactId":"c-1","Other":{"ContactId":"x"}}"""));
        using var connect = server.Client();

        var response = await connect.StartTaskContactAsync(Start);

        Assert.Equal("c-1", response.ContactId);
        Assert.Equal("request-1", response.ResponseMetadata.RequestId);
    }

    [Fact]
    public async Task A_contact_is_read_from_the_answer()
    {
        await using var server = await ConnectServer.StartAsync(new Answer(200, """
            {"Contact":{"Arn":"arn:c","Id":"c-1","InitiationMethod":"API","InitiationTimestamp":1.8E9,
             "ScheduledTimestamp":1800000000.25,"AgentInfo":{"Id":"a"},"DisconnectReason":"CONTACT_FLOW_DISCONNECT"}}
            """));
        using var connect = server.Client();

        var contact = (await connect.DescribeContactAsync(
            new DescribeContactRequest { InstanceId = "i", ContactId = "c-1" })).Contact!;

        Assert.Equal(("arn:c", "c-1", "CONTACT_FLOW_DISCONNECT"), (contact.Arn, contact.Id, contact.DisconnectReason));
        var started = new DateTime(2027, 1, 15, 8, 0, 0, DateTimeKind.Utc);
        Assert.Equal(started, contact.InitiationTimestamp!.Value.ToUniversalTime());
        Assert.Equal(started.AddMilliseconds(250), contact.ScheduledTimestamp!.Value.ToUniversalTime());
        Assert.Null(contact.DisconnectTimestamp);
    }

    [Fact]
    public async Task A_description_without_a_contact_id_is_refused_before_it_becomes_another_operation()
    {
        await using var server = await ConnectServer.StartAsync();
        using var connect = server.Client();

        await Assert.ThrowsAnyAsync<AmazonConnectException>(
            () => connect.DescribeContactAsync(new DescribeContactRequest { InstanceId = "i" }));

        Assert.Empty(server.Requests);
    }

    [Fact]
    public async Task Every_call_without_a_token_sends_a_new_one()
    {
        await using var server = await ConnectServer.StartAsync();
        using var connect = server.Client();
        var request = new StartTaskContactRequest { Name = "n" };

        await connect.StartTaskContactAsync(request);
        await connect.StartTaskContactAsync(request);

        var tokens = server.Requests.Select(r => (string)JsonNode.Parse(r.Text)!["ClientToken"]!).ToArray();
        Assert.All(tokens, token => Assert.True(Guid.TryParse(token, out _)));
        Assert.Equal(2, tokens.Distinct().Count());
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("{\"ContactId\":null}")]
    public async Task An_answer_without_a_contact_id_gives_none(string body)
    {
        await using var server = await ConnectServer.StartAsync(new Answer(200, body));
        using var connect = server.Client();

        var response = await connect.StartTaskContactAsync(Start);

        Assert.Null(response.ContactId);
    }

    [Fact]
    public async Task An_answer_that_is_not_JSON_is_an_error_and_not_a_contact()
    {
        await using var server = await ConnectServer.StartAsync(new Answer(200, "<html>proxy</html>"));
        using var connect = server.Client();

        await Assert.ThrowsAnyAsync<AmazonUnmarshallingException>(
            () => connect.StartTaskContactAsync(Start));
    }

    [Fact]
    public async Task A_null_in_a_map_or_a_list_is_sent_as_an_empty_object()
    {
        await using var server = await ConnectServer.StartAsync();
        using var connect = server.Client();

        await connect.StartTaskContactAsync(new StartTaskContactRequest
        {
            Name = "n",
            ClientToken = "t",
            References = new() { ["r"] = null! },
            SegmentAttributes = new() { ["s"] = new() { ValueList = [null!], ValueMap = new() { ["m"] = null! } } },
            Attachments = [null!],
        });

        var expected = JsonNode.Parse("""
            {"Attachments":[{}],"ClientToken":"t","Name":"n","References":{"r":{}},
             "SegmentAttributes":{"s":{"ValueList":[{}],"ValueMap":{"m":{}}}}}
            """);
        AssertSameBody("nulls", expected, JsonNode.Parse(Assert.Single(server.Requests).Text));
    }

    private static Task CallAsync(AmazonConnectClient connect, string operation, JsonNode input) => operation switch
    {
        "StartTaskContact" => connect.StartTaskContactAsync(input.Deserialize<StartTaskContactRequest>(Input)!),
        "StopContact" => connect.StopContactAsync(input.Deserialize<StopContactRequest>(Input)!),
        "UpdateContactSchedule" =>
            connect.UpdateContactScheduleAsync(input.Deserialize<UpdateContactScheduleRequest>(Input)!),
        "DescribeContact" => connect.DescribeContactAsync(input.Deserialize<DescribeContactRequest>(Input)!),
        _ => throw new ArgumentOutOfRangeException(nameof(operation), operation, null),
    };

    private static void AssertSameBody(string name, JsonNode? expected, JsonNode? actual)
    {
        if (name == "no token")
        {
            // Both SDKs make one up.
            Assert.True(Guid.TryParse((string?)actual!["ClientToken"], out _));
            actual["ClientToken"] = expected!["ClientToken"]!.DeepClone();
        }

        Assert.True(
            JsonNode.DeepEquals(expected, actual),
            $"expected {expected?.ToJsonString()}\nbut got {actual?.ToJsonString()}");
    }

    private sealed class ReferenceTypeConverter : JsonConverter<ReferenceType>
    {
        public override ReferenceType Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) =>
            new(reader.GetString()!);

        public override void Write(Utf8JsonWriter writer, ReferenceType value, JsonSerializerOptions options) =>
            throw new NotSupportedException();
    }
}
