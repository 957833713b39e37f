using System.CommandLine;
using Amazon.Connect;
using Amazon.DynamoDBv2;
using Amazon.Runtime;
using Amazon.SQS;
using ConnectTasks.Local;

namespace ConnectTasks.Cli;

/// <summary>
/// The options of every command about a system that runs: on this machine (<c>--local</c>), or in AWS, found as AWS's
/// own tools find it.
/// </summary>
internal sealed class DeploymentOptions
{
    public const string TableVariable = "TASK_TABLE";
    public const string QueueVariable = "TASK_QUEUE_URL";

    private readonly LocalOption _local = new();

    private readonly Option<string?> _table = new("--table")
    {
        Description = $"The ledger's table: the stack's output TaskTableName. Default: the variable {TableVariable}.",
        HelpName = "name",
    };

    private readonly Option<Uri?> _queueUrl = AwsOptions.UrlOption(
        "--queue-url",
        $"The task queue: the stack's output TaskQueueUrl. Default: the variable {QueueVariable}.");

    private readonly AwsOptions _aws = new();
    private bool _usesConnect;

    /// <param name="usesQueue">Whether the command sends to the task queue.</param>
    /// <param name="usesConnect">Whether it asks Connect.</param>
    public void AddTo(Command command, bool usesQueue, bool usesConnect)
    {
        _usesConnect = usesConnect;
        _local.AddTo(command);
        command.Options.Add(_table);
        if (usesQueue)
            command.Options.Add(_queueUrl);
        _aws.AddTo(command);
    }

    /// <exception cref="UsageException">Something is missing or can't be.</exception>
    /// <exception cref="LocalException">Nothing runs on this machine, or there are no credentials.</exception>
    public async Task<Deployment> OpenAsync(ParseResult result, TimeProvider time, CancellationToken cancellation)
    {
        if (await _local.FindAsync(result, cancellation) is { } address)
            return OpenLocal(address, time);
        var table = result.GetValue(_table) ?? SystemOptions.Variable(TableVariable)
            ?? throw new UsageException(
                $"Which table? Give --table, or set the environment variable {TableVariable} (the stack's output "
                + "TaskTableName); or give --local for the system that runs on this machine.");
        var queueUrl = UsesQueue(result) ? AwsOptions.Required(result, _queueUrl, QueueVariable) : null;
        var config = new AmazonDynamoDBConfig();
        var endpoint = _aws.EndpointOf(result, "DYNAMODB");
        _aws.Configure(config, result, endpoint, knownRegion: null);
        return new Deployment
        {
            DynamoDb = new AmazonDynamoDBClient(await _aws.CredentialsAsync(result, endpoint), config),
            Connect = _usesConnect ? await ConnectAsync(result) : null,
            Sqs = queueUrl is null ? null : await _aws.SqsAsync(result, queueUrl),
            QueueUrl = queueUrl?.ToString(),
            Table = table,
            Time = time,
        };
    }

    private async Task<IAmazonConnect> ConnectAsync(ParseResult result)
    {
        var config = new AmazonConnectConfig();
        var endpoint = _aws.EndpointOf(result, "CONNECT");
        _aws.Configure(config, result, endpoint, knownRegion: null);
        return new AmazonConnectClient(await _aws.CredentialsAsync(result, endpoint), config);
    }

    private bool UsesQueue(ParseResult result) => result.CommandResult.Command.Options.Contains(_queueUrl);

    private static Deployment OpenLocal(SystemAddress address, TimeProvider time)
    {
        var credentials = new BasicAWSCredentials("local", "local");
        return new Deployment
        {
            DynamoDb = new AmazonDynamoDBClient(credentials, new AmazonDynamoDBConfig
            {
                ServiceURL = address.DynamoDb,
                AuthenticationRegion = address.Region,
            }),
            Sqs = new AmazonSQSClient(credentials, new AmazonSQSConfig
            {
                ServiceURL = address.Sqs,
                AuthenticationRegion = address.Region,
            }),
            Connect = new AmazonConnectClient(credentials, new AmazonConnectConfig
            {
                ServiceURL = address.Connect,
                AuthenticationRegion = address.Region,
            }),
            Table = address.Table,
            QueueUrl = address.QueueUrl,
            Time = time,
        };
    }
}
