using ConnectTasks.Cli.Demo;
using ConnectTasks.Local;

namespace ConnectTasks.Tests.Cli;

public sealed class AccountsTests
{
    private static readonly IReadOnlySet<string> Nothing = new HashSet<string>();

    [Fact]
    public void Every_message_is_accounted_for()
    {
        var accounts = Accounts.Settle(
            [
                Sent("m1", "t1", Fate.Started),
                Sent("m2", "t1", Fate.Duplicate),
                Sent("m3", null, Fate.DeadLettered, "Rejected"),
            ],
            [Contact("t1", "c1")],
            [Letter("m3", "Rejected.TooLong")],
            Recorded(("t1", "c1")),
            Nothing);

        Assert.Equal((3, 1, 1, 1, 0, 0, 0), (accounts.Sent, accounts.Started, accounts.Duplicates,
            accounts.DeadLettered, accounts.Lost, accounts.Doubled, accounts.Unexpected));
        Assert.True(accounts.IsBalanced);
    }

    [Fact]
    public void A_message_without_contact_or_dead_letter_is_lost()
    {
        var accounts = Accounts.Settle([Sent("m1", "t1", Fate.Started)], [], [], Recorded(), Nothing);

        Assert.Equal(1, accounts.Lost);
        Assert.False(accounts.IsBalanced);
    }

    [Fact]
    public void A_second_contact_of_a_task_is_doubled()
    {
        var accounts = Accounts.Settle(
            [Sent("m1", "t1", Fate.Started)],
            [Contact("t1", "c1"), Contact("t1", "c2")],
            [],
            Recorded(("t1", "c1")),
            Nothing);

        Assert.Equal(1, accounts.Doubled);
        Assert.False(accounts.IsBalanced);
    }

    [Fact]
    public void A_contact_that_nobody_asked_for_is_doubled()
    {
        var accounts = Accounts.Settle([], [Contact("t9", "c1")], [], Recorded(), Nothing);

        Assert.Equal(1, accounts.Doubled);
    }

    [Fact]
    public void A_contact_of_a_message_that_is_dead_lettered_too_is_doubled()
    {
        var accounts = Accounts.Settle([Sent("m1", "t1", Fate.DeadLettered)], [Contact("t1", "c1")],
            [Letter("m1", "Refused")], Recorded(("t1", "c1")), Nothing);

        Assert.Equal(1, accounts.Doubled);
    }

    [Fact]
    public void A_started_task_that_the_ledger_does_not_have_is_unrecorded()
    {
        var accounts = Accounts.Settle(
            [Sent("m1", "t1", Fate.Started)], [Contact("t1", "c1")], [], Recorded(("t1", "another")), Nothing);

        Assert.Equal(1, accounts.Unrecorded);
        Assert.False(accounts.IsBalanced);
    }

    [Fact]
    public void A_task_that_the_ledger_has_as_cancelled_is_cancelled_and_not_lost()
    {
        var accounts = Accounts.Settle(
            [Sent("m1", "t1", Fate.Cancelled)], [], [], Recorded(), new HashSet<string> { TaskKey.For("INST", "t1") });

        Assert.Equal((1, 0), (accounts.Cancelled, accounts.Lost));
        Assert.True(accounts.IsBalanced);
    }

    [Fact]
    public void A_cancelled_task_with_a_contact_is_unexpected()
    {
        var accounts = Accounts.Settle(
            [Sent("m1", "t1", Fate.Cancelled)], [Contact("t1", "c1")], [], Recorded(),
            new HashSet<string> { TaskKey.For("INST", "t1") });

        Assert.Equal(1, accounts.Unexpected);
        Assert.False(accounts.IsBalanced);
    }

    [Fact]
    public void Another_reason_than_the_expected_one_is_unexpected()
    {
        var accounts = Accounts.Settle(
            [Sent("m1", null, Fate.DeadLettered, "Rejected.TooLong")],
            [],
            [Letter("m1", "Exhausted.Throttled")],
            Recorded(),
            Nothing);

        Assert.Equal(1, accounts.Unexpected);
        Assert.False(accounts.IsBalanced);
    }

    private static DemoMessage Sent(string id, string? token, Fate fate, string? reason = null) => new()
    {
        Kind = "a message",
        MessageId = id,
        Body = "{}",
        InstanceId = token is null ? null : "INST",
        ClientToken = token,
        Expected = (fate, reason),
    };

    private static DemoContact Contact(string token, string id) => new("INST", token, id);

    private static DeadLetter Letter(string messageId, string reason) => new()
    {
        MessageId = $"new-{messageId}",
        Body = "{}",
        Reason = reason,
        Origin = new DeadLetterOrigin
        {
            MessageId = messageId,
            QueueArn = "arn:aws:sqs:us-east-1:000000000000:q",
            SentAtMs = 0,
            ReceiveCount = 1,
        },
    };

    private static Dictionary<string, string> Recorded(params (string Token, string ContactId)[] tasks) =>
        tasks.ToDictionary(task => TaskKey.For("INST", task.Token), task => task.ContactId);
}
