using Amazon.SQS;
using Amazon.SQS.Model;
using ConnectTasks.Local;
using static ConnectTasks.Tests.Local.MappingUnderTest;

namespace ConnectTasks.Tests.Local;

/// <summary>The queue fails, or the mapping is told to stop.</summary>
public sealed class EventSourceMappingFaultTests : IAsyncDisposable
{
    private readonly MappingUnderTest _mapping = new();

    public ValueTask DisposeAsync() => _mapping.DisposeAsync();

    [Fact]
    public async Task A_failed_deletion_is_tried_again_for_what_is_left()
    {
        var calls = new List<int>();
        _mapping.Queue.OnDelete = request =>
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
        _mapping.Queue.Send("a", "b", "c");
        _mapping.Run();
        await _mapping.AdvanceUntilAsync(() => _mapping.Queue.Deleted.Length == 3);

        Assert.Equal([3, 3, 2], calls);
        Assert.Empty(_mapping.Seen.Of<LambdaEvent.Warning>());
    }

    [Fact]
    public async Task A_deletion_that_can_not_work_is_not_tried_again_and_is_said()
    {
        var calls = 0;
        _mapping.Queue.OnDelete = request =>
        {
            calls++;
            return new DeleteMessageBatchResponse
            {
                Failed = [new BatchResultErrorEntry { Id = "0", Code = "ReceiptHandleIsInvalid", SenderFault = true }],
            };
        };
        _mapping.Queue.Send("a");
        _mapping.Run();
        var warning = await _mapping.Seen.FirstAsync<LambdaEvent.Warning>();
        await _mapping.StopAsync();

        Assert.Equal(1, calls);
        Assert.Contains("ReceiptHandleIsInvalid", warning.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Polling_errors_are_said_once_and_outlasted()
    {
        var failures = 0;
        _mapping.Queue.OnReceive = _ =>
        {
            if (failures++ < 5)
                throw new AmazonSQSException("connection refused");
        };
        _mapping.Queue.Send("a");
        _mapping.Run();
        await _mapping.AdvanceUntilAsync(() => _mapping.Queue.Deleted.Length == 1);

        Assert.Equal("connection refused", _mapping.Seen.Of<LambdaEvent.PollingFailed>().Single().Error);
        Assert.Single(_mapping.Seen.Of<LambdaEvent.PollingResumed>());
    }

    [Fact]
    public async Task A_stop_lets_running_invocations_finish_and_delete()
    {
        var release = new TaskCompletionSource<InvocationResult>(TaskCreationOptions.RunContinuationsAsynchronously);
        _mapping.Function = (_, _) => release.Task;
        _mapping.Queue.Send("a");
        await _mapping.RunUntilAsync<LambdaEvent.BatchReceived>();
        await _mapping.BeginStopAsync();
        Assert.False(_mapping.Running.IsCompleted);
        release.SetResult(Answer("{}"));
        await _mapping.Running;

        Assert.Equal(["m00"], _mapping.Queue.Deleted);
    }

    [Fact]
    public async Task An_invocation_that_outlasts_the_grace_period_is_given_up_and_its_messages_stay()
    {
        _mapping.Function = async (_, cancellation) =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, _mapping.Time, cancellation);
            return Answer("{}");
        };
        _mapping.Queue.Send("a");
        await _mapping.RunUntilAsync<LambdaEvent.BatchReceived>();
        await _mapping.BeginStopAsync();
        await _mapping.AdvanceUntilAsync(() => _mapping.Running.IsCompleted);
        await _mapping.Running;

        Assert.Equal(["m00"], _mapping.Queue.Held);
        Assert.Equal(0, _mapping.Counters.InFlight);
        Assert.Contains("stay on the queue", _mapping.OnlyWarning, StringComparison.Ordinal);
    }
}
