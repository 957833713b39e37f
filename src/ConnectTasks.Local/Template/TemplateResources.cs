namespace ConnectTasks.Local;

/// <summary>What stands for a resource once it exists: its Ref and its ARN.</summary>
internal sealed record PhysicalResource(string Ref, string Arn);

/// <summary>An <c>AWS::SQS::Queue</c>.</summary>
internal sealed record TemplateQueue
{
    public required string LogicalId { get; init; }

    public required string Name { get; init; }

    /// <summary>The attributes for CreateQueue, without the redrive policy.</summary>
    public required IReadOnlyDictionary<string, string> Attributes { get; init; }

    /// <summary>Logical id of the dead-letter queue, or null.</summary>
    public string? RedriveTarget { get; init; }

    public int? MaxReceiveCount { get; init; }

    public bool IsFifo => Attributes.GetValueOrDefault("FifoQueue") == "true";
}

/// <summary>An attribute's part in a key: <c>HASH</c> or <c>RANGE</c>.</summary>
internal sealed record TemplateKey(string AttributeName, string KeyType);

/// <summary>A global secondary index.</summary>
internal sealed record TemplateIndex
{
    public required string Name { get; init; }

    public required IReadOnlyList<TemplateKey> Key { get; init; }

    /// <summary><c>ALL</c>, <c>KEYS_ONLY</c> or <c>INCLUDE</c>.</summary>
    public required string Projection { get; init; }

    public required IReadOnlyList<string> IncludedAttributes { get; init; }
}

/// <summary>An <c>AWS::DynamoDB::Table</c>.</summary>
internal sealed record TemplateTable
{
    public required string LogicalId { get; init; }

    public required string Name { get; init; }

    public required IReadOnlyList<TemplateKey> Key { get; init; }

    /// <summary>The type, <c>S</c>, <c>N</c> or <c>B</c>, of each key attribute.</summary>
    public required IReadOnlyDictionary<string, string> AttributeTypes { get; init; }

    public required IReadOnlyList<TemplateIndex> Indexes { get; init; }

    /// <summary>The attribute of the time to live, or null.</summary>
    public string? TimeToLiveAttribute { get; init; }
}

/// <summary>An SQS event of a function.</summary>
internal sealed record TemplateQueueEvent
{
    public required string Name { get; init; }

    /// <summary>Logical id of the queue.</summary>
    public required string Queue { get; init; }

    /// <summary>Messages in one invocation. Default 10.</summary>
    public required int BatchSize { get; init; }

    /// <summary>How long a batch may be collected. Default zero.</summary>
    public required TimeSpan BatchingWindow { get; init; }

    /// <summary>Invocations at once, 2 to 1000, or null for no limit of the mapping's own.</summary>
    public int? MaximumConcurrency { get; init; }

    public required bool ReportsBatchItemFailures { get; init; }

    /// <summary>Whether there is a filter, which deletes the messages that do not match it.</summary>
    public required bool HasFilter { get; init; }

    public required bool IsEnabled { get; init; }
}

/// <summary>A Schedule or ScheduleV2 event of a function.</summary>
internal sealed record TemplateSchedule
{
    public required string Name { get; init; }

    /// <summary>As written, such as <c>rate(5 minutes)</c>.</summary>
    public required string Expression { get; init; }

    /// <summary>The time between two invocations; null for a cron or at expression.</summary>
    public TimeSpan? Period { get; init; }

    public required bool IsEnabled { get; init; }
}

/// <summary>An <c>AWS::Serverless::Function</c> with the globals merged in.</summary>
internal sealed record TemplateFunction
{
    public required string LogicalId { get; init; }

    public required string Name { get; init; }

    public required string Handler { get; init; }

    /// <summary>Default 3 s, as in Lambda.</summary>
    public required TimeSpan Timeout { get; init; }

    /// <summary>Default 128 MiB, as in Lambda.</summary>
    public required int MemoryMebibytes { get; init; }

    public required IReadOnlyDictionary<string, string> Environment { get; init; }

    /// <summary><c>Text</c> (the default) or <c>JSON</c>.</summary>
    public required string LogFormat { get; init; }

    public string? LogLevel { get; init; }

    public required IReadOnlyList<TemplateQueueEvent> QueueEvents { get; init; }

    public required IReadOnlyList<TemplateSchedule> Schedules { get; init; }

    /// <summary>Names of events of other types, which nothing here plays.</summary>
    public required IReadOnlyList<string> OtherEvents { get; init; }
}
