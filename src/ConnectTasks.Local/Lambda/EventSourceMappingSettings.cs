namespace ConnectTasks.Local;

/// <summary>
/// How a queue invokes a function: the SQS event of a function in the template. Limits are Lambda's (API reference,
/// CreateEventSourceMapping).
/// </summary>
internal sealed record EventSourceMappingSettings
{
    private static readonly TimeSpan MaximumWindow = TimeSpan.FromSeconds(300);

    public required string QueueUrl { get; init; }

    /// <summary>Goes into each record; its last part is the queue's name and its fourth the Region.</summary>
    public required string QueueArn { get; init; }

    /// <summary>Most messages an invocation gets: 1 to 10,000; over 10 only with a window of at least 1 s.</summary>
    public int BatchSize { get; init; } = 10;

    /// <summary>How long to gather a batch, 0 to 300 seconds, counted from its first message.</summary>
    public TimeSpan BatchingWindow { get; init; } = TimeSpan.Zero;

    /// <summary>
    /// Invocations at once, 2 to 1,000. A mapping without a limit of its own begins with five, which is the default.
    /// </summary>
    public int MaximumConcurrency { get; init; } = 5;

    /// <summary>
    /// Whether FunctionResponseTypes has ReportBatchItemFailures. Without it the response is not read: if the function
    /// succeeds, the whole batch is deleted.
    /// </summary>
    public bool ReportBatchItemFailures { get; init; }

    /// <summary>
    /// How long invocations that run may go on after the mapping is told to stop. Their messages stay on the queue if
    /// they do not finish.
    /// </summary>
    public TimeSpan StopGrace { get; init; } = TimeSpan.FromSeconds(10);

    public string QueueName => QueueArn[(QueueArn.LastIndexOf(':') + 1)..];

    public bool IsFifo => QueueName.EndsWith(".fifo", StringComparison.Ordinal);

    /// <summary>Everything that Lambda would refuse, each as a sentence; empty if there is nothing.</summary>
    public IReadOnlyList<string> FindViolations()
    {
        var violations = new List<string>();
        var largest = IsFifo ? 10 : 10_000;
        if (QueueArn.Split(':').Length != 6)
            violations.Add("QueueArn must be an ARN such as arn:aws:sqs:us-east-1:000000000000:tasks.");
        if (BatchSize < 1 || BatchSize > largest)
            violations.Add($"BatchSize must be 1 to {largest} for {QueueName}.");
        if (BatchingWindow < TimeSpan.Zero || BatchingWindow > MaximumWindow)
            violations.Add($"MaximumBatchingWindowInSeconds must be 0 to {MaximumWindow.TotalSeconds}.");
        if (BatchSize > 10 && BatchingWindow < TimeSpan.FromSeconds(1))
            violations.Add("A BatchSize over 10 needs a MaximumBatchingWindowInSeconds of at least 1.");
        if (IsFifo && BatchingWindow > TimeSpan.Zero)
            violations.Add("A FIFO queue can't have a MaximumBatchingWindowInSeconds.");
        if (MaximumConcurrency is < 2 or > 1_000)
            violations.Add("ScalingConfig.MaximumConcurrency must be 2 to 1000.");
        return violations;
    }
}
