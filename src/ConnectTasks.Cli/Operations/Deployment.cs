using Amazon.Connect;
using Amazon.DynamoDBv2;
using Amazon.SQS;
using ConnectTasks.Client;

namespace ConnectTasks.Cli;

/// <summary>A system that runs, in AWS or on this machine: its services, and what of them is its own.</summary>
internal sealed class Deployment : IDisposable
{
    public required IAmazonDynamoDB DynamoDb { get; init; }

    public required IAmazonSQS Sqs { get; init; }

    public required IAmazonConnect Connect { get; init; }

    /// <summary>The ledger's table.</summary>
    public required string Table { get; init; }

    /// <summary>The task queue; null if it was not named.</summary>
    public string? QueueUrl { get; init; }

    public required TimeProvider Time { get; init; }

    public Ledger Ledger => new(DynamoDb, Table, Time);

    /// <exception cref="UsageException">The task queue was not named.</exception>
    public TaskQueueClient Queue => QueueUrl is { } url
        ? new TaskQueueClient(Sqs, new TaskQueueOptions { QueueUrl = url }, Time)
        : throw new UsageException(
            $"The task queue is needed: give --queue-url (or the environment variable {DeploymentOptions.QueueVariable}; "
            + "the stack's output TaskQueueUrl), or --local.");

    public void Dispose()
    {
        DynamoDb.Dispose();
        Sqs.Dispose();
        Connect.Dispose();
    }
}
