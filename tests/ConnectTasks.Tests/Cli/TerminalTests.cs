using ConnectTasks.Cli;

namespace ConnectTasks.Tests.Cli;

public sealed class TerminalTests : IDisposable
{
    private readonly StringWriter _error = new() { NewLine = "\n" };

    public void Dispose() => _error.Dispose();

    [Fact]
    public void Lines_go_above_the_status_which_stays_the_last()
    {
        var terminal = Terminal(isTerminal: true);
        terminal.Say("one");
        terminal.Status = "3 to do";
        terminal.Say("two");
        terminal.Status = null;
        terminal.Say("three");
        Assert.Equal(
            $"one\n\r\e[2K3 to do\r\e[2Ktwo{Environment.NewLine}3 to do\r\e[2Kthree\n", _error.ToString());
    }

    [Fact]
    public void What_is_no_terminal_gets_no_status()
    {
        var terminal = Terminal(isTerminal: false);
        terminal.Status = "3 to do";
        terminal.Say("one");
        Assert.Equal("one\n", _error.ToString());
    }

    private Terminal Terminal(bool isTerminal) => new()
    {
        Out = TextWriter.Null,
        Error = _error,
        IsOutTerminal = false,
        IsErrorTerminal = isTerminal,
        In = TextReader.Null,
        Time = TimeProvider.System,
        NewId = Guid.NewGuid,
    };
}
