using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ConnectTasks.Client;

/// <summary>Makes messages of requests and commands, and finds everything that is wrong with them.</summary>
internal sealed class MessageFactory(TaskQueueOptions options, TimeProvider time)
{
    private static readonly SendOptions Defaults = new();

    private readonly CommandClock _clock = new(time);

    public OutgoingMessage OfRequest(int index, TaskRequest? request, SendOptions? sendOptions)
    {
        if (request is null)
            return OfViolations(index, null, [new(ViolationCodes.Missing, "$", "The request is null: give one.")]);
        var check = TaskRequestValidator.Check(request);
        var violations = new List<Violation>(check.Violations);
        if (string.IsNullOrWhiteSpace(request.ClientToken))
            violations.Add(TokenMissing());
        if (check.Request is not { } normal || violations.Count > 0)
            return OfViolations(index, request, [.. violations, .. CheckOptions(sendOptions, isCommand: false)]);

        // A request that is sent twice is one message to a FIFO queue as well; a corrected one under the same token is
        // another, which SQS would drop without a word if it had the same id.
        var key = TaskKey.For(normal.InstanceId, normal.ClientToken!);
        var body = Encoding.UTF8.GetString(TaskRequestJson.Write(normal));
        return Complete(
            new() { Index = index, Request = request }, body, key, $"{key}\n{Hash(body)}", sendOptions, sentAt: null);
    }

    public OutgoingMessage OfCommand(TaskCommand command, SendOptions? sendOptions)
    {
        var check = TaskCommandJson.Check(command);
        if (check.Command is not { } normal)
            return OfViolations(0, null, [.. check.Violations, .. CheckOptions(sendOptions, isCommand: true)]);
        var key = TaskKey.For(normal.InstanceId, normal.ClientToken);
        var body = Encoding.UTF8.GetString(TaskCommandJson.Write(normal));
        // A queue must not take a command for its task's request, nor one for an equal one before another in between
        // (there, back, and there again); but what is sent again within a call is the same command.
        var sentAt = TaskMessageAttributes.FormatSentAt(_clock.Next());
        return Complete(new() { Index = 0 }, body, key, $"{key}\n{sentAt}\n{Hash(body)}", sendOptions, sentAt);
    }

    private OutgoingMessage Complete(
        OutgoingMessage message, string body, string taskKey, string deduplicationKey, SendOptions? sendOptions,
        string? sentAt)
    {
        var violations = CheckOptions(sendOptions, isCommand: sentAt is not null);
        if (violations.Count > 0)
            return OfViolations(message.Index, message.Request, violations);
        sendOptions ??= Defaults;
        var attributes = WithTraceContext(sendOptions.MessageAttributes);
        if (sentAt is not null)
            attributes.Add(TaskMessageAttributes.SentAt, sentAt);
        var bytes = OutgoingMessage.Measure(body, attributes);
        if (bytes > options.MessageMaxBytes)
            return OfViolations(message.Index, message.Request, [TooLong(bytes)]);
        return message with
        {
            Body = body,
            Bytes = bytes,
            Attributes = attributes,
            DelaySeconds = sendOptions.Delay is { } delay ? (int)Math.Ceiling(delay.TotalSeconds) : null,
            GroupId = sendOptions.MessageGroupId ?? (options.IsFifo ? Hash(taskKey) : null),
            DeduplicationId = options.IsFifo ? Hash(deduplicationKey) : null,
        };
    }

    private List<Violation> CheckOptions(SendOptions? sendOptions, bool isCommand) =>
        MessageRules.Check(sendOptions, options.IsFifo, isCommand);

    private static Dictionary<string, string> WithTraceContext(IReadOnlyDictionary<string, string>? attributes)
    {
        var all = attributes is null ? [] : new Dictionary<string, string>(attributes, StringComparer.Ordinal);
        // A caller's own trace context is one thing: half of it is not replaced.
        if (all.ContainsKey(MessageRules.TraceParent) || all.ContainsKey(MessageRules.TraceState))
            return all;
        if (Activity.Current is not { IdFormat: ActivityIdFormat.W3C, Id: { } id } activity)
            return all;
        all.Add(MessageRules.TraceParent, id);
        if (activity.TraceStateString is { Length: > 0 } state && MessageRules.IsSendable(state))
            all.Add(MessageRules.TraceState, state);
        return all;
    }

    private static string Hash(string key) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));

    private static OutgoingMessage OfViolations(int index, TaskRequest? request, IReadOnlyList<Violation> violations) =>
        new() { Index = index, Request = request, Violations = violations };

    private static Violation TokenMissing() => new(
        ViolationCodes.Missing,
        "$.ClientToken",
        "ClientToken is required, so that the request can be sent again without starting a second task: set it, or "
        + "derive it from a business key with ClientToken.FromKey.");

    private Violation TooLong(int bytes) => new(
        ViolationCodes.TooLong,
        "$",
        string.Create(
            CultureInfo.InvariantCulture,
            $"The message has {bytes:N0} UTF-8 bytes with its attributes; the limit is {options.MessageMaxBytes:N0} "
            + $"bytes: shorten the request's texts or the message attributes."));
}
