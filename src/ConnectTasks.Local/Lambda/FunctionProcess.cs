using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace ConnectTasks.Local;

/// <summary>A function's process: started as Lambda would start it, and never left behind.</summary>
internal sealed class FunctionProcess : IAsyncDisposable
{
    private const int SignalTerminate = 15;

    /// <summary>How much standard error is kept to explain a process that ends too early, in characters.</summary>
    private const int EarlyErrorLimit = 2_000;

    /// <summary>How long after SIGTERM the process is killed; as in Lambda with extensions.</summary>
    private static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(2);

    /// <summary>How long the output of a dead process may stay open (a child of its own may hold it).</summary>
    private static readonly TimeSpan OutputGrace = TimeSpan.FromSeconds(1);

    /// <summary>What passes through from this process: what a program needs to be found and to start.</summary>
    private static readonly string[] PassedThrough =
        ["PATH", "HOME", "DOTNET_ROOT", "TMPDIR", "SystemRoot", "TEMP", "TMP", "USERPROFILE"];

    private readonly Process _process;
    private readonly TimeProvider _time;
    private readonly StringBuilder _earlyErrors = new();
    private readonly Lock _peakLock = new();
    private long _peakMemoryBytes;

    private FunctionProcess(Process process, TimeProvider time, Action<string> onLine)
    {
        _process = process;
        _time = time;
        Id = process.Id;
        Exited = WaitForExitAsync(
            PumpAsync(process.StandardOutput, onLine),
            PumpAsync(process.StandardError, line =>
            {
                KeepEarlyError(line);
                onLine(line);
            }));
    }

    public int Id { get; }

    /// <summary>
    /// Completes when the process has ended, with how it did: <c>exit status 1</c>, <c>signal: killed</c>.
    /// </summary>
    public Task<string> Exited { get; }

    /// <summary>True as soon as the process has ended, which is before its output has been read to the end.</summary>
    public bool HasExited => Exited.IsCompleted || _process.HasExited;

    /// <summary>The beginning of what the process wrote to its standard error.</summary>
    public string EarlyErrors
    {
        get
        {
            lock (_earlyErrors)
            {
                return _earlyErrors.ToString().Trim();
            }
        }
    }

    /// <summary>Starts the function's program.</summary>
    /// <param name="settings">The function.</param>
    /// <param name="runtimeApi">Host and port of its Runtime API.</param>
    /// <param name="logStream">What the function is told as its log stream.</param>
    /// <param name="time">The clock of the stopping graces.</param>
    /// <param name="onLine">Takes each line of output; called on several threads.</param>
    /// <exception cref="FunctionStartException">The program is missing or can't be run.</exception>
    public static FunctionProcess Start(
        FunctionSettings settings, string runtimeApi, string logStream, TimeProvider time, Action<string> onLine)
    {
        if (!File.Exists(settings.Executable))
        {
            throw new FunctionStartException(
                $"there is no file at {settings.Executable}; build the function or name its executable");
        }
        var isAssembly = settings.Executable.EndsWith(".dll", StringComparison.OrdinalIgnoreCase);
        var start = new ProcessStartInfo(isAssembly ? DotnetHost() : settings.Executable)
        {
            WorkingDirectory = Path.GetDirectoryName(Path.GetFullPath(settings.Executable)),
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
        };
        if (isAssembly)
            start.ArgumentList.Add(settings.Executable);
        foreach (var argument in settings.Arguments)
            start.ArgumentList.Add(argument);
        SetEnvironment(start.Environment, settings, runtimeApi, logStream);
        try
        {
            var process = Process.Start(start)!;
            ChildProcesses.Add(process);
            process.StandardInput.Close();
            return new FunctionProcess(process, time, onLine);
        }
        catch (Win32Exception exception)
        {
            throw new FunctionStartException($"{start.FileName} can't be run: {exception.Message}");
        }
    }

    /// <summary>The most memory that the process has had resident, in bytes; 0 if the system does not tell.</summary>
    public long ReadPeakMemoryBytes()
    {
        lock (_peakLock)
        {
            try
            {
                _process.Refresh();
                _peakMemoryBytes = Math.Max(_peakMemoryBytes, _process.PeakWorkingSet64);
            }
            catch (Exception exception) when (exception is InvalidOperationException or Win32Exception)
            {
                // It has ended; what was read before stands.
            }
            return _peakMemoryBytes;
        }
    }

    /// <summary>Kills the process and its children (SIGKILL). Does nothing if it has ended.</summary>
    public void Kill() => ChildProcesses.Kill(_process);

    /// <summary>Asks the process to end, kills it if it has not within two seconds, and waits for its end.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!Exited.IsCompleted && !OperatingSystem.IsWindows() && SendSignal(Id, SignalTerminate) == 0)
            await Task.WhenAny(Exited, Task.Delay(StopGrace, _time));
        Kill();
        await Exited;
        ChildProcesses.Remove(_process);
        _process.Dispose();
    }

    private static void SetEnvironment(
        IDictionary<string, string?> environment, FunctionSettings settings, string runtimeApi, string logStream)
    {
        environment.Clear();
        foreach (var name in PassedThrough)
        {
            if (Environment.GetEnvironmentVariable(name) is { } value)
                environment[name] = value;
        }
        environment["LANG"] = "en_US.UTF-8";
        environment["TZ"] = ":UTC";
        environment["AWS_ACCESS_KEY_ID"] = "local";
        environment["AWS_SECRET_ACCESS_KEY"] = "local";
        environment["AWS_REGION"] = settings.Region;
        environment["AWS_DEFAULT_REGION"] = settings.Region;
        foreach (var (name, value) in settings.Environment)
            environment[name] = value;
        environment["_HANDLER"] = settings.Handler;
        environment["AWS_EXECUTION_ENV"] = "AWS_Lambda_dotnet10";
        environment["AWS_LAMBDA_RUNTIME_API"] = runtimeApi;
        environment["AWS_LAMBDA_INITIALIZATION_TYPE"] = "on-demand";
        environment["AWS_LAMBDA_FUNCTION_NAME"] = settings.Name;
        environment["AWS_LAMBDA_FUNCTION_VERSION"] = "$LATEST";
        environment["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] =
            settings.MemoryMebibytes.ToString(CultureInfo.InvariantCulture);
        environment["AWS_LAMBDA_LOG_GROUP_NAME"] = $"/aws/lambda/{settings.Name}";
        environment["AWS_LAMBDA_LOG_STREAM_NAME"] = logStream;
        environment["AWS_LAMBDA_LOG_FORMAT"] = settings.LogFormat;
        if (settings.LogLevel is not null)
            environment["AWS_LAMBDA_LOG_LEVEL"] = settings.LogLevel;
        environment["LAMBDA_TASK_ROOT"] = Path.GetDirectoryName(Path.GetFullPath(settings.Executable));
    }

    /// <summary>The <c>dotnet</c> that runs this program, if it can be told, so that one SDK serves both.</summary>
    private static string DotnetHost()
    {
        if (Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } host)
            return host;
        var ours = Environment.ProcessPath;
        return Path.GetFileNameWithoutExtension(ours) == "dotnet" ? ours! : "dotnet";
    }

    private async Task<string> WaitForExitAsync(params Task[] pumps)
    {
        await _process.WaitForExitAsync();
        // What it wrote last explains its end, so it is handed out before the end is told.
        await Task.WhenAny(Task.WhenAll(pumps), Task.Delay(OutputGrace, _time));
        return DescribeExit(_process.ExitCode);
    }

    /// <summary>Lambda's words; .NET tells a death by signal as 128 and the signal's number.</summary>
    private static string DescribeExit(int code) => OperatingSystem.IsWindows() ? $"exit status {code}" : code switch
    {
        128 + 2 => "signal: interrupt",
        128 + 6 => "signal: aborted",
        128 + 9 => "signal: killed",
        128 + 11 => "signal: segmentation fault",
        128 + SignalTerminate => "signal: terminated",
        _ => $"exit status {code}",
    };

    private static async Task PumpAsync(StreamReader output, Action<string> onLine)
    {
        try
        {
            while (await output.ReadLineAsync() is { } line)
                onLine(line);
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            // The pipe was held open by something that outlived the process.
        }
    }

    private void KeepEarlyError(string line)
    {
        lock (_earlyErrors)
        {
            if (_earlyErrors.Length < EarlyErrorLimit)
                _earlyErrors.Append(line.AsSpan(0, Math.Min(line.Length, EarlyErrorLimit))).Append('\n');
        }
    }

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SendSignal(int processId, int signal);
}

/// <summary>The function's program could not be started; the message says why.</summary>
internal sealed class FunctionStartException(string message) : Exception(message);
