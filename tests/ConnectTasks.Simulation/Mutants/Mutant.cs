using System.Globalization;
using Amazon.Connect;
using Amazon.DynamoDBv2.Model;
using Amazon.Lambda.Core;
using Amazon.Lambda.SQSEvents;
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
        [.. ClaimMutants.All, .. WaitMutants.All, .. CommandMutants.All, .. QueueMutants.All, .. ConnectMutants.All];

    /// <summary>The theme that shows it best, whose seeds are run first.</summary>
    public Theme ShownBy { get; init; }

    public Func<World, ITaskLedger, ITaskLedger> Ledger { get; init; } = (_, inner) => inner;

    public Func<UpdateItemRequest, UpdateItemRequest> LedgerRequest { get; init; } = r => r;

    public Func<World, IAmazonConnect, IAmazonConnect> Connect { get; init; } = (_, inner) => inner;

    public Func<World, IAmazonSQS, IAmazonSQS> Sqs { get; init; } = (_, inner) => inner;

    public Func<World, Settings, Settings> Settings { get; init; } = (_, settings) => settings;

    public Func<BatchHandler, SQSEvent, ILambdaContext, Task<SQSBatchResponse>> Handle { get; init; } =
        (handler, sqsEvent, context) => handler.HandleAsync(sqsEvent, context);

    public static bool IsClaim(UpdateItemRequest request) => request.UpdateExpression.Contains(":owner", StringComparison.Ordinal);

    public static bool Has(UpdateItemRequest request, string value) =>
        request.ExpressionAttributeValues.ContainsKey(value);

    /// <summary>The request with another condition.</summary>
    public static UpdateItemRequest On(UpdateItemRequest request, string? condition)
    {
        request.ConditionExpression = condition;
        return request;
    }

    /// <summary>The request with a part of its condition replaced, where it has that part.</summary>
    public static UpdateItemRequest On(UpdateItemRequest request, string part, string instead) =>
        On(request, request.ConditionExpression?.Replace(part, instead, StringComparison.Ordinal));

    /// <summary>The request with a part of its update replaced, where it has that part.</summary>
    public static UpdateItemRequest Setting(UpdateItemRequest request, string part, string instead)
    {
        request.UpdateExpression = request.UpdateExpression.Replace(part, instead, StringComparison.Ordinal);
        return request;
    }

    public static UpdateItemRequest With(UpdateItemRequest request, string name, AttributeValue value)
    {
        request.ExpressionAttributeValues[name] = value;
        return request;
    }

    /// <summary>Milliseconds of a value as seconds, some days later.</summary>
    public static AttributeValue Seconds(UpdateItemRequest request, string name, int days) => LedgerItem.Number(
        (long.Parse(request.ExpressionAttributeValues[name].N, CultureInfo.InvariantCulture) / 1000) + (days * 86_400L));
}
