using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;

namespace ConnectTasks.Local;

/// <summary>
/// Stands between the functions and the AWS services, passes everything on and counts the calls by service and
/// operation.
/// </summary>
internal sealed class CountingProxy : IAsyncDisposable
{
    /// <summary>Headers that belong to one connection, not to the message.</summary>
    private static readonly HashSet<string> Hops = new(StringComparer.OrdinalIgnoreCase)
    {
        "Connection", "Keep-Alive", "Transfer-Encoding", "Host", "Content-Length",
    };

    private readonly ConcurrentDictionary<string, int> _counts = [];
    private readonly HttpClient _client = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false });
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
        _client.Dispose();
    }

    private async Task ForwardAsync(HttpContext context, string service, Uri target)
    {
        var incoming = context.Request;
        // The JSON protocols name the operation in a header, after a dot; REST in the method and path.
        var operation = incoming.Headers["X-Amz-Target"].ToString() is { Length: > 0 } header
            ? header[(header.LastIndexOf('.') + 1)..]
            : $"{incoming.Method} {incoming.Path}";
        _counts.AddOrUpdate($"{service}.{operation}", 1, (_, count) => count + 1);

        using var outgoing = new HttpRequestMessage(
            new HttpMethod(incoming.Method), new Uri(target, incoming.Path + incoming.QueryString));
        using var body = new MemoryStream();
        await incoming.Body.CopyToAsync(body, context.RequestAborted);
        outgoing.Content = new ByteArrayContent(body.ToArray());
        foreach (var (name, values) in incoming.Headers.Where(h => !Hops.Contains(h.Key)))
        {
            if (!outgoing.Headers.TryAddWithoutValidation(name, values.ToArray()))
                outgoing.Content.Headers.TryAddWithoutValidation(name, values.ToArray());
        }

        HttpResponseMessage reply;
        byte[] answer;
        try
        {
            reply = await _client.SendAsync(outgoing, context.RequestAborted);
            answer = await reply.Content.ReadAsByteArrayAsync(context.RequestAborted);
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            // No answer there is no answer here.
            context.Abort();
            return;
        }

        using (reply)
        {
            context.Response.StatusCode = (int)reply.StatusCode;
            var headers = reply.Headers.Concat(reply.Content.Headers);
            foreach (var (name, values) in headers.Where(h => !Hops.Contains(h.Key)))
                context.Response.Headers[name] = values.ToArray();
            context.Response.ContentLength = answer.Length;
            await context.Response.Body.WriteAsync(answer, context.RequestAborted);
        }
    }
}
