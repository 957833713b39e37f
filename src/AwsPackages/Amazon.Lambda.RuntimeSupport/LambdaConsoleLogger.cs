using System.Globalization;
using System.Text;
using System.Text.Json;
using Amazon.Lambda.Core;

namespace Amazon.Lambda.RuntimeSupport;

/// <summary>How entries are written, from the function's logging configuration.</summary>
internal sealed record LogSettings(bool Json, LogLevel Minimum)
{
    public static LogSettings Read(Func<string, string?> variable)
    {
        var format = First(variable("AWS_LAMBDA_HANDLER_LOG_FORMAT"), variable("AWS_LAMBDA_LOG_FORMAT"));
        var level = First(variable("AWS_LAMBDA_HANDLER_LOG_LEVEL"), variable("AWS_LAMBDA_LOG_LEVEL"));
        return new LogSettings(
            string.Equals(format, "json", StringComparison.OrdinalIgnoreCase),
            Parse(level) ?? LogLevel.Information);
    }

    /// <summary>The level of this name, .NET's or Lambda's (FATAL, WARN, INFO); null if unknown.</summary>
    public static LogLevel? Parse(string? name) => name?.ToUpperInvariant() switch
    {
        "FATAL" => LogLevel.Critical,
        "WARN" => LogLevel.Warning,
        "INFO" => LogLevel.Information,
        var other => Enum.TryParse<LogLevel>(other, true, out var level) && Enum.IsDefined(level) ? level : null,
    };

    private static string? First(string? preferred, string? other) =>
        string.IsNullOrEmpty(preferred) ? other : preferred;
}

/// <summary>
/// Writes entries to the standard output, one a line, as the log format of the function asks: a JSON object, or the
/// time, the request id, the level and the message with tabs between them.
/// </summary>
internal sealed class LambdaConsoleLogger(TextWriter output, LogSettings settings, TimeProvider time) : ILambdaLogger
{
    /// <summary>The invocation that entries belong to.</summary>
    public Invocation? Invocation { get; set; }

    public void Log(string message) => output.Write(message);

    public void LogLine(string message) => Write(LogLevel.Information, null, message, []);

    public void Log(string level, string message) => Write(Level(level), null, message, []);

    public void Log(string level, string message, params object?[] args) => Write(Level(level), null, message, args);

    public void Log(string level, Exception exception, string message, params object?[] args) =>
        Write(Level(level), exception, message, args);

    /// <summary>Writes an exception that ends an invocation or the initialization.</summary>
    public void LogUnhandled(Exception exception) => Write(LogLevel.Error, exception, string.Empty, []);

    private static LogLevel Level(string name) => LogSettings.Parse(name) ?? LogLevel.Information;

    private void Write(LogLevel level, Exception? exception, string template, object?[] args)
    {
        if (level < settings.Minimum)
            return;
        var (message, properties) = Fill(template, args);
        var entry = settings.Json
            ? JsonEntry(level, exception, message, properties)
            : TextEntry(level, exception, message);
        // One call, so that entries of parallel work do not mix within a line.
        output.WriteLine(entry);
    }

    /// <summary>Puts the arguments in the places of their names.</summary>
    private static (string Message, List<(string Name, object? Value)> Properties) Fill(string template, object?[] args)
    {
        var properties = new List<(string, object?)>(args.Length);
        if (args.Length == 0)
            return (template, properties);

        var message = new StringBuilder(template.Length + 16 * args.Length);
        var rest = template.AsSpan();
        while (properties.Count < args.Length)
        {
            var open = rest.IndexOf('{');
            var close = open < 0 ? -1 : rest[open..].IndexOf('}');
            if (close < 0)
                break;
            var argument = args[properties.Count];
            message.Append(rest[..open]).Append(CultureInfo.InvariantCulture, $"{argument}");
            properties.Add((rest.Slice(open + 1, close - 1).TrimStart('@').ToString(), argument));
            rest = rest[(open + close + 1)..];
        }

        return (message.Append(rest).ToString(), properties);
    }

    private string TextEntry(LogLevel level, Exception? exception, string message)
    {
        var text = exception is null ? message : message.Length == 0 ? $"{exception}" : $"{message}\n{exception}";
        // CloudWatch makes an entry of every line, and keeps the lines of one entry together only with \r.
        return $"{Timestamp()}\t{Invocation?.RequestId}\t{Label(level)}\t{text.ReplaceLineEndings("\r")}";
    }

    private string JsonEntry(
        LogLevel level, Exception? exception, string message, List<(string Name, object? Value)> properties)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, ErrorReport.Readable))
        {
            writer.WriteStartObject();
            writer.WriteString("timestamp", Timestamp());
            writer.WriteString("level", level.ToString());
            if (Invocation is not null)
                writer.WriteString("requestId", Invocation.RequestId);
            if (Invocation?.TraceId is { Length: > 0 } traceId)
                writer.WriteString("traceId", traceId);
            writer.WriteString("message", message);
            foreach (var (name, value) in properties)
                WriteProperty(writer, name, value);
            if (exception is not null)
            {
                writer.WriteString("errorType", exception.GetType().FullName);
                writer.WriteString("errorMessage", exception.Message);
                writer.WriteStartArray("stackTrace");
                foreach (var line in exception.ToString().Split('\n', StringSplitOptions.TrimEntries))
                    writer.WriteStringValue(line);
                writer.WriteEndArray();
            }

            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }

    private static void WriteProperty(Utf8JsonWriter writer, string name, object? value)
    {
        writer.WritePropertyName(name);
        switch (value)
        {
            case null:
                writer.WriteNullValue();
                break;
            case bool truth:
                writer.WriteBooleanValue(truth);
                break;
            case int number:
                writer.WriteNumberValue(number);
                break;
            case long number:
                writer.WriteNumberValue(number);
                break;
            case double number when double.IsFinite(number):
                writer.WriteNumberValue(number);
                break;
            case decimal number:
                writer.WriteNumberValue(number);
                break;
            default:
                writer.WriteStringValue(Convert.ToString(value, CultureInfo.InvariantCulture));
                break;
        }
    }

    private string Timestamp() =>
        time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);

    private static string Label(LogLevel level) => level switch
    {
        LogLevel.Trace => "trce",
        LogLevel.Debug => "dbug",
        LogLevel.Information => "info",
        LogLevel.Warning => "warn",
        LogLevel.Error => "fail",
        LogLevel.Critical => "crit",
    };
}
