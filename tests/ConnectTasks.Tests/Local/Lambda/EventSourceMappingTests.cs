using System.Text.Json;
using Amazon.SQS;
using Amazon.SQS.Model;
using ConnectTasks.Local;
using Microsoft.Extensions.Time.Testing;

namespace ConnectTasks.Tests.Local;

public sealed class EventSourceMappingTests : IAsyncLifetime
{
    private static readonly EventSourceMappingSettings SomeSettings = new()
    {
        QueueUrl = FakeQueue.Url,
        QueueArn = FakeQueue.Arn,
        MaximumConcurrency = 2,
        ReportBatchItemFailures = true,
    };

    private readonly FakeTimeProvider _time = new();
    private readonly Observations _seen = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly FakeQueue _queue;
    private Func<string[], CancellationToken, Task<InvocationResult>> _function =
        (_, _) => Task.FromResult<InvocationResult>(Answer("""{"batchItemFailures":[]}"""));

    private EventSourceMapping? _mapping;
    private Task _running = Task.CompletedTask;

    public EventSourceMappingTests() => _queue = new FakeQueue(_time);

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
        _queue.Dispose();
    }

    [Fact]
    public async Task Messages_that_succeeded_are_deleted_and_reported_ones_stay()
    {
        _function = (_, _) => Task.FromResult<InvocationResult>(Answer("""{"batchItemFailures":[{"itemIdentifier":"m01"}]}"""));
        _queue.Send("a", "b", "c");
        await RunUntilAsync<LambdaEvent.MessagesDeleted>();
        await StopAsync();

        Assert.Equal(["m00", "m02"], _queue.Deleted);
        Assert.Equal(["m01"], _queue.Held);
        Assert.Equal(
            new MappingCounters { Received = 3, Invocations = 1, Succeeded = 2, Failed = 1, Deleted = 2 },
            _mapping!.Counters);
    }

    [Fact]
    public async Task A_malformed_response_deletes_nothing_and_says_why()
    {
        _function = (_, _) => Task.FromResult<InvocationResult>(Answer("""{"batchItemFailures":[{"id":"m00"}]}"""));
        _queue.Send("a", "b");
        await RunUntilAsync<LambdaEvent.BatchFinished>();
        await StopAsync();

        Assert.Empty(_queue.Deleted);
        Assert.Contains("has no itemIdentifier", _seen.Of<LambdaEvent.Warning>().Single().Text, StringComparison.Ordinal);
        Assert.Equal(0, _mapping!.Counters.FunctionErrors);
    }

    [Fact]
    public async Task Reporting_every_message_is_not_a_function_error()
    {
        _function = (ids, _) => Task.FromResult<InvocationResult>(Answer(
            $$"""{"batchItemFailures":[{{string.Join(',', ids.Select(id => $$"""{"itemIdentifier":"{{id}}"}"""))}}]}"""));
        _queue.Send("{bad", "{bad");
        await RunUntilAsync<LambdaEvent.BatchFinished>();
        await StopAsync();

        Assert.Equal(["m00", "m01"], _queue.Held);
        Assert.Equal(0, _mapping!.Counters.FunctionErrors);
        Assert.Empty(_seen.Of<LambdaEvent.Warning>());
    }

    [Fact]
    public async Task Without_ReportBatchItemFailures_reported_messages_are_deleted_too_and_this_is_said()
    {
        _function = (_, _) => Task.FromResult<InvocationResult>(Answer("""{"batchItemFailures":[{"itemIdentifier":"m00"}]}"""));
        _queue.Send("a");
        await RunUntilAsync<LambdaEvent.MessagesDeleted>(SomeSettings with { ReportBatchItemFailures = false });

        Assert.Equal(["m00"], _queue.Deleted);
        Assert.Contains(
            "does not have ReportBatchItemFailures", _seen.Of<LambdaEvent.Warning>().Single().Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_ReportBatchItemFailures_any_answer_of_the_function_deletes_the_batch()
    {
        _function = (_, _) => Task.FromResult<InvocationResult>(Answer("not json"));
        _queue.Send("a", "b");
        await RunUntilAsync<LambdaEvent.MessagesDeleted>(SomeSettings with { ReportBatchItemFailures = false });

        Assert.Equal(["m00", "m01"], _queue.Deleted);
        Assert.Empty(_seen.Of<LambdaEvent.Warning>());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_failed_invocation_deletes_nothing(bool reportsFailures)
    {
        _function = (_, _) => Task.FromResult<InvocationResult>(new InvocationResult.Exited("signal: killed"));
        _queue.Send("a", "b");
        await RunUntilAsync<LambdaEvent.BatchFinished>(SomeSettings with { ReportBatchItemFailures = reportsFailures });
        await StopAsync();

        Assert.Empty(_queue.Deleted);
        Assert.Equal(1, _mapping!.Counters.FunctionErrors);
        Assert.Equal(2, _mapping.Counters.Failed);
    }

    [Fact]
    public async Task No_more_messages_are_received_than_may_run()
    {
        var release = new SemaphoreSlim(0);
        var invoked = new SemaphoreSlim(0);
        _function = async (_, _) =>
        {
            invoked.Release();
            await release.WaitAsync(TestContext.Current.CancellationToken);
            return Answer("{}");
        };
        _queue.Send(Enumerable.Repeat("x", 30));
        Run(SomeSettings with { BatchSize = 1, MaximumConcurrency = 3 });

        for (var ended = 0; ended < 30; ended++)
        {
            for (var i = 0; i < (ended == 0 ? 3 : ended <= 27 ? 1 : 0); i++)
                Assert.True(await invoked.WaitAsync(SomeFunction.Deadline, TestContext.Current.CancellationToken));
            // A poller that ran ahead of its slots would hold a fourth message here, for the length of a long poll.
            Assert.Equal(Math.Min(3, 30 - ended), _queue.Held.Length);
            Assert.Equal(Math.Min(3, 30 - ended), _mapping!.Counters.InFlight);
            release.Release();
            var count = ended + 1;
            await WaitUntilAsync(() => _queue.Deleted.Length == count && _mapping.Counters.Deleted == count);
        }
        Assert.Equal(30, _queue.Deleted.Length);
    }

    [Fact]
    public async Task A_window_gathers_what_arrives_within_it()
    {
        _queue.Send("a");
        Run(SomeSettings with { BatchingWindow = TimeSpan.FromSeconds(5) });
        await WaitUntilAsync(() => _queue.Receives.Count == 2);
        _queue.Send("b");
        await WaitUntilAsync(() => _queue.Receives.Count == 3);
        Assert.Empty(_seen.Of<LambdaEvent.BatchReceived>());
        _time.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal(["m00", "m01"], (await _seen.FirstAsync<LambdaEvent.BatchReceived>()).MessageIds);
        Assert.Equal([20, 5, 5], _queue.Receives.Take(3).Select(receive => receive.WaitTimeSeconds!.Value));
    }

    [Fact]
    public async Task A_full_batch_does_not_wait_for_its_window()
    {
        _queue.Send(Enumerable.Repeat("x", 25));
        Run(SomeSettings with { BatchSize = 25, BatchingWindow = TimeSpan.FromSeconds(300) });

        Assert.Equal(25, (await _seen.FirstAsync<LambdaEvent.BatchReceived>()).MessageIds.Count);
        await WaitUntilAsync(() => _queue.Deleted.Length == 25);
    }

    [Fact]
    public async Task A_batch_over_the_limit_of_an_event_is_invoked_in_parts()
    {
        _queue.Send(Enumerable.Repeat(new string('x', 1_000_000), 8));
        Run(SomeSettings);
        await WaitUntilAsync(() => _queue.Deleted.Length == 8);

        Assert.Equal([4, 4], _seen.Of<LambdaEvent.BatchReceived>().Select(batch => batch.MessageIds.Count));
    }

    [Fact]
    public async Task A_failed_deletion_is_tried_again_for_what_is_left()
    {
        var calls = new List<int>();
        _queue.OnDelete = request =>
        {
            calls.Add(request.Entries.Count);
            return calls.Count switch
            {
                1 => throw new AmazonSQSException("down"),
                2 => new DeleteMessageBatchResponse
                {
                    Successful = [new DeleteMessageBatchResultEntry { Id = "0" }],
                    Failed = [new BatchResultErrorEntry { Id = "1", Code = "InternalError", SenderFault = false }],
                },
                _ => null,
            };
        };
        _queue.Send("a", "b", "c");
        Run(SomeSettings);
        await AdvanceUntilAsync(() => _queue.Deleted.Length == 3);

        Assert.Equal([3, 3, 2], calls);
        Assert.Empty(_seen.Of<LambdaEvent.Warning>());
    }

    [Fact]
    public async Task A_deletion_that_can_not_work_is_not_tried_again_and_is_said()
    {
        var calls = 0;
        _queue.OnDelete = request =>
        {
            calls++;
            return new DeleteMessageBatchResponse
            {
                Failed = [new BatchResultErrorEntry { Id = "0", Code = "ReceiptHandleIsInvalid", SenderFault = true }],
            };
        };
        _queue.Send("a");
        Run(SomeSettings);
        var warning = await _seen.FirstAsync<LambdaEvent.Warning>();
        await StopAsync();

        Assert.Equal(1, calls);
        Assert.Contains("ReceiptHandleIsInvalid", warning.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Polling_errors_are_said_once_and_outlasted()
    {
        var failures = 0;
        _queue.OnReceive = _ =>
        {
            if (failures++ < 5)
                throw new AmazonSQSException("connection refused");
        };
        _queue.Send("a");
        Run(SomeSettings);
        await AdvanceUntilAsync(() => _queue.Deleted.Length == 1);

        Assert.Equal("connection refused", _seen.Of<LambdaEvent.PollingFailed>().Single().Error);
        Assert.Single(_seen.Of<LambdaEvent.PollingResumed>());
    }

    [Fact]
    public async Task A_stop_lets_running_invocations_finish_and_delete()
    {
        var release = new TaskCompletionSource<InvocationResult>(TaskCreationOptions.RunContinuationsAsynchronously);
        _function = (_, _) => release.Task;
        _queue.Send("a");
        await RunUntilAsync<LambdaEvent.BatchReceived>();
        await _stop.CancelAsync();
        Assert.False(_running.IsCompleted);
        release.SetResult(Answer("{}"));
        await _running;

        Assert.Equal(["m00"], _queue.Deleted);
    }

    [Fact]
    public async Task An_invocation_that_outlasts_the_grace_period_is_given_up_and_its_messages_stay()
    {
        _function = async (_, cancellation) =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, _time, cancellation);
            return Answer("{}");
        };
        _queue.Send("a");
        await RunUntilAsync<LambdaEvent.BatchReceived>();
        await _stop.CancelAsync();
        await AdvanceUntilAsync(() => _running.IsCompleted);
        await _running;

        Assert.Equal(["m00"], _queue.Held);
        Assert.Equal(0, _mapping!.Counters.InFlight);
        Assert.Contains("stay on the queue", _seen.Of<LambdaEvent.Warning>().Single().Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_attributes_are_asked_for()
    {
        Run(SomeSettings);
        await WaitUntilAsync(() => _queue.Receives.Count > 0);

        Assert.Equal(["All"], _queue.Receives[0].MessageSystemAttributeNames);
        Assert.Equal(["All"], _queue.Receives[0].MessageAttributeNames);
        Assert.Equal(10, _queue.Receives[0].MaxNumberOfMessages);
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
        Assert.Throws<ArgumentException>(() => Make(settings));
        var fifo = SomeSettings with { QueueArn = FakeQueue.Arn + ".fifo", BatchSize = 11 };
        Assert.Contains("BatchSize must be 1 to 10 for tasks.fifo.", fifo.FindViolations());
    }

    private static InvocationResult.Success Answer(string payload) => new(SomeFunction.Utf8(payload));

    private EventSourceMapping Make(EventSourceMappingSettings settings) => new(
        settings,
        _queue,
        async (payload, cancellation) =>
        {
            using var sqsEvent = JsonDocument.Parse(payload);
            string[] ids = [.. sqsEvent.RootElement.GetProperty("Records").EnumerateArray()
                .Select(record => record.GetProperty("messageId").GetString()!)];
            return await _function(ids, cancellation);
        },
        _time,
        _seen.Observe);

    private void Run(EventSourceMappingSettings settings)
    {
        _mapping = Make(settings);
        _running = _mapping.RunAsync(_stop.Token);
    }

    private async Task<T> RunUntilAsync<T>(EventSourceMappingSettings? settings = null)
        where T : LambdaEvent
    {
        Run(settings ?? SomeSettings);
        return await _seen.FirstAsync<T>();
    }

    private async Task StopAsync()
    {
        await _stop.CancelAsync();
        await AdvanceUntilAsync(() => _running.IsCompleted);
        await _running;
    }

    private Task AdvanceUntilAsync(Func<bool> isSo) => WaitUntilAsync(isSo, TimeSpan.FromMilliseconds(100));

    /// <summary>Lets the other threads run until the condition holds, with a deadline in real time.</summary>
    private async Task WaitUntilAsync(Func<bool> isSo, TimeSpan advance = default)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!isSo())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(began) < SomeFunction.Deadline, "not so in time");
            _time.Advance(advance);
            await Task.Delay(1, TestContext.Current.CancellationToken);
        }
    }
}
