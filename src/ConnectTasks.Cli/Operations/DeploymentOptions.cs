using System.CommandLine;
using System.Net.Http.Json;
using Amazon;
using Amazon.Connect;
using Amazon.DynamoDBv2;
using Amazon.Runtime;
using Amazon.Runtime.CredentialManagement;
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
    private static readonly TimeSpan LocalTimeout = TimeSpan.FromSeconds(5);

    private readonly Option<string?> _local = new("--local")
    {
        Description = "The system that `connect-tasks local` runs here; with the URL of its Connect if that is not "
            + $"http://127.0.0.1:{LocalCommand.ConnectPort}.",
        HelpName = "url",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<string?> _table = new("--table")
    {
        Description = $"The ledger's table: the stack's output TaskTableName. Default: the variable {TableVariable}.",
        HelpName = "name",
    };

    private readonly Option<string?> _queueUrl = new("--queue-url")
    {
        Description = $"The task queue: the stack's output TaskQueueUrl. Default: the variable {QueueVariable}.",
        HelpName = "url",
    };

    private readonly Option<string?> _profile = new("--profile")
    {
        Description = "The profile of AWS's configuration files. Default: AWS_PROFILE, as AWS tools have it.",
        HelpName = "name",
    };

    private readonly Option<string?> _region = new("--region")
    {
        Description = "The AWS Region. Default: AWS_REGION, or the profile's.",
        HelpName = "name",
    };

    private readonly Option<string?> _endpointUrl = new("--endpoint-url")
    {
        Description = "A server for all AWS services. Default: AWS_ENDPOINT_URL and AWS_ENDPOINT_URL_<SERVICE>.",
        HelpName = "url",
    };

    public void AddTo(Command command, bool usesQueue)
    {
        foreach (var option in (Option[])[_local, _table, _profile, _region, _endpointUrl])
            command.Options.Add(option);
        if (usesQueue)
            command.Options.Add(_queueUrl);
    }

    /// <exception cref="UsageException">Something is missing or can't be.</exception>
    /// <exception cref="LocalException">Nothing runs on this machine.</exception>
    public async Task<Deployment> OpenAsync(ParseResult result, TimeProvider time, CancellationToken cancellation)
    {
        if (result.GetResult(_local) is not null)
            return await OpenLocalAsync(result, time, cancellation);
        var table = result.GetValue(_table) ?? SystemOptions.Variable(TableVariable)
            ?? throw new UsageException(
                $"The ledger's table is needed: give --table (or the environment variable {TableVariable}; the stack's "
                + "output TaskTableName), or --local for the system that runs on this machine.");
        var endpoint = Url("--endpoint-url", result.GetValue(_endpointUrl));
        var (credentials, profileRegion) = Profile(result.GetValue(_profile));
        var region = result.GetValue(_region) ?? profileRegion
            ?? SystemOptions.Variable("AWS_REGION") ?? SystemOptions.Variable("AWS_DEFAULT_REGION");

        T Configure<T>(T config)
            where T : ClientConfig
        {
            if (region is not null)
                config.RegionEndpoint = RegionEndpoint.GetBySystemName(region);
            if (endpoint is not null)
                (config.ServiceURL, config.AuthenticationRegion) = (endpoint, region ?? "us-east-1");
            return config;
        }

        var dynamoDb = Configure(new AmazonDynamoDBConfig());
        var sqs = Configure(new AmazonSQSConfig());
        var connect = Configure(new AmazonConnectConfig());
        return new Deployment
        {
            DynamoDb = credentials is null ? new AmazonDynamoDBClient(dynamoDb) : new(credentials, dynamoDb),
            Sqs = credentials is null ? new AmazonSQSClient(sqs) : new(credentials, sqs),
            Connect = credentials is null ? new AmazonConnectClient(connect) : new(credentials, connect),
            Table = table,
            QueueUrl = result.GetValue(_queueUrl) ?? SystemOptions.Variable(QueueVariable),
            Time = time,
        };
    }

    private async Task<Deployment> OpenLocalAsync(ParseResult result, TimeProvider time, CancellationToken cancellation)
    {
        var url = Url("--local", result.GetValue(_local)) ?? $"http://127.0.0.1:{LocalCommand.ConnectPort}";
        SystemAddress address;
        try
        {
            using var http = new HttpClient { Timeout = LocalTimeout };
            address = (await http.GetFromJsonAsync<SystemAddress>(
                new Uri($"{url.TrimEnd('/')}/_local/system"), cancellation))!;
        }
        catch (Exception e) when (e is HttpRequestException or System.Text.Json.JsonException or NotSupportedException
            || (e is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            throw new LocalException(
                $"No system runs on this machine at {url}: start one with `connect-tasks local`, or give the URL that "
                + "it shows for Connect, as in --local http://127.0.0.1:4752.");
        }

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
            Table = result.GetValue(_table) ?? address.Table,
            QueueUrl = result.GetValue(_queueUrl) ?? address.QueueUrl,
            Time = time,
        };
    }

    private static (AWSCredentials? Credentials, string? Region) Profile(string? name)
    {
        if (name is null)
            return (null, null);
        var files = new CredentialProfileStoreChain();
        return files.TryGetProfile(name, out var profile) && files.TryGetAWSCredentials(name, out var credentials)
            ? (credentials, profile.Region?.SystemName)
            : throw new UsageException($"--profile: AWS's configuration files have no profile {name} with credentials.");
    }

    private static string? Url(string option, string? text) =>
        text is null || (Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https")
            ? text
            : throw new UsageException($"{option} must be a URL such as http://localhost:4566, not \"{text}\".");
}
