namespace ConnectTasks.Lambda;

/// <summary>
/// The flows, task templates and quick connects that tasks may start in, as the function's role allows them. Without
/// this check a request that names another would be refused by IAM, which looks like a fault of our own permissions.
/// </summary>
internal sealed class AllowedTargets
{
    /// <summary>So many are named in a dead letter's text.</summary>
    private const int MaxNamed = 5;

    private readonly HashSet<string> _targets;

    private AllowedTargets(HashSet<string> targets) => _targets = targets;

    /// <param name="arns">ARNs separated by commas: of contact flows, task templates, transfer destinations.</param>
    /// <returns>Null if one of them is no such ARN.</returns>
    public static AllowedTargets? Parse(string arns)
    {
        var targets = new HashSet<string>();
        foreach (var arn in arns.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            // arn:aws:connect:us-east-1:000000000000:instance/INSTANCE/contact-flow/FLOW
            if (arn.Split('/') is not [_, _, "contact-flow" or "task-template" or "transfer-destination", _] parts)
            {
                return null;
            }

            targets.Add($"{parts[2]}/{parts[3]}");
        }

        return new(targets);
    }

    /// <summary>What a request names that is not allowed; null if there is nothing.</summary>
    public Violation? Check(TaskRequest request) =>
        Check(nameof(request.ContactFlowId), "contact-flow", request.ContactFlowId)
        ?? Check(nameof(request.TaskTemplateId), "task-template", request.TaskTemplateId)
        ?? Check(nameof(request.QuickConnectId), "transfer-destination", request.QuickConnectId);

    private Violation? Check(string property, string kind, string? id)
    {
        // Requests may give the ARN, too; its last part is the id.
        if (id is null || _targets.Contains($"{kind}/{id[(id.LastIndexOf('/') + 1)..]}"))
        {
            return null;
        }

        var allowed = _targets.Where(t => t.StartsWith(kind, StringComparison.Ordinal)).Order().ToArray();
        var others = allowed.Length - MaxNamed;
        var named = (allowed.Length == 0 ? $"no {kind}" : string.Join(", ", allowed.Take(MaxNamed)))
            + (others > 0 ? $" and {others} more" : "") + (allowed.Length > 1 ? " are" : " is");
        return new Violation(
            "TargetNotAllowed",
            $"$.{property}",
            $"{property} names what this deployment may not start tasks in (ALLOWED_TARGET_ARNS): {named} allowed. "
            + "Correct the id, or add its ARN to the parameter AllowedTargetArns, then redrive the message.");
    }
}
