namespace ConnectTasks.Cli;

/// <summary>What is said of a task that the ledger does not know.</summary>
internal static class Unknown
{
    /// <summary>
    /// Names the instance that the table's tasks are of, if it is another one: then the task is foreign.
    /// </summary>
    public static async Task<string> SentenceAsync(
        Deployment deployment, TaskIdentity task, CancellationToken cancellation) =>
        await IsForeignAsync(deployment, task, cancellation) is { } other
            ? $"This is a foreign task: the tasks here are of instance {other}. Check --instance, or use the "
                + "deployment of that instance."
            : "No task with this InstanceId and ClientToken is known here: check both. It may also be that its request "
                + "is still on the queue, is on the dead-letter queue, or was forgotten (35 days after its last "
                + "change and its time, whichever was later).";

    /// <summary>The instance of the tasks in the table, if it is another one.</summary>
    public static async Task<string?> IsForeignAsync(
        Deployment deployment, TaskIdentity task, CancellationToken cancellation) =>
        await deployment.Ledger.SampleInstanceAsync(cancellation) is { } sample && sample != task.InstanceId
            ? sample
            : null;
}
