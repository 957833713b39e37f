using System.Net;
using Amazon.Runtime;
using Amazon.SQS;
using Amazon.SQS.Model;
using ConnectTasks.Client;

namespace ConnectTasks.Tests.Client;

public class SendManyTests
{
    private readonly ClientRig _rig = new();

    [Fact]
    public async Task Only_the_entries_that_failed_are_sent_again()
    {
        _rig.Sqs.Reply = (n, request) => SqsQueueFake.Take(request, except: n == 1 ? [3, 7] : []);

        var results = await _rig.Client.SendManyAsync(ClientRig.Requests(10));

        Assert.All(results, r => Assert.Equal(SendStatus.Sent, r.Status));
        Assert.Equal([10, 2], _rig.Sqs.Batches.Select(b => b.Entries.Count));
        Assert.Equal(10, _rig.Sqs.Taken.Count);
        Assert.Equal(10, _rig.Sqs.Taken.Distinct().Count());
    }

    [Fact]
    public async Task A_message_that_keeps_failing_is_given_up_after_four_attempts_with_back_off()
    {
        _rig.Sqs.Reply = (_, request) => SqsQueueFake.Take(request, except: [0]);

        var results = await _rig.Client.SendManyAsync(ClientRig.Requests(2));

        Assert.Equal([SendStatus.Failed, SendStatus.Sent], results.Select(r => r.Status));
        Assert.Equal(("InternalError", true), (results[0].ErrorCode, results[0].CanResend));
        Assert.Equal(4, _rig.Sqs.Batches.Count);
        Assert.Equal([0.1, 0.2, 0.4], _rig.Time.Waits.Select(w => Math.Round(w.TotalSeconds, 6)));
    }

    [Fact]
    public async Task A_message_that_is_at_fault_itself_is_not_sent_again()
    {
        _rig.Sqs.Reply = (_, request) => SqsQueueFake.Take(request, true, "InvalidMessageContents", except: [1]);

        var results = await _rig.Client.SendManyAsync(ClientRig.Requests(3));

        Assert.Equal([SendStatus.Sent, SendStatus.Failed, SendStatus.Sent], results.Select(r => r.Status));
        Assert.Equal(("InvalidMessageContents", false), (results[1].ErrorCode, results[1].CanResend));
        Assert.Single(_rig.Sqs.Batches);
    }

    [Fact]
    public async Task A_message_that_the_reply_passes_over_is_unknown()
    {
        _rig.Sqs.Reply = (_, _) => new SendMessageBatchResponse
        {
            Successful = [new() { Id = "0", MessageId = "m" }, new() { Id = "never-sent", MessageId = "x" }],
            Failed = [new() { Id = "17", Code = "InternalError", SenderFault = false }],
        };

        var results = await _rig.Client.SendManyAsync(ClientRig.Requests(3));

        Assert.Equal([SendStatus.Sent, SendStatus.Unknown, SendStatus.Unknown], results.Select(r => r.Status));
        Assert.All(results.Skip(1), r => Assert.Equal(("NoAnswer", true), (r.ErrorCode, r.CanResend)));
        Assert.Single(_rig.Sqs.Batches);
    }

    [Fact]
    public async Task A_batch_that_throws_changes_no_result_of_another()
    {
        _rig.Sqs.Reply = (n, request) => n == 2 ? throw new IOException("reset") : SqsQueueFake.Take(request);

        var results = await _rig.Client.SendManyAsync(ClientRig.Requests(25));

        Assert.Equal(Enumerable.Range(0, 25), results.Select(r => r.Index));
        Assert.Equal(Enumerable.Range(0, 25).Select(i => $"t-{i}"), results.Select(r => r.Request!.ClientToken!));
        Assert.All(results, r => Assert.Equal(r.Index is < 10 or >= 20, r.IsSent));
        Assert.All(results.Take(10..20), r => Assert.Equal((SendStatus.Unknown, true), (r.Status, r.CanResend)));
        Assert.Equal(3, _rig.Sqs.Batches.Count);
    }

    [Fact]
    public async Task After_three_batches_in_a_row_that_failed_whole_the_rest_is_not_tried()
    {
        _rig.Sqs.Reply = (n, request) =>
            n > 1 ? throw Error(HttpStatusCode.Forbidden, "AccessDenied") : SqsQueueFake.Take(request);

        var results = await _rig.Client.SendManyAsync(ClientRig.Requests(100));

        Assert.Equal(4, _rig.Sqs.Batches.Count);
        Assert.Equal(
            [(SendStatus.Sent, 10), (SendStatus.Failed, 30), (SendStatus.NotTried, 60)],
            results.CountBy(r => r.Status).Select(c => (c.Key, c.Value)));
    }

    [Theory]
    [InlineData(400, "RequestThrottled", true)]
    [InlineData(403, "RequestThrottled", true)]
    [InlineData(429, "", true)]
    [InlineData(503, "", true)]
    [InlineData(400, "QueueDoesNotExist", false)]
    [InlineData(403, "AccessDenied", false)]
    public async Task An_error_that_came_back_means_that_nothing_was_taken(int status, string code, bool canResend)
    {
        _rig.Sqs.Reply = (_, _) => throw Error((HttpStatusCode)status, code);

        var results = await _rig.Client.SendManyAsync(ClientRig.Requests(1));

        Assert.Equal(SendStatus.Failed, results[0].Status);
        Assert.Equal(code.Length == 0 ? $"HTTP {status}" : code, results[0].ErrorCode);
        Assert.Equal(canResend, results[0].CanResend);
        Assert.Single(_rig.Sqs.Batches);
    }

    [Fact]
    public async Task Invalid_requests_take_no_place_of_valid_ones()
    {
        List<TaskRequest> requests = [.. ClientRig.Requests(4)];
        requests[1] = requests[1] with { Name = new string('x', 1_025) };
        requests[2] = null!;

        var results = await _rig.Client.SendManyAsync(requests);

        Assert.Equal(
            [SendStatus.Sent, SendStatus.Invalid, SendStatus.Invalid, SendStatus.Sent], results.Select(r => r.Status));
        Assert.Equal("$.Name", Assert.Single(results[1].Violations).Path);
        Assert.Equal("$", Assert.Single(results[2].Violations).Path);
        Assert.Equal(2, Assert.Single(_rig.Sqs.Batches).Entries.Count);
    }

    [Fact]
    public async Task Nothing_to_send_is_no_request()
    {
        Assert.Empty(await _rig.Client.SendManyAsync([]));
        Assert.Empty(_rig.Sqs.Batches);
    }

    [Fact]
    public async Task A_sequence_that_throws_sends_nothing()
    {
        var requests = ClientRig.Requests(15).Select((r, i) => i < 12 ? r : throw new InvalidDataException());

        await Assert.ThrowsAsync<InvalidDataException>(() => _rig.Client.SendManyAsync(requests));

        Assert.Empty(_rig.Sqs.Batches);
    }

    [Fact]
    public async Task Cancellation_loses_no_result()
    {
        using var source = new CancellationTokenSource();
        _rig.Sqs.Reply = (n, request) =>
        {
            if (n < 2)
                return SqsQueueFake.Take(request);
            source.Cancel();
            throw new TaskCanceledException();
        };

        var results = await _rig.Client.SendManyAsync(ClientRig.Requests(30), cancellationToken: source.Token);

        Assert.Equal(
            [(SendStatus.Sent, 10), (SendStatus.Unknown, 10), (SendStatus.NotTried, 10)],
            results.CountBy(r => r.Status).Select(c => (c.Key, c.Value)));
    }

    [Fact]
    public async Task Options_may_differ_from_request_to_request()
    {
        var later = new SendOptions { Delay = TimeSpan.FromSeconds(1.5) };

        await _rig.Client.SendManyAsync(ClientRig.Requests(2), r => r.ClientToken == "t-1" ? later : null);

        Assert.Equal([null, 2], _rig.Sqs.Entries.Select(e => e.DelaySeconds));
    }

    [Fact]
    public async Task A_stream_is_read_no_further_than_the_batch_that_is_sent()
    {
        var read = 0;
        var readAtFirstResult = 0;

        await foreach (var result in _rig.Client.SendManyAsync(Stream(25, () => read++)))
        {
            if (result.Index == 0)
                readAtFirstResult = read;
        }

        Assert.Equal(11, readAtFirstResult);
        Assert.Equal([10, 10, 5], _rig.Sqs.Batches.Select(b => b.Entries.Count));
    }

    [Fact]
    public async Task A_stream_that_throws_gives_the_results_of_what_was_read_and_then_the_exception()
    {
        var results = new List<SendResult>();

        await Assert.ThrowsAsync<InvalidDataException>(async () =>
        {
            await foreach (var result in _rig.Client.SendManyAsync(Stream(13, () => { }, new InvalidDataException())))
                results.Add(result);
        });

        Assert.Equal(13, results.Count(r => r.IsSent));
    }

    [Fact]
    public async Task A_cancelled_stream_gives_the_results_of_what_was_read_and_then_throws()
    {
        using var source = new CancellationTokenSource();
        var results = new List<SendResult>();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            var read = 0;
            var stream = Stream(30, () =>
            {
                if (++read == 13)
                    source.Cancel();
            });
            await foreach (var result in _rig.Client.SendManyAsync(stream).WithCancellation(source.Token))
                results.Add(result);
        });

        Assert.Equal(
            [(SendStatus.Sent, 10), (SendStatus.NotTried, 3)],
            results.CountBy(r => r.Status).Select(c => (c.Key, c.Value)));
    }

    private static AmazonSQSException Error(HttpStatusCode status, string code) =>
        new("text of the service", ErrorType.Unknown, code, "request-1", status);

    private static async IAsyncEnumerable<TaskRequest> Stream(int count, Action onRead, Exception? end = null)
    {
        foreach (var request in ClientRig.Requests(count))
        {
            await Task.Yield();
            onRead();
            yield return request;
        }
        if (end is not null)
            throw end;
    }
}
