using Amazon.Connect;
using Amazon.Connect.Model;
using Amazon.DynamoDBv2.Model;
using Amazon.Lambda.Core;
using Amazon.Lambda.SQSEvents;
using Amazon.Runtime;
using Amazon.SQS;
using ConnectTasks.Lambda;

namespace ConnectTasks.Simulation;

/// <summary>
/// A fault put in on purpose, as a decorator around a part of the production graph: the proof that the checkers would
/// notice it.
/// </summary>
internal sealed record Mutant(string Name, string What)
{
    public static readonly Mutant None = new("none", "the production code");

    public static readonly IReadOnlyList<Mutant> All =
    [
        new("claim-always-succeeds", "a task is claimed whatever its state")
        {
            LedgerRequest = r => IsClaim(r) ? Without(r, condition: "attribute_not_exists(never)") : r,
        },
        new("in-flight-is-done", "a duplicate is acknowledged while the first is still in flight")
        {
            Ledger = inner => new LedgerDecorator(inner)
            {
                OnClaim = r => r.State == ClaimState.InFlight ? new ClaimResult(ClaimState.AlreadyStarted) : r,
            },
        },
        new("no-owner-check", "a claim is completed and released by anyone")
        {
            LedgerRequest = r => IsClaim(r) ? r : Without(r, condition: null),
        },
        new("any-lease-is-over", "a lease is compared in the wrong unit, so that every one is over")
        {
            LedgerRequest = r => IsClaim(r) ? With(r, ":nowMs", v => new() { N = v.N + "000" }) : r,
        },
        new("no-lease-ends", "a lease is compared in the wrong unit, so that none ends")
        {
            LedgerRequest = r => IsClaim(r) ? With(r, ":nowMs", v => new() { N = v.N[..^3] }) : r,
        },
        new("lease-too-long", "a lease is longer than the visibility timeout")
        {
            Ledger = inner => new LedgerDecorator(inner)
            {
                OnClaiming = c => c with { LeaseEnd = c.LeaseEnd + TimeSpan.FromHours(12) },
            },
        },
        new("no-fingerprint", "another request with the same token is taken for a duplicate")
        {
            Ledger = inner => new LedgerDecorator(inner) { OnClaiming = c => c with { Fingerprint = "same" } },
        },
        new("refusal-not-forgotten-lease-kept", "a release is not written")
        {
            Ledger = inner => new LedgerDecorator(inner) { DropsReleases = true, OnClaiming = c => c with { LeaseEnd = c.LeaseEnd + TimeSpan.FromDays(1) } },
        },
        new("new-token-on-retry", "each attempt has a ClientToken of its own")
        {
            Connect = (world, inner) => new ConnectDecorator(inner)
            {
                OnRequest = r =>
                {
                    r.ClientToken += "/" + world.Random.Next();
                    return r;
                },
            },
        },
        new("throttle-is-refusal", "a 429 is taken for a refusal and dead-lettered")
        {
            Connect = (_, inner) => new ConnectDecorator(inner)
            {
                OnError = e => e is AmazonServiceException { StatusCode: System.Net.HttpStatusCode.TooManyRequests }
                    ? new AmazonConnectException("text", null, ErrorType.Sender, "InvalidParameterException", "id", System.Net.HttpStatusCode.BadRequest)
                    : e,
            },
        },
        new("time-out-is-success", "no answer is taken for a start")
        {
            Connect = (_, inner) => new ConnectDecorator(inner)
            {
                OnNoAnswer = () => new StartTaskContactResponse { ContactId = "presumed" },
            },
        },
        new("unsent-dead-letter", "a dead letter whose sending failed is taken for sent")
        {
            Sqs = (world, inner) => new SqsDecorator(world, inner) { SwallowsSendFailures = true },
        },
        new("no-back-off", "visibility timeouts are set to a second, whatever the policy says")
        {
            Sqs = (world, inner) => new SqsDecorator(world, inner) { VisibilityTimeout = 1 },
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
        new("presumed-sent", "a release that could not be sent is marked all the same")
        {
            Sqs = (world, inner) => new SqsDecorator(world, inner) { SwallowsSendFailures = true },
        },
        new("last-shard-skipped", "the last shard of what is due is not walked")
        {
            Ledger = inner => new LedgerDecorator(inner)
            {
                OnDue = (shard, p) => shard == LedgerItem.DueShards - 1 ? new DuePage([], null) : p,
            },
        },
        new("held-expires", "a held task has a time to live of a day")
        {
            LedgerRequest = r => r.ExpressionAttributeValues.ContainsKey(":request")
                ? Changed(r, update: r.UpdateExpression.Replace(", ttlEpochSeconds", "", StringComparison.Ordinal)
                    .Replace("SET ", "SET ttlEpochSeconds = :day, ", StringComparison.Ordinal), (":day", Seconds(r, ":release", -1)))
                : r,
        },
        new("any-hold-is-marked", "a task that was held anew, or moved, is marked as sent")
        {
            LedgerRequest = r => r.ExpressionAttributeValues.ContainsKey(":attempts")
                ? Changed(r, condition: "#state = :held AND :release <> :attempts") : r,
        },
        new("any-message-ends-a-wait", "a held task that is due is taken over by any message, not only by the copy released for it")
        {
            LedgerRequest = r => IsClaim(r)
                ? Changed(r, condition: r.ConditionExpression.Replace(
                    "releaseAtMs = :releasedMs", "(releaseAtMs = :releasedMs OR releaseAtMs <= :dueMs)", StringComparison.Ordinal))
                : r,
        },
        new("moves-in-any-order", "of several moves the one that came last wins, not the one that was sent last")
        {
            LedgerRequest = r => r.ConditionExpression?.Contains("movedAtMs", StringComparison.Ordinal) == true
                ? Changed(r, condition: r.ConditionExpression[..r.ConditionExpression.IndexOf(" AND (attribute_not_exists(movedAtMs)", StringComparison.Ordinal)])
                : r,
        },
        new("time-of-the-request", "a task that was moved starts at the time of its request")
        {
            Ledger = inner => new LedgerDecorator(inner) { OnClaim = r => r with { ScheduledTime = null } },
        },
        new("no-tombstone", "a cancellation that comes before its request is forgotten")
        {
            LedgerRequest = r => r.ExpressionAttributeValues.ContainsKey(":cancelled") && r.ConditionExpression?.StartsWith("attribute_not_exists(pk) OR", StringComparison.Ordinal) == true
                ? Changed(r, condition: "attribute_exists(pk) AND (" + r.ConditionExpression["attribute_not_exists(pk) OR".Length..] + ")") : r,
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

    public Func<ITaskLedger, ITaskLedger> Ledger { get; init; } = inner => inner;

    public Func<UpdateItemRequest, UpdateItemRequest> LedgerRequest { get; init; } = r => r;

    public Func<World, IAmazonConnect, IAmazonConnect> Connect { get; init; } = (_, inner) => inner;

    public Func<World, IAmazonSQS, IAmazonSQS> Sqs { get; init; } = (_, inner) => inner;

    public Func<BatchHandler, SQSEvent, ILambdaContext, Task<SQSBatchResponse>> Handle { get; init; } =
        (handler, sqsEvent, context) => handler.HandleAsync(sqsEvent, context);

    private static bool IsClaim(UpdateItemRequest request) => request.ExpressionAttributeValues.ContainsKey(":lease");

    private static UpdateItemRequest Without(UpdateItemRequest request, string? condition)
    {
        request.ConditionExpression = condition;
        return request;
    }

    private static UpdateItemRequest Changed(
        UpdateItemRequest request, string? update = null, (string Name, AttributeValue Value)? value = null, string? condition = null)
    {
        request.UpdateExpression = update ?? request.UpdateExpression;
        request.ConditionExpression = condition ?? request.ConditionExpression;
        if (value is { } more)
        {
            request.ExpressionAttributeValues[more.Name] = more.Value;
        }

        return request;
    }

    /// <summary>Milliseconds of a value as seconds, some days later.</summary>
    private static AttributeValue Seconds(UpdateItemRequest request, string name, int days) => LedgerItem.Number(
        (long.Parse(request.ExpressionAttributeValues[name].N, System.Globalization.CultureInfo.InvariantCulture) / 1000)
        + (days * 86_400L));

    private static UpdateItemRequest With(
        UpdateItemRequest request, string value, Func<AttributeValue, AttributeValue> change)
    {
        request.ExpressionAttributeValues[value] = change(request.ExpressionAttributeValues[value]);
        return request;
    }
}
