using System.Buffers;
using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Unicode;

namespace ConnectTasks.Cli;

/// <summary><c>connect-tasks validate</c>: whether files hold bodies that the function takes.</summary>
internal static class ValidateCommand
{
    /// <summary>The longest body of a message that SQS takes, in bytes.</summary>
    private const int MaxBytes = 1_048_576;

    private const string StandardInput = "-";

    private const string Summary = "Check that files hold messages that the function takes.";

    private const string Details = """
        Each file holds the body of one message: a task request or a command, bare or
        in an envelope of SNS or EventBridge. It is judged by the function's own rules.
        What depends on the deployment (the instance, how far ahead a time may be) is
        not checked. Prints one line for each violation:
        FILE: PATH: CODE: what is wrong and how to mend it.

        Exits with 0 if all are valid, 1 if some are not, 2 if some could not be read.

        Examples:
          connect-tasks validate task.json
          connect-tasks validate requests/ --json
          generate | connect-tasks validate -
        """;

    public static Command Create(Terminal terminal)
    {
        var command = new DetailedCommand("validate", Summary, Details);
        var paths = new Argument<string[]>("path")
        {
            Description = "Files, folders whose .json files are checked, those in subfolders too, or - for standard "
                + "input.",
            Arity = ArgumentArity.OneOrMore,
        };
        var json = new Option<bool>("--json") { Description = "Print one line of JSON for each file instead." };
        command.Arguments.Add(paths);
        command.Options.Add(json);
        command.SetAction((result, cancellation) => CommandLine.GuardAsync(
            terminal,
            () => RunAsync(result.GetValue(paths)!, result.GetValue(json), terminal, cancellation),
            cancellation));
        return command;
    }

    private static async Task<int> RunAsync(
        string[] paths, bool isJson, Terminal terminal, CancellationToken cancellation)
    {
        if (paths.Count(path => path == StandardInput) > 1)
            throw new UsageException("Standard input (-) can be given once.");
        int valid = 0, invalid = 0, unread = 0, violations = 0;
        foreach (var path in paths)
        {
            if (FilesOf(path, out var problem) is not { } files)
            {
                unread++;
                await WriteProblemAsync(path, problem!, isJson, terminal);
                continue;
            }
            foreach (var file in files)
            {
                cancellation.ThrowIfCancellationRequested();
                problem = null;
                var read = file == StandardInput
                    ? await CheckAsync(terminal.In, cancellation)
                    : Check(file, out problem);
                if (read is not { } result)
                {
                    unread++;
                    await WriteProblemAsync(file, problem!, isJson, terminal);
                    continue;
                }
                _ = result.Violations.Count == 0 ? valid++ : invalid++;
                violations += result.Violations.Count;
                await WriteAsync(file == StandardInput ? "standard input" : file, result, isJson, terminal);
            }
        }
        terminal.Say(string.Create(
            CultureInfo.InvariantCulture,
            $"Valid: {valid}, invalid: {invalid}, violations: {violations}, not read: {unread}."));
        return unread > 0 ? ExitCode.Usage : invalid > 0 ? ExitCode.Failure : ExitCode.Success;
    }

    private static string[]? FilesOf(string path, out string? problem)
    {
        problem = null;
        if (!Directory.Exists(path))
            return [path];
        try
        {
            var files = Directory.GetFiles(path, "*.json", SearchOption.AllDirectories);
            Array.Sort(files, StringComparer.Ordinal);
            if (files.Length > 0)
                return files;
            problem = "The folder holds no .json file: name a folder that does, or files.";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            problem = $"The folder cannot be listed: {e.Message}";
        }
        return null;
    }

    private static MessageReadResult? Check(string file, out string? problem)
    {
        problem = null;
        try
        {
            using var stream = File.Open(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            if (stream.CanSeek && stream.Length > MaxBytes)
                return TooLong(stream.Length.ToString("N0", CultureInfo.InvariantCulture));
            return Check(stream);
        }
        catch (FileNotFoundException)
        {
            problem = "There is no such file.";
        }
        catch (DirectoryNotFoundException)
        {
            problem = "There is no such file: its folder does not exist.";
        }
        catch (UnauthorizedAccessException)
        {
            problem = "The file may not be read: it takes the right to read it.";
        }
        catch (Exception e) when (e is IOException or ArgumentException or NotSupportedException)
        {
            problem = $"The file cannot be read: {e.Message}";
        }
        return null;
    }

    private static MessageReadResult Check(FileStream stream)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(MaxBytes + 1);
        try
        {
            // A pipe has no length, and a file may grow.
            var length = stream.ReadAtLeast(buffer, MaxBytes + 1, throwOnEndOfStream: false);
            return length > MaxBytes ? TooLong("more than 1,048,576") : Check(buffer.AsSpan(0, length));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Checks all that standard input holds as one body.</summary>
    private static async Task<MessageReadResult> CheckAsync(TextReader input, CancellationToken cancellation)
    {
        // As many characters as that are at least as many bytes.
        var buffer = new char[MaxBytes + 1];
        try
        {
            var length = await input.ReadBlockAsync(buffer, cancellation);
            var bytes = Encoding.UTF8.GetBytes(buffer, 0, length);
            return bytes.Length > MaxBytes ? TooLong("more than 1,048,576") : Check(bytes);
        }
        catch (DecoderFallbackException)
        {
            return Invalid(ViolationCodes.InvalidEncoding, "Standard input is not text in UTF-8: write it as UTF-8.");
        }
    }

    private static MessageReadResult Check(ReadOnlySpan<byte> bytes)
    {
        if (bytes.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]) || bytes.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF]))
            return Invalid(ViolationCodes.InvalidEncoding, "The file is text in UTF-16: save it as UTF-8.");
        if (bytes.Contains((byte)0))
            return Invalid(ViolationCodes.InvalidEncoding, "The file is binary: name a file of JSON text in UTF-8.");
        return Utf8.IsValid(bytes)
            ? TaskMessage.Read(Encoding.UTF8.GetString(bytes))
            // For its sentence, which says where.
            : new MessageReadResult { Violations = TaskRequestJson.Read(bytes).Violations };
    }

    private static MessageReadResult TooLong(string length) => Invalid(
        ViolationCodes.TooLong,
        $"The body has {length} bytes; the limit is 1,048,576 bytes: send less in one message.");

    private static MessageReadResult Invalid(string code, string message) =>
        new() { Violations = [new Violation(code, "$", message)] };

    private static async Task WriteAsync(string file, MessageReadResult result, bool isJson, Terminal terminal)
    {
        if (!isJson)
        {
            foreach (var violation in result.Violations)
                await terminal.Out.WriteLineAsync($"{file}: {violation.Path}: {violation.Code}: {violation.Message}");
            return;
        }
        var line = new JsonObject
        {
            ["file"] = file,
            ["valid"] = result.Violations.Count == 0,
            ["violations"] = new JsonArray([.. result.Violations.Select(violation => new JsonObject
            {
                ["path"] = violation.Path,
                ["code"] = violation.Code,
                ["message"] = violation.Message,
            })]),
        };
        await terminal.Out.WriteLineAsync(line.ToJsonString(Readable));
    }

    private static async Task WriteProblemAsync(string path, string problem, bool isJson, Terminal terminal)
    {
        if (isJson)
        {
            var line = new JsonObject { ["file"] = path, ["problem"] = problem };
            await terminal.Out.WriteLineAsync(line.ToJsonString(Readable));
        }
        terminal.Say($"{path}: {problem}");
    }

    private static readonly JsonSerializerOptions Readable =
        new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
