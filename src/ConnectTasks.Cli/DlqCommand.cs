using System.CommandLine;

namespace ConnectTasks.Cli;

/// <summary><c>connect-tasks dlq</c>: why messages failed, and what to do with them.</summary>
internal static class DlqCommand
{
    private const string Summary = "See why messages failed, mend them and run them again.";

    private const string Details = """
        Looking at a message receives it: for the time of the look it is hidden from
        others, and its receive count goes up by one, which does no harm here: nothing
        goes by the receive count of a dead-letter queue. Personal data is shown only
        with --reveal. Redrive with this command, not with the SQS console's own
        redrive, which loses where a message came from.

        Examples:
          export DEAD_LETTER_QUEUE_URL=... TASK_QUEUE_URL=...
          connect-tasks dlq list
          connect-tasks dlq show --reason Refused
          connect-tasks dlq redrive --reason Refused.ResourceNotFoundException
        """;

    public static Command Create(
        Terminal terminal, SqsConnection? connect = null, Func<string, CancellationToken, Task>? editor = null) =>
        new DetailedCommand("dlq", Summary, Details)
        {
            DlqListCommand.Create(terminal, connect),
            DlqShowCommand.Create(terminal, connect),
            DlqRedriveCommand.Create(terminal, connect, editor ?? DlqMend.RunEditorAsync),
            DlqPurgeCommand.Create(terminal, connect),
        };
}
