using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;

namespace ConnectTasks.Local;

/// <summary>
/// Stands between the functions and the AWS services, passes everything on and counts the calls by service and
/// operation.
/// </summary>
internal sealed class CountingProxy : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, int> _counts = [];
    private readonly HttpRelay _relay = new();
    private readonly List<LoopbackHttpServer> _servers = [];

    private CountingProxy()
    {
    }

    public Uri SqsUrl => _servers[0].Address;

    public Uri DynamoDbUrl => _servers[1].Address;

    public Uri ConnectUrl => _servers[2].Address;

    /// <summary>Calls so far, by <c>SERVICE.Operation</c>.</summary>
    public IReadOnlyDictionary<string, int> Counts => new Dictionary<string, int>(_counts);

    public static async Task<CountingProxy> StartAsync(Uri sqs, Uri dynamoDb, Uri connect)
    {
        var proxy = new CountingProxy();
        foreach (var (service, target) in ((string, Uri)[])[("SQS", sqs), ("DynamoDB", dynamoDb), ("Connect", connect)])
        {
            proxy._servers.Add(
                await LoopbackHttpServer.StartAsync(context => proxy.ForwardAsync(context, service, target)));
        }

        return proxy;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers)
            await server.DisposeAsync();
        _relay.Dispose();
    }

    private async Task ForwardAsync(HttpContext context, string service, Uri target)
    {
        // The JSON protocols name the operation in a header, after a dot; REST in the method and path.
        var operation = context.Request.Headers["X-Amz-Target"].ToString() is { Length: > 0 } header
            ? header[(header.LastIndexOf('.') + 1)..]
            : $"{context.Request.Method} {context.Request.Path}";
        _counts.AddOrUpdate($"{service}.{operation}", 1, (_, count) => count + 1);
        var body = await HttpRelay.ReadBodyAsync(context);
        if (await _relay.SendAsync(context, target, body) is { } answer)
            await answer.WriteAsync(context);
    }
}
