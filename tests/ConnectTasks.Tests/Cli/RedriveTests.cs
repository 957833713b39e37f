using System.CommandLine;
using System.Text;
using Amazon.SQS;
using Amazon.SQS.Model;
using ConnectTasks.Cli;

namespace ConnectTasks.Tests.Cli;

/// <summary>What goes back to the task queue with a dead letter, so that it stays the same task.</summary>
public sealed class RedriveTests : IDisposable
{
    private const string OldQueueArn = "arn:aws:sqs:us-east-1:000000000000:tasks-of-before";

    private static readonly long SentAtMs = Some.Now.AddHours(-3).ToUnixTimeMilliseconds();

    private readonly CliRig _rig = new();
    private readonly DlqFake _sqs = new();

    public void Dispose()
    {
        _rig.Dispose();
        _sqs.Dispose();
    }

    [Fact]
    public async Task A_message_that_SQS_moved_gets_an_origin_so_that_its_derived_token_and_its_age_stay()
    {
        var letter = _sqs.Add("a", reason: null);
        letter.Attributes["DeadLetterQueueSourceArn"] = OldQueueArn;
        letter.Attributes["ApproximateReceiveCount"] = "401";

        var origin = OriginOf(await RedriveOneAsync());

        Assert.Equal(
            ("a", OldQueueArn, SentAtMs, 401),
            (origin.MessageId, origin.QueueArn, origin.SentAtMs, origin.ReceiveCount));
        Assert.Equal("MovedBySqs", origin.History!.Single().Reason);
        Assert.DoesNotContain("arn", _sqs.Calls);
    }

    [Fact]
    public async Task Where_SQS_does_not_name_the_queue_that_a_message_came_from_it_is_the_task_queue()
    {
        _sqs.Add("a", reason: null);
        _sqs.Add("b", reason: null);

        Assert.Equal(0, await RunAsync());

        Assert.All(_sqs.Sent, sent => Assert.Equal(Some.QueueArn, OriginOf(sent).QueueArn));
        Assert.Single(_sqs.Calls, call => call == "arn");
    }

    [Fact]
    public async Task An_origin_without_a_queue_as_earlier_versions_wrote_it_gets_one()
    {
        _sqs.Add("a", "Refused.X", origin: DlqFake.Origin("a") with { QueueArn = "" });

        var origin = OriginOf(await RedriveOneAsync());

        Assert.Equal(("first-a", Some.QueueArn), (origin.MessageId, origin.QueueArn));
        Assert.Equal("Earlier.Reason", origin.History!.Single().Reason);
    }

    [Fact]
    public async Task An_origin_that_is_there_goes_back_as_it_is_with_what_a_later_version_added()
    {
        var text = DlqFake.Origin("a").ToJson()[..^1] + ",\"new\":1}";
        _sqs.Add("a", "Refused.X", null, null, (DeadLetterAttributes.Origin, text));
        _sqs.Dead[0].Attributes["DeadLetterQueueSourceArn"] = OldQueueArn;

        var sent = await RedriveOneAsync();

        Assert.Equal(text, sent.MessageAttributes[DeadLetterAttributes.Origin].StringValue);
    }

    [Theory]
    [InlineData(-1_000, 0)]
    [InlineData(60_000, 0)]
    [InlineData(-300_000_000, -300_000_000)]
    public async Task A_command_that_SQS_moved_keeps_its_place_among_others(int stampMs, int expectedMs)
    {
        var stamp = TaskMessageAttributes.FormatSentAt(DateTimeOffset.FromUnixTimeMilliseconds(SentAtMs + stampMs));
        _sqs.Add("a", reason: null, null, null, (TaskMessageAttributes.SentAt, stamp));

        var sent = await RedriveOneAsync();

        Assert.Equal(SentAtMs + expectedMs, OriginOf(sent).SentAtMs);
        Assert.Equal(stamp, sent.MessageAttributes[TaskMessageAttributes.SentAt].StringValue);
        // The function takes the same time from the message itself.
        var record = Some.Record(age: TimeSpan.FromHours(3));
        record.MessageAttributes![TaskMessageAttributes.SentAt] = new() { DataType = "String", StringValue = stamp };
        Assert.Equal(
            SentAtMs + expectedMs,
            ConnectTasks.Lambda.Message.From(record).OriginallySentAt!.Value.ToUnixTimeMilliseconds());
    }

    [Fact]
    public async Task The_function_derives_the_same_token_from_a_message_that_SQS_moved_as_before()
    {
        var letter = _sqs.Add("m-1", reason: null, Some.Body(token: null));
        letter.Attributes["DeadLetterQueueSourceArn"] = Some.QueueArn;

        var sent = await RedriveOneAsync();

        var before = ConnectTasks.Lambda.Message.From(Some.Record("m-1"));
        var record = Some.Record("m-2");
        record.EventSourceArn = OldQueueArn;
        record.MessageAttributes![DeadLetterAttributes.Origin] = new()
        {
            DataType = "String",
            StringValue = sent.MessageAttributes[DeadLetterAttributes.Origin].StringValue,
        };
        var after = ConnectTasks.Lambda.Message.From(record);
        Assert.Equal(
            (before.OriginalQueueArn, before.OriginalMessageId), (after.OriginalQueueArn, after.OriginalMessageId));
    }

    [Fact]
    public async Task No_more_than_ten_attributes_are_sent_and_the_functions_own_come_first()
    {
        (string, string)[] attributes =
        [
            .. Enumerable.Range(0, 8).Select(i => ($"A-own{i}", "x")),
            ("ConnectTasks.Released", "1800000000000/2"),
            ("ConnectTasks.SentAt", "1800000000000"),
        ];
        _sqs.Add("a", reason: null, null, null, attributes);

        var names = (await RedriveOneAsync()).MessageAttributes.Keys;

        Assert.Equal(10, names.Count);
        Assert.Superset(
            new HashSet<string> { "ConnectTasks.Origin", "ConnectTasks.Released", "ConnectTasks.SentAt" },
            names.ToHashSet());
    }

    [Theory]
    [InlineData(400, true, 2, true)]
    [InlineData(300, true, 1, true)]
    [InlineData(170, true, 1, true)]
    [InlineData(20, true, 0, true)]
    [InlineData(20, false, 1, false)]
    public async Task A_message_that_fills_SQSs_limit_goes_back_with_what_there_is_room_for_beside_its_identity(
        int room, bool hasToken, int attributes, bool fits)
    {
        var body = Some.Body(hasToken ? "t-1" : null);
        body = new string(' ', 1_048_576 - room - body.Length) + body;
        _sqs.Add("a", reason: null, body, null, ("own", new string('x', 100)));

        var sent = await RedriveOneAsync();

        Assert.Equal(attributes, sent.MessageAttributes.Count);
        Assert.Equal(fits, Bytes(sent) <= 1_048_576);
        Assert.Equal(attributes > 0, sent.MessageAttributes.ContainsKey(DeadLetterAttributes.Origin));
    }

    [Fact]
    public async Task On_a_FIFO_queue_the_group_is_kept_and_another_redrive_of_a_letter_is_another_message()
    {
        _sqs.Add("a", "Refused.X").Attributes["MessageGroupId"] = "g-7";
        _sqs.Add("b", "Refused.X");
        _sqs.Fault = (call, n) => call == "delete" && n < 2 ? new AmazonSQSException("No.") : null;
        var url = DlqFake.TaskUrl + ".fifo";

        Assert.Equal(1, await RunAsync("--queue-url", url));
        Assert.Equal(0, await RunAsync("--queue-url", url));

        Assert.Equal(["g-7", "b", "g-7", "b"], _sqs.Sent.Select(sent => sent.MessageGroupId));
        var ids = _sqs.Sent.ConvertAll(sent => sent.MessageDeduplicationId);
        Assert.Equal(4, ids.Distinct().Count());
        Assert.All(ids, id => Assert.Matches("^[0-9a-f]{32}-[ab]$", id));
    }

    [Fact]
    public async Task On_a_standard_queue_the_group_is_kept_and_no_deduplication_id_is_sent()
    {
        _sqs.Add("a", "Refused.X").Attributes["MessageGroupId"] = "tenant-1";
        _sqs.Add("b", "Refused.X");

        Assert.Equal(0, await RunAsync());

        Assert.Equal(["tenant-1", null], _sqs.Sent.Select(sent => sent.MessageGroupId));
        Assert.All(_sqs.Sent, sent => Assert.Null(sent.MessageDeduplicationId));
    }

    [Fact]
    public async Task An_ARN_that_may_not_be_read_stops_the_redrive_with_a_sentence_and_sends_nothing()
    {
        _sqs.Add("a", reason: null);
        _sqs.Fault = (call, _) => call == "arn" ? new AmazonSQSException("No.") { ErrorCode = "AccessDenied" } : null;

        Assert.Equal(1, await RunAsync());

        Assert.Empty(_sqs.Sent);
        Assert.Contains("(AccessDenied)", _rig.Error, StringComparison.Ordinal);
        Assert.Single(_sqs.Dead);
    }

    [Theory]
    [InlineData("Rejected.TooLargeToHold")]
    [InlineData("Rejected.AttachmentExpires")]
    [InlineData("Exhausted.NotFoundYet.ResourceNotFoundException")]
    [InlineData("A.Reason.Of.A.Later.Version")]
    public async Task Reasons_that_this_version_has_no_word_for_are_redriven_like_any_other(string reason)
    {
        _sqs.Add("a", reason);

        Assert.Equal(0, await RunAsync());

        Assert.Contains(reason, _rig.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("would still be rejected", _rig.Error, StringComparison.Ordinal);
        Assert.Single(_sqs.Sent);
    }

    private async Task<SendMessageRequest> RedriveOneAsync()
    {
        Assert.Equal(0, await RunAsync());
        return Assert.Single(_sqs.Sent);
    }

    private async Task<int> RunAsync(params string[] args)
    {
        Task<IAmazonSQS> Connect(ParseResult result, Uri url) => Task.FromResult<IAmazonSQS>(_sqs);
        var root = new RootCommand { DlqCommand.Create(_rig.Terminal, Connect) };
        string[] queue = args.Contains("--queue-url") ? [] : ["--queue-url", DlqFake.TaskUrl];
        return await CommandLine.RunAsync(
            root,
            ["dlq", "redrive", "--all", "--yes", "--dead-letter-queue-url", DlqFake.DeadUrl, .. queue, .. args],
            _rig.Terminal);
    }

    private static DeadLetterOrigin OriginOf(SendMessageRequest sent) =>
        DeadLetterOrigin.Parse(sent.MessageAttributes[DeadLetterAttributes.Origin].StringValue)!;

    private static int Bytes(SendMessageRequest sent) => Encoding.UTF8.GetByteCount(sent.MessageBody)
        + sent.MessageAttributes.Sum(a => a.Key.Length + "String".Length + a.Value.StringValue.Length);
}
