using ConnectTasks.Lambda;
using ConnectTasks.Local;

namespace ConnectTasks.Tests.Local;

/// <summary>What is known of a message afterwards, and that what is known stays bounded.</summary>
public sealed class ActivityTests : IDisposable
{
    private readonly PageRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void A_life_tells_each_receive_claim_call_and_outcome_in_the_order_of_time()
    {
        _rig.Receive("m-1");
        _rig.Time.Advance(TimeSpan.FromSeconds(1));
        var contact = _rig.Start(Some.Body());
        _rig.Time.Advance(TimeSpan.FromMilliseconds(10));
        _rig.End("m-1", new Outcome.Started(contact, TimeSpan.Zero, false) { ClientToken = "t-1" });
        _rig.Activity.Observe(new LambdaEvent.MessagesDeleted("tasks", ["m-1"]));

        var life = _rig.Activity.Find("m-1")!;
        Assert.Equal(
            [StepKind.Sent, StepKind.Received, StepKind.Claim, StepKind.Call, StepKind.Outcome, StepKind.Deleted],
            life.Steps.Select(step => step.Kind));
        Assert.Contains("for the 1st time", life.Steps[1].Text, StringComparison.Ordinal);
        Assert.Contains($"answered with the contact {contact}", life.Steps[3].Text, StringComparison.Ordinal);
        Assert.Equal("Started: The task contact was started.", life.Steps[4].Text);
        Assert.Equal(("Started", contact, "case", "t-1"),
            (life.Row.State, life.Row.ContactId, life.Row.Name, life.Row.Token));
    }

    [Fact]
    public void A_duplicate_has_none_of_the_calls_of_the_message_that_it_repeats()
    {
        _rig.Receive("m-1");
        _rig.Receive("m-2");
        var contact = _rig.Start(Some.Body());
        _rig.End("m-1", new Outcome.Started(contact, TimeSpan.Zero, false) { ClientToken = "t-1" });
        _rig.End("m-2", new Outcome.AlreadyStarted(contact) { ClientToken = "t-1" });

        var life = _rig.Activity.Find("m-2")!;
        Assert.DoesNotContain(life.Steps, step => step.Kind == StepKind.Call);
        Assert.Contains(life.Steps, step => step.Text.Contains("Connect was not called", StringComparison.Ordinal));
        Assert.Equal(["m-1"], life.Others.Select(other => other.Id));
        Assert.Contains(_rig.Activity.Find("m-1")!.Steps, step => step.Kind == StepKind.Call);
    }

    [Fact]
    public void A_retry_says_why_and_when_it_comes_back()
    {
        _rig.Connect.AddFaults([new Fault { Name = "429", Status = 429, Code = "ThrottlingException" }]);
        _rig.Receive("m-1");
        _rig.Start(Some.Body());
        _rig.End("m-1", new Outcome.Throttled("ThrottlingException") { ClientToken = "t-1" }, TimeSpan.FromSeconds(4));

        var life = _rig.Activity.Find("m-1")!;
        Assert.Equal(("Throttled", _rig.Time.GetUtcNow().AddSeconds(4)), (life.Row.State, life.Row.ReturnsAt));
        Assert.Contains(
            "answered 429 ThrottlingException (a fault that was asked for)", Text(life), StringComparison.Ordinal);
        Assert.Contains("It returns in 4 s.", Text(life), StringComparison.Ordinal);
        _rig.Receive("m-1", count: 2);
        Assert.Equal((MessageLife.Working, null), (Row("m-1").State, Row("m-1").ReturnsAt));
    }

    [Fact]
    public void A_message_whose_function_died_says_so_with_the_calls_that_it_made()
    {
        _rig.Receive("m-1");
        var contact = _rig.Start(Some.Body());
        _rig.Activity.Observe(new LambdaEvent.BatchFinished(
            "tasks", [], ["m-1"], new InvocationResult.Exited("signal: killed")));

        var life = _rig.Activity.Find("m-1")!;
        Assert.Equal(MessageLife.Crashed, life.Row.State);
        Assert.Contains(contact, Text(life), StringComparison.Ordinal);
        Assert.Contains("signal: killed", Text(life), StringComparison.Ordinal);
    }

    [Fact]
    public void Throttled_now_is_what_the_last_calls_say_for_a_while()
    {
        Assert.False(_rig.Activity.Totals.IsThrottledNow);
        for (var i = 0; i < 7; i++)
            _rig.Start(Some.Body($"t-{i}"));
        var totals = _rig.Activity.Totals;
        // Connect's own quota: five at once.
        Assert.Equal((true, 7, 2), (totals.IsThrottledNow, totals.RecentCalls, totals.RecentThrottled));
        _rig.Time.Advance(Activity.RecentTime + TimeSpan.FromSeconds(1));
        Assert.False(_rig.Activity.Totals.IsThrottledNow);
    }

    [Fact]
    public void Messages_are_found_by_id_token_contact_and_name_in_any_case()
    {
        _rig.Receive("m-1", Some.Body("order-4711", "Call Ada back"));
        _rig.Receive("m-2", Some.Body("other"));
        _rig.End("m-1", new Outcome.Started("c-99", TimeSpan.Zero, false) { ClientToken = "order-4711" });
        Assert.All((string[])["M-1", "4711", "c-99", "ada"],
            text => Assert.Equal(["m-1"], _rig.Activity.Search(text, 10).Select(row => row.Id)));
        Assert.Empty(_rig.Activity.Search("nothing", 10));
    }

    [Fact]
    public void A_derived_token_is_known_from_the_log()
    {
        _rig.Receive("m-1", Some.Body(token: null));
        Assert.Null(Row("m-1").Token);
        _rig.End("m-1", new Outcome.AlreadyStarted("c") { ClientToken = "sqs-derived" });
        Assert.Equal("m-1", Assert.Single(_rig.Activity.Search("sqs-derived", 1)).Id);
    }

    [Fact]
    public void Only_what_changed_is_told_again()
    {
        _rig.Receive("m-1");
        _rig.Receive("m-2");
        var (version, rows, _) = _rig.Activity.Since(-1, 100);
        Assert.Equal(["m-1", "m-2"], rows.Select(row => row.Id));
        Assert.Empty(_rig.Activity.Since(version, 100).Rows);
        _rig.End("m-1", new Outcome.AlreadyHeld { ClientToken = "t-1" });
        Assert.Equal(["m-1"], _rig.Activity.Since(version, 100).Rows.Select(row => row.Id));
    }

    [Fact]
    public void Memory_is_bounded_in_messages_steps_bodies_and_seconds()
    {
        for (var i = 0; i < Activity.MessagesMaxCount + 10; i++)
            _rig.Receive($"m-{i}", Some.Body($"t-{i}"));
        Assert.Equal(Activity.MessagesMaxCount, _rig.Activity.Since(-1, 1).Kept);
        Assert.Null(_rig.Activity.Find("m-9"));
        Assert.DoesNotContain(_rig.Activity.Search("t-9", 10), row => row.Token == "t-9");
        Assert.NotNull(_rig.Activity.Find("m-10"));

        _rig.Receive("long", new string('x', 1_000_000));
        var cut = _rig.Activity.Find("long")!;
        Assert.Equal((Activity.BodyMaxCharacters, true), (cut.Body.Length, cut.IsCut));

        for (var i = 1; i <= 100; i++)
            _rig.Receive("often", count: i);
        var often = _rig.Activity.Find("often")!;
        Assert.Equal((Activity.StepsMaxCount, 101 - Activity.StepsMaxCount), (often.Steps.Count, often.StepsDropped));
        Assert.Equal(StepKind.Sent, often.Steps[0].Kind);
        Assert.Contains("100th", often.Steps[^1].Text, StringComparison.Ordinal);

        for (var i = 0; i < 2 * SecondSeries.MaxCount; i++)
        {
            _rig.Time.Advance(TimeSpan.FromSeconds(1));
            _rig.Receive("often");
        }

        Assert.Equal(SecondSeries.MaxCount, _rig.Activity.Seconds.Since(0).Count);
    }

    [Theory]
    [InlineData("plain text")]
    [InlineData("{")]
    [InlineData("""{"outcome":1,"messageId":"m"}""")]
    [InlineData("""{"outcome":"Started","messageId":"m","timestamp":"never"}""")]
    [InlineData("""{"outcome":"Started","messageId":"m"}""")]
    public void Other_lines_of_the_function_change_nothing(string line)
    {
        _rig.Activity.Observe(new LambdaEvent.LogLine("f", 1, line));
        Assert.Equal(0, _rig.Activity.Version);
    }

    private MessageRow Row(string id) => _rig.Activity.Find(id)!.Row;

    private static string Text(MessageDetails life) => string.Join('\n', life.Steps.Select(step => step.Text));
}
