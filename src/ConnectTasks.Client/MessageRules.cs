using System.Buffers;
using System.Globalization;

namespace ConnectTasks.Client;

/// <summary>SQS's rules for what goes with a message beside its body.</summary>
internal static class MessageRules
{
    public const string TraceParent = "traceparent";
    public const string TraceState = "tracestate";

    private const string AttributesPath = "SendOptions.MessageAttributes";

    private static readonly SearchValues<char> NameCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.");

    /// <summary>Everything that is wrong with the options.</summary>
    /// <param name="isCommand">Commands have an attribute of their own, which takes the room of one.</param>
    public static List<Violation> Check(SendOptions? options, bool isFifo, bool isCommand)
    {
        var violations = new List<Violation>();
        if (options is null)
            return violations;
        CheckDelay(options.Delay, isFifo, violations);
        if (options.MessageGroupId is { } group)
            CheckGroup(group, violations);
        if (options.MessageAttributes is { } attributes)
            CheckAttributes(attributes, isCommand, violations);
        return violations;
    }

    /// <summary>Whether SQS takes a text: what XML 1.0 can hold.</summary>
    public static bool IsSendable(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            var isPair = char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]);
            if (isPair)
                i++;
            else if (char.IsSurrogate(text[i]) || IsOutsideXml(text[i]))
                return false;
        }
        return true;
    }

    private static bool IsOutsideXml(char character) =>
        character is (< ' ' and not ('\t' or '\n' or '\r')) or '\uFFFE' or '\uFFFF';

    private static void CheckDelay(TimeSpan? delay, bool isFifo, List<Violation> violations)
    {
        const string Path = "SendOptions.Delay";
        if (delay is not { } given)
            return;
        if (given < TimeSpan.Zero || given > TimeSpan.FromSeconds(SendOptions.DelayMaxSeconds))
        {
            violations.Add(new(
                ViolationCodes.InvalidValue,
                Path,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"Delay is {given.TotalSeconds:0.###} seconds; SQS takes 0 to {SendOptions.DelayMaxSeconds} "
                    + $"seconds: set the request's ScheduledTime for a task that is to start later.")));
        }
        else if (isFifo)
        {
            violations.Add(new(
                ViolationCodes.Contradictory,
                Path,
                "Delay cannot be set for one message of a FIFO queue: remove it, and set the request's ScheduledTime "
                + "for a task that is to start later."));
        }
    }

    private static void CheckGroup(string group, List<Violation> violations)
    {
        const string Path = "SendOptions.MessageGroupId";
        if (group.Length is 0 or > SqsLimits.GroupIdMaxCharacters)
        {
            violations.Add(new(
                group.Length == 0 ? ViolationCodes.TooShort : ViolationCodes.TooLong,
                Path,
                $"MessageGroupId has {group.Length} characters; SQS takes 1 to {SqsLimits.GroupIdMaxCharacters}: "
                + "shorten it, or leave it out."));
        }
        if (group.AsSpan().ContainsAnyExceptInRange('!', '~'))
        {
            violations.Add(new(
                ViolationCodes.InvalidCharacter,
                Path,
                "MessageGroupId holds other characters than the letters, digits and punctuation marks of ASCII: "
                + "replace them, or leave it out."));
        }
    }

    private static void CheckAttributes(
        IReadOnlyDictionary<string, string> attributes, bool isCommand, List<Violation> violations)
    {
        var count = attributes.Keys.Count(name => name is not (TraceParent or TraceState));
        var maxCount =
            isCommand ? SendOptions.CommandMessageAttributesMaxCount : SendOptions.MessageAttributesMaxCount;
        if (count > maxCount)
        {
            violations.Add(new(
                ViolationCodes.TooMany,
                AttributesPath,
                isCommand
                    ? $"There are {count} message attributes; SQS takes 10 on a message, of which a cancellation or a "
                        + $"rescheduling needs one and the trace context two: keep {maxCount}."
                    : $"There are {count} message attributes; SQS takes 10 on a message, two of which are kept for the "
                        + $"trace context: keep {maxCount}."));
        }
        var position = 0;
        foreach (var (name, value) in attributes)
        {
            position++;
            if (NameFault(name) is { } fault)
            {
                violations.Add(new(
                    fault.Code,
                    $"{AttributesPath}[#{position}]",
                    $"The name of message attribute {position} (counted from 1) {fault.Text}."));
            }
            else if (string.IsNullOrEmpty(value))
            {
                violations.Add(new(
                    ViolationCodes.TooShort,
                    $"{AttributesPath}['{name}']",
                    $"Message attribute {name} has no value, which SQS refuses: give it one, or leave it out."));
            }
            else if (!IsSendable(value))
            {
                violations.Add(new(
                    ViolationCodes.InvalidCharacter,
                    $"{AttributesPath}['{name}']",
                    $"Message attribute {name} holds a character that SQS does not take (a control character other "
                    + "than tab and line breaks, half of a surrogate pair, U+FFFE or U+FFFF): remove it."));
            }
        }
    }

    /// <summary>What is wrong with a name, as the second half of a sentence, or <c>null</c>.</summary>
    private static (string Code, string Text)? NameFault(string name)
    {
        if (name.Length is 0 or > SqsLimits.AttributeNameMaxCharacters)
        {
            return (
                name.Length == 0 ? ViolationCodes.TooShort : ViolationCodes.TooLong,
                $"has {name.Length} characters; SQS takes 1 to {SqsLimits.AttributeNameMaxCharacters}");
        }
        if (name.AsSpan().ContainsAnyExcept(NameCharacters))
            return (ViolationCodes.InvalidCharacter, "holds other characters than letters, digits, '_', '-' and '.'");
        if (name[0] == '.' || name[^1] == '.' || name.Contains("..", StringComparison.Ordinal))
            return (ViolationCodes.InvalidValue, "has a '.' at its start or its end, or two in a row");
        if (name.StartsWith("AWS.", StringComparison.OrdinalIgnoreCase)
            || name.StartsWith("Amazon.", StringComparison.OrdinalIgnoreCase)
            || name.StartsWith(DeadLetterAttributes.Prefix, StringComparison.OrdinalIgnoreCase))
        {
            return (
                ViolationCodes.InvalidValue,
                "starts with 'AWS.', 'Amazon.' or 'ConnectTasks.', which are reserved: choose another");
        }
        return null;
    }
}
