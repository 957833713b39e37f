using ConnectTasks.Lambda;
using static ConnectTasks.Simulation.Mutant;

namespace ConnectTasks.Simulation;

/// <summary>Faults of tasks that wait in the ledger.</summary>
internal static class WaitMutants
{
    private const string EndsItsWait =
        "releaseAtMs = :releasedMs AND (attribute_not_exists(waitNumber) OR waitNumber = :wait)";

    public static readonly IReadOnlyList<Mutant> All =
    [
        new("last-shard-skipped", "the last shard of what is due is not walked")
        {
            ShownBy = Theme.FollowUps,
            Ledger = (_, inner) => new LedgerDecorator(inner)
            {
                OnDue = (shard, p) => shard == LedgerItem.DueShards - 1 ? new DuePage([], null) : p,
            },
        },
        new("held-expires", "a held task has a time to live of a day")
        {
            ShownBy = Theme.FollowUps,
            LedgerRequest = r => Has(r, ":request")
                ? With(
                    Setting(Setting(r, ", ttlEpochSeconds", ""), "SET ", "SET ttlEpochSeconds = :day, "),
                    ":day",
                    Seconds(r, ":release", -1))
                : r,
        },
        new("any-hold-is-marked", "a task that was held anew, or moved, is marked as sent")
        {
            ShownBy = Theme.ThereAndBack,
            LedgerRequest = r => Has(r, ":attempts") ? On(r, "#state = :held AND :release <> :attempts") : r,
        },
        new("any-message-ends-a-wait", "a held task that is due is taken over by any message, not only by the copy released for it")
        {
            ShownBy = Theme.ThereAndBack,
            LedgerRequest = r => On(r, EndsItsWait, "releaseAtMs <= :dueMs"),
        },
        new("old-copy-ends-a-new-wait", "a copy that was released for an earlier wait takes the task over")
        {
            ShownBy = Theme.ThereAndBack,
            LedgerRequest = r => On(r, EndsItsWait, ":wait > :zero"),
        },
        new("copies-told-apart-by-time-only", "a FIFO queue drops the copy of a task that was moved away and back")
        {
            ShownBy = Theme.ThereAndBack,
            Sqs = (world, inner) => new SqsDecorator(world, inner) { DeduplicatesCopiesByTime = true },
        },
        new("presumed-sent", "a release that could not be sent is marked all the same")
        {
            ShownBy = Theme.ThereAndBack,
            Sqs = (world, inner) => new SqsDecorator(world, inner) { SwallowsFailuresTo = SqsDecorator.Target.Tasks },
        },
        new("time-of-the-request", "a task that was moved starts at the time of its request")
        {
            ShownBy = Theme.FollowUps,
            Ledger = (_, inner) => new LedgerDecorator(inner) { OnClaim = (_, r) => r with { ScheduledTime = null } },
        },
        new("group-lost-in-a-wait", "the copy of a held message has no group of its own any more")
        {
            ShownBy = Theme.ThereAndBack,
            LedgerRequest = r => Setting(r, ", messageGroup = :group", ""),
        },
        new("too-large-is-an-outage", "the store's refusal of an item that is too large is taken for its failure")
        {
            ShownBy = Theme.Odd,
            Ledger = (_, inner) => new LedgerDecorator(inner)
            {
                OnHeld = w => w.State == LedgerWriteState.TooLarge
                    ? new LedgerWrite(LedgerWriteState.Unavailable, "ValidationException") : w,
            },
        },
    ];
}
