using System.CommandLine;
using System.Text.Json;
using Amazon.SQS;
using ConnectTasks.Cli;

namespace ConnectTasks.Tests.Cli;

public sealed class DlqTests : IDisposable
{
    private readonly CliRig _rig = new();
    private readonly DlqFake _sqs = new();
    private Func<string, CancellationToken, Task> _editor = (_, _) => Task.CompletedTask;

    public void Dispose()
    {
        _rig.Dispose();
        _sqs.Dispose();
    }

    [Fact]
    public async Task List_groups_by_reason_with_counts_and_ages_and_hides_nothing_afterwards()
    {
        for (var i = 0; i < 25; i++)
            _sqs.Add($"a{i}", "Refused.ResourceNotFoundException");
        _sqs.Add("b", "Rejected.Missing");
        _sqs.Add("c", reason: null);

        Assert.Equal(0, await RunAsync("list"));

        Assert.Matches(@"Refused\.ResourceNotFoundException +25 +3h 0m +3h 0m", _rig.Out);
        Assert.Matches(@"Rejected\.Missing +1 ", _rig.Out);
        Assert.Matches(@"MovedBySqs +1 ", _rig.Out);
        Assert.Empty(_sqs.Hidden);
        Assert.Equal(27, _sqs.Dead.Count);
    }

    [Fact]
    public async Task List_as_json_has_the_counts()
    {
        _sqs.Add("b", "Rejected.Missing");

        Assert.Equal(0, await RunAsync("list", "--json"));

        using var json = JsonDocument.Parse(_rig.Out);
        Assert.Equal(1, json.RootElement.GetProperty("reasons")[0].GetProperty("count").GetInt32());
    }

    [Fact]
    public async Task An_empty_queue_is_told_and_no_failure()
    {
        Assert.Equal(0, await RunAsync("list"));

        Assert.Equal("The dead-letter queue is empty." + Environment.NewLine, _rig.Out);
    }

    [Fact]
    public async Task Messages_can_be_seen_again_also_after_a_failure()
    {
        _sqs.Add("a", "X");
        _sqs.Fault = (call, n) => call == "receive" && n == 1 ? Error("InternalError") : null;

        Assert.Equal(1, await RunAsync("list"));

        Assert.Empty(_sqs.Hidden);
        Assert.DoesNotContain(" at ", _rig.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Show_masks_personal_data_unless_it_is_to_be_revealed()
    {
        const string Body = """
            {"InstanceId":"i-1","Name":"Ada Lovelace","Attributes":{"Type":"secret","phone":"+491234"},"Ada Byron":12345}
            """;
        _sqs.Add("a", "Rejected.UnknownProperty", Body, null, ("customer", "Countess"), ("traceparent", "00-1"));

        Assert.Equal(0, await RunAsync("show"));

        foreach (var secret in (string[])["Ada", "Lovelace", "secret", "+491234", "12345", "Countess"])
            Assert.DoesNotContain(secret, _rig.Out, StringComparison.Ordinal);
        foreach (var shown in (string[])["i-1", "(12 characters)", "The detail.", "Earlier.Reason", "00-1", "t-a"])
            Assert.Contains(shown, _rig.Out, StringComparison.Ordinal);

        Assert.Equal(0, await RunAsync("show", "--reveal"));

        foreach (var secret in (string[])["Ada Lovelace", "+491234", "12345", "Countess"])
            Assert.Contains(secret, _rig.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Show_gives_the_group_and_the_id_that_support_asks_for_and_knows_any_reason()
    {
        var origin = DlqFake.Origin("a") with { ConnectRequestId = "r-4711" };
        _sqs.Add("a", "Rejected.TooLargeToHold", null, origin).Attributes["MessageGroupId"] = "tenant-1";

        Assert.Equal(0, await RunAsync("show"));
        Assert.Equal(0, await RunAsync("show", "--json"));

        Assert.Matches(@"Connect's request id +r-4711", _rig.Out);
        Assert.Matches(@"Group +tenant-1", _rig.Out);
        Assert.Contains("\"connectRequestId\":\"r-4711\"", _rig.Out, StringComparison.Ordinal);
        Assert.Contains("\"groupId\":\"tenant-1\"", _rig.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_that_is_not_json_is_masked_and_cannot_control_the_terminal()
    {
        _sqs.Add("a", "Rejected.MalformedJson", "secret \e[2J");

        Assert.Equal(0, await RunAsync("show", "--json"));
        Assert.DoesNotContain("secret", _rig.Out, StringComparison.Ordinal);
        Assert.Equal(0, await RunAsync("show", "--reveal"));
        Assert.Contains("secret \\u001B[2J", _rig.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Redrive_shows_its_plan_and_does_nothing_without_a_yes()
    {
        _sqs.Add("a", "Refused.X");
        _rig.In = "no\n";

        Assert.Equal(1, await RunAsync("redrive", "--all"));

        Assert.Contains("1 dead letter, 0 of them mended", _rig.Error, StringComparison.Ordinal);
        Assert.Contains("Nothing was changed.", _rig.Error, StringComparison.Ordinal);
        Assert.Empty(_sqs.Sent);
        Assert.Single(_sqs.Dead);
        Assert.Empty(_sqs.Hidden);
    }

    [Fact]
    public async Task Redrive_moves_those_with_the_reason_and_leaves_the_others()
    {
        _sqs.Add("a", "Refused.X");
        _sqs.Add("b", "RefusedOtherwise");
        _sqs.Add("c", "Refused");
        _rig.In = "yes\n";

        Assert.Equal(0, await RunAsync("redrive", "--reason", "refused"));

        Assert.Equal(["b"], _sqs.Dead.Select(m => m.MessageId));
        Assert.Equal(2, _sqs.Sent.Count);
        Assert.Empty(_sqs.Hidden);
    }

    [Theory]
    [InlineData("--token", "t-b")]
    [InlineData("--message-id", "b")]
    [InlineData("--message-id", "first-b")]
    public async Task Redrive_takes_one_by_its_token_or_id(string option, string value)
    {
        _sqs.Add("a", "Refused.X");
        _sqs.Add("b", "Refused.X");

        Assert.Equal(0, await RunAsync("redrive", option, value, "--yes"));

        Assert.Equal(["a"], _sqs.Dead.Select(m => m.MessageId));
    }

    [Fact]
    public async Task A_redriven_message_keeps_its_body_its_attributes_and_its_origin_but_not_the_reason()
    {
        const string Body = """{ "Name" : "\u0041" }  """;
        _sqs.Add("a", "Exhausted.Throttled", Body, null, ("traceparent", "00-1"));
        _sqs.Dead[0].MessageAttributes["binary"] =
            new() { DataType = "Binary", BinaryValue = new MemoryStream([1, 2, 3]) };

        Assert.Equal(0, await RunAsync("redrive", "--all", "--yes"));

        var sent = Assert.Single(_sqs.Sent);
        Assert.Equal(DlqFake.TaskUrl, sent.QueueUrl);
        Assert.Equal(Body, sent.MessageBody);
        Assert.Equal(
            ["ConnectTasks.Origin", "binary", "traceparent"], sent.MessageAttributes.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(3, sent.MessageAttributes["binary"].BinaryValue.Length);
        Assert.Equal(DlqFake.Origin("a").ToJson(), sent.MessageAttributes[DeadLetterAttributes.Origin].StringValue);
    }

    [Fact]
    public async Task What_cannot_be_sent_stays_and_what_was_sent_but_not_deleted_is_told()
    {
        foreach (var id in (string[])["a", "b", "c"])
            _sqs.Add(id, "Refused.X");
        _sqs.Fault = (call, n) => (call, n) switch
        {
            ("send", 0) => Error("InvalidMessageContents"),
            ("delete", 0) => Error("InternalError"),
            _ => null,
        };

        Assert.Equal(1, await RunAsync("redrive", "--all", "--yes"));

        Assert.Equal(["a", "b"], _sqs.Dead.Select(m => m.MessageId));
        Assert.Contains("a: left: SQS refused (InvalidMessageContents)", _rig.Out, StringComparison.Ordinal);
        Assert.Contains("b: sent, but still in the dead-letter queue too", _rig.Out, StringComparison.Ordinal);
        Assert.Contains("Redriven: 1 dead letter; left: 2.", _rig.Error, StringComparison.Ordinal);
        Assert.Empty(_sqs.Hidden);
    }

    [Fact]
    public async Task A_task_queue_that_is_not_there_stops_the_redrive_at_once()
    {
        for (var i = 0; i < 5; i++)
            _sqs.Add($"a{i}", "Refused.X");
        _sqs.Fault = (call, _) => call == "send" ? Error("AWS.SimpleQueueService.NonExistentQueue") : null;

        Assert.Equal(1, await RunAsync("redrive", "--all", "--yes"));

        Assert.Equal(1, _sqs.Calls.Count(c => c == "send"));
        Assert.Contains("There is no such queue", _rig.Error, StringComparison.Ordinal);
        Assert.Equal(5, _sqs.Dead.Count);
        Assert.Empty(_sqs.Hidden);
    }

    [Fact]
    public async Task Redrive_is_paced()
    {
        for (var i = 0; i < 4; i++)
            _sqs.Add($"a{i}", "Refused.X");

        Assert.Equal(0, await RunAsync("redrive", "--all", "--yes", "--rate", "2"));

        Assert.Equal(3, _rig.Time.Waits.Count(wait => wait == TimeSpan.FromSeconds(0.5)));
    }

    [Fact]
    public async Task A_patch_mends_bodies_and_matches_properties_in_any_case()
    {
        var patch = Path.GetTempFileName();
        await File.WriteAllTextAsync(patch, """{"ContactFlowId":"f-2","Description":null,"Attributes":{"a":null,"b":"2"}}""");
        _sqs.Add(
            "a", "Refused.X",
            """{"InstanceId":"i","contactFlowId":"f-1","Name":"é","description":"x","Attributes":{"a":"1","c":"3"}}""");
        try
        {
            Assert.Equal(0, await RunAsync("redrive", "--all", "--yes", "--patch", patch));
        }
        finally
        {
            File.Delete(patch);
        }

        Assert.Equal(
            """{"InstanceId":"i","contactFlowId":"f-2","Name":"é","Attributes":{"c":"3","b":"2"}}""",
            _sqs.Sent.Single().MessageBody);
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("[1]")]
    [InlineData("""{"Name":"a","Name":"b"}""")]
    public async Task A_patch_that_does_not_fit_sends_nothing(string body)
    {
        var patch = Path.GetTempFileName();
        await File.WriteAllTextAsync(patch, """{"Name":"x"}""");
        _sqs.Add("a", "Refused.X");
        _sqs.Add("b", "Rejected.X", body);
        try
        {
            Assert.Equal(1, await RunAsync("redrive", "--all", "--yes", "--patch", patch));
        }
        finally
        {
            File.Delete(patch);
        }

        Assert.Contains("The patch does not fit 1 body", _rig.Error, StringComparison.Ordinal);
        Assert.Empty(_sqs.Sent);
    }

    [Fact]
    public async Task Edit_sends_what_was_saved_and_leaves_what_was_removed()
    {
        const string Untouched = """{ "InstanceId":"i", "ContactFlowId":"f", "Name":"n" }""";
        _sqs.Add("a", "Rejected.MalformedJson", "{oops");
        _sqs.Add("b", "Refused.X", Untouched);
        _sqs.Add("c", "Refused.X");
        string? path = null;
        _editor = async (file, cancellation) =>
        {
            path = file;
            var text = await File.ReadAllTextAsync(file, cancellation);
            text = text.Replace(
                "\"{oops\"", """{"InstanceId":"i","ContactFlowId":"f","Name":"mended"}""", StringComparison.Ordinal);
            var third = text.LastIndexOf("{\n    \"messageId\"", StringComparison.Ordinal);
            await File.WriteAllTextAsync(file, text[..third] + "]", cancellation);
        };

        Assert.Equal(0, await RunAsync("redrive", "--all", "--yes", "--edit"));

        Assert.Equal(
            ["""{"InstanceId":"i","ContactFlowId":"f","Name":"mended"}""", Untouched],
            _sqs.Sent.Select(m => m.MessageBody));
        Assert.Equal(["c"], _sqs.Dead.Select(m => m.MessageId));
        Assert.False(Directory.Exists(Path.GetDirectoryName(path)));
    }

    [Fact]
    public async Task What_is_saved_as_no_json_changes_nothing_and_leaves_no_file()
    {
        _sqs.Add("a", "Refused.X");
        string? path = null;
        _editor = (file, cancellation) => File.WriteAllTextAsync(path = file, "[{", cancellation);

        Assert.Equal(2, await RunAsync("redrive", "--all", "--yes", "--edit"));

        Assert.Contains("is not JSON", _rig.Error, StringComparison.Ordinal);
        Assert.Empty(_sqs.Sent);
        Assert.False(File.Exists(path));
    }

    [Fact]
    public async Task The_plan_says_which_bodies_would_come_back()
    {
        _sqs.Add("a", "Rejected.Missing", """{"InstanceId":"i"}""");

        Assert.Equal(0, await RunAsync("redrive", "--all", "--dry-run"));

        Assert.Contains("1 body would still be rejected", _rig.Error, StringComparison.Ordinal);
        Assert.Contains("a: ", _rig.Error, StringComparison.Ordinal);
        Assert.Empty(_sqs.Sent);
    }

    [Fact]
    public async Task Purge_deletes_the_selected_ones_after_a_yes()
    {
        for (var i = 0; i < 12; i++)
            _sqs.Add($"a{i}", "Rejected.Missing");
        _sqs.Add("b", "Refused.X");
        Assert.Equal(1, await RunAsync("purge", "--reason", "Rejected"));
        Assert.Equal(13, _sqs.Dead.Count);
        _rig.In = "yes\n";

        Assert.Equal(0, await RunAsync("purge", "--reason", "Rejected"));

        Assert.Equal(["b"], _sqs.Dead.Select(m => m.MessageId));
        Assert.Contains("Deleted 12 dead letters.", _rig.Out, StringComparison.Ordinal);
        Assert.Empty(_sqs.Hidden);
    }

    [Theory]
    [InlineData("redrive", "Which dead letters?")]
    [InlineData("purge", "Which dead letters?")]
    [InlineData("redrive --all --reason x", "--all goes with none")]
    [InlineData("redrive --all --edit --patch x", "not both")]
    [InlineData("redrive --all --patch no-such.json", "There is no patch file no-such.json.")]
    [InlineData("redrive --all --queue-url " + DlqFake.DeadUrl, "are the same queue")]
    [InlineData("redrive --all --rate 0", "--rate must be a number")]
    [InlineData("list --limit 0", "--limit must be")]
    [InlineData("list --dead-letter-queue-url dead", "must be a URL")]
    public async Task Wrong_usage_exits_with_2_and_changes_nothing(string args, string expected)
    {
        _sqs.Add("a", "Refused.X");

        Assert.Equal(2, await RunAsync(args.Split(' ')));

        Assert.Contains(expected, _rig.Error, StringComparison.Ordinal);
        Assert.Empty(_sqs.Sent);
        Assert.Single(_sqs.Dead);
    }

    [Theory]
    [InlineData("AWS.SimpleQueueService.NonExistentQueue", "There is no such queue")]
    [InlineData("AccessDenied", "another account")]
    [InlineData("ExpiredToken", "log in again")]
    public async Task What_aws_refuses_is_a_sentence_and_exits_with_1(string code, string expected)
    {
        _sqs.Fault = (_, _) => Error(code);

        Assert.Equal(1, await RunAsync("list"));

        Assert.Contains(expected, _rig.Error, StringComparison.Ordinal);
        Assert.Single(_rig.Error.TrimEnd().Split('\n'));
    }

    private static AmazonSQSException Error(string code) => new("No.") { ErrorCode = code };

    private async Task<int> RunAsync(params string[] args)
    {
        Task<IAmazonSQS> Connect(ParseResult result, Uri url) => Task.FromResult<IAmazonSQS>(_sqs);
        var root = new RootCommand
        {
            DlqCommand.Create(_rig.Terminal, Connect, (file, cancellation) => _editor(file, cancellation)),
        };
        var given = args.ToList();
        if (!given.Contains("--dead-letter-queue-url"))
            given.AddRange(["--dead-letter-queue-url", DlqFake.DeadUrl]);
        if (given[0] == "redrive" && !given.Contains("--queue-url"))
            given.AddRange(["--queue-url", DlqFake.TaskUrl]);
        return await CommandLine.RunAsync(root, ["dlq", .. given], _rig.Terminal);
    }
}
