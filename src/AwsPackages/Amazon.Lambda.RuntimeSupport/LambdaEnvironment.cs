using System.Globalization;

namespace Amazon.Lambda.RuntimeSupport;

/// <summary>What Lambda tells the process about its function, in environment variables.</summary>
internal sealed record LambdaEnvironment
{
    public required string? RuntimeApi { get; init; }

    public required string FunctionName { get; init; }

    public required string FunctionVersion { get; init; }

    public required string? LogGroupName { get; init; }

    public required string? LogStreamName { get; init; }

    public required int MemoryLimitInMB { get; init; }

    /// <summary>The user does not want the heap limited to the function's memory.</summary>
    public required bool KeepsHeapLimit { get; init; }

    public static LambdaEnvironment Read(Func<string, string?> variable)
    {
        var size = variable("AWS_LAMBDA_FUNCTION_MEMORY_SIZE");
        _ = int.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out var memory);
        return new LambdaEnvironment
        {
            RuntimeApi = variable("AWS_LAMBDA_RUNTIME_API"),
            FunctionName = variable("AWS_LAMBDA_FUNCTION_NAME") ?? string.Empty,
            FunctionVersion = variable("AWS_LAMBDA_FUNCTION_VERSION") ?? string.Empty,
            LogGroupName = variable("AWS_LAMBDA_LOG_GROUP_NAME"),
            LogStreamName = variable("AWS_LAMBDA_LOG_STREAM_NAME"),
            MemoryLimitInMB = memory,
            KeepsHeapLimit = string.Equals(
                variable("AWS_LAMBDA_DOTNET_DISABLE_MEMORY_LIMIT_CHECK"), "true", StringComparison.OrdinalIgnoreCase),
        };
    }
}
