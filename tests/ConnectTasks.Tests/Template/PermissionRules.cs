using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using ConnectTasks.Local;
using static ConnectTasks.Tests.Template.ProjectText;

namespace ConnectTasks.Tests.Template;

/// <summary>Rules about what the functions may do: what their code calls, where it calls it, and no more.</summary>
internal static class PermissionRules
{
    private const string Key = "arn:aws:kms:us-east-1:000000000000:key/00000000-0000-4000-8000-00000000c001";
    private const string ConnectPrefix = $"arn:aws:connect:us-east-1:{SamTemplate.AccountId}:instance/{Instance}/";
    private const string Queue = $"arn:aws:sqs:us-east-1:{SamTemplate.AccountId}:TaskQueue";
    private const string DeadLetters = $"arn:aws:sqs:us-east-1:{SamTemplate.AccountId}:DeadLetterQueue";
    private const string Table = $"arn:aws:dynamodb:us-east-1:{SamTemplate.AccountId}:table/TaskTable";

    /// <summary>What Lambda itself does with a function's role: the event source mapping, and the logs.</summary>
    private static readonly string[] LambdasOwn =
    [
        "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes",
        "logs:CreateLogStream", "logs:PutLogEvents",
    ];

    /// <summary>Service clients, and the IAM names of what they call.</summary>
    private static readonly Dictionary<string, string> Services = new()
    {
        ["IAmazonDynamoDB"] = "dynamodb",
        ["AmazonDynamoDBClient"] = "dynamodb",
        ["IAmazonSQS"] = "sqs",
        ["AmazonSQSClient"] = "sqs",
        ["IAmazonConnect"] = "connect",
        ["AmazonConnectClient"] = "connect",
    };

    private static readonly Dictionary<string, string[]> Granted = new()
    {
        ["DispatchRole"] =
        [
            $"connect:StartTaskContact {ConnectPrefix}contact-flow/*",
            $"connect:StartTaskContact {ConnectPrefix}task-template/*",
            $"connect:StartTaskContact {ConnectPrefix}transfer-destination/*",
            $"connect:StartTaskContact {ConnectPrefix}contact/*",
            $"connect:StopContact {ConnectPrefix}contact/*",
            $"connect:UpdateContactSchedule {ConnectPrefix}contact/*",
            $"connect:DescribeContact {ConnectPrefix}contact/*",
            $"dynamodb:DeleteItem {Table}",
            $"dynamodb:GetItem {Table}",
            $"dynamodb:UpdateItem {Table}",
            $"sqs:ReceiveMessage {Queue}",
            $"sqs:DeleteMessage {Queue}",
            $"sqs:GetQueueAttributes {Queue}",
            $"sqs:ChangeMessageVisibility {Queue}",
            $"sqs:SendMessage {DeadLetters}",
            "logs:CreateLogStream DispatchLogs",
            "logs:PutLogEvents DispatchLogs",
        ],
        ["ReleaseRole"] =
        [
            $"dynamodb:Query {Table}/index/due",
            $"dynamodb:GetItem {Table}",
            $"dynamodb:UpdateItem {Table}",
            $"sqs:SendMessage {Queue}",
            "logs:CreateLogStream ReleaseLogs",
            "logs:PutLogEvents ReleaseLogs",
        ],
    };

    public static IEnumerable<string> What_the_role_may_start_the_function_takes(ProjectText project)
    {
        const string Flow = "arn:aws:connect:us-east-1:000000000000:instance/i/contact-flow/f";
        if (SettingsOf(Dispatch(project.With(("AllowedTargetArns", Flow)))).AllowedTargets is not { } targets
            || targets.Check(Some.Request() with { ContactFlowId = "f" }) is not null
            || targets.Check(Some.Request() with { ContactFlowId = "g" }) is null)
            yield return "The function does not know AllowedTargetArns: what IAM refuses would look like our own fault.";
        if (SettingsOf(Dispatch(project.With())).AllowedTargets is not null)
            yield return "Without AllowedTargetArns the function takes nothing.";
    }

    public static IEnumerable<string> Each_function_may_do_exactly_what_is_listed(ProjectText project)
    {
        var template = project.With();
        foreach (var (role, expected) in Granted)
        {
            var granted = Statements(template, role).SelectMany(s => s.Actions.SelectMany(
                action => s.Resources.Select(resource => $"{action} {Short(resource)}"))).ToArray();
            foreach (var more in granted.Except(expected))
                yield return $"{role} may also do {more}.";
            foreach (var less in expected.Except(granted))
                yield return $"{role} may not do {less}.";
        }

        // The ARN of a log group has no meaning to the reader of the template but its name.
        static string Short(string resource) =>
            resource.Contains("Logs::LogGroup", StringComparison.Ordinal) ? resource.Split(':')[^1] : resource;
    }

    public static IEnumerable<string> What_is_granted_is_what_the_code_calls(ProjectText project)
    {
        var granted = Statements(project.With()).SelectMany(s => s.Actions).Except(LambdasOwn).ToHashSet();
        var called = CalledActions().ToHashSet();
        return called.Except(granted).Select(a => $"The code calls {a}, which no role may do.")
            .Concat(granted.Except(called).Select(a => $"A role may do {a}, which the code never calls."));
    }

    public static IEnumerable<string> Each_function_has_its_own_role_and_no_managed_policy(ProjectText project)
    {
        var template = project.With();
        foreach (var (function, role) in ((string, string)[])
            [("DispatchFunction", "DispatchRole"), ("ReleaseFunction", "ReleaseRole")])
        {
            var properties = Properties(template, function);
            if (properties["Role"]?.ToString().EndsWith($":{role}", StringComparison.Ordinal) != true
                || properties.ContainsKey("Policies"))
                yield return $"{function} runs with a role of SAM's making, which reaches every queue and log.";
            if (Properties(template, role).ContainsKey("ManagedPolicyArns"))
                yield return $"{role} has managed policies, which are wider than this system.";
            if (Items(Properties(template, role)["AssumeRolePolicyDocument"]?["Statement"]).SingleOrDefault()
                    ?["Principal"]?["Service"]?.ToString() != "lambda.amazonaws.com")
                yield return $"{role} can be taken by others than Lambda.";
        }
    }

    public static IEnumerable<string> No_statement_reaches_beyond_this_system(ProjectText project)
    {
        foreach (var statement in Statements(project.With(("KmsKeyArn", Key))))
        {
            if (statement.Json["Effect"]?.ToString() != "Allow" || statement.Json.ContainsKey("NotAction")
                || statement.Json.ContainsKey("NotResource"))
                yield return $"{statement} is not a plain Allow.";
            if (statement.Sid.Length == 0)
                yield return $"A statement of {statement.Owner} does not say what it is for.";
            foreach (var action in statement.Actions.Where(a => a.Contains('*', StringComparison.Ordinal)))
            {
                if (action is not ("kms:GenerateDataKey*" or "kms:ReEncrypt*"))
                    yield return $"{statement} has the wildcard {action}.";
            }

            foreach (var resource in statement.Resources)
            {
                var isConnect = statement.Actions.Any(a => a.StartsWith("connect:", StringComparison.Ordinal));
                if (isConnect
                    ? !resource.StartsWith(ConnectPrefix, StringComparison.Ordinal)
                    : resource.Contains('*', StringComparison.Ordinal))
                    yield return $"{statement} reaches {resource}.";
            }
        }
    }

    public static IEnumerable<string> Given_a_list_only_its_flows_may_be_started(ProjectText project)
    {
        string[] listed = [$"{ConnectPrefix}contact-flow/{Some.Flow}", $"{ConnectPrefix}task-template/t-1"];
        var template = project.With(("AllowedTargetArns", string.Join(',', listed)));
        var targets = Statements(template, "DispatchRole")
            .Where(s => s.Actions.Contains("connect:StartTaskContact")).SelectMany(s => s.Resources)
            .Where(r => r != $"{ConnectPrefix}contact/*").ToArray();
        if (!targets.SequenceEqual(listed))
            yield return $"With a list, tasks may start in {string.Join(", ", targets)}.";
    }

    public static IEnumerable<string> A_customer_key_may_be_used_through_its_services_only(ProjectText project)
    {
        if (Statements(project.With()).Any(s => s.Actions.Any(IsKms)))
            yield return "Without a key there are permissions for one.";
        var template = project.With(("KmsKeyArn", Key));
        foreach (var role in Granted.Keys)
        {
            var services = Statements(template, role).Where(s => s.Actions.Any(IsKms)).ToArray();
            foreach (var (service, needed) in ((string, string[])[])
                [("sqs", ["kms:Decrypt", "kms:GenerateDataKey"]), ("dynamodb", ["kms:Decrypt"])])
            {
                var host = $"{service}.us-east-1.amazonaws.com";
                if (!services.Any(s => s.Resources.SequenceEqual([Key]) && needed.All(s.Actions.Contains)
                    && s.Json["Condition"]?["StringEquals"]?["kms:ViaService"]?.ToString() == host))
                    yield return $"{role} may not use the key through {service}.";
            }

            if (services.Any(s => s.Json["Condition"]?["StringEquals"]?["kms:ViaService"] is null))
                yield return $"{role} may use the key by itself, not only through SQS and DynamoDB.";
        }

        static bool IsKms(string action) => action.StartsWith("kms:", StringComparison.Ordinal);
    }

    /// <summary>The service calls in the function's compiled code, by their IAM names.</summary>
    private static IEnumerable<string> CalledActions()
    {
        using var file = new PEReader(File.OpenRead(Path.Combine(AppContext.BaseDirectory, "ConnectTasks.Lambda.dll")));
        var metadata = file.GetMetadataReader();
        foreach (var handle in metadata.MemberReferences)
        {
            var member = metadata.GetMemberReference(handle);
            if (member.Parent.Kind != HandleKind.TypeReference)
                continue;
            var type = metadata.GetTypeReference((TypeReferenceHandle)member.Parent);
            var name = metadata.GetString(member.Name);
            if (Services.TryGetValue(metadata.GetString(type.Name), out var service)
                && name.EndsWith("Async", StringComparison.Ordinal))
                yield return $"{service}:{name[..^"Async".Length].Replace("Batch", "", StringComparison.Ordinal)}";
        }
    }
}
