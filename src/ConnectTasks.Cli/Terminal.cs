using Spectre.Console;

namespace ConnectTasks.Cli;

/// <summary>What a command writes to and takes from the machine. Results go to Out, all else to Error.</summary>
internal sealed record Terminal
{
    /// <summary>To the begin of the line, and erase it.</summary>
    private const string EraseLine = "\r\e[2K";

    private string? _status;

    public required TextWriter Out { get; init; }

    public required TextWriter Error { get; init; }

    /// <summary>Whether Out is a terminal: if not, results are plain text.</summary>
    public required bool IsOutTerminal { get; init; }

    /// <summary>Whether Error is a terminal, where a progress bar can be redrawn.</summary>
    public bool IsErrorTerminal { get; init; }

    public required TextReader In { get; init; }

    public required TimeProvider Time { get; init; }

    public required Func<Guid> NewId { get; init; }

    /// <summary>Results for a person: coloured on a terminal (unless NO_COLOR is set), plain elsewhere.</summary>
    public IAnsiConsole Console
    {
        get
        {
            var console = AnsiConsole.Create(new AnsiConsoleSettings
            {
                Out = new AnsiConsoleOutput(Out),
                Ansi = IsOutTerminal ? AnsiSupport.Detect : AnsiSupport.No,
                Interactive = InteractionSupport.No,
            });
            // A file or a pipe has no width to wrap at.
            if (!IsOutTerminal)
                console.Profile.Width = 160;
            return console;
        }
    }

    /// <summary>
    /// A line below all others that changes, such as a progress; null for none. Only where Error is a terminal.
    /// </summary>
    public string? Status
    {
        get => _status;
        set
        {
            if (!IsErrorTerminal)
                return;
            lock (Error)
            {
                _status = value;
                Error.Write(EraseLine + value);
            }
        }
    }

    /// <summary>A line about what goes on. Lines of several threads never mix.</summary>
    public void Say(string line)
    {
        lock (Error)
        {
            if (_status is null)
                Error.WriteLine(line);
            else
                Error.Write($"{EraseLine}{line}{Environment.NewLine}{_status}");
        }
    }

    /// <summary>A line of the person's answer; null if there is nobody. Ctrl+C does not wait for one.</summary>
    public Task<string?> AskAsync(string question, CancellationToken cancellation)
    {
        Say(question);
        return In.ReadLineAsync(cancellation).AsTask().WaitAsync(cancellation);
    }
}
