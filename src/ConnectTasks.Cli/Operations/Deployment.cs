using Amazon.Connect;
using Amazon.DynamoDBv2;
using Amazon.SQS;
using ConnectTasks.Client;
using ConnectTasks.Local;

namespace ConnectTasks.Cli;

/// <summary>A system that runs, in AWS or on this machine: its services, and what of them is its own.</summary>
internal sealed class Deployment : IDisposable
{
    public required IAmazonDynamoDB DynamoDb { get; init; }

    /// <summary>Null for a command that only reads the table.</summary>
    public IAmazonConnect? Connect { get; init; }

    /// <summary>The ledger's table.</summary>
    public required string Table { get; init; }

    /// <summary>Null for a command that sends nothing.</summary>
    public IAmazonSQS? Sqs { get; init; }

    /// <summary>The task queue; null for a command that sends nothing.</summary>
    public string? QueueUrl { get; init; }

    public required TimeProvider Time { get; init; }

    public Ledger Ledger => new(DynamoDb, Table, Time);

    /// <summary>Sends to the task queue.</summary>
    public TaskQueueClient Queue => new(Sqs!, new TaskQueueOptions { QueueUrl = QueueUrl }, Time);

    public void Dispose()
    {
        DynamoDb.Dispose();
        Sqs?.Dispose();
        Connect?.Dispose();
    }
}
