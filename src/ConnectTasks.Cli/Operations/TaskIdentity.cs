using System.CommandLine;

namespace ConnectTasks.Cli;

/// <summary>Which task a command is about.</summary>
internal sealed record TaskIdentity(string InstanceId, string ClientToken)
{
    /// <summary>The task's key in the ledger.</summary>
    public string Key => TaskKey.For(InstanceId, ClientToken);

    /// <summary>Checked as in a request; of an ARN the id is taken.</summary>
    /// <exception cref="UsageException">One of the two can't be one of a task's.</exception>
    public static TaskIdentity Check(string instanceId, string clientToken)
    {
        var check = TaskCommandJson.Check(new TaskCommand
        {
            Kind = TaskCommandKind.Cancel,
            InstanceId = instanceId,
            ClientToken = clientToken,
        });
        return check.Command is { } normal
            ? new TaskIdentity(normal.InstanceId, normal.ClientToken)
            : throw new UsageException(string.Join(' ', check.Violations.Select(violation => violation.Message)));
    }

    public static Option<string> InstanceOption() => new("--instance")
    {
        Description = "The task's InstanceId: the id of the Connect instance, or its ARN.",
        HelpName = "id",
        Required = true,
    };

    public static Option<string> TokenOption() => new("--token")
    {
        Description = "The task's ClientToken.",
        HelpName = "token",
        Required = true,
    };
}
