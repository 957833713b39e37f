using System.Buffers;

namespace ConnectTasks;

/// <summary>
/// The rules of a task request: the one implementation behind reading a message and checking one before it is sent.
/// </summary>
public static class TaskRequestValidator
{
    // What ids are made of in practice; anything else is looked at one character at a time.
    private static readonly SearchValues<char> PlainIdCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_:/.$");

    private static readonly SearchValues<char> InstanceIdCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-");

    /// <summary>Checks every rule.</summary>
    /// <param name="request">The request, as the caller made it; ids may be ARNs.</param>
    /// <returns>Every violation, as in <see cref="ReadResult.Violations"/>; empty if the request is valid.</returns>
    public static IReadOnlyList<Violation> Validate(TaskRequest request) => Check(request).Violations;

    /// <summary>Checks every rule and brings the request into normal form.</summary>
    /// <param name="request">The request, as the caller made it; ids may be ARNs.</param>
    /// <returns>The request in normal form, or what is wrong with it.</returns>
    public static ReadResult Check(TaskRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var findings = new Findings();
        var normal = Check(request, findings);
        return new ReadResult { Request = findings.IsEmpty ? normal : null, Violations = findings.ToList() };
    }

    /// <summary>The normal form of a request; it means something only if there are no findings.</summary>
    internal static TaskRequest Check(TaskRequest request, Findings findings)
    {
        var instanceId = CheckId(TaskProperty.InstanceId, request.InstanceId, null, findings);
        CheckText(TaskProperty.Name, request.Name, findings);
        CheckText(TaskProperty.Description, request.Description, findings);
        var flow = CheckId(TaskProperty.ContactFlowId, request.ContactFlowId, instanceId, findings);
        var template = CheckId(TaskProperty.TaskTemplateId, request.TaskTemplateId, instanceId, findings);
        var quickConnect = CheckId(TaskProperty.QuickConnectId, request.QuickConnectId, instanceId, findings);
        var previous = CheckId(TaskProperty.PreviousContactId, request.PreviousContactId, instanceId, findings);
        var related = CheckId(TaskProperty.RelatedContactId, request.RelatedContactId, instanceId, findings);
        var token = string.IsNullOrWhiteSpace(request.ClientToken) ? null : request.ClientToken;
        CheckText(TaskProperty.ClientToken, token, findings);
        MapRules.CheckAttributes(request.Attributes, findings);
        MapRules.CheckReferences(request.References, findings);
        var time = CheckTime(request.ScheduledTime, findings);
        MapRules.CheckSegmentAttributes(request.SegmentAttributes, findings);
        MapRules.CheckAttachments(request.Attachments, findings);
        CheckExclusivity(request, findings);

        var isNormal = ReferenceEquals(instanceId, request.InstanceId)
            && ReferenceEquals(flow, request.ContactFlowId)
            && ReferenceEquals(template, request.TaskTemplateId)
            && ReferenceEquals(quickConnect, request.QuickConnectId)
            && ReferenceEquals(previous, request.PreviousContactId)
            && ReferenceEquals(related, request.RelatedContactId)
            && ReferenceEquals(token, request.ClientToken)
            && (time is null || time.Value.EqualsExact(request.ScheduledTime!.Value))
            && request.Attributes is not { Count: 0 }
            && request.References is not { Count: 0 }
            && request.SegmentAttributes is not { Count: 0 };
        if (isNormal)
            return request;
        return request with
        {
            InstanceId = instanceId!,
            ContactFlowId = flow,
            TaskTemplateId = template,
            QuickConnectId = quickConnect,
            PreviousContactId = previous,
            RelatedContactId = related,
            ClientToken = token,
            ScheduledTime = time,
            Attributes = request.Attributes is { Count: > 0 } attributes ? attributes : null,
            References = request.References is { Count: > 0 } references ? references : null,
            SegmentAttributes = request.SegmentAttributes is { Count: > 0 } segments ? segments : null,
        };
    }

    internal static void CheckText(TaskProperty property, string? text, Findings findings)
    {
        if (ReferenceEquals(text, Unreadable.Text))
            return;
        var rule = TaskProperties.Rule(property);
        findings.Enter(rule.Name);
        if (text is not null)
            TextRules.Check(text, null, rule.MinLength, rule.MaxLength, findings);
        else if (rule.IsRequired)
            ReportMissing(findings);
        findings.Leave();
    }

    /// <summary>Checks an id and takes it out of an ARN.</summary>
    internal static string? CheckId(TaskProperty property, string? idOrArn, string? instanceId, Findings findings)
    {
        if (ReferenceEquals(idOrArn, Unreadable.Text))
            return idOrArn;
        var rule = TaskProperties.Rule(property);
        findings.Enter(rule.Name);
        if (!string.IsNullOrEmpty(idOrArn))
            idOrArn = CheckGivenId(rule, idOrArn, instanceId, findings);
        else if (rule.IsRequired)
            ReportMissing(findings);
        else if (idOrArn is not null)
            TextRules.Check(idOrArn, null, rule.MinLength, rule.MaxLength, findings);
        findings.Leave();
        return idOrArn;
    }

    private static string CheckGivenId(PropertyRule rule, string idOrArn, string? instanceId, Findings findings)
    {
        if (!CheckIdCharacters(idOrArn, findings))
            return idOrArn;
        var id = idOrArn;
        if (ConnectArn.IsArn(idOrArn))
        {
            if (ConnectArn.Parse(idOrArn) is not { } resource || resource.Type != rule.ArnType)
            {
                ReportArn(rule, findings);
                return idOrArn;
            }
            if (rule.ArnType is not null && ConnectsTo(instanceId) is { } expected && resource.InstanceId != expected)
            {
                findings.Add(
                    ViolationCodes.Contradictory,
                    $"{rule.Name} is an ARN of another instance than InstanceId: send ids of one instance.");
            }
            id = resource.Id;
        }
        TextRules.Check(id, null, rule.MinLength, rule.MaxLength, findings);
        if (rule.ArnType is null && id.AsSpan().ContainsAnyExcept(InstanceIdCharacters))
        {
            findings.Add(
                ViolationCodes.InvalidCharacter,
                $"{rule.Name} holds other characters than letters (A-Z, a-z), digits and hyphens: send the instance's "
                + "id, which is the last part of its ARN, or the ARN.");
        }
        return id;
    }

    // An instance id that is absent or itself wrong has been reported; nothing can disagree with it.
    private static string? ConnectsTo(string? instanceId) =>
        string.IsNullOrEmpty(instanceId) || instanceId.AsSpan().ContainsAnyExcept(InstanceIdCharacters)
            ? null
            : instanceId;

    private static bool CheckIdCharacters(string id, Findings findings)
    {
        if (!id.AsSpan().ContainsAnyExcept(PlainIdCharacters))
            return true;
        for (var i = 0; i < id.Length; i++)
        {
            if (char.IsWhiteSpace(id[i]) || char.IsControl(id[i]))
            {
                findings.Add(
                    ViolationCodes.InvalidCharacter,
                    $"{findings.Subject} holds white space or a control character, the first as character "
                    + $"{Findings.Number(i + 1L)} (counted from 1): remove it.");
                return false;
            }
        }
        return true;
    }

    private static void ReportArn(PropertyRule rule, Findings findings)
    {
        var inner = rule.ArnType is null ? "" : $"/{rule.ArnType}/ID";
        findings.Add(
            ViolationCodes.InvalidValue,
            $"{rule.Name} is an ARN, but not of the form "
            + $"arn:PARTITION:connect:REGION:ACCOUNT:instance/ID{inner}: send such an ARN or the id alone.");
    }

    private static void ReportMissing(Findings findings) =>
        findings.Add(ViolationCodes.Missing, $"{findings.Subject} is required: add it.");

    internal static DateTimeOffset? CheckTime(DateTimeOffset? time, Findings findings)
    {
        if (time is not { } given)
            return null;
        var seconds = ScheduledTimes.CeilingSeconds(given);
        if (ScheduledTimes.CheckRange(seconds) is not { } fault)
            return DateTimeOffset.FromUnixTimeSeconds(seconds);
        findings.Enter(nameof(TaskRequest.ScheduledTime));
        findings.Add(fault.Code, $"{findings.Subject} {fault.Text}.");
        findings.Leave();
        return null;
    }

    private static void CheckExclusivity(TaskRequest request, Findings findings)
    {
        var handlers = (request.ContactFlowId is null ? 0 : 1)
            + (request.TaskTemplateId is null ? 0 : 1)
            + (request.QuickConnectId is null ? 0 : 1);
        const string Rule = "exactly one of ContactFlowId, TaskTemplateId and QuickConnectId";
        if (handlers == 0)
            findings.Add(ViolationCodes.Missing, $"The request needs {Rule}, and has none: add one.");
        else if (handlers > 1)
            findings.Add(ViolationCodes.Exclusive, $"The request needs {Rule}, and has {handlers}: keep one.");
        if (request.PreviousContactId is not null && request.RelatedContactId is not null)
        {
            findings.Add(
                ViolationCodes.Exclusive,
                "The request has both PreviousContactId and RelatedContactId, which the service refuses: keep one.");
        }
    }
}
