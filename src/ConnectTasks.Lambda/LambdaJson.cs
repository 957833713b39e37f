using System.Text.Json.Serialization;
using Amazon.Lambda.SQSEvents;

namespace ConnectTasks.Lambda;

/// <summary>
/// The shapes on Lambda's wire, compiled in: reflection would cost start-up time and does not work in AOT.
/// </summary>
[JsonSerializable(typeof(SQSEvent))]
[JsonSerializable(typeof(SQSBatchResponse))]
[JsonSerializable(typeof(ScheduledEvent))]
[JsonSerializable(typeof(ReleaseResult))]
internal sealed partial class LambdaJson : JsonSerializerContext;
