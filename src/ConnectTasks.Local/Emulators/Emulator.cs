using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace ConnectTasks.Local;

/// <summary>The services that npm packages emulate.</summary>
internal enum EmulatedService
{
    Sqs,
    DynamoDb,
}

/// <summary>A running emulator: a Node process on a loopback port.</summary>
internal sealed class Emulator : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private bool _isStopping;

    private Emulator(Process process, Uri url, EmulatedService service)
    {
        _process = process;
        Url = url;
        Ended = WaitAsync(service);
    }

    public Uri Url { get; }

    public int ProcessId => _process.Id;

    /// <summary>Completes when the process has ended: null if it was stopped, otherwise a sentence.</summary>
    public Task<string?> Ended { get; }

    /// <summary>
    /// Starts an emulator on a port (0 takes a free one) and waits until it listens. What it writes to its standard
    /// error goes to <paramref name="log"/>.
    /// </summary>
    /// <exception cref="LocalException">The port is in use, or the emulator does not start.</exception>
    public static async Task<Emulator> StartAsync(
        EmulatorInstallation installation, EmulatedService service, int port, Action<string> log, TimeProvider time,
        CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo("node")
        {
            WorkingDirectory = installation.Directory,
            // Held open: its end is what tells the emulator that this process is gone, however it went.
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.ArgumentList.Add(installation.Script);
        start.ArgumentList.Add(service == EmulatedService.Sqs ? "sqs" : "dynamodb");
        start.ArgumentList.Add(port.ToString(CultureInfo.InvariantCulture));
        var process = Process.Start(start)!;
        ChildProcesses.Add(process);
        try
        {
            process.ErrorDataReceived += (_, line) =>
            {
                if (line.Data is { Length: > 0 } text)
                    log($"{Name(service)} emulator: {text}");
            };
            process.BeginErrorReadLine();

            using var timeout = new CancellationTokenSource(StartTimeout, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
            var url = await ReadUrlAsync(process, service, port, either.Token);
            return new Emulator(process, url, service);
        }
        catch (Exception e)
        {
            ChildProcesses.Kill(process);
            ChildProcesses.Remove(process);
            process.Dispose();
            if (e is OperationCanceledException && !cancellationToken.IsCancellationRequested)
                throw new LocalException($"The {Name(service)} emulator is not ready after {StartTimeout}.");
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _isStopping = true;
        ChildProcesses.Kill(_process);
        await Ended;
        ChildProcesses.Remove(_process);
        _process.Dispose();
    }

    private static async Task<Uri> ReadUrlAsync(
        Process process, EmulatedService service, int port, CancellationToken cancellationToken)
    {
        var line = await process.StandardOutput.ReadLineAsync(cancellationToken);
        if (line is null)
            throw new LocalException($"The {Name(service)} emulator ended before it was ready.");

        using var message = JsonDocument.Parse(line);
        if (message.RootElement.TryGetProperty("url", out var url))
            return new Uri(url.GetString()!);

        var code = message.RootElement.TryGetProperty("code", out var c) ? c.GetString() : null;
        var option = service == EmulatedService.Sqs ? "--sqs-port" : "--dynamodb-port";
        throw new LocalException(code == "EADDRINUSE"
            ? $"The {Name(service)} emulator cannot listen on port {port}: something else does. Stop that, or choose "
                + $"another port with {option} (0 takes a free one)."
            : $"The {Name(service)} emulator did not start: {message.RootElement.GetProperty("error").GetString()}.");
    }

    private async Task<string?> WaitAsync(EmulatedService service)
    {
        await _process.WaitForExitAsync(CancellationToken.None);
        return _isStopping ? null : $"The {Name(service)} emulator ended (exit code {_process.ExitCode}).";
    }

    private static string Name(EmulatedService service) => service == EmulatedService.Sqs ? "SQS" : "DynamoDB";
}
