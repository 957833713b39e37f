using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using ConnectTasks.Cli;

namespace ConnectTasks.EndToEnd;

/// <summary><c>connect-tasks</c> as a process.</summary>
internal sealed class CliProcess : IAsyncDisposable
{
    /// <summary>The exit code of a process that was killed, as shells give it.</summary>
    public const int KilledExitCode = 128 + 9;

    private const int SignalTerminate = 15;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(180);

    private readonly Process _process;
    private readonly StringBuilder _errors = new();
    private readonly CancellationTokenSource _patience = new(Patience);

    private CliProcess(Process process)
    {
        _process = process;
        process.ErrorDataReceived += (_, line) =>
        {
            lock (_errors)
            {
                _errors.AppendLine(line.Data);
            }
        };
        process.BeginErrorReadLine();
    }

    /// <summary>What it has written to standard error.</summary>
    public string Errors
    {
        get
        {
            lock (_errors)
            {
                return _errors.ToString();
            }
        }
    }

    public static CliProcess Start(params IEnumerable<string> arguments) => StartWith([], arguments);

    /// <summary>Starts it with environment variables beside those of this process.</summary>
    public static CliProcess StartWith(
        IReadOnlyCollection<(string Name, string Value)> environment, params IEnumerable<string> arguments)
    {
        var program = Path.ChangeExtension(typeof(CommandLine).Assembly.Location, ".dll");
        var start = new ProcessStartInfo("dotnet", [program, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        return new CliProcess(Process.Start(start)!);
    }

    /// <summary>The next line of standard output.</summary>
    public async Task<string> ReadLineAsync() =>
        await _process.StandardOutput.ReadLineAsync(_patience.Token)
        ?? throw new InvalidOperationException($"It ended without an answer: {Errors}");

    /// <summary>Ends as the reader of its standard output, as <c>| head</c> does.</summary>
    public void StopReading() => _process.StandardOutput.Close();

    /// <summary>Runs it to its end. Gives the exit code and what is left of standard output.</summary>
    public async Task<(int ExitCode, string Output)> EndAsync()
    {
        var output = await _process.StandardOutput.ReadToEndAsync(_patience.Token);
        return (await ExitAsync(), output);
    }

    /// <summary>Kills it at once, whatever it is doing. Gives the exit code.</summary>
    public async Task<int> KillAsync()
    {
        _process.Kill();
        return await ExitAsync();
    }

    /// <summary>Waits until it has ended. Gives the exit code.</summary>
    public async Task<int> ExitAsync()
    {
        await _process.WaitForExitAsync(_patience.Token);
        return _process.ExitCode;
    }

    public void Terminate() => Assert.Equal(0, SendSignal(_process.Id, SignalTerminate));

    /// <summary>The process ids of all that it has started and that still runs; Linux only.</summary>
    public IReadOnlyList<int> Descendants()
    {
        var parents = Directory.GetDirectories("/proc")
            .Select(Path.GetFileName)
            .Where(name => int.TryParse(name, out _))
            .Select(name => (Id: int.Parse(name!, CultureInfo.InvariantCulture), Parent: ParentOf(name!)))
            .ToLookup(process => process.Parent, process => process.Id);
        var all = new List<int>();
        var open = new Queue<int>([_process.Id]);
        while (open.TryDequeue(out var parent))
        {
            foreach (var child in parents[parent])
            {
                all.Add(child);
                open.Enqueue(child);
            }
        }

        return all;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
        _patience.Dispose();
    }

    /// <summary>0 if it has ended meanwhile.</summary>
    private static int ParentOf(string id)
    {
        try
        {
            // The fourth field; the second, the name in brackets, may hold spaces.
            var stat = File.ReadAllText($"/proc/{id}/stat");
            return int.Parse(stat[(stat.LastIndexOf(')') + 1)..].Split(' ')[2], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0;
        }
    }

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SendSignal(int processId, int signal);
}
