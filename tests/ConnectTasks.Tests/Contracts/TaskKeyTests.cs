using System.Text;
using static ConnectTasks.Tests.Contracts.SomeJson;

namespace ConnectTasks.Tests.Contracts;

public sealed class TaskKeyTests
{
    private const string Queue = "arn:aws:sqs:us-east-1:123456789012:tasks";

    [Fact]
    public void A_key_is_the_instance_and_the_token() =>
        Assert.Equal($"{Instance}#order 4711 é#1", TaskKey.For(Instance, "order 4711 é#1"));

    [Fact]
    public void The_ARN_of_an_instance_gives_the_key_of_its_id() =>
        Assert.Equal(TaskKey.For(Instance, "t"), TaskKey.For(Arn(), "t"));

    [Fact]
    public void A_key_has_at_most_2048_bytes()
    {
        var instance = new string('i', 47);
        // 47 + 1 + 2,000 bytes.
        var longest = string.Concat(Enumerable.Repeat("\U0001F600", TaskRequestLimits.ClientTokenMaxCharacters));

        Assert.Equal($"{instance}#{longest}", TaskKey.For(instance, longest));
        Assert.Equal(TaskKey.MaxBytes, Encoding.UTF8.GetByteCount(TaskKey.For(instance, longest)));
        Assert.Matches("^#sha256-[0-9a-f]{64}$", TaskKey.For(instance + "i", longest));
        Assert.Equal(TaskKey.For(Arn(instance: instance + "i"), longest), TaskKey.For(instance + "i", longest));
    }

    [Fact]
    public void Other_tasks_have_other_keys()
    {
        var longest = new string('é', 1_500);
        (string, string)[] tasks =
        [
            ("i", "t"), ("i", "T"), ("I", "t"), ("it", "#"), ("i", "t#"), ("i#t", ""), ("i#", "t"), ("i", "#t"),
            ("i", longest), ("j", longest), ("i", longest + "x"), ("ié", longest[1..]),
            (TaskKey.For("i", longest)[1..], "t"),
            ("i", TaskKey.For("i", longest)),
        ];
        var keys = tasks.Where(task => task.Item2 != "").Select(task => TaskKey.For(task.Item1, task.Item2)).ToList();

        Assert.Equal(keys.Count, keys.Distinct().Count());
    }

    // Kept by the ledger for weeks, and sent to the service again after a lost reply.
    [Fact]
    public void Keys_and_derived_tokens_never_change()
    {
        Assert.Equal(
            "#sha256-1b211ed223e693b1846ac9856291be838c3176898d1b56c89a3b301e561734d2",
            TaskKey.For("i", new string('é', 1_500)));
        Assert.Equal(
            "sqs-3fa1eda9229849e6e0a07e34e86bb3116c9278eb2ce463bb0ced86751c1573bf",
            TaskKey.DeriveToken(Queue, "00000000-0000-4000-8000-00000000b001"));
    }

    [Fact]
    public void A_derived_token_is_the_same_for_each_delivery_and_another_for_each_message()
    {
        string[] tokens =
        [
            TaskKey.DeriveToken(Queue, "m-1"),
            TaskKey.DeriveToken(Queue, "m-2"),
            TaskKey.DeriveToken(Queue + "m", "-1"),
            TaskKey.DeriveToken(Queue + "2", "m-1"),
        ];

        Assert.Equal(4, tokens.Distinct().Count());
        Assert.Equal(tokens[0], TaskKey.DeriveToken(Queue, "m-1"));
        Assert.Empty(Found(Minimal with { ClientToken = tokens[0] }));
    }

    [Fact]
    public void There_is_no_key_and_no_token_without_both_parts()
    {
        Assert.Throws<ArgumentException>(() => TaskKey.For("", "t"));
        Assert.Throws<ArgumentException>(() => TaskKey.For("i", ""));
        Assert.Throws<ArgumentException>(() => TaskKey.DeriveToken("", "m"));
        Assert.Throws<ArgumentException>(() => TaskKey.DeriveToken("q", ""));
    }
}
