using System.Text;

namespace ConnectTasks;

/// <summary>The rules of a request, the same for producers and for the function.</summary>
public static class TaskRequestValidator
{
    /// <summary>Checks a request and takes the ids out of its ARNs.</summary>
    /// <returns>The request as it will be sent, or all that is wrong with it.</returns>
    public static ReadResult Check(TaskRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return Finish(request, new Problems());
    }

    /// <summary>Checks what was read; what is known to be wrong already is not reported again.</summary>
    internal static ReadResult Finish(TaskRequest read, Problems problems)
    {
        var request = WithPlainIds(read, problems);
        CheckTexts(request, problems);
        CheckChoices(request, problems);
        CheckAttributes(request.Attributes, problems);
        CheckReferences(request.References, problems);
        CheckSegments(request.SegmentAttributes, "$.SegmentAttributes", problems, TaskRequestLimits.SegmentKeyLength);
        CheckAttachments(request.Attachments, problems);
        return problems.Any ? new ReadResult(null, problems.All) : new ReadResult(request, []);
    }

    internal static int CountOf(SegmentValue value) =>
        (value.ValueString is null ? 0 : 1) + (value.ValueInteger is null ? 0 : 1) + (value.ValueMap is null ? 0 : 1)
        + (value.ValueList is null ? 0 : 1) + (value.ValueArn is null ? 0 : 1);

    private static TaskRequest WithPlainIds(TaskRequest request, Problems problems)
    {
        var instance = PlainId(request.InstanceId, "$.InstanceId", null, null, problems);
        string? Plain(string? id, string name, string kind) => PlainId(id, "$." + name, kind, instance, problems);
        return request with
        {
            InstanceId = instance!,
            ContactFlowId = Plain(request.ContactFlowId, nameof(request.ContactFlowId), "contact-flow"),
            TaskTemplateId = Plain(request.TaskTemplateId, nameof(request.TaskTemplateId), "task-template"),
            QuickConnectId = Plain(request.QuickConnectId, nameof(request.QuickConnectId), "transfer-destination"),
            PreviousContactId = Plain(request.PreviousContactId, nameof(request.PreviousContactId), "contact"),
            RelatedContactId = Plain(request.RelatedContactId, nameof(request.RelatedContactId), "contact"),
            ClientToken = string.IsNullOrWhiteSpace(request.ClientToken) ? null : request.ClientToken,
        };
    }

    private static string? PlainId(string? id, string path, string? kind, string? instance, Problems problems)
    {
        if (id is null || !ResourceArn.Is(id))
        {
            return id;
        }

        var plain = ResourceArn.IdOf(id, kind, instance, out var fault);
        if (fault is not null)
        {
            problems.Add(ViolationCodes.InvalidArn, path, fault, "send the id, or the ARN of the right resource");
        }

        return plain;
    }

    private static void CheckTexts(TaskRequest request, Problems problems)
    {
        void Length(string? text, string name, int limit) => CheckLength(text, "$." + name, limit, problems);
        Length(request.Name, nameof(request.Name), TaskRequestLimits.NameLength);
        Length(request.Description, nameof(request.Description), TaskRequestLimits.DescriptionLength);
        Length(request.ClientToken, nameof(request.ClientToken), TaskRequestLimits.ClientTokenLength);
        if (request.Name is null && !problems.Concern("$.Name"))
        {
            problems.Missing("$.Name");
        }

        if (string.IsNullOrWhiteSpace(request.InstanceId) && !problems.Concern("$.InstanceId"))
        {
            problems.Missing("$.InstanceId");
        }

        void Id(string? id, string name, int limit)
        {
            Length(id, name, limit);
            if (id is not null && (id.Length == 0 || id.Any(char.IsWhiteSpace)) && !problems.Concern("$." + name))
            {
                problems.Add(
                    ViolationCodes.InvalidCharacter, "$." + name, "is empty or has white space in it", "send the id alone");
            }
        }

        Id(request.InstanceId, nameof(request.InstanceId), TaskRequestLimits.InstanceIdLength);
        Id(request.ContactFlowId, nameof(request.ContactFlowId), TaskRequestLimits.ContactFlowIdLength);
        Id(request.TaskTemplateId, nameof(request.TaskTemplateId), TaskRequestLimits.TaskTemplateIdLength);
        Id(request.QuickConnectId, nameof(request.QuickConnectId), TaskRequestLimits.QuickConnectIdLength);
        Id(request.PreviousContactId, nameof(request.PreviousContactId), TaskRequestLimits.ContactIdLength);
        Id(request.RelatedContactId, nameof(request.RelatedContactId), TaskRequestLimits.ContactIdLength);
    }

    private static void CheckChoices(TaskRequest request, Problems problems)
    {
        var given = (request.ContactFlowId is null ? 0 : 1) + (request.TaskTemplateId is null ? 0 : 1)
            + (request.QuickConnectId is null ? 0 : 1);
        var isFaulty = problems.Concern("$.ContactFlowId") || problems.Concern("$.TaskTemplateId")
            || problems.Concern("$.QuickConnectId");
        if (given == 0 && !isFaulty)
        {
            problems.Add(
                ViolationCodes.Missing, "$", "has no ContactFlowId, TaskTemplateId or QuickConnectId", "send exactly one of them");
        }
        else if (given > 1)
        {
            problems.Add(
                ViolationCodes.Contradictory,
                "$",
                "has more than one of ContactFlowId, TaskTemplateId and QuickConnectId",
                "send exactly one of them");
        }

        if (request.PreviousContactId is not null && request.RelatedContactId is not null)
        {
            problems.Add(
                ViolationCodes.Contradictory, "$", "has both PreviousContactId and RelatedContactId", "send one of them at most");
        }
    }

    private static void CheckAttributes(IReadOnlyDictionary<string, string>? attributes, Problems problems)
    {
        if (attributes is null)
        {
            return;
        }

        var (bytes, position) = (0L, 0);
        foreach (var (key, value) in attributes)
        {
            var path = Problems.PathOf("$.Attributes", key, position++);
            CheckLength(key, path, TaskRequestLimits.AttributeLength, problems, "characters in its key", 1);
            CheckLength(value, path, TaskRequestLimits.AttributeLength, problems);
            if (key.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_')))
            {
                problems.Add(
                    ViolationCodes.InvalidCharacter,
                    path,
                    "has a key with other characters than letters, digits, - and _",
                    "rename the key");
            }

            bytes += Bytes(key) + Bytes(value);
        }

        CheckTotal(bytes, "$.Attributes", TaskRequestLimits.AttributesBytes, problems);
    }

    private static void CheckReferences(IReadOnlyDictionary<string, TaskReference>? references, Problems problems)
    {
        if (references is null)
        {
            return;
        }

        var (bytes, position) = (0L, 0);
        foreach (var (key, reference) in references)
        {
            var path = Problems.PathOf("$.References", key, position++);
            CheckLength(key, path, TaskRequestLimits.ReferenceLength, problems, "characters in its key", 1);
            CheckLength(reference.Value, path + ".Value", TaskRequestLimits.ReferenceLength, problems);
            CheckReferenceType(reference, path, problems);
            bytes += Bytes(key) + Bytes(reference.Value);
        }

        CheckTotal(bytes, "$.References", TaskRequestLimits.ReferencesBytes, problems);
    }

    private static void CheckReferenceType(TaskReference reference, string path, Problems problems)
    {
        var types = string.Join(", ", TaskRequestLimits.ReferenceTypes);
        if (reference.Type == "ATTACHMENT")
        {
            problems.Add(
                ViolationCodes.InvalidValue,
                path + ".Type",
                "is ATTACHMENT, which a task can't be created with",
                $"use Attachments for a file, or a Type of {types}");
        }
        else if (!TaskRequestLimits.ReferenceTypes.Contains(reference.Type))
        {
            problems.Add(
                ViolationCodes.InvalidValue, path + ".Type", "is none of the types of a reference", $"send {types}, in capitals");
        }
        else if (reference.Type == "DATE" && (reference.Value.Length == 0 || !reference.Value.All(char.IsAsciiDigit)))
        {
            problems.Add(
                ViolationCodes.InvalidValue, path + ".Value", "is no date", "send Unix epoch seconds, in digits");
        }
    }

    private static void CheckSegments(
        IReadOnlyDictionary<string, SegmentValue>? segments, string parent, Problems problems, int keyLimit)
    {
        var position = 0;
        foreach (var (key, value) in segments ?? new Dictionary<string, SegmentValue>())
        {
            var path = Problems.PathOf(parent, key, position++);
            CheckLength(key, path, keyLimit, problems, "characters in its key", 1);
            CheckSegment(value, path, problems);
        }
    }

    private static void CheckSegment(SegmentValue value, string path, Problems problems)
    {
        if (CountOf(value) != 1 && !problems.Concern(path))
        {
            problems.Add(
                ViolationCodes.WrongCount,
                path,
                $"has {CountOf(value)} values",
                "send exactly one of ValueString, ValueInteger, ValueMap, ValueList and ValueArn");
        }

        CheckLength(value.ValueString, path + ".ValueString", TaskRequestLimits.SegmentStringLength, problems);
        CheckSegments(value.ValueMap, path + ".ValueMap", problems, TaskRequestLimits.SegmentKeyLength);
        for (var i = 0; i < value.ValueList?.Count; i++)
        {
            CheckSegment(value.ValueList[i], $"{path}.ValueList[{i}]", problems);
        }
    }

    private static void CheckAttachments(IReadOnlyList<TaskFile>? files, Problems problems)
    {
        if (files is null)
        {
            return;
        }

        if (files.Count is 0 or > TaskRequestLimits.AttachmentCount && !problems.Concern("$.Attachments"))
        {
            problems.Add(
                ViolationCodes.WrongCount,
                "$.Attachments",
                $"has {files.Count} files and must have 1 to {TaskRequestLimits.AttachmentCount}",
                "leave it out if there are none");
        }

        for (var i = 0; i < files.Count; i++)
        {
            var path = $"$.Attachments[{i}]";
            CheckLength(files[i].FileName, path + ".FileName", TaskRequestLimits.FileNameLength, problems, least: 1);
            CheckLength(files[i].S3Url, path + ".S3Url", TaskRequestLimits.S3UrlLength, problems, least: 1);
        }
    }

    private static void CheckLength(
        string? text, string path, int limit, Problems problems, string unit = "characters", int least = 0)
    {
        // A text of UTF-16 has no more code points than units: most texts need no counting.
        if (text is null || (text.Length <= limit && text.Length >= least))
        {
            return;
        }

        var length = text.EnumerateRunes().Count();
        if (length > limit)
        {
            problems.TooLong(path, length, limit, unit);
        }
        else if (length < least)
        {
            problems.Add(ViolationCodes.Missing, path, $"has no {unit}", $"send {least} to {limit}");
        }
    }

    private static void CheckTotal(long bytes, string path, int limit, Problems problems)
    {
        if (bytes > limit && !problems.Concern(path))
        {
            problems.TooLong(path, (int)bytes, limit, "UTF-8 bytes in its keys and values together");
        }
    }

    private static int Bytes(string text) => Encoding.UTF8.GetByteCount(text);
}
