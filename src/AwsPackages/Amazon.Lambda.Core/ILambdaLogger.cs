namespace Amazon.Lambda.Core;

/// <summary>How grave a log entry is.</summary>
public enum LogLevel
{
    /// <summary>Every step.</summary>
    Trace = 0,

    /// <summary>For finding a fault.</summary>
    Debug = 1,

    /// <summary>The normal course.</summary>
    Information = 2,

    /// <summary>Out of the ordinary, and handled.</summary>
    Warning = 3,

    /// <summary>Something failed.</summary>
    Error = 4,

    /// <summary>The function cannot go on.</summary>
    Critical = 5,
}

/// <summary>
/// Writes to the function's log. In a message with arguments, <c>{name}</c> stands for the next argument; where the
/// log format is JSON, the arguments are also properties of the entry.
/// </summary>
public interface ILambdaLogger
{
    /// <summary>Writes the text as it is, without a line end.</summary>
    void Log(string message);

    /// <summary>Writes one entry at level Information.</summary>
    void LogLine(string message);

    /// <summary>Writes one entry.</summary>
    void Log(string level, string message) => LogLine(message);

    /// <summary>Writes one entry.</summary>
    void Log(LogLevel level, string message) => Log(level.ToString(), message);

    /// <summary>Writes one entry with arguments.</summary>
    void Log(string level, string message, params object?[] args) => Log(level, message);

    /// <summary>Writes one entry with an exception.</summary>
    void Log(string level, Exception exception, string message, params object?[] args) =>
        Log(level, $"{message}\n{exception}", args);

    /// <summary>Writes one entry with arguments.</summary>
    void Log(LogLevel level, string message, params object?[] args) => Log(level.ToString(), message, args);

    /// <summary>Writes one entry with an exception.</summary>
    void Log(LogLevel level, Exception exception, string message, params object?[] args) =>
        Log(level.ToString(), exception, message, args);

    /// <summary>Writes one entry at level Trace.</summary>
    void LogTrace(string message, params object?[] args) => Log(LogLevel.Trace, message, args);

    /// <summary>Writes one entry at level Debug.</summary>
    void LogDebug(string message, params object?[] args) => Log(LogLevel.Debug, message, args);

    /// <summary>Writes one entry at level Information.</summary>
    void LogInformation(string message, params object?[] args) => Log(LogLevel.Information, message, args);

    /// <summary>Writes one entry at level Warning.</summary>
    void LogWarning(string message, params object?[] args) => Log(LogLevel.Warning, message, args);

    /// <summary>Writes one entry at level Warning with an exception.</summary>
    void LogWarning(Exception exception, string message, params object?[] args) =>
        Log(LogLevel.Warning, exception, message, args);

    /// <summary>Writes one entry at level Error.</summary>
    void LogError(string message, params object?[] args) => Log(LogLevel.Error, message, args);

    /// <summary>Writes one entry at level Error with an exception.</summary>
    void LogError(Exception exception, string message, params object?[] args) =>
        Log(LogLevel.Error, exception, message, args);

    /// <summary>Writes one entry at level Critical.</summary>
    void LogCritical(string message, params object?[] args) => Log(LogLevel.Critical, message, args);

    /// <summary>Writes one entry at level Critical with an exception.</summary>
    void LogCritical(Exception exception, string message, params object?[] args) =>
        Log(LogLevel.Critical, exception, message, args);
}
