using ConnectTasks.Local;
using static ConnectTasks.Tests.Local.MappingUnderTest;

namespace ConnectTasks.Tests.Local;

public sealed class EventSourceMappingTests : IAsyncDisposable
{
    private static readonly EventSourceMappingSettings WithoutReports =
        SomeSettings with { ReportBatchItemFailures = false };

    private readonly MappingUnderTest _mapping = new();

    public ValueTask DisposeAsync() => _mapping.DisposeAsync();

    [Fact]
    public async Task Messages_that_succeeded_are_deleted_and_reported_ones_stay()
    {
        _mapping.AnswerWith(Answer("""{"batchItemFailures":[{"itemIdentifier":"m01"}]}"""));
        _mapping.Queue.Send("a", "b", "c");
        await _mapping.RunUntilAsync<LambdaEvent.MessagesDeleted>();
        await _mapping.StopAsync();

        Assert.Equal(["m00", "m02"], _mapping.Queue.Deleted);
        Assert.Equal(["m01"], _mapping.Queue.Held);
        Assert.Equal(
            new MappingCounters { Received = 3, Invocations = 1, Succeeded = 2, Failed = 1, Deleted = 2 },
            _mapping.Counters);
    }

    [Fact]
    public async Task A_malformed_response_deletes_nothing_and_says_why()
    {
        _mapping.AnswerWith(Answer("""{"batchItemFailures":[{"id":"m00"}]}"""));
        _mapping.Queue.Send("a", "b");
        await _mapping.RunUntilAsync<LambdaEvent.BatchFinished>();
        await _mapping.StopAsync();

        Assert.Empty(_mapping.Queue.Deleted);
        Assert.Contains("has no itemIdentifier", _mapping.OnlyWarning, StringComparison.Ordinal);
        Assert.Equal(0, _mapping.Counters.FunctionErrors);
    }

    [Fact]
    public async Task Reporting_every_message_is_not_a_function_error()
    {
        _mapping.AnswerWith(Answer("""{"batchItemFailures":[{"itemIdentifier":"m00"},{"itemIdentifier":"m01"}]}"""));
        _mapping.Queue.Send("{bad", "{bad");
        await _mapping.RunUntilAsync<LambdaEvent.BatchFinished>();
        await _mapping.StopAsync();

        Assert.Equal(["m00", "m01"], _mapping.Queue.Held);
        Assert.Equal(0, _mapping.Counters.FunctionErrors);
        Assert.Empty(_mapping.Seen.Of<LambdaEvent.Warning>());
    }

    [Fact]
    public async Task Without_ReportBatchItemFailures_reported_messages_are_deleted_too_and_this_is_said()
    {
        _mapping.AnswerWith(Answer("""{"batchItemFailures":[{"itemIdentifier":"m00"}]}"""));
        _mapping.Queue.Send("a");
        await _mapping.RunUntilAsync<LambdaEvent.MessagesDeleted>(WithoutReports);

        Assert.Equal(["m00"], _mapping.Queue.Deleted);
        Assert.Contains(
            "does not have ReportBatchItemFailures", _mapping.OnlyWarning, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_ReportBatchItemFailures_any_answer_of_the_function_deletes_the_batch()
    {
        _mapping.AnswerWith(Answer("not json"));
        _mapping.Queue.Send("a", "b");
        await _mapping.RunUntilAsync<LambdaEvent.MessagesDeleted>(WithoutReports);

        Assert.Equal(["m00", "m01"], _mapping.Queue.Deleted);
        Assert.Empty(_mapping.Seen.Of<LambdaEvent.Warning>());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_failed_invocation_deletes_nothing(bool reportsFailures)
    {
        _mapping.AnswerWith(new InvocationResult.Exited("signal: killed"));
        _mapping.Queue.Send("a", "b");
        await _mapping.RunUntilAsync<LambdaEvent.BatchFinished>(reportsFailures ? SomeSettings : WithoutReports);
        await _mapping.StopAsync();

        Assert.Empty(_mapping.Queue.Deleted);
        Assert.Equal(1, _mapping.Counters.FunctionErrors);
        Assert.Equal(2, _mapping.Counters.Failed);
    }

    [Fact]
    public async Task No_more_messages_are_received_than_may_run()
    {
        var release = new SemaphoreSlim(0);
        var invoked = new SemaphoreSlim(0);
        _mapping.Function = async (_, _) =>
        {
            invoked.Release();
            await release.WaitAsync(TestContext.Current.CancellationToken);
            return Answer("{}");
        };
        _mapping.Queue.Send(Enumerable.Repeat("x", 30));
        _mapping.Run(SomeSettings with { BatchSize = 1, MaximumConcurrency = 3 });

        for (var ended = 0; ended < 30; ended++)
        {
            for (var i = 0; i < (ended == 0 ? 3 : ended <= 27 ? 1 : 0); i++)
                Assert.True(await invoked.WaitAsync(SomeFunction.Deadline, TestContext.Current.CancellationToken));
            // A poller that ran ahead of its slots would hold a fourth message here, for the length of a long poll.
            Assert.Equal(Math.Min(3, 30 - ended), _mapping.Queue.Held.Length);
            Assert.Equal(Math.Min(3, 30 - ended), _mapping.Counters.InFlight);
            release.Release();
            var count = ended + 1;
            await SomeFunction.WaitUntilAsync(() => _mapping.Counters.Deleted == count);
        }
        Assert.Equal(30, _mapping.Queue.Deleted.Length);
    }

    [Fact]
    public async Task A_window_gathers_what_arrives_within_it()
    {
        _mapping.Queue.Send("a");
        _mapping.Run(SomeSettings with { BatchingWindow = TimeSpan.FromSeconds(5) });
        await SomeFunction.WaitUntilAsync(() => _mapping.Queue.Receives.Count == 2);
        _mapping.Queue.Send("b");
        await SomeFunction.WaitUntilAsync(() => _mapping.Queue.Receives.Count == 3);
        Assert.Empty(_mapping.Seen.Of<LambdaEvent.BatchReceived>());
        _mapping.Time.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal(["m00", "m01"], (await _mapping.Seen.FirstAsync<LambdaEvent.BatchReceived>()).MessageIds);
        Assert.Equal([20, 5, 5], _mapping.Queue.Receives.Take(3).Select(receive => receive.WaitTimeSeconds!.Value));
    }

    [Fact]
    public async Task A_full_batch_does_not_wait_for_its_window()
    {
        _mapping.Queue.Send(Enumerable.Repeat("x", 25));
        _mapping.Run(SomeSettings with { BatchSize = 25, BatchingWindow = TimeSpan.FromSeconds(300) });

        Assert.Equal(25, (await _mapping.Seen.FirstAsync<LambdaEvent.BatchReceived>()).MessageIds.Count);
        await SomeFunction.WaitUntilAsync(() => _mapping.Queue.Deleted.Length == 25);
    }

    [Fact]
    public async Task A_batch_over_the_limit_of_an_event_is_invoked_in_parts()
    {
        _mapping.Queue.Send(Enumerable.Repeat(new string('x', 1_000_000), 8));
        _mapping.Run();
        await SomeFunction.WaitUntilAsync(() => _mapping.Queue.Deleted.Length == 8);

        Assert.Equal([4, 4], _mapping.Seen.Of<LambdaEvent.BatchReceived>().Select(batch => batch.MessageIds.Count));
    }

    [Fact]
    public async Task All_attributes_are_asked_for()
    {
        _mapping.Run();
        await SomeFunction.WaitUntilAsync(() => _mapping.Queue.Receives.Count > 0);

        Assert.Equal(["All"], _mapping.Queue.Receives[0].MessageSystemAttributeNames);
        Assert.Equal(["All"], _mapping.Queue.Receives[0].MessageAttributeNames);
        Assert.Equal(10, _mapping.Queue.Receives[0].MaxNumberOfMessages);
    }

    [Fact]
    public void Settings_that_Lambda_would_refuse_are_refused_all_at_once()
    {
        var settings = SomeSettings with { BatchSize = 11, MaximumConcurrency = 1, BatchingWindow = TimeSpan.Zero };

        Assert.Equal(
            [
                "A BatchSize over 10 needs a MaximumBatchingWindowInSeconds of at least 1.",
                "ScalingConfig.MaximumConcurrency must be 2 to 1000.",
            ],
            settings.FindViolations());
        Assert.Throws<ArgumentException>(() => _mapping.Make(settings));
        var fifo = SomeSettings with { QueueArn = FakeQueue.Arn + ".fifo", BatchSize = 11 };
        Assert.Contains("BatchSize must be 1 to 10 for tasks.fifo.", fifo.FindViolations());
    }
}
