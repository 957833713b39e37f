using System.Diagnostics;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using ConnectTasks.Local;

namespace ConnectTasks.Cli;

/// <summary>Changes bodies of dead letters before they run again.</summary>
internal static class DlqMend
{
    /// <summary>Dead letters that fit into an editor.</summary>
    public const int EditMaxCount = 100;

    private const int PatchMaxBytes = 1_048_576;

    private const string EditNotes = """
        // Mend each "body", save, and leave the editor. Nothing is sent before you confirm.
        // A body is JSON, or a text in quotation marks if it is not JSON yet.
        // Remove an entry to leave its dead letter where it is; remove all to give up.

        """;

    private static readonly JsonSerializerOptions Compact =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly JsonWriterOptions Pretty =
        new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Reads a JSON merge patch (RFC 7396).</summary>
    /// <exception cref="UsageException">It cannot be read, or is none.</exception>
    public static async Task<JsonObject> ReadPatchAsync(string path, CancellationToken cancellation)
    {
        if (Directory.Exists(path))
            throw new UsageException($"The patch {path} is a directory: give a file with a JSON object.");
        try
        {
            if (new FileInfo(path) is { Exists: true, Length: > PatchMaxBytes })
                throw new UsageException($"The patch {path} has more than 1,048,576 bytes, as no message may.");
            var text = await File.ReadAllTextAsync(path, cancellation);
            return JsonNode.Parse(text) is JsonObject { Count: > 0 } patch
                ? patch
                : throw new UsageException($"The patch {path} must be a JSON object with the properties to change.");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new UsageException($"There is no patch file {path}.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"The patch cannot be read: {AwsFailure.OneLine(e.Message)}");
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            throw new UsageException($"The patch {path} is not one JSON object, with each property once.");
        }
    }

    /// <summary>
    /// Applies a merge patch. Properties of the request match in any case, as they do in the contract; the names inside
    /// its maps do not.
    /// </summary>
    /// <returns>The new body, or null if the body is not an object with each property once.</returns>
    public static string? Patch(string body, JsonObject patch)
    {
        try
        {
            if (JsonNode.Parse(body) is not JsonObject target)
                return null;
            foreach (var (name, value) in patch)
            {
                var existing = target.Select(p => p.Key)
                    .FirstOrDefault(key => key.Equals(name, StringComparison.OrdinalIgnoreCase));
                Merge(target, existing ?? name, value);
            }

            return target.ToJsonString(Compact);
        }
        catch (Exception e) when (e is JsonException or ArgumentException or InvalidOperationException)
        {
            return null;
        }
    }

    private static void Merge(JsonObject target, string name, JsonNode? value)
    {
        if (value is null)
        {
            target.Remove(name);
        }
        else if (value is JsonObject changes)
        {
            if (target[name] is not JsonObject inner)
                target[name] = inner = [];
            foreach (var (innerName, innerValue) in changes)
                Merge(inner, innerName, innerValue);
        }
        else
        {
            target[name] = value.DeepClone();
        }
    }

    /// <summary>Opens the bodies in the person's editor.</summary>
    /// <param name="edit">Runs the editor on a file.</param>
    /// <param name="retry">Whether to open the editor again, after what was saved could not be read.</param>
    /// <returns>The bodies by message id, of the letters whose entries are still there.</returns>
    /// <exception cref="UsageException">What was saved cannot be read.</exception>
    public static async Task<Dictionary<string, string>> EditAsync(
        IReadOnlyList<DeadLetter> letters, Func<string, CancellationToken, Task> edit, Func<string, Task<bool>> retry,
        CancellationToken cancellation)
    {
        // Only the person can read the folder, and nothing of it is left behind.
        var folder = Directory.CreateTempSubdirectory("connect-tasks-");
        try
        {
            var path = Path.Combine(folder.FullName, "dead-letters.jsonc");
            await File.WriteAllTextAsync(path, EditText(letters), cancellation);
            while (true)
            {
                await edit(path, cancellation);
                try
                {
                    return ReadEdited(await File.ReadAllTextAsync(path, cancellation), letters);
                }
                catch (UsageException e)
                {
                    if (!await retry(e.Message))
                        throw;
                }
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Runs $VISUAL, $EDITOR, or else the system's usual one, and waits for its end.</summary>
    /// <exception cref="UsageException">It does not start, or fails.</exception>
    public static async Task RunEditorAsync(string path, CancellationToken cancellation)
    {
        var editor = SystemOptions.Variable("VISUAL") ?? SystemOptions.Variable("EDITOR")
            ?? (OperatingSystem.IsWindows() ? "notepad" : "vi");
        // The variable may hold arguments, so it is for the shell to take apart.
        var start = OperatingSystem.IsWindows()
            ? new ProcessStartInfo("cmd", ["/c", $"{editor} \"{path}\""])
            : new ProcessStartInfo("/bin/sh", ["-c", editor + " \"$1\"", "sh", path]);
        using var process = Process.Start(start)
            ?? throw new UsageException($"The editor {editor} did not start: set VISUAL or EDITOR.");
        await process.WaitForExitAsync(cancellation);
        if (process.ExitCode != 0)
        {
            throw new UsageException(
                $"The editor ({editor}) ended with {process.ExitCode}: nothing was changed. Set VISUAL or EDITOR.");
        }
    }

    private static string EditText(IReadOnlyList<DeadLetter> letters)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, Pretty))
        {
            json.WriteStartArray();
            foreach (var letter in letters)
            {
                json.WriteStartObject();
                json.WriteString("messageId", letter.MessageId);
                json.WriteString("reason", letter.ReasonOrNone);
                json.WriteString("detail", letter.Detail ?? "");
                json.WritePropertyName("body");
                if (TryParse(letter.Body) is { } document)
                {
                    using (document)
                        document.RootElement.WriteTo(json);
                }
                else
                {
                    json.WriteStringValue(letter.Body);
                }

                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        return EditNotes + Encoding.UTF8.GetString(buffer.ToArray()) + "\n";
    }

    private static Dictionary<string, string> ReadEdited(string text, IReadOnlyList<DeadLetter> letters)
    {
        if (string.IsNullOrWhiteSpace(text))
            return [];
        try
        {
            var options = new JsonDocumentOptions
            {
                CommentHandling = JsonCommentHandling.Skip,
                AllowTrailingCommas = true,
            };
            using var document = JsonDocument.Parse(text, options);
            var originals = letters.ToDictionary(letter => letter.MessageId, letter => letter.Body);
            var bodies = new Dictionary<string, string>();
            foreach (var entry in document.RootElement.EnumerateArray())
            {
                var id = entry.GetProperty("messageId").GetString()!;
                if (!originals.TryGetValue(id, out var original) || !bodies.TryAdd(id, Body(entry, original)))
                    throw new UsageException("A messageId was changed or is there twice: nothing was changed.");
            }

            return bodies;
        }
        catch (JsonException e)
        {
            throw new UsageException($"What was saved is not JSON (line {e.LineNumber + 1}): nothing was changed.");
        }
        catch (Exception e) when (e is InvalidOperationException or KeyNotFoundException)
        {
            throw new UsageException(
                "What was saved must be a list of objects, each with messageId and body: nothing was changed.");
        }
    }

    /// <summary>
    /// The body as it was if only its spaces are others, so that an untouched one stays byte for byte.
    /// </summary>
    private static string Body(JsonElement entry, string original)
    {
        var edited = entry.GetProperty("body");
        using var before = TryParse(original);
        if (before is null && edited.ValueKind == JsonValueKind.String)
            return edited.GetString()!;
        var compact = JsonSerializer.Serialize(edited, Compact);
        return before is not null && compact == JsonSerializer.Serialize(before.RootElement, Compact)
            ? original
            : compact;
    }

    private static JsonDocument? TryParse(string body)
    {
        try
        {
            return JsonDocument.Parse(body);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
