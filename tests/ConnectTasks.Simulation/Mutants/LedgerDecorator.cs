using ConnectTasks.Lambda;

namespace ConnectTasks.Simulation;

internal sealed class LedgerDecorator(ITaskLedger inner) : ITaskLedger
{
    public Func<Claim, Claim> OnClaiming { get; init; } = c => c;

    public Func<Claim, ClaimResult, ClaimResult> OnClaim { get; init; } = (_, r) => r;

    public Func<LedgerWrite, LedgerWrite> OnHeld { get; init; } = w => w;

    public Func<Move, LedgerChange, LedgerChange> OnMoved { get; init; } = (_, c) => c;

    public Func<ContactChangeEnd, ContactChangeEnd> OnTelling { get; init; } = e => e;

    public Func<int, DuePage, DuePage> OnDue { get; init; } = (_, p) => p;

    public bool DropsReleases { get; init; }

    public bool ForgetsEarlyCancels { get; init; }

    public bool ForgetsEarlyMoves { get; init; }

    public async Task<ClaimResult> ClaimAsync(Claim claim, DateTimeOffset now, CancellationToken cancellation) =>
        OnClaim(claim, await inner.ClaimAsync(OnClaiming(claim), now, cancellation));

    public Task<LedgerWrite> CompleteAsync(
        Claim claim, string contactId, DateTimeOffset? scheduled, DateTimeOffset now, CancellationToken cancellation) =>
        inner.CompleteAsync(claim, contactId, scheduled, now, cancellation);

    public Task<LedgerWrite> ReleaseAsync(
        Claim claim, Release release, DateTimeOffset now, CancellationToken cancellation) =>
        DropsReleases
            ? Task.FromResult(new LedgerWrite(LedgerWriteState.Done))
            : inner.ReleaseAsync(claim, release, now, cancellation);

    public async Task<LedgerWrite> HoldAsync(
        Claim claim, Hold hold, bool isOwned, DateTimeOffset now, CancellationToken cancellation) =>
        OnHeld(await inner.HoldAsync(OnClaiming(claim), hold, isOwned, now, cancellation));

    public Task<LedgerRead> ReadAsync(string key, CancellationToken cancellation) => inner.ReadAsync(key, cancellation);

    public async Task<LedgerChange> CancelAsync(string key, DateTimeOffset now, CancellationToken cancellation) =>
        ForgetsEarlyCancels && await inner.ReadAsync(key, cancellation) is { Item: null, ErrorCode: null }
            ? new LedgerChange(Done: true)
            : await inner.CancelAsync(key, now, cancellation);

    public async Task<LedgerChange> MoveAsync(
        string key, Move move, DateTimeOffset now, CancellationToken cancellation) =>
        ForgetsEarlyMoves && await inner.ReadAsync(key, cancellation) is { Item: null, ErrorCode: null }
            ? new LedgerChange(false, new LedgerItem
            {
                Key = key,
                State = LedgerItem.States.Awaited,
                AwaitedSince = move.SentAt,
            })
            : OnMoved(move, await inner.MoveAsync(key, move, now, cancellation));

    public Task<LedgerRead> AwaitAsync(string key, DateTimeOffset now, CancellationToken cancellation) =>
        inner.AwaitAsync(key, now, cancellation);

    public Task<LedgerChange> WantAsync(
        string key, ContactChange change, Move move, bool isRetry, DateTimeOffset now, CancellationToken cancellation) =>
        inner.WantAsync(key, change, move, isRetry, now, cancellation);

    public Task<LedgerWrite> ToldAsync(
        string key, ContactChange change, Move move, ContactChangeEnd end, string? refusal, DateTimeOffset now,
        CancellationToken cancellation) =>
        inner.ToldAsync(key, change, move, OnTelling(end), refusal, now, cancellation);

    public Task<LedgerWrite> RecordStopAsync(
        string key, string contactId, DateTimeOffset? scheduled, DateTimeOffset now, CancellationToken cancellation) =>
        inner.RecordStopAsync(key, contactId, scheduled, now, cancellation);

    public async Task<DuePage> DueAsync(int shard, DateTimeOffset now, DuePage? after, CancellationToken cancellation) =>
        OnDue(shard, await inner.DueAsync(shard, now, after, cancellation));

    public Task<LedgerWrite> MarkQueuedAsync(LedgerItem sent, DateTimeOffset now, CancellationToken cancellation) =>
        inner.MarkQueuedAsync(sent, now, cancellation);
}
