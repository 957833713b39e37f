using System.Security.Cryptography;
using System.Text;
using ConnectTasks.Client;

namespace ConnectTasks.Tests.Client;

public class FifoTests
{
    private readonly ClientRig _rig = new(ClientRig.QueueUrl + ".fifo");

    // Two versions of a producer should agree on it: a change makes an equal request, sent by both within five minutes,
    // two messages (of which the ledger lets one start a task).
    [Fact]
    public async Task The_deduplication_id_is_the_hash_of_the_tasks_key_and_of_the_body()
    {
        await _rig.Client.SendAsync(Some.Request());

        var expected = Hash($"{Some.Instance}#t-1\n{Hash(_rig.Sqs.Only.MessageBody)}");
        Assert.Equal(expected, _rig.Sqs.Only.MessageDeduplicationId);
        Assert.Equal("fc49de02b8ea980197bb2330d8c2c368c0257d000a3bbe27a5c39276ee57bd77", expected);
    }

    [Fact]
    public async Task A_corrected_request_under_the_same_token_is_another_message()
    {
        await _rig.Client.SendAsync(Some.Request());
        await _rig.Client.SendAsync(Some.Request(name: "corrected"));
        await _rig.Client.SendAsync(Some.Request() with { Attachments = [new("a", "https://s3/a?X-Amz-Date=1")] });
        await _rig.Client.SendAsync(Some.Request() with { Attachments = [new("a", "https://s3/a?X-Amz-Date=2")] });
        await _rig.Client.SendAsync(Some.Request());

        Assert.Equal(4, _rig.Sqs.Entries.Select(e => e.MessageDeduplicationId).Distinct().Count());
        Assert.Single(_rig.Sqs.Entries.Select(e => e.MessageGroupId).Distinct());
    }

    [Fact]
    public async Task Ids_are_in_SQSs_alphabet_and_length_for_any_token()
    {
        var token = string.Concat(Enumerable.Repeat("\u00E9 ", 250));

        await _rig.Client.SendAsync(Some.Request(token));
        await _rig.Client.SendAsync(Some.Request(token));
        await _rig.Client.SendAsync(Some.Request(token[..^1] + "x"));

        Assert.All(_rig.Sqs.Entries, e => Assert.Matches("^[0-9a-f]{64}$", e.MessageDeduplicationId));
        Assert.All(_rig.Sqs.Entries, e => Assert.Matches("^[0-9a-f]{64}$", e.MessageGroupId));
        Assert.Equal(2, _rig.Sqs.Entries.Select(e => e.MessageDeduplicationId).Distinct().Count());
    }

    [Fact]
    public async Task An_instance_is_the_same_as_id_and_as_ARN()
    {
        await _rig.Client.SendAsync(Some.Request());
        await _rig.Client.SendAsync(Some.Request() with
        {
            InstanceId = $"arn:aws:connect:us-east-1:000000000000:instance/{Some.Instance}",
        });

        Assert.Single(_rig.Sqs.Entries.Select(e => e.MessageDeduplicationId).Distinct());
    }

    [Fact]
    public async Task Tasks_do_not_hold_up_one_another_but_what_follows_a_task_stays_behind_it()
    {
        await _rig.Client.SendManyAsync(ClientRig.Requests(3));
        await _rig.Client.RescheduleAsync(Some.Instance, "t-1", Some.Now);
        await _rig.Client.CancelAsync(Some.Instance, "t-1");

        var groups = _rig.Sqs.Entries.Select(e => e.MessageGroupId).ToList();
        Assert.Equal(3, groups.Take(3).Distinct().Count());
        Assert.All(groups.Skip(3), g => Assert.Equal(groups[1], g));
    }

    [Fact]
    public async Task Moving_a_task_there_and_back_and_there_again_is_three_messages()
    {
        foreach (var hours in new[] { 1, 2, 1 })
        {
            await _rig.Client.RescheduleAsync(Some.Instance, "t-1", Some.Now.AddHours(hours));
            await Task.Delay(TimeSpan.FromSeconds(1), _rig.Time);
        }
        await _rig.Client.SendAsync(Some.Request());
        await _rig.Client.CancelAsync(Some.Instance, "t-1");

        Assert.Equal(5, _rig.Sqs.Entries.Select(e => e.MessageDeduplicationId).Distinct().Count());
    }

    [Fact]
    public async Task Equal_commands_of_one_moment_are_two_messages()
    {
        await _rig.Client.CancelAsync(Some.Instance, "t-1");
        await _rig.Client.CancelAsync(Some.Instance, "t-1");

        Assert.Equal(2, _rig.Sqs.Entries.Select(e => e.MessageDeduplicationId).Distinct().Count());
    }

    [Fact]
    public async Task A_message_that_is_sent_again_keeps_its_deduplication_id()
    {
        _rig.Sqs.Reply = (n, request) => n == 1 ? SqsQueueFake.Take(request, except: [0]) : SqsQueueFake.Take(request);

        await _rig.Client.CancelAsync(Some.Instance, "t-1");

        Assert.Equal(2, _rig.Sqs.Batches.Count);
        Assert.Single(_rig.Sqs.Entries.Select(e => e.MessageDeduplicationId).Distinct());
    }

    [Theory]
    [InlineData("customer-7", null)]
    [InlineData("!~", null)]
    [InlineData("", "TooShort")]
    [InlineData("with space", "InvalidCharacter")]
    [InlineData("é", "InvalidCharacter")]
    public async Task A_group_of_the_callers_is_checked_and_kept(string group, string? code)
    {
        var options = new SendOptions { MessageGroupId = group };

        var results = await _rig.Client.SendManyAsync([Some.Request()], _ => options);

        Assert.Equal(code, results[0].Violations.SingleOrDefault()?.Code);
        Assert.Equal(code is null ? [group] : [], _rig.Sqs.Entries.Select(e => e.MessageGroupId));
    }

    [Theory]
    [InlineData(128, true)]
    [InlineData(129, false)]
    public async Task A_group_has_up_to_128_characters(int length, bool isSent)
    {
        var options = new SendOptions { MessageGroupId = new string('g', length) };

        Assert.Equal(isSent, (await _rig.Client.SendManyAsync([Some.Request()], _ => options))[0].IsSent);
    }

    [Fact]
    public async Task A_delay_of_one_message_is_refused_as_SQS_would()
    {
        var options = new SendOptions { Delay = TimeSpan.FromSeconds(1) };

        var result = Assert.Single(await _rig.Client.SendManyAsync([Some.Request()], _ => options));

        var violation = Assert.Single(result.Violations);
        Assert.Equal((ViolationCodes.Contradictory, "SendOptions.Delay"), (violation.Code, violation.Path));
    }

    [Fact]
    public async Task A_standard_queue_gets_a_group_only_if_it_is_given_and_no_deduplication_id()
    {
        var standard = new ClientRig();

        await standard.Client.SendAsync(Some.Request(), new SendOptions { MessageGroupId = "tenant-1" });

        Assert.Equal("tenant-1", standard.Sqs.Only.MessageGroupId);
        Assert.Null(standard.Sqs.Only.MessageDeduplicationId);
    }

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
