using Amazon.SQS;

namespace ConnectTasks.Local;

/// <summary>What the page shows and acts on.</summary>
internal sealed record PageSystem
{
    public required IAmazonSQS Sqs { get; init; }

    public required string QueueUrl { get; init; }

    public required string DeadLetterQueueUrl { get; init; }

    public required Ledger Ledger { get; init; }

    /// <summary>The fake Connect; null if another server is used, into which the page does not see.</summary>
    public FakeConnectState? Connect { get; init; }

    /// <summary>Ends one process of the function that starts tasks; gives its number, or null if none runs.</summary>
    public required Func<int?> KillOne { get; init; }

    /// <summary>The instance that samples are for.</summary>
    public required string InstanceId { get; init; }

    public required Activity Activity { get; init; }

    public required TimeProvider Time { get; init; }

    public required Func<Guid> NewId { get; init; }

    /// <summary>Where the charting library is installed; null if it is not, and then there are no charts.</summary>
    public string? ChartDirectory { get; init; }

    public DlqQueue DeadLetters => new(Sqs, DeadLetterQueueUrl, Time, NewId);
}
