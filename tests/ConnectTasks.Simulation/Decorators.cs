using Amazon.Connect;
using Amazon.Connect.Model;
using Amazon.Runtime;
using Amazon.SQS;
using Amazon.SQS.Model;
using ConnectTasks.Lambda;

namespace ConnectTasks.Simulation;

internal sealed class LedgerDecorator(ITaskLedger inner) : ITaskLedger
{
    public Func<Claim, Claim> OnClaiming { get; init; } = c => c;

    public Func<ClaimResult, ClaimResult> OnClaim { get; init; } = r => r;

    public Func<int, DuePage, DuePage> OnDue { get; init; } = (_, p) => p;

    public bool DropsReleases { get; init; }

    public async Task<ClaimResult> ClaimAsync(Claim claim, DateTimeOffset now, CancellationToken cancellation) =>
        OnClaim(await inner.ClaimAsync(OnClaiming(claim), now, cancellation));

    public Task<LedgerWrite> CompleteAsync(
        Claim claim, string contactId, DateTimeOffset? scheduled, DateTimeOffset now, CancellationToken cancellation) =>
        inner.CompleteAsync(claim, contactId, scheduled, now, cancellation);

    public Task<LedgerWrite> ReleaseAsync(
        Claim claim, Release release, DateTimeOffset now, CancellationToken cancellation) =>
        DropsReleases
            ? Task.FromResult(new LedgerWrite(LedgerWriteState.Done))
            : inner.ReleaseAsync(claim, release, now, cancellation);

    public Task<LedgerWrite> HoldAsync(
        Claim claim, Hold hold, bool isOwned, DateTimeOffset now, CancellationToken cancellation) =>
        inner.HoldAsync(claim, hold, isOwned, now, cancellation);

    public Task<LedgerRead> ReadAsync(string key, CancellationToken cancellation) => inner.ReadAsync(key, cancellation);

    public Task<LedgerChange> CancelAsync(string key, DateTimeOffset now, CancellationToken cancellation) =>
        inner.CancelAsync(key, now, cancellation);

    public Task<LedgerChange> MoveAsync(
        string key, Move move, DateTimeOffset now, CancellationToken cancellation) =>
        inner.MoveAsync(key, move, now, cancellation);

    public Task<LedgerRead> AwaitAsync(string key, DateTimeOffset now, CancellationToken cancellation) =>
        inner.AwaitAsync(key, now, cancellation);

    public Task<LedgerChange> WantAsync(
        string key, ContactChange change, Move move, DateTimeOffset now, CancellationToken cancellation) =>
        inner.WantAsync(key, change, move, now, cancellation);

    public Task<LedgerWrite> ToldAsync(
        string key, ContactChange change, Move move, ContactChangeEnd end, DateTimeOffset now, CancellationToken cancellation) =>
        inner.ToldAsync(key, change, move, end, now, cancellation);

    public Task<LedgerWrite> RecordStopAsync(
        string key, string contactId, DateTimeOffset? scheduled, DateTimeOffset now, CancellationToken cancellation) =>
        inner.RecordStopAsync(key, contactId, scheduled, now, cancellation);

    public async Task<DuePage> DueAsync(int shard, DateTimeOffset now, DuePage? after, CancellationToken cancellation) =>
        OnDue(shard, await inner.DueAsync(shard, now, after, cancellation));

    public Task<LedgerWrite> MarkQueuedAsync(LedgerItem sent, DateTimeOffset now, CancellationToken cancellation) =>
        inner.MarkQueuedAsync(sent, now, cancellation);
}

internal sealed class ConnectDecorator(IAmazonConnect inner) : AmazonConnectClient(
    new BasicAWSCredentials("local", "local"), new AmazonConnectConfig { ServiceURL = "http://127.0.0.1:1" })
{
    public Func<StartTaskContactRequest, StartTaskContactRequest> OnRequest { get; init; } = r => r;

    public Func<Exception, Exception> OnError { get; init; } = e => e;

    public Func<StartTaskContactResponse>? OnNoAnswer { get; init; }

    public override Task<DescribeContactResponse> DescribeContactAsync(
        DescribeContactRequest request, CancellationToken cancellationToken = default) =>
        inner.DescribeContactAsync(request, cancellationToken);

    public override Task<StopContactResponse> StopContactAsync(
        StopContactRequest request, CancellationToken cancellationToken = default) =>
        inner.StopContactAsync(request, cancellationToken);

    public override Task<UpdateContactScheduleResponse> UpdateContactScheduleAsync(
        UpdateContactScheduleRequest request, CancellationToken cancellationToken = default) =>
        inner.UpdateContactScheduleAsync(request, cancellationToken);

    public override async Task<StartTaskContactResponse> StartTaskContactAsync(
        StartTaskContactRequest request, CancellationToken cancellationToken = default)
    {
        try
        {
            return await inner.StartTaskContactAsync(OnRequest(request), cancellationToken);
        }
        catch (Exception e) when (OnNoAnswer is not null && e is not AmazonServiceException)
        {
            return OnNoAnswer();
        }
        catch (Exception e) when (OnError(e) != e)
        {
            throw OnError(e);
        }
    }
}

internal sealed class SqsDecorator(World world, IAmazonSQS inner) : AmazonSQSClient(
    "local", "local", new AmazonSQSConfig { ServiceURL = "http://127.0.0.1:1" })
{
    public bool SwallowsSendFailures { get; init; }

    public int? VisibilityTimeout { get; init; }

    public override async Task<SendMessageResponse> SendMessageAsync(
        SendMessageRequest request, CancellationToken cancellationToken = default)
    {
        try
        {
            return await inner.SendMessageAsync(request, cancellationToken);
        }
        catch (Exception) when (SwallowsSendFailures)
        {
            world.Trace("mutant", "a failed dead letter was taken for sent");
            return new SendMessageResponse();
        }
    }

    public override Task<ChangeMessageVisibilityBatchResponse> ChangeMessageVisibilityBatchAsync(
        string queueUrl,
        List<ChangeMessageVisibilityBatchRequestEntry> entries,
        CancellationToken cancellationToken = default)
    {
        foreach (var entry in entries)
        {
            entry.VisibilityTimeout = VisibilityTimeout ?? entry.VisibilityTimeout;
        }

        return inner.ChangeMessageVisibilityBatchAsync(queueUrl, entries, cancellationToken);
    }
}
