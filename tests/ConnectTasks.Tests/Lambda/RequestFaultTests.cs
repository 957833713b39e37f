using System.Text;
using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using ConnectTasks.Lambda;

namespace ConnectTasks.Tests.Lambda;

/// <summary>Requests, where AWS is less kind than it might be.</summary>
public sealed class RequestFaultTests
{
    private readonly Rig _rig = new();

    [Fact]
    public async Task A_flow_that_is_not_found_yet_is_looked_for_again_and_the_task_starts()
    {
        _rig.Connect.Reply = ConnectFake.Error(404, "ResourceNotFoundException");
        Assert.Equal(["m-1"], await _rig.DeliverAsync(Some.Record()));
        _rig.Time.Advance(TimeSpan.FromSeconds(31));
        _rig.Connect.Reply = ConnectFake.Ok;
        Assert.Empty(await _rig.DeliverAsync(Some.Record(receiveCount: 2)));
        Assert.Equal("Started", _rig.LastReason);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5.5)]
    public async Task A_wrong_flow_is_refused_after_three_calls_and_others_that_name_it_after_one(double daysAhead)
    {
        _rig.Connect.Reply = ConnectFake.Error(404, "ResourceNotFoundException");
        var at = daysAhead > 0 ? Some.Now.AddDays(daysAhead) : (DateTimeOffset?)null;
        while ((await _rig.DeliverAsync(Some.Record("m-1", Body("t-1", at)))).Count > 0)
        {
            _rig.Time.Advance(TimeSpan.FromSeconds(_rig.Sqs.VisibilityByHandle["handle-m-1"]));
        }

        Assert.Equal(3, _rig.Connect.Calls.Count);
        Assert.Equal("Refused.ResourceNotFoundException", _rig.LastReason);
        await _rig.DeliverAsync(Some.Record("m-2", Body("t-2", at)));
        Assert.Equal(4, _rig.Connect.Calls.Count);
        Assert.Equal("Refused.ResourceNotFoundException", _rig.LastReason);
        // A corrected request may use the token.
        _rig.Connect.Reply = ConnectFake.Ok;
        await _rig.DeliverAsync(Some.Record("m-3", Some.Body("t-1", "corrected")));
        Assert.Equal("Started", _rig.LastReason);
    }

    [Fact]
    public async Task What_is_invalid_in_a_group_of_a_standard_queue_is_dead_lettered_with_its_group_and_holds_nobody_back()
    {
        _rig.Connect.Reply = r =>
            r.ClientToken == "full" ? ConnectFake.Error(402, "ServiceQuotaExceededException")(r) : ConnectFake.Ok(r);
        var failed = await _rig.DeliverAsync(
            Some.Record("m-1", "{not json", group: "tenant"),
            Some.Record("m-2", Some.Body("full"), group: "tenant"),
            Some.Record("m-3", Some.Body("t-3"), group: "tenant"));
        Assert.Equal(["m-2"], failed);
        var letter = Assert.Single(_rig.Sqs.Sent);
        Assert.Equal(("tenant", null), (letter.MessageGroupId, letter.MessageDeduplicationId));
        Assert.Equal("Rejected.MalformedJson", letter.MessageAttributes[DeadLetterAttributes.Reason].StringValue);
    }

    [Fact]
    public async Task A_request_that_is_too_large_to_wait_is_rejected_with_the_property_and_the_limit()
    {
        await _rig.DeliverAsync(Some.Record("m-1", Large(Some.Now.AddDays(30))));
        var detail = _rig.Sqs.Sent[0].MessageAttributes[DeadLetterAttributes.Detail].StringValue;
        Assert.Equal("Rejected.TooLargeToHold", _rig.LastReason);
        Assert.Contains("SegmentAttributes", detail, StringComparison.Ordinal);
        Assert.Contains("401,408", detail, StringComparison.Ordinal);
        Assert.Empty(_rig.DynamoDb.Items);
        // One that is near starts, whatever its size.
        await _rig.DeliverAsync(Some.Record("m-2", Large(Some.Now.AddDays(2))));
        Assert.Equal("Started", _rig.LastReason);
    }

    [Theory]
    [InlineData("Item size to update has exceeded the maximum allowed size", "Rejected.TooLargeToHold")]
    [InlineData("The table has no such index", "LedgerUnavailable.ValidationException")]
    public async Task Only_a_refusal_for_its_size_is_final(string text, string reason)
    {
        var rig = new Rig();
        rig.DynamoDb.Failure = new AmazonDynamoDBException(text) { ErrorCode = "ValidationException" };
        await rig.DeliverAsync(Some.Record("m-1", Body("t-1", Some.Now.AddDays(30))));
        Assert.Equal(reason, rig.LastReason);
    }

    [Fact]
    public async Task A_task_whose_time_passed_while_SQS_kept_its_dead_letter_starts()
    {
        // Redriven in the console: a new message, which says nothing of its past.
        await _rig.DeliverAsync(Some.Record("new-id", Body("t-1", Some.Now.AddDays(-20))));
        Assert.Equal("Started", _rig.LastReason);
    }

    [Fact]
    public async Task A_request_that_is_long_past_is_rejected_before_anything_is_claimed()
    {
        await _rig.DeliverAsync(Some.Record("m-1", Body("t-1", Some.Now.AddDays(-29))));
        Assert.Equal("Rejected.LongPast", _rig.LastReason);
        Assert.Empty(_rig.DynamoDb.Items);
        Assert.Empty(_rig.Connect.Calls);
    }

    [Fact]
    public async Task A_message_that_stood_behind_another_for_three_days_has_three_days_of_its_own()
    {
        var rig = new Rig(Some.Settings() with { TaskQueueUrl = "https://sqs/tasks.fifo" });
        var tries = 0;
        rig.Connect.Reply = r => r.ClientToken == "head" ? ConnectFake.Error(402, "ServiceQuotaExceededException")(r)
            : ++tries == 1 ? ConnectFake.Error(500, "InternalServiceException")(r) : ConnectFake.Ok(r);
        string[] left = ["head", "next"];
        for (var receives = 1; left.Length > 0 && receives < 500; receives++)
        {
            left = [.. await rig.DeliverAsync(
                [.. left.Select(id => Some.Record(id, Some.Body(id), receives, "g"))])];
            rig.Time.Advance(TimeSpan.FromMinutes(25));
        }

        Assert.Equal(2, tries);
        Assert.Equal(
            ["Exhausted.OverQuota.ServiceQuotaExceededException"],
            rig.Sqs.Sent.Select(s => s.MessageAttributes[DeadLetterAttributes.Reason].StringValue));
    }

    [Fact]
    public async Task A_dead_letter_without_room_for_everything_keeps_its_origin()
    {
        _rig.Connect.Reply = ConnectFake.Error(400, "InvalidParameterException");
        var body = Some.Body(null) + new string(' ', 1_048_576 - Some.Body(null).Length - 450);
        await _rig.DeliverAsync(Some.Record("m-1", body));
        var letter = Assert.Single(_rig.Sqs.Sent);
        Assert.Contains(DeadLetterAttributes.Origin, letter.MessageAttributes.Keys);
        Assert.DoesNotContain(DeadLetterAttributes.Detail, letter.MessageAttributes.Keys);
        Assert.True(Size(letter) <= 1_048_576);
    }

    [Fact]
    public async Task A_derived_token_stays_the_same_in_a_replaced_queue()
    {
        await _rig.DeliverAsync(Some.Record("m-1", Some.Body(null)));
        var moved = Some.Record("m-2", Some.Body(null));
        moved.EventSourceArn = "arn:aws:sqs:us-east-1:000000000000:tasks.fifo";
        var origin = new DeadLetterOrigin { MessageId = "m-1", QueueArn = Some.QueueArn, SentAtMs = 1, ReceiveCount = 1 };
        moved.MessageAttributes![DeadLetterAttributes.Origin] = new() { DataType = "String", StringValue = origin.ToJson() };
        await _rig.DeliverAsync(moved);
        Assert.Equal("AlreadyStarted", _rig.LastReason);
    }

    [Theory]
    [InlineData(10, "Rejected.AttachmentExpires")]
    [InlineData(2, "Started")]
    public async Task An_attachment_that_expires_while_its_task_waits_is_rejected_at_once(int days, string reason)
    {
        const string Url = "https://b.s3.amazonaws.com/f?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=ab"
            + "&X-Amz-Date=20270115T080000Z&X-Amz-Expires=86400";
        var request = Some.Request() with
        {
            ScheduledTime = Some.Now.AddDays(days),
            Attachments = [new("file.pdf", Url)],
        };
        await _rig.DeliverAsync(Some.Record("m-1", Encoding.UTF8.GetString(TaskRequestJson.Write(request))));
        Assert.Equal(reason, _rig.LastReason);
        if (reason != "Started")
        {
            var detail = _rig.Sqs.Sent[0].MessageAttributes[DeadLetterAttributes.Detail].StringValue;
            Assert.Contains("2027-01-16T08:00:00Z", detail, StringComparison.Ordinal);
            Assert.Contains("2027-01-19T20:00:00Z", detail, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_refusal_is_logged_and_dead_lettered_with_connects_id_of_the_call()
    {
        _rig.Connect.Reply = ConnectFake.Error(400, "InvalidParameterException");
        await _rig.DeliverAsync(Some.Record());
        Assert.Contains("\"connectRequestId\":\"request-1\"", _rig.LogText, StringComparison.Ordinal);
        var origin = _rig.Sqs.Sent[0].MessageAttributes[DeadLetterAttributes.Origin].StringValue;
        Assert.Equal("request-1", DeadLetterOrigin.Parse(origin)!.ConnectRequestId);
    }

    [Fact]
    public async Task An_attribute_of_nothing_harms_nobody()
    {
        var record = Some.Record("m-1", "{bad");
        record.MessageAttributes!["nothing"] = null!;
        record.MessageAttributes["traceparent"] = null!;
        record.MessageAttributes[DeadLetterAttributes.Origin] = null!;
        Assert.Empty(await _rig.DeliverAsync(record, Some.Record("m-2", Some.Body("t-2"))));
        Assert.Equal("Started", _rig.LastReason);
    }

    [Fact]
    public async Task The_time_that_is_sent_has_whole_seconds_and_is_never_early()
    {
        var at = Some.Now.AddDays(1).AddMilliseconds(1);
        var request = Some.Request() with { ScheduledTime = at };
        await new ContactCentre(_rig.Connect, Some.Settings(), _rig.Time).StartAsync(request, "t", at, default);
        Assert.Equal(Some.Now.AddDays(1).AddSeconds(1).UtcDateTime, _rig.Connect.Calls[0].ScheduledTime);
    }

    [Theory]
    [InlineData("itemVersion", "3", "InFlight")]
    [InlineData("fingerprintVersion", "2", "InFlight")]
    [InlineData("itemVersion", "2", "TokenReused")]
    public async Task What_a_later_version_wrote_is_left_to_it(string attribute, string value, string reason)
    {
        await _rig.DeliverAsync(Some.Record());
        var item = new Dictionary<string, AttributeValue>(_rig.DynamoDb.Items.Values.Single())
        {
            [attribute] = new() { N = value },
            ["fingerprint"] = new("of a form that is not known here"),
        };
        await _rig.DynamoDb.PutItemAsync(
            new PutItemRequest { Item = item }, TestContext.Current.CancellationToken);
        await _rig.DeliverAsync(Some.Record("m-2"));
        Assert.Equal(reason, _rig.LastReason);
        Assert.Equal(item, _rig.DynamoDb.Items.Values.Single());
    }

    private static int Size(Amazon.SQS.Model.SendMessageRequest letter) =>
        Encoding.UTF8.GetByteCount(letter.MessageBody) + letter.MessageAttributes.Sum(
            a => a.Key.Length + a.Value.DataType.Length + Encoding.UTF8.GetByteCount(a.Value.StringValue));

    private static string Body(string token, DateTimeOffset? at) =>
        Encoding.UTF8.GetString(TaskRequestJson.Write(Some.Request(token) with { ScheduledTime = at }));

    private static string Large(DateTimeOffset at) =>
        Encoding.UTF8.GetString(TaskRequestJson.Write(Some.Request() with
        {
            ScheduledTime = at,
            SegmentAttributes = Enumerable.Range(0, 450).ToDictionary(
                i => $"a{i}", _ => new SegmentAttribute { ValueString = new string('x', 1000) }),
        }));
}
