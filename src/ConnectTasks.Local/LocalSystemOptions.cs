namespace ConnectTasks.Local;

/// <summary>A port to listen on.</summary>
/// <param name="Number">1 to 65535, or 0 for any free one.</param>
/// <param name="IsRequired">If it is in use: an error, or a free one instead.</param>
internal readonly record struct Port(int Number, bool IsRequired)
{
    public static Port Any => new(0, false);
}

/// <summary>What to run on this machine, and what of it runs elsewhere.</summary>
internal sealed record LocalSystemOptions
{
    /// <summary>Seconds in place of minutes, for a run that someone watches: the fake Connect is consistent.</summary>
    public static readonly TimeSpan ShortPatience = TimeSpan.FromSeconds(5);

    /// <summary>The SAM template that says what there is.</summary>
    public required string TemplatePath { get; init; }

    /// <summary>The functions' program: a .dll or an executable.</summary>
    public required string FunctionExecutable { get; init; }

    /// <summary>Values for the template's parameters. Without ConnectInstanceId, any instance is served.</summary>
    public IReadOnlyDictionary<string, string> Parameters { get; init; } = new Dictionary<string, string>();

    /// <summary>Environment variables for the functions, over those of the template.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>
    /// How long what Connect does not know is asked for again, where nobody said it with the template's parameter or
    /// its variable; null leaves it at the template's default.
    /// </summary>
    public TimeSpan? NotFoundPatience { get; init; }

    public string Region { get; init; } = "us-east-1";

    /// <summary>A server of SQS to use instead of the emulator.</summary>
    public Uri? SqsUrl { get; init; }

    /// <summary>A server of DynamoDB to use instead of the emulator.</summary>
    public Uri? DynamoDbUrl { get; init; }

    /// <summary>A server of Connect to use instead of the fake.</summary>
    public Uri? ConnectUrl { get; init; }

    public Port SqsPort { get; init; } = Port.Any;

    public Port DynamoDbPort { get; init; } = Port.Any;

    public Port ConnectPort { get; init; } = Port.Any;

    /// <summary>Where to serve the page that shows what happens; null for no page.</summary>
    public Port? PagePort { get; init; }

    public FakeConnectOptions Connect { get; init; } = new();

    /// <summary>How often schedules tick, in place of what the template says.</summary>
    public TimeSpan? ScheduleEvery { get; init; }

    /// <summary>How long an invocation may take, in place of what the template says.</summary>
    public TimeSpan? FunctionTimeout { get; init; }

    /// <summary>Where the emulators are installed.</summary>
    public string EmulatorRoot { get; init; } = EmulatorInstallation.DefaultRoot;

    /// <summary>Whether queues and schedules invoke the functions. If not, only direct invocations do.</summary>
    public bool RunsEvents { get; init; } = true;

    /// <summary>Puts a counting proxy between the functions and the AWS services.</summary>
    public bool CountsCalls { get; init; }
}
