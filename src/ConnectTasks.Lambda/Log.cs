using System.Buffers;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace ConnectTasks.Lambda;

/// <summary>
/// Every line that the functions log. Ids, codes, counts and times only: never anything of a request's Name,
/// Description, Attributes, References, SegmentAttributes or Attachments.
/// </summary>
internal static partial class Log
{
    /// <summary>The one line about a message: which, what became of it, why, and what to do.</summary>
    public static void Ended(
        this ILogger log, Outcome outcome, Message message, TimeSpan? returnIn, DateTimeOffset now, TimeSpan took) =>
        log.Ended(
            LevelOf(outcome),
            outcome.Name,
            outcome.Reason,
            outcome.Detail,
            outcome.ClientToken,
            outcome.ContactId,
            message.MessageId,
            message.ReceiveCount,
            message.SentAt is { } sent ? (long)(now - sent).TotalSeconds : null,
            returnIn?.TotalSeconds,
            (long)took.TotalMilliseconds,
            outcome.ConnectRequestId,
            message.TraceId);

    private static LogLevel LevelOf(Outcome outcome) => outcome switch
    {
        Outcome.Misconfigured => LogLevel.Error,
        _ => outcome.Settlement switch
        {
            Settlement.Delete => LogLevel.Information,
            Settlement.DeadLetter => LogLevel.Warning,
            Settlement.Retry when outcome is Outcome.InFlight or Outcome.Deferred => LogLevel.Information,
            Settlement.Retry => LogLevel.Warning,
        },
    };

    [LoggerMessage(Message = "{Outcome}: {Detail}")]
    private static partial void Ended(
        this ILogger log,
        LogLevel level,
        string outcome,
        string reason,
        string detail,
        string? clientToken,
        string? contactId,
        string messageId,
        int receiveCount,
        long? ageSeconds,
        double? returnInSeconds,
        long durationMs,
        string? connectRequestId,
        string? traceId);

    [LoggerMessage(
        Level = LogLevel.Error,
        Message = "The message could not be sent to the dead-letter queue; it is retried. Check the queue and "
            + "the permissions.")]
    public static partial void DeadLetterFailed(this ILogger log, string messageId, string reason, string errorCode);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "The visibility timeout of {Count} messages was not set; they return when the queue's own ends.")]
    public static partial void VisibilityNotSet(this ILogger log, int count);

    [LoggerMessage(Level = LogLevel.Information, Message = "Released {Count} held tasks to the queue.")]
    public static partial void Released(this ILogger log, int count, int failed, bool complete);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "A step of the release failed; the next tick tries again. If it lasts, check the service and "
            + "the permissions.")]
    public static partial void ReleaseFailed(this ILogger log, string step, string errorCode);

    [LoggerMessage(
        Level = LogLevel.Error,
        Message = "A fault of this program stopped the work on a message; it is retried. Report the exception "
            + "and the trace.")]
    public static partial void Faulted(
        this ILogger log, string messageId, int receiveCount, string exception, string stackTrace);
}

/// <summary>Writes one JSON object a line, at once, so that nothing is lost when the environment is frozen.</summary>
internal sealed class JsonLines(Stream output)
{
    // Kept, because a buffer for each line was a quarter of what a record allocates. Also the lock.
    private readonly ArrayBufferWriter<byte> _line = new(1_024);

    /// <summary>Writes a line.</summary>
    /// <param name="state">Handed to <paramref name="writeProperties"/>.</param>
    /// <param name="writeProperties">Writes the properties of its object.</param>
    public void Write<T>(T state, Action<Utf8JsonWriter, T> writeProperties)
    {
        lock (_line)
        {
            _line.ResetWrittenCount();
            using (var json = new Utf8JsonWriter(_line))
            {
                json.WriteStartObject();
                writeProperties(json, state);
                json.WriteEndObject();
            }

            _line.Write("\n"u8);
            output.Write(_line.WrittenSpan);
            output.Flush();
        }
    }
}

/// <summary>The log: one line of JSON a call.</summary>
internal sealed class JsonLinesLogger(JsonLines output, LogLevel minimum, TimeProvider time) : ILogger
{
    /// <summary>Lambda's log level setting: TRACE, DEBUG, INFO (the default), WARN, ERROR or FATAL.</summary>
    public static LogLevel LevelFrom(string? setting) => setting?.ToUpperInvariant() switch
    {
        "TRACE" => LogLevel.Trace,
        "DEBUG" => LogLevel.Debug,
        "WARN" => LogLevel.Warning,
        "ERROR" => LogLevel.Error,
        "FATAL" => LogLevel.Critical,
        _ => LogLevel.Information,
    };

    public bool IsEnabled(LogLevel logLevel) => logLevel >= minimum;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel))
        {
            return;
        }

        // What follows is the same code for every state, so that it is compiled once and ahead.
        output.Write(
            new Line(
                time.GetUtcNow(),
                NameOf(logLevel),
                formatter(state, exception),
                state as IReadOnlyList<KeyValuePair<string, object?>>),
            WriteLine);
    }

    private static void WriteLine(Utf8JsonWriter json, Line line)
    {
        json.WriteString("timestamp", line.Timestamp.UtcDateTime);
        json.WriteString("level", line.Level);
        json.WriteString("message", line.Message);
        WriteFields(json, line.Fields);
    }

    private static void WriteFields(Utf8JsonWriter json, IReadOnlyList<KeyValuePair<string, object?>>? fields)
    {
        for (var i = 0; i < fields?.Count; i++)
        {
            var (name, value) = fields[i];
            // The detail is the message's own text already.
            if (value is null || name is "{OriginalFormat}" or "Detail")
            {
                continue;
            }

            json.WritePropertyName(JsonNamingPolicy.CamelCase.ConvertName(name));
            switch (value)
            {
                case int number: json.WriteNumberValue(number); break;
                case long number: json.WriteNumberValue(number); break;
                case double number: json.WriteNumberValue(number); break;
                default: json.WriteStringValue(value.ToString()); break;
            }
        }
    }

    private static string NameOf(LogLevel level) => level switch
    {
        LogLevel.Trace => "TRACE",
        LogLevel.Debug => "DEBUG",
        LogLevel.Information => "INFO",
        LogLevel.Warning => "WARN",
        LogLevel.Error => "ERROR",
        LogLevel.Critical => "FATAL",
        LogLevel.None => "NONE",
    };

    private sealed record Line(
        DateTimeOffset Timestamp,
        string Level,
        string Message,
        IReadOnlyList<KeyValuePair<string, object?>>? Fields);
}
