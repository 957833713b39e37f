using System.Net;
using System.Net.Sockets;
using Amazon.DynamoDBv2;
using Amazon.Runtime;
using Amazon.SQS;

namespace ConnectTasks.Local;

/// <content>The services that the system needs, and where they listen.</content>
internal sealed partial class LocalSystem
{
    private async Task StartServicesAsync(CancellationToken cancellationToken)
    {
        if (_options.SqsUrl is null || _options.DynamoDbUrl is null)
        {
            await NodeTool.RequireNodeAsync(cancellationToken);
            _installation = await EmulatorInstallation.PrepareAsync(
                _options.EmulatorRoot, NodeTool.InstallAsync, _progress, _time, cancellationToken);
        }

        // The port is the front's, which clients call; the emulator behind it takes any.
        var sqs = StartSqsAsync(cancellationToken);
        var dynamoDb = _options.DynamoDbUrl is { } dynamoDbUrl
            ? Task.FromResult(dynamoDbUrl)
            : StartEmulatorAsync(_installation!, EmulatedService.DynamoDb, _options.DynamoDbPort, cancellationToken);
        var connect = _options.ConnectUrl is { } connectUrl ? Task.FromResult(connectUrl) : StartConnectAsync();
        await Task.WhenAll(sqs, dynamoDb, connect);
        (SqsUrl, DynamoDbUrl, ConnectUrl) = (await sqs, await dynamoDb, await connect);
        if (_emulators.Count > 0)
            Broken = BrokenAsync();

        // Other servers may want real credentials; the emulators take any.
        AWSCredentials credentials = Environment.GetEnvironmentVariable("AWS_ACCESS_KEY_ID") is { Length: > 0 }
            ? new EnvironmentVariablesAWSCredentials()
            : new BasicAWSCredentials("local", "local");
        Sqs = new AmazonSQSClient(credentials, new AmazonSQSConfig
        {
            ServiceURL = SqsUrl.ToString(),
            AuthenticationRegion = _options.Region,
            MaxErrorRetry = 2,
        });
        DynamoDb = new AmazonDynamoDBClient(credentials, new AmazonDynamoDBConfig
        {
            ServiceURL = DynamoDbUrl.ToString(),
            AuthenticationRegion = _options.Region,
            MaxErrorRetry = 2,
        });
        if (_options.CountsCalls)
            _owned.Push(Calls = await CountingProxy.StartAsync(SqsUrl, DynamoDbUrl, ConnectUrl));
    }

    /// <summary>SQS as clients see it: a front that refuses what SQS refuses, whatever lets it pass behind.</summary>
    private async Task<Uri> StartSqsAsync(CancellationToken cancellationToken)
    {
        var server = _options.SqsUrl
            ?? await StartEmulatorAsync(_installation!, EmulatedService.Sqs, Port.Any, cancellationToken);
        var front = await SqsFront.StartAsync(server, PortFor(_options.SqsPort, "SQS"));
        lock (_owned)
            _owned.Push(front);
        return front.Url;
    }

    private async Task<Uri> StartEmulatorAsync(
        EmulatorInstallation installation, EmulatedService service, Port port, CancellationToken cancellationToken)
    {
        var number = PortFor(port, service == EmulatedService.Sqs ? "SQS" : "DynamoDB");
        var emulator = await Emulator.StartAsync(installation, service, number, _progress, _time, cancellationToken);
        lock (_owned)
        {
            _owned.Push(emulator);
            _emulators.Add(emulator);
        }

        return emulator.Url;
    }

    private async Task<Uri> StartConnectAsync()
    {
        var state = new FakeConnectState(_options.Connect, _time, _newId);
        Connect = await FakeConnect.StartAsync(state, _time, PortFor(_options.ConnectPort, "the fake Connect"));
        lock (_owned)
            _owned.Push(Connect);
        return Connect.Url;
    }

    /// <summary>A preferred port that is in use gives way to a free one; a required one fails later.</summary>
    private int PortFor(Port port, string service)
    {
        if (port.IsRequired || port.Number == 0)
            return port.Number;
        try
        {
            using var probe = new TcpListener(IPAddress.Loopback, port.Number);
            probe.Start();
            return port.Number;
        }
        catch (SocketException)
        {
            _progress($"Port {port.Number} is in use: {service} takes a free one.");
            return 0;
        }
    }

    private async Task<string> BrokenAsync()
    {
        // Ended is null for an emulator that was stopped on purpose, and then nobody asks any more.
        var ended = await Task.WhenAny(_emulators.Select(emulator => emulator.Ended));
        return await ended ?? "The emulators were stopped.";
    }
}
