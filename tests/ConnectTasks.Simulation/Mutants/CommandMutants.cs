using ConnectTasks.Lambda;
using static ConnectTasks.Simulation.Mutant;

namespace ConnectTasks.Simulation;

/// <summary>Faults of cancellations and reschedules.</summary>
internal static class CommandMutants
{
    public static readonly IReadOnlyList<Mutant> All =
    [
        new("moves-in-any-order", "of several moves of a held task the one that came last wins, not the one that was sent last")
        {
            ShownBy = Theme.FollowUps,
            LedgerRequest = r => On(r, " AND (attribute_not_exists(movedAtMs) OR movedAtMs < :sent)", ""),
        },
        new("last-writer-in-connect", "of several moves in Connect the one that is told last wins")
        {
            ShownBy = Theme.Moves,
            LedgerRequest = r => Has(r, ":changer")
                ? On(
                    r,
                    "AND (attribute_not_exists(movedAtMs) OR movedAtMs < :sent OR (movedAtMs = :sent "
                    + "AND scheduledAtMs = :scheduled AND attribute_exists(toldAtMs))) ",
                    "")
                : r,
        },
        new("told-without-a-lease", "two commands tell Connect at the same time")
        {
            ShownBy = Theme.Moves,
            LedgerRequest = r => On(
                r, "AND (attribute_not_exists(changeUntilMs) OR changeUntilMs < :nowMs OR changeOwner = :changer) ", ""),
        },
        new("told-is-presumed", "Connect is taken for told whatever it answered")
        {
            ShownBy = Theme.Moves,
            Ledger = (_, inner) => new LedgerDecorator(inner) { OnTelling = _ => ContactChangeEnd.Taken },
        },
        new("no-tombstone", "a cancellation that comes before its request is forgotten")
        {
            ShownBy = Theme.FollowUps,
            Ledger = (_, inner) => new LedgerDecorator(inner) { ForgetsEarlyCancels = true },
        },
        new("short-tombstone", "a cancelled task is forgotten after a day")
        {
            ShownBy = Theme.LongTimes,
            LedgerRequest = r => Has(r, ":cancelled") && Has(r, ":nowMs") ? With(r, ":ttl", Seconds(r, ":nowMs", 1)) : r,
        },
        new("early-moves-forgotten", "a move that comes before its request is not kept for it")
        {
            ShownBy = Theme.Backlog,
            Ledger = (_, inner) => new LedgerDecorator(inner) { ForgetsEarlyMoves = true },
        },
        new("patience-from-the-sending", "a move waits for its request for an hour from its sending, also in a backlog")
        {
            ShownBy = Theme.Backlog,
            Ledger = (_, inner) => new LedgerDecorator(inner)
            {
                OnMoved = (move, c) => c.Item is { State: LedgerItem.States.Awaited } item
                    ? c with { Item = item with { AwaitedSince = move.SentAt } } : c,
            },
        },
        new("cancels-what-may-exist", "a task whose last attempt got no answer is called off in the ledger only")
        {
            ShownBy = Theme.Cancels,
            LedgerRequest = r => Has(r, ":cancelled") ? On(r, " AND attribute_not_exists(mayExist)", "") : r,
        },
    ];
}
