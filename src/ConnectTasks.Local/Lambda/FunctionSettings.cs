namespace ConnectTasks.Local;

/// <summary>What a function is: its program and what its template says about it.</summary>
internal sealed record FunctionSettings
{
    /// <summary>Lambda's limit for a function's response, in bytes (Lambda quotas: 6 MB, synchronous).</summary>
    public const int MaximumPayloadBytes = 6_291_556;

    /// <summary>Lambda's time for the init phase (Lambda developer guide, "Lambda execution environment").</summary>
    public static readonly TimeSpan LambdaInitTimeout = TimeSpan.FromSeconds(10);

    public required string Name { get; init; }

    /// <summary>Full path of the program: a <c>.dll</c>, which <c>dotnet</c> runs, or a native executable.</summary>
    public required string Executable { get; init; }

    /// <summary>Command-line arguments. A deployed function has none.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>
    /// The function's environment variables. They may replace the dummy AWS credentials, but none of the variables
    /// through which the Runtime API is found.
    /// </summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    public string Handler { get; init; } = "bootstrap";

    /// <summary>How long one invocation may take, 1 second to 15 minutes. Lambda's default is 3 seconds.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>
    /// How long the process may take to ask for its first event. Lambda starts a function that passes it once more
    /// within the invocation; here the invocation fails, so that a slow start is seen.
    /// </summary>
    public TimeSpan InitTimeout { get; init; } = LambdaInitTimeout;

    /// <summary>What the function is told of its memory, in MiB. The limit itself is not enforced.</summary>
    public int MemoryMebibytes { get; init; } = 128;

    /// <summary>Environments that may exist at once, 1 or more. Invocations beyond it wait for one.</summary>
    public int MaximumConcurrency { get; init; } = 10;

    public string Region { get; init; } = "us-east-1";

    public string AccountId { get; init; } = "000000000000";

    /// <summary><c>Text</c> or <c>JSON</c>, as in the template's LoggingConfig.</summary>
    public string LogFormat { get; init; } = "Text";

    /// <summary>The application log level for JSON logs, such as <c>INFO</c>; null if the template has none.</summary>
    public string? LogLevel { get; init; }

    public string Arn => $"arn:aws:lambda:{Region}:{AccountId}:function:{Name}";
}
