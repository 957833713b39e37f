using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace ConnectTasks.Local;

/// <summary>Node and npm as they are found on the PATH.</summary>
internal static class NodeTool
{
    public const int MinimumNodeMajor = 20;

    private const string Remedy = "or give --sqs-url and --dynamodb-url to use other servers";

    private static string Npm => OperatingSystem.IsWindows() ? "npm.cmd" : "npm";

    /// <summary>Checks that Node is there and new enough.</summary>
    /// <exception cref="LocalException">It is not.</exception>
    public static async Task RequireNodeAsync(CancellationToken cancellationToken)
    {
        var (exitCode, output) = await RunAsync("node", ["--version"], directory: null, cancellationToken)
            ?? throw new LocalException(
                $"Node.js was not found on the PATH. The SQS and DynamoDB emulators need it: install Node.js "
                + $"{MinimumNodeMajor} or later, {Remedy}.");
        var version = output.Trim();
        var isNew = int.TryParse(version.TrimStart('v').Split('.')[0], out var major) && major >= MinimumNodeMajor;
        if (exitCode != 0 || !isNew)
        {
            throw new LocalException(
                $"Node.js {MinimumNodeMajor} or later is needed for the SQS and DynamoDB emulators, but "
                + $"`node --version` says \"{LastLine(version)}\". Install a newer one, {Remedy}.");
        }
    }

    /// <summary>Runs <c>npm ci</c> in a directory.</summary>
    /// <exception cref="LocalException">npm is missing or fails.</exception>
    public static async Task InstallAsync(string directory, CancellationToken cancellationToken)
    {
        var (exitCode, output) = await RunAsync(Npm, ["ci", "--no-progress"], directory, cancellationToken)
            ?? throw new LocalException(
                $"npm was not found on the PATH. It installs the SQS and DynamoDB emulators: install it (it comes with "
                + $"Node.js), {Remedy}.");
        if (exitCode == 0)
            return;

        throw new LocalException(
            $"npm could not install the SQS and DynamoDB emulators (exit code {exitCode}): {ErrorLines(output)} "
            + $"Check that npm reaches its registry (`npm ping`) and run this again, {Remedy}.");
    }

    private static string ErrorLines(string output)
    {
        string[] prefixes = ["npm error ", "npm ERR! "];
        var errors = output
            .Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Where(line => prefixes.Any(prefix => line.StartsWith(prefix, StringComparison.Ordinal)))
            .Select(line => line[prefixes[0].Length..].Trim())
            .Where(line => line.Length > 0 && !line.StartsWith("A complete log", StringComparison.Ordinal))
            .Take(4)
            .ToArray();
        return errors.Length > 0 ? string.Join("; ", errors) + "." : $"\"{LastLine(output)}\".";
    }

    private static string LastLine(string text) => text.TrimEnd().Split('\n')[^1].Trim();

    /// <summary>Runs a program to its end; null if there is no such program.</summary>
    private static async Task<(int ExitCode, string Output)?> RunAsync(
        string program, string[] arguments, string? directory, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = directory ?? "",
        };
        Process? process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (Win32Exception)
        {
            return null;
        }

        using (process)
        {
            ChildProcesses.Add(process);
            process.StandardInput.Close();
            var output = new StringBuilder();
            void Append(object sender, DataReceivedEventArgs line)
            {
                lock (output)
                    output.Append(line.Data).Append('\n');
            }

            process.OutputDataReceived += Append;
            process.ErrorDataReceived += Append;
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
            try
            {
                await process.WaitForExitAsync(cancellationToken);
            }
            catch (OperationCanceledException)
            {
                ChildProcesses.Kill(process);
                throw;
            }
            finally
            {
                ChildProcesses.Remove(process);
            }

            lock (output)
                return (process.ExitCode, output.ToString());
        }
    }
}
