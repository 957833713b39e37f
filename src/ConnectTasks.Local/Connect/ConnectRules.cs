using System.Globalization;
using System.Text;
using System.Text.Json;

namespace ConnectTasks.Local;

/// <summary>
/// What StartTaskContact accepts: the limits of AWS's API reference for Amazon Connect, and the refusals for the
/// rest. Pure: a request and the time in, a refusal or nothing out.
/// </summary>
internal static class ConnectRules
{
    public const int MaximumLinkedTasks = 12;
    private const int MaximumAttributesBytes = 32_768;
    private const int MaximumReferencesBytes = 4_096;
    private const int MaximumAttachments = 5;

    private static readonly (string Name, int Minimum, int Maximum)[] Strings =
    [
        ("InstanceId", 1, 100),
        ("Name", 0, 1_024),
        ("Description", 0, 4_096),
        ("ContactFlowId", 0, 500),
        ("TaskTemplateId", 1, 500),
        ("QuickConnectId", 0, int.MaxValue),
        ("PreviousContactId", 1, 256),
        ("RelatedContactId", 1, 256),
        ("ClientToken", 0, 500),
    ];

    private static readonly string[] Destinations = ["ContactFlowId", "TaskTemplateId", "QuickConnectId"];

    // ATTACHMENT is a reference type too, but not one that a task can be created with.
    private static readonly string[] ReferenceTypes = ["URL", "NUMBER", "STRING", "DATE", "EMAIL"];

    /// <summary>The refusal, or null if the request is one that the service accepts.</summary>
    public static ConnectReply? Check(JsonElement request, DateTimeOffset now, TimeSpan horizon)
    {
        if (request.ValueKind != JsonValueKind.Object)
            return WrongType("The request body", "a structure");

        return CheckStrings(request)
            ?? CheckRequired(request)
            ?? CheckCombinations(request)
            ?? CheckAttributes(request)
            ?? CheckReferences(request)
            ?? CheckScheduledTime(request, now, horizon)
            ?? CheckSegmentAttributes(request)
            ?? CheckAttachments(request);
    }

    /// <summary>The property's text, or null if it is absent, null or no string.</summary>
    public static string? Text(JsonElement request, string name) =>
        Member(request, name) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;

    /// <summary>The instant in ScheduledTime, or null.</summary>
    public static DateTimeOffset? ScheduledTime(JsonElement request) =>
        Member(request, "ScheduledTime") is { ValueKind: JsonValueKind.Number } value
            && value.TryGetDouble(out var seconds)
            && Math.Abs(seconds) < 253_402_300_800
                ? DateTimeOffset.UnixEpoch.AddSeconds(seconds)
                : null;

    /// <summary>The refusal of a time; null stands for one that is no time at all.</summary>
    public static ConnectReply? CheckScheduledTime(DateTimeOffset? time, DateTimeOffset now, TimeSpan horizon)
    {
        if (time is not { } scheduled || scheduled - now > horizon)
        {
            return ConnectReply.InvalidParameter(string.Create(CultureInfo.InvariantCulture,
                $"ScheduledTime must be within {horizon.TotalDays:0.##} days from now."));
        }

        return scheduled < now ? ConnectReply.InvalidParameter("ScheduledTime must not be in the past.") : null;
    }

    private static ConnectReply? CheckStrings(JsonElement request)
    {
        foreach (var (name, minimum, maximum) in Strings)
        {
            if (Member(request, name) is not { } value)
                continue;
            if (value.ValueKind != JsonValueKind.String)
                return WrongType(name, "a string");
            if (CheckLength(name, value.GetString()!, minimum, maximum) is { } refusal)
                return refusal;
        }

        return null;
    }

    private static ConnectReply? CheckRequired(JsonElement request)
    {
        foreach (var name in (string[])["InstanceId", "Name"])
        {
            if (Member(request, name) is null)
                return ConnectReply.InvalidParameter($"{name} is required.");
        }

        return null;
    }

    private static ConnectReply? CheckCombinations(JsonElement request)
    {
        var given = Destinations.Where(name => Member(request, name) is not null).ToArray();
        if (given.Length != 1)
        {
            return ConnectReply.InvalidRequest(given.Length == 0
                ? "One of ContactFlowId, TaskTemplateId and QuickConnectId is required."
                : $"Only one of {string.Join(" and ", given)} is allowed.");
        }

        return Member(request, "PreviousContactId") is not null && Member(request, "RelatedContactId") is not null
            ? ConnectReply.InvalidRequest("PreviousContactId and RelatedContactId are not allowed together.")
            : null;
    }

    private static ConnectReply? CheckAttributes(JsonElement request)
    {
        if (Member(request, "Attributes") is not { } attributes)
            return null;
        if (attributes.ValueKind != JsonValueKind.Object)
            return WrongType("Attributes", "a map");

        var bytes = 0;
        foreach (var attribute in attributes.EnumerateObject())
        {
            if (attribute.Value.ValueKind != JsonValueKind.String)
                return WrongType("A value of Attributes", "a string");
            if (CheckLength("A key of Attributes", attribute.Name, 1, 32_767) is { } refusal)
                return refusal;
            if (!attribute.Name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'))
                return ConnectReply.InvalidParameter("A key of Attributes may hold letters, digits, - and _ only.");
            var value = attribute.Value.GetString()!;
            if (CheckLength("A value of Attributes", value, 0, 32_767) is { } tooLong)
                return tooLong;
            bytes += Encoding.UTF8.GetByteCount(attribute.Name) + Encoding.UTF8.GetByteCount(value);
        }

        return bytes > MaximumAttributesBytes
            ? ConnectReply.InvalidParameter($"Attributes together exceed {MaximumAttributesBytes} bytes.")
            : null;
    }

    private static ConnectReply? CheckReferences(JsonElement request)
    {
        if (Member(request, "References") is not { } references)
            return null;
        if (references.ValueKind != JsonValueKind.Object)
            return WrongType("References", "a map");

        var bytes = 0;
        foreach (var reference in references.EnumerateObject())
        {
            if (reference.Value.ValueKind != JsonValueKind.Object)
                return WrongType("A value of References", "a structure");
            if (CheckLength("A key of References", reference.Name, 1, 4_096) is { } refusal)
                return refusal;
            if (Text(reference.Value, "Type") is not { } type)
                return ConnectReply.InvalidParameter("Type of a reference is required.");
            if (!ReferenceTypes.Contains(type))
            {
                return ConnectReply.InvalidParameter(
                    $"Type of a reference must be one of {string.Join(", ", ReferenceTypes)} when a task is created.");
            }

            var value = Text(reference.Value, "Value") ?? "";
            if (CheckLength("Value of a reference", value, 0, 4_096) is { } tooLong)
                return tooLong;
            bytes += Encoding.UTF8.GetByteCount(reference.Name) + Encoding.UTF8.GetByteCount(value);
        }

        return bytes > MaximumReferencesBytes
            ? ConnectReply.InvalidParameter($"References together exceed {MaximumReferencesBytes} bytes.")
            : null;
    }

    private static ConnectReply? CheckScheduledTime(JsonElement request, DateTimeOffset now, TimeSpan horizon)
    {
        if (Member(request, "ScheduledTime") is not { } value)
            return null;
        if (value.ValueKind != JsonValueKind.Number)
            return WrongType("ScheduledTime", "a timestamp in epoch seconds");
        return CheckScheduledTime(ScheduledTime(request), now, horizon);
    }

    private static ConnectReply? CheckSegmentAttributes(JsonElement request)
    {
        if (Member(request, "SegmentAttributes") is not { } segments)
            return null;
        if (segments.ValueKind != JsonValueKind.Object)
            return WrongType("SegmentAttributes", "a map");

        foreach (var segment in segments.EnumerateObject())
        {
            if (CheckLength("A key of SegmentAttributes", segment.Name, 1, 128) is { } refusal)
                return refusal;
            if (segment.Value.ValueKind != JsonValueKind.Object)
                return WrongType("A value of SegmentAttributes", "a structure");
            if (Text(segment.Value, "ValueString") is { } text
                && CheckLength("ValueString of a segment attribute", text, 0, 1_024) is { } tooLong)
                return tooLong;
        }

        return null;
    }

    private static ConnectReply? CheckAttachments(JsonElement request)
    {
        if (Member(request, "Attachments") is not { } attachments)
            return null;
        if (attachments.ValueKind != JsonValueKind.Array)
            return WrongType("Attachments", "a list");
        if (attachments.GetArrayLength() is < 1 or > MaximumAttachments)
            return ConnectReply.InvalidParameter($"Attachments must have 1 to {MaximumAttachments} members.");

        foreach (var attachment in attachments.EnumerateArray())
        {
            if (attachment.ValueKind != JsonValueKind.Object)
                return WrongType("A member of Attachments", "a structure");
            if (CheckLength("FileName", Text(attachment, "FileName") ?? "", 1, 256) is { } fileName)
                return fileName;
            if (CheckLength("S3Url", Text(attachment, "S3Url") ?? "", 1, 2_000) is { } url)
                return url;
        }

        return null;
    }

    /// <summary>The service model counts a string's length in Unicode code points, not in UTF-16 units.</summary>
    private static ConnectReply? CheckLength(string name, string value, int minimum, int maximum)
    {
        var length = value.EnumerateRunes().Count();
        return length < minimum || length > maximum
            ? ConnectReply.InvalidParameter($"{name} must have {minimum} to {maximum} characters.")
            : null;
    }

    private static JsonElement? Member(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private static ConnectReply WrongType(string name, string expected) =>
        ConnectReply.Error(400, "SerializationException", $"{name} must be {expected}.");
}
