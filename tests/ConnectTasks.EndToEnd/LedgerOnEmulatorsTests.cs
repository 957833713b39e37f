using System.Diagnostics;
using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using ConnectTasks.Lambda;
using ConnectTasks.Local;
using ConnectTasks.Tests.Lambda;

[assembly: AssemblyFixture(typeof(ConnectTasks.EndToEnd.Dynalite))]
[assembly: AssemblyFixture(typeof(ConnectTasks.EndToEnd.Moto))]

namespace ConnectTasks.EndToEnd;

/// <summary>The ledger's promises on dynalite, whose condition errors carry no item.</summary>
public sealed class LedgerOnDynaliteTests(Dynalite dynalite) : LedgerContract
{
    private protected override IAmazonDynamoDB DynamoDb => dynalite.Client;
}

/// <summary>The ledger's promises on moto, whose condition errors carry the item as DynamoDB's do.</summary>
public sealed class LedgerOnMotoTests : LedgerContract
{
    private readonly Moto _moto;

    public LedgerOnMotoTests(Moto moto)
    {
        Assert.SkipWhen(moto.Client is null, "moto_server is not installed: an extra check only.");
        _moto = moto;
    }

    private protected override IAmazonDynamoDB DynamoDb => _moto.Client!;

    private protected override string? WhyNotAtOnce => "moto checks a condition and writes in two steps, on many threads.";
}

/// <summary>dynalite with the ledger's table.</summary>
public sealed class Dynalite : IAsyncLifetime
{
    private Emulator? _emulator;

    public IAmazonDynamoDB Client { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        var installation = await EmulatorInstallation.PrepareAsync(
            EmulatorInstallation.DefaultRoot, NodeTool.InstallAsync, _ => { }, TimeProvider.System, default);
        _emulator = await Emulator.StartAsync(
            installation, EmulatedService.DynamoDb, 0, _ => { }, TimeProvider.System, default);
        Client = await LedgerTable.CreateAsync(_emulator.Url);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _emulator!.DisposeAsync();
    }
}

/// <summary>moto with the ledger's table, where it is installed.</summary>
public sealed class Moto : IAsyncLifetime
{
    private Process? _server;

    public IAmazonDynamoDB? Client { get; private set; }

    public async ValueTask InitializeAsync()
    {
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Select(folder => Path.Combine(folder, "moto_server"))
            .FirstOrDefault(File.Exists);
        if (path is null)
        {
            return;
        }

        var port = FreePort();
        _server = Process.Start(new ProcessStartInfo(path, ["-H", "127.0.0.1", "-p", $"{port}"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        });
        _server!.ErrorDataReceived += (_, _) => { };
        _server.BeginErrorReadLine();
        _server.BeginOutputReadLine();
        Client = await LedgerTable.CreateAsync(new Uri($"http://127.0.0.1:{port}"));
    }

    public ValueTask DisposeAsync()
    {
        Client?.Dispose();
        _server?.Kill(entireProcessTree: true);
        _server?.Dispose();
        return default;
    }

    private static int FreePort()
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        return ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
    }
}

internal static class LedgerTable
{
    /// <summary>A client for a server that may still be starting, with the table as the template makes it.</summary>
    public static async Task<IAmazonDynamoDB> CreateAsync(Uri url)
    {
        var client = new AmazonDynamoDBClient(
            "local", "local", new AmazonDynamoDBConfig { ServiceURL = url.ToString(), AuthenticationRegion = "us-east-1", MaxErrorRetry = 0 });
        var giveUp = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                await client.CreateTableAsync(new CreateTableRequest
                {
                    TableName = "tasks",
                    BillingMode = BillingMode.PAY_PER_REQUEST,
                    AttributeDefinitions =
                    [
                        new("pk", ScalarAttributeType.S),
                        new("dueShard", ScalarAttributeType.S),
                        new("releaseAtMs", ScalarAttributeType.N),
                    ],
                    KeySchema = [new("pk", KeyType.HASH)],
                    GlobalSecondaryIndexes =
                    [
                        new()
                        {
                            IndexName = LedgerItem.DueIndex,
                            KeySchema = [new("dueShard", KeyType.HASH), new("releaseAtMs", KeyType.RANGE)],
                            Projection = new() { ProjectionType = ProjectionType.KEYS_ONLY },
                        },
                    ],
                });
                break;
            }
            catch (Exception e) when (e is HttpRequestException or Amazon.Runtime.AmazonClientException
                && giveUp.Elapsed < TimeSpan.FromSeconds(60))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(200));
            }
        }

        while ((await client.DescribeTableAsync("tasks")).Table.TableStatus != TableStatus.ACTIVE)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50));
        }

        return client;
    }
}
