using System.CommandLine;
using System.CommandLine.Invocation;
using System.Text;
using ConnectTasks.Local;

namespace ConnectTasks.Cli;

/// <summary>The exit codes of every command.</summary>
internal static class ExitCode
{
    public const int Success = 0;

    /// <summary>The command ran, and the answer is no; or something on the machine kept it from running.</summary>
    public const int Failure = 1;

    /// <summary>The command was called wrongly.</summary>
    public const int Usage = 2;

    /// <summary>Ctrl+C or SIGTERM came before there was a result; the shells' number for an interrupt.</summary>
    public const int Interrupted = 130;
}

/// <summary>The command was given something that it cannot take; the message says what and why.</summary>
internal sealed class UsageException(string message) : Exception(message);

/// <summary>All commands, and how their errors reach a person: as a sentence, never as a stack trace.</summary>
internal static class CommandLine
{
    /// <summary>How long a command may take to stop what it started, after Ctrl+C or SIGTERM.</summary>
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(20);

    public static RootCommand Create(Terminal terminal) =>
        CommandHelp.AddTo(new("Task scheduler for Amazon Connect: run it on this machine, and look after it in AWS.")
        {
            DemoCommand.Create(terminal),
            LocalCommand.Create(terminal),
            InvokeCommand.Create(terminal),
            SchemaCommand.Create(terminal),
            ValidateCommand.Create(terminal),
            StatusCommand.Create(terminal),
            HeldCommand.Create(terminal),
            ChangeCommands.CreateCancel(terminal),
            ChangeCommands.CreateReschedule(terminal),
            EnqueueCommand.Create(terminal),
            DlqCommand.Create(terminal),
            CompletionCommand.Create(terminal),
        });

    public static Task<int> RunAsync(IReadOnlyList<string> args, Terminal terminal) =>
        RunAsync(Create(terminal), args, terminal);

    public static async Task<int> RunAsync(RootCommand root, IReadOnlyList<string> args, Terminal terminal)
    {
        var result = root.Parse(args);
        // Without this the library would print the whole help to standard output, and exit with 1.
        if (result.Action is ParseErrorAction || (result.Errors.Count > 0 && result.Action is null))
        {
            foreach (var error in result.Errors)
                terminal.Say(error.Message);
            terminal.Say($"Run `{PathOf(result.CommandResult.Command)} --help` to see what it takes.");
            return ExitCode.Usage;
        }

        return await result.InvokeAsync(new InvocationConfiguration
        {
            Output = terminal.Out,
            Error = terminal.Error,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = StopTimeout,
        });
    }

    /// <summary>Runs a command's work and turns what can go wrong into a sentence and an exit code.</summary>
    public static async Task<int> GuardAsync(Terminal terminal, Func<Task<int>> work, CancellationToken cancellation)
    {
        try
        {
            return await work();
        }
        catch (UsageException e)
        {
            terminal.Say(e.Message);
            return ExitCode.Usage;
        }
        catch (DecoderFallbackException)
        {
            terminal.Say("Standard input is not text in UTF-8: write it as UTF-8.");
            return ExitCode.Usage;
        }
        catch (LocalException e)
        {
            terminal.Say(e.Message);
            return ExitCode.Failure;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            terminal.Say("Stopped.");
            return ExitCode.Interrupted;
        }
        catch (Exception e) when (AwsFailure.Sentence(e) is { } sentence)
        {
            terminal.Say(sentence);
            return ExitCode.Failure;
        }
        catch (Exception e)
        {
            terminal.Say($"An unexpected failure, please report it: {e.GetType().Name}: {e.Message}");
            return ExitCode.Failure;
        }
    }

    private static string PathOf(Command command) => command.Parents.OfType<Command>().FirstOrDefault() is { } parent
        ? $"{PathOf(parent)} {command.Name}"
        : "connect-tasks";
}
