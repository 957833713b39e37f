using System.Buffers;
using System.Text;

namespace ConnectTasks;

/// <summary>The rules of the maps and lists of a request.</summary>
internal static class MapRules
{
    private const string LettersAndDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    private static readonly NameRule AttributeNames = new(
        TaskRequestLimits.AttributeNameMaxCharacters,
        SearchValues.Create(LettersAndDigits + "-_"),
        "letters (A-Z, a-z), digits, hyphens and underscores");

    private static readonly NameRule ReferenceNames = new(TaskRequestLimits.ReferenceNameMaxCharacters, null, "");

    // The API reference names letters, digits, hyphens and underscores; its own names have a colon too.
    private static readonly NameRule SegmentNames = new(
        TaskRequestLimits.SegmentAttributeNameMaxCharacters,
        SearchValues.Create(LettersAndDigits + "-_:"),
        "letters (A-Z, a-z), digits, hyphens, underscores and colons");

    private sealed record NameRule(int MaxLength, SearchValues<char>? Characters, string CharactersInWords);

    public static void CheckAttributes(IReadOnlyDictionary<string, string>? attributes, Findings findings)
    {
        if (attributes is null)
            return;
        findings.Enter(nameof(TaskRequest.Attributes));
        var position = 0;
        var bytes = 0L;
        foreach (var (name, value) in attributes)
        {
            findings.EnterNamed(name, ++position);
            CheckName(name, AttributeNames, findings);
            bytes += Encoding.UTF8.GetByteCount(name);
            if (CheckText(value, 0, TaskRequestLimits.AttributeValueMaxCharacters, findings))
                bytes += Encoding.UTF8.GetByteCount(value);
            findings.Leave();
        }
        CheckTotal(bytes, TaskRequestLimits.AttributesMaxBytes, findings);
        findings.Leave();
    }

    public static void CheckReferences(IReadOnlyDictionary<string, TaskReference>? references, Findings findings)
    {
        if (references is null)
            return;
        findings.Enter(nameof(TaskRequest.References));
        var position = 0;
        var bytes = 0L;
        foreach (var (name, reference) in references)
        {
            findings.EnterNamed(name, ++position);
            CheckName(name, ReferenceNames, findings);
            bytes += Encoding.UTF8.GetByteCount(name);
            if (IsThere(reference, "an object", findings))
                bytes += CheckReference(reference, findings);
            findings.Leave();
        }
        CheckTotal(bytes, TaskRequestLimits.ReferencesMaxBytes, findings);
        findings.Leave();
    }

    public static void CheckSegmentAttributes(
        IReadOnlyDictionary<string, SegmentAttribute>? segments, Findings findings)
    {
        if (segments is null)
            return;
        findings.Enter(nameof(TaskRequest.SegmentAttributes));
        // The request is the first level of nesting.
        CheckSegments(segments, 2, findings);
        findings.Leave();
    }

    public static void CheckAttachments(IReadOnlyList<TaskAttachmentFile>? attachments, Findings findings)
    {
        if (attachments is null)
            return;
        findings.Enter(nameof(TaskRequest.Attachments));
        if (attachments.Count == 0)
            findings.Add(ViolationCodes.TooFew, "Attachments is empty: leave it out, or attach 1 to 5 files.");
        if (attachments.Count > TaskRequestLimits.AttachmentsMaxCount)
        {
            findings.Add(
                ViolationCodes.TooMany,
                $"Attachments has {Findings.Number(attachments.Count)} files; the limit is "
                + $"{TaskRequestLimits.AttachmentsMaxCount} files: attach fewer.");
        }
        for (var i = 0; i < attachments.Count; i++)
        {
            findings.EnterListed(i);
            if (IsThere(attachments[i], "an object", findings))
                CheckAttachment(attachments[i], findings);
            findings.Leave();
        }
        findings.Leave();
    }

    private static void CheckAttachment(TaskAttachmentFile attachment, Findings findings)
    {
        findings.Enter(nameof(attachment.FileName));
        if (CheckRequired(attachment.FileName, 1, TaskRequestLimits.AttachmentFileNameMaxCharacters, findings)
            && attachment.FileName.EnumerateRunes().Any(TextRules.IsUnprintable))
        {
            findings.Add(
                ViolationCodes.InvalidCharacter,
                $"{findings.Subject} holds a control, format or private-use character: remove it.");
        }
        findings.Leave();
        findings.Enter(nameof(attachment.S3Url));
        CheckRequired(attachment.S3Url, 1, TaskRequestLimits.AttachmentUrlMaxCharacters, findings);
        findings.Leave();
    }

    /// <returns>The UTF-8 bytes of the value.</returns>
    private static int CheckReference(TaskReference reference, Findings findings)
    {
        findings.Enter(nameof(reference.Type));
        if (CheckRequired(reference.Type, 0, int.MaxValue, findings))
            CheckReferenceType(reference.Type, findings);
        findings.Leave();
        findings.Enter(nameof(reference.Value));
        var bytes = 0;
        if (CheckRequired(reference.Value, 0, TaskRequestLimits.ReferenceValueMaxCharacters, findings))
        {
            bytes = Encoding.UTF8.GetByteCount(reference.Value);
            if (reference.Type == "DATE" && !IsEpochTime(reference.Value))
            {
                findings.Add(
                    ViolationCodes.InvalidValue,
                    $"{findings.Subject} is not a Unix epoch time, which the type DATE needs: send epoch seconds in "
                    + "decimal digits in a string.");
            }
        }
        findings.Leave();
        return bytes;
    }

    private static void CheckReferenceType(string type, Findings findings)
    {
        if (TaskProperties.ReferenceTypes.Contains(type))
            return;
        var known = string.Join(", ", TaskProperties.ReferenceTypes);
        var meant = TaskProperties.ReferenceTypes.FirstOrDefault(
            known => known.Equals(type, StringComparison.OrdinalIgnoreCase));
        var message = meant is not null
            ? $"{findings.Subject} is not written as the service does: send {meant}, in capitals."
            : type.Equals("ATTACHMENT", StringComparison.OrdinalIgnoreCase)
                ? $"{findings.Subject} is ATTACHMENT, which the service refuses when a task is created: send the "
                    + "file in Attachments."
                : $"{findings.Subject} is not one of {known}: send one of these.";
        findings.Add(ViolationCodes.InvalidValue, message);
    }

    // Also before 1970. The service does not say how many digits it takes.
    private static bool IsEpochTime(string text)
    {
        var digits = text.StartsWith('-') ? text.AsSpan(1) : text;
        return !digits.IsEmpty && !digits.ContainsAnyExceptInRange('0', '9');
    }

    private static void CheckSegments(
        IReadOnlyDictionary<string, SegmentAttribute> segments, int level, Findings findings)
    {
        var position = 0;
        foreach (var (name, segment) in segments)
        {
            findings.EnterNamed(name, ++position);
            CheckName(name, SegmentNames, findings);
            if (IsThere(segment, "an object", findings))
                CheckSegment(segment, level + 1, findings);
            findings.Leave();
        }
    }

    private static void CheckSegment(SegmentAttribute segment, int level, Findings findings)
    {
        if (level > TaskRequestLimits.NestingMaxDepth)
        {
            findings.Add(
                ViolationCodes.TooDeep,
                $"The request nests objects and arrays deeper than {TaskRequestLimits.NestingMaxDepth} levels in "
                + "SegmentAttributes: flatten them.");
            return;
        }
        var values = (segment.ValueString is null ? 0 : 1)
            + (segment.ValueInteger is null ? 0 : 1)
            + (segment.ValueMap is null ? 0 : 1)
            + (segment.ValueList is null ? 0 : 1)
            + (segment.ValueArn is null ? 0 : 1);
        if (values != 1)
        {
            findings.Add(
                values == 0 ? ViolationCodes.Missing : ViolationCodes.Exclusive,
                $"{findings.Subject} needs exactly one of ValueString, ValueInteger, ValueMap, ValueList and ValueArn, "
                + $"and has {values}: send one.");
        }
        CheckSegmentText(nameof(segment.ValueString), segment.ValueString, findings);
        CheckSegmentText(nameof(segment.ValueArn), segment.ValueArn, findings);
        if (segment.ValueMap is { } map)
        {
            findings.Enter(nameof(segment.ValueMap));
            CheckSegments(map, level + 1, findings);
            findings.Leave();
        }
        if (segment.ValueList is { } list)
        {
            findings.Enter(nameof(segment.ValueList));
            for (var i = 0; i < list.Count; i++)
            {
                findings.EnterListed(i);
                if (IsThere(list[i], "an object", findings))
                    CheckSegment(list[i], level + 2, findings);
                findings.Leave();
            }
            findings.Leave();
        }
    }

    private static void CheckSegmentText(string property, string? text, Findings findings)
    {
        if (text is null)
            return;
        findings.Enter(property);
        CheckText(text, 0, TaskRequestLimits.SegmentAttributeValueMaxCharacters, findings);
        findings.Leave();
    }

    private static void CheckName(string name, NameRule rule, Findings findings)
    {
        // The sentence's subject costs a string, so it is made only if there may be something to say.
        if (name.Length == 0 || name.Length > rule.MaxLength || TextRules.HasLoneSurrogate(name))
            TextRules.Check(name, $"The name of {findings.Subject}", 1, rule.MaxLength, findings);
        if (rule.Characters is not null && name.AsSpan().ContainsAnyExcept(rule.Characters))
        {
            findings.Add(
                ViolationCodes.InvalidCharacter,
                $"The name of {findings.Subject} holds other characters than {rule.CharactersInWords}: rename it.");
        }
    }

    private static bool CheckRequired(string? text, int minimum, int maximum, Findings findings)
    {
        if (text is not null)
            return CheckText(text, minimum, maximum, findings);
        findings.Add(ViolationCodes.Missing, $"{findings.Subject} is required: add it.");
        return false;
    }

    /// <returns>Whether there is a text to say more about.</returns>
    private static bool CheckText(string? text, int minimum, int maximum, Findings findings)
    {
        if (!IsThere(text, "a string", findings))
            return false;
        TextRules.Check(text!, null, minimum, maximum, findings);
        return true;
    }

    /// <summary>Whether there is a value; <c>null</c> is reported, what is unreadable has been.</summary>
    private static bool IsThere(object? value, string expected, Findings findings)
    {
        if (value is null)
            findings.Add(ViolationCodes.WrongType, $"{findings.Subject} is null; it has to be {expected}.");
        return value is not null && !Unreadable.IsMark(value);
    }

    private static void CheckTotal(long bytes, int limit, Findings findings)
    {
        if (bytes <= limit)
            return;
        findings.Add(
            ViolationCodes.TooLong,
            $"{findings.Subject} has {Findings.Number(bytes)} bytes in UTF-8, all names and values together; the limit "
            + $"is {Findings.Number(limit)} bytes: send less.");
    }
}
