using Amazon.Lambda.SQSEvents;
using ConnectTasks.Lambda;
using static ConnectTasks.Simulation.Mutant;

namespace ConnectTasks.Simulation;

/// <summary>Faults of claims, leases, versions and batches.</summary>
internal static class ClaimMutants
{
    public static readonly IReadOnlyList<Mutant> All =
    [
        new("claim-always-succeeds", "a task is claimed whatever its state")
        {
            LedgerRequest = r => IsClaim(r) ? On(r, "attribute_not_exists(never)") : r,
        },
        new("in-flight-is-done", "a duplicate is acknowledged while the first is still in flight")
        {
            Ledger = (_, inner) => new LedgerDecorator(inner)
            {
                OnClaim = (_, r) => r.State == ClaimState.InFlight ? new ClaimResult(ClaimState.AlreadyStarted) : r,
            },
        },
        new("no-owner-check", "a claim is completed and released by anyone")
        {
            LedgerRequest = r => IsClaim(r) ? r : On(r, null),
        },
        new("any-lease-is-over", "a lease is compared in the wrong unit, so that every one is over")
        {
            LedgerRequest = r => IsClaim(r) && Has(r, ":lease") ? With(r, ":nowMs", new() { N = r.ExpressionAttributeValues[":nowMs"].N + "000" }) : r,
        },
        new("no-lease-ends", "a lease is compared in the wrong unit, so that none ends")
        {
            LedgerRequest = r => IsClaim(r) && Has(r, ":lease") ? With(r, ":nowMs", new() { N = r.ExpressionAttributeValues[":nowMs"].N[..^3] }) : r,
        },
        new("lease-too-long", "a lease is longer than the visibility timeout")
        {
            Ledger = (_, inner) => new LedgerDecorator(inner)
            {
                OnClaiming = c => c with { LeaseEnd = c.LeaseEnd + TimeSpan.FromHours(12) },
            },
        },
        new("no-fingerprint", "another request with the same token is taken for a duplicate")
        {
            Ledger = (_, inner) => new LedgerDecorator(inner) { OnClaiming = c => c with { Fingerprint = "same" } },
        },
        new("refusal-not-forgotten-lease-kept", "a release is not written")
        {
            Ledger = (_, inner) => new LedgerDecorator(inner) { DropsReleases = true, OnClaiming = c => c with { LeaseEnd = c.LeaseEnd + TimeSpan.FromDays(1) } },
        },
        new("refusal-not-forgotten", "a corrected request with the token of a refused one is taken for a reuse")
        {
            ShownBy = Theme.Corrections,
            LedgerRequest = r => Setting(r, ", fingerprint, scheduledAtMs, movedAtMs, mayExist", ""),
        },
        new("age-from-first-receive", "the retry age counts from the first receive, also of one that only waited")
        {
            ShownBy = Theme.Blocked,
            Ledger = (world, inner) => new LedgerDecorator(inner)
            {
                OnClaim = (claim, r) => r with
                {
                    FirstTried = world.Tasks.Messages
                        .Where(m => world.Facts.KeyOfMessage(m.Id) == claim.Key).Min(m => m.FirstReceivedAt) ?? r.FirstTried,
                },
            },
        },
        new("newer-items-overwritten", "the version of an item is not looked at")
        {
            ShownBy = Theme.Versions,
            LedgerRequest = r => On(r, "itemVersion <= :version", "attribute_exists(pk)"),
        },
        new("newer-is-another-request", "an item of a newer version is taken for another request's")
        {
            ShownBy = Theme.Versions,
            Ledger = (world, inner) => new LedgerDecorator(inner)
            {
                OnClaim = (claim, r) => r.State == ClaimState.InFlight
                    && NewerVersion.IsOf(world.Store.Items.GetValueOrDefault(claim.Key))
                        ? new ClaimResult(ClaimState.TokenReused) : r,
            },
        },
        new("time-to-live-ignores-the-time", "a started or cancelled task is forgotten a month after it was written")
        {
            ShownBy = Theme.LongTimes,
            LedgerRequest = r => Has(r, ":ttl") && Has(r, ":nowMs") ? With(r, ":ttl", Seconds(r, ":nowMs", 35)) : r,
        },
        new("parse-before-guard", "one malformed body fails its whole batch")
        {
            Handle = (handler, sqsEvent, context) => sqsEvent.Records!.Exists(r => r.Body!.StartsWith("{not", StringComparison.Ordinal))
                ? throw new InvalidOperationException("malformed")
                : handler.HandleAsync(sqsEvent, context),
        },
        new("failures-not-reported", "the response reports no failures")
        {
            Handle = async (handler, sqsEvent, context) =>
            {
                await handler.HandleAsync(sqsEvent, context);
                return new SQSBatchResponse { BatchItemFailures = [] };
            },
        },
        new("only-first-failure-reported", "the response reports the first failure only")
        {
            Handle = async (handler, sqsEvent, context) =>
            {
                var response = await handler.HandleAsync(sqsEvent, context);
                response.BatchItemFailures = response.BatchItemFailures!.Take(1).ToList();
                return response;
            },
        },
    ];
}
