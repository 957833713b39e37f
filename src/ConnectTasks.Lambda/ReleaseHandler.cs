using Amazon.Lambda.Core;
using Microsoft.Extensions.Logging;

namespace ConnectTasks.Lambda;

/// <summary>
/// The release function: sends what is due to the task queue, shard by shard and page by page. It sends first and marks
/// then: a crash in between sends a task twice, and the claim makes the second harmless. What is left over when its
/// time is up, the next tick does. Its cost follows what is due, not what is held.
/// </summary>
internal sealed class ReleaseHandler(
    ITaskLedger ledger, Queues queues, TimeProvider time, ILogger log, Metrics? metrics = null)
{
    public async Task<ReleaseResult> HandleAsync(ScheduledEvent tick, ILambdaContext context)
    {
        ArgumentNullException.ThrowIfNull(tick);
        using var invocation = new Invocation(context.AwsRequestId, context.RemainingTime, time);
        // One clock a tick: what becomes due meanwhile is for the next one.
        var now = time.GetUtcNow();
        var shards = await Task.WhenAll(
            Enumerable.Range(0, LedgerItem.DueShards).Select(shard => ReleaseAsync(shard, now, invocation)));
        var result = new ReleaseResult(
            shards.Sum(s => s.Released), shards.Sum(s => s.Failed), shards.All(s => s.Complete));
        log.Released(result.Released, result.Failed, result.Complete);
        metrics?.Count("Released", result.Released);
        metrics?.Count("HeldOverdue", result.Failed);
        metrics?.Flush();
        return result;
    }

    private async Task<ReleaseResult> ReleaseAsync(int shard, DateTimeOffset now, Invocation invocation)
    {
        var (released, failed) = (0, 0);
        DuePage? page = null;
        do
        {
            page = await ledger.DueAsync(shard, now, page, invocation.HardStop);
            if (page.ErrorCode is { } error)
            {
                log.ReleaseFailed("DueAsync", error);
                return new ReleaseResult(released, failed + 1, Complete: false);
            }

            foreach (var key in page.Keys)
            {
                if (time.GetUtcNow() > invocation.LastStart)
                {
                    return new ReleaseResult(released, failed, Complete: false);
                }

                switch (await ReleaseAsync(key, now, invocation))
                {
                    case true: released++; break;
                    case false: failed++; break;
                    case null: break;
                }
            }
        }
        while (page.Next is not null);

        return new ReleaseResult(released, failed, Complete: failed == 0);
    }

    /// <summary>
    /// Releases one task; null if there is nothing to release, because the index is behind the table.
    /// </summary>
    private async Task<bool?> ReleaseAsync(string key, DateTimeOffset now, Invocation invocation)
    {
        var read = await ledger.ReadAsync(key, invocation.HardStop);
        if (read.ErrorCode is { } error)
        {
            log.ReleaseFailed("ReadAsync", error);
            return false;
        }

        if (read.Item is not { State: LedgerItem.States.Held, IsNewer: false, Request: not null } item
            || !(item.ReleaseAtMs <= now.ToUnixTimeMilliseconds()))
        {
            return null;
        }

        if (await queues.SendTaskAsync(item, invocation.HardStop) is { } sendError)
        {
            log.ReleaseFailed("SendTaskAsync", sendError);
            return false;
        }

        var mark = await ledger.MarkQueuedAsync(item, time.GetUtcNow(), invocation.HardStop);
        if (mark.State == LedgerWriteState.Unavailable)
        {
            // It was sent, so it is released; the next tick sends it again, which harms nothing.
            log.ReleaseFailed("MarkQueuedAsync", mark.ErrorCode!);
        }

        return true;
    }
}

/// <summary>The event of a schedule; nothing in it matters here.</summary>
internal sealed record ScheduledEvent;

/// <summary>What one tick came to.</summary>
/// <param name="Released">Tasks sent to the queue.</param>
/// <param name="Failed">Tasks that could not be sent now.</param>
/// <param name="Complete">Whether all that was due was seen to.</param>
internal sealed record ReleaseResult(int Released, int Failed, bool Complete);
