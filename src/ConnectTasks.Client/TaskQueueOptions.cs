namespace ConnectTasks.Client;

/// <summary>The settings of a <see cref="TaskQueueClient"/>, which checks them all together when it is made.</summary>
public sealed class TaskQueueOptions
{
    /// <summary>
    /// The URL of the task queue (the stack's output <c>TaskQueueUrl</c>). Required. A queue whose URL ends in
    /// <c>.fifo</c> is a FIFO queue.
    /// </summary>
    public string? QueueUrl { get; set; }

    /// <summary>
    /// The most UTF-8 bytes of a message, and of all messages of a batch together: bodies and the names, types and
    /// values of their attributes. 1,024 to 1,048,576 bytes; the default is 1,048,576 (1 MiB), SQS's limit. Set it to
    /// the queue's MaximumMessageSize if that is smaller, and to 262,144 for emulators that know the older limit.
    /// </summary>
    public int MessageMaxBytes { get; set; } = SqsLimits.MessageMaxBytes;

    /// <summary>
    /// How often a message is sent at most when SQS takes others of its batch but not this one, through no fault of the
    /// message: 1 to 10; the default is 4. Between the attempts there are up to 0.1, 0.2, 0.4... seconds, at most 5,
    /// with jitter. Whole requests that fail are retried by the AWS SDK as its client is configured.
    /// </summary>
    public int MaxAttempts { get; set; } = 4;

    internal bool IsFifo => QueueUrl!.EndsWith(".fifo", StringComparison.Ordinal);

    /// <summary>Throws if anything is wrong, and says all that is.</summary>
    internal void Validate(string parameterName)
    {
        var errors = new List<string>();
        if (string.IsNullOrWhiteSpace(QueueUrl))
            errors.Add($"{nameof(QueueUrl)} is required: set it to the URL of the task queue.");
        else if (!IsQueueUrl(QueueUrl))
        {
            errors.Add(
                $"{nameof(QueueUrl)} is not the URL of a queue: give https://HOST/ACCOUNT/NAME, not a name or an ARN, "
                + "without white space, a query or a fragment.");
        }
        if (MessageMaxBytes is < SqsLimits.MessageMinBytes or > SqsLimits.MessageMaxBytes)
            errors.Add($"{nameof(MessageMaxBytes)} is {MessageMaxBytes}: set it to 1024 to 1048576 bytes.");
        if (MaxAttempts is < 1 or > 10)
            errors.Add($"{nameof(MaxAttempts)} is {MaxAttempts}: set it to 1 to 10.");
        if (errors.Count > 0)
            throw new ArgumentException("The task queue's options: " + string.Join(' ', errors), parameterName);
    }

    internal TaskQueueOptions Copy() => (TaskQueueOptions)MemberwiseClone();

    private static bool IsQueueUrl(string url) =>
        !url.Any(char.IsWhiteSpace)
        && Uri.TryCreate(url, UriKind.Absolute, out var uri)
        && (uri.Scheme == Uri.UriSchemeHttps || uri.Scheme == Uri.UriSchemeHttp)
        && uri.AbsolutePath.Length > 1
        && uri.Query.Length == 0
        && uri.Fragment.Length == 0;
}
