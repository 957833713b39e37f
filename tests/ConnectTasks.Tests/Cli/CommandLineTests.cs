using ConnectTasks.Cli;

namespace ConnectTasks.Tests.Cli;

public sealed class CommandLineTests : IDisposable
{
    private readonly StringWriter _out = new();
    private readonly StringWriter _error = new();
    private string _in = "";

    public void Dispose()
    {
        _out.Dispose();
        _error.Dispose();
    }

    [Theory]
    [InlineData("--help", "demo", "local", "invoke")]
    [InlineData("demo --help", "--scenario", "--json")]
    [InlineData("local --help", "--sqs-url", "--sqs-port", "--connect-rate")]
    [InlineData("status --help", "--instance", "--token", "--table", "--local", "--profile", "Examples:")]
    [InlineData("held --help", "--zone", "--tasks", "Examples:")]
    [InlineData("cancel --help", "--end-if-running", "--unseen", "--wait", "--queue-url", "Examples:")]
    [InlineData("reschedule --help", "--at", "--zone", "Examples:")]
    [InlineData("invoke --help", "--function", "event", "--env")]
    public async Task Help_is_a_result_and_names_what_there_is(string args, params string[] names)
    {
        Assert.Equal(0, await RunAsync(args.Split(' ')));

        Assert.All(names, name => Assert.Contains(name, _out.ToString(), StringComparison.Ordinal));
        Assert.Equal("", _error.ToString());
    }

    [Theory]
    [InlineData("", "command")]
    [InlineData("frob", "frob")]
    [InlineData("demo --scenario nonsense", "basics", "follow-ups", "chaos")]
    [InlineData("status --token t", "--instance")]
    [InlineData("status --instance i --token=", "Required argument missing")]
    [InlineData("status --instance i --token t", "Which table?")]
    [InlineData("status --local ftp://here --instance i --token t", "--local must be a URL")]
    [InlineData("held --zone Mars/Olympus --table t", "--zone must be an IANA time zone")]
    [InlineData("cancel --instance i --token t --wait -1", "--wait must be a number from 0 to 3600")]
    [InlineData("cancel --instance i --token t --table t", "Which queue?")]
    [InlineData("reschedule --instance i --token t", "--at")]
    [InlineData("reschedule --instance i --token t --at 2027-03-28T02:30 --zone Europe/Berlin",
        "--at 2027-03-28T01:30:00+01:00", "--at 2027-03-28T03:30:00+02:00")]
    [InlineData("reschedule --instance i --token t --at 2027-01-15T08:00:00", "no offset")]
    [InlineData("demo --frob", "--frob")]
    [InlineData("local --sqs-port 65536", "--sqs-port must be a number from 0 to 65535")]
    [InlineData("local --connect-rate fast", "--connect-rate must be a number")]
    [InlineData("local --sqs-url localhost:4566", "--sqs-url must be a URL")]
    [InlineData("local --parameter Fifo", "--parameter needs NAME=VALUE")]
    [InlineData("local --env =x", "--env needs NAME=VALUE")]
    [InlineData("invoke", "Required argument")]
    [InlineData("invoke no-such-file.json", "cannot be read")]
    public async Task Wrong_usage_exits_with_2_and_says_what_is_wrong(string args, params string[] expected)
    {
        Assert.Equal(2, await RunAsync(args.Split(' ', StringSplitOptions.RemoveEmptyEntries)));

        Assert.All(expected, part => Assert.Contains(part, _error.ToString(), StringComparison.Ordinal));
        Assert.Equal("", _out.ToString());
    }

    [Fact]
    public async Task Where_no_local_system_runs_that_is_said_with_what_to_do()
    {
        // A port that no program of a user's can take.
        const string Url = "http://127.0.0.1:1";

        Assert.Equal(1, await RunAsync("held", "--local", Url));

        Assert.Contains($"No system runs on this machine at {Url}", _error.ToString(), StringComparison.Ordinal);
        Assert.Contains("connect-tasks local", _error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{} {}")]
    public async Task An_event_that_is_not_json_is_wrong_usage(string text)
    {
        _in = text;

        Assert.Equal(2, await RunAsync("invoke", "-"));

        Assert.Contains("on standard input is not JSON", _error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--executable", "no-such.dll", "no such file")]
    [InlineData("--template", "no-such.yaml", "The template cannot be read")]
    [InlineData("--parameter", "MaximumConcurrency=1", "MaximumConcurrency must be at least 2")]
    public async Task What_keeps_a_command_from_running_exits_with_1_and_one_sentence(
        string option, string value, string expected)
    {
        _in = "{}";

        Assert.Equal(1, await RunAsync("invoke", "-", option, value));

        Assert.Contains(expected, _error.ToString(), StringComparison.Ordinal);
        Assert.Single(_error.ToString().TrimEnd().Split('\n'));
        Assert.Equal("", _out.ToString());
    }

    private Task<int> RunAsync(params string[] args) => CommandLine.RunAsync(args, new Terminal
    {
        Out = _out,
        Error = _error,
        IsOutTerminal = false,
        In = new StringReader(_in),
        Time = TimeProvider.System,
        NewId = Guid.NewGuid,
    });
}
