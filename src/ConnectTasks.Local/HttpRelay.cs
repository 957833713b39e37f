using Microsoft.AspNetCore.Http;

namespace ConnectTasks.Local;

/// <summary>Passes a call on to another server, and its answer back.</summary>
internal sealed class HttpRelay : IDisposable
{
    /// <summary>Headers that belong to one connection, not to the message.</summary>
    private static readonly HashSet<string> Hops = new(StringComparer.OrdinalIgnoreCase)
    {
        "Connection", "Keep-Alive", "Transfer-Encoding", "Host", "Content-Length",
    };

    // A long poll takes 20 s; whoever waits here has a limit of their own.
    private readonly HttpClient _client = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    /// <summary>The call's body.</summary>
    public static async Task<byte[]> ReadBodyAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        return body.ToArray();
    }

    /// <summary>Sends the call, with this body, to the other server.</summary>
    /// <param name="keepsHost">Whether the other server sees the name that the caller called.</param>
    /// <returns>The answer; null if there is none, and the caller's connection is then closed.</returns>
    public async Task<RelayedAnswer?> SendAsync(
        HttpContext context, Uri target, byte[] body, bool keepsHost = false)
    {
        var incoming = context.Request;
        using var outgoing = new HttpRequestMessage(
            new HttpMethod(incoming.Method), new Uri(target, incoming.Path + incoming.QueryString));
        outgoing.Content = new ByteArrayContent(body);
        foreach (var (name, values) in incoming.Headers.Where(h => !Hops.Contains(h.Key)))
        {
            if (!outgoing.Headers.TryAddWithoutValidation(name, values.ToArray()))
                outgoing.Content.Headers.TryAddWithoutValidation(name, values.ToArray());
        }

        if (keepsHost)
            outgoing.Headers.Host = incoming.Host.Value;
        try
        {
            using var reply = await _client.SendAsync(outgoing, context.RequestAborted);
            var answer = await reply.Content.ReadAsByteArrayAsync(context.RequestAborted);
            return new RelayedAnswer
            {
                Status = (int)reply.StatusCode,
                Headers = [.. reply.Headers.Concat(reply.Content.Headers).Where(h => !Hops.Contains(h.Key))],
                Body = answer,
            };
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            // No answer there is no answer here.
            context.Abort();
            return null;
        }
    }

    public void Dispose() => _client.Dispose();
}

/// <summary>What the other server answered.</summary>
internal sealed record RelayedAnswer
{
    public required int Status { get; init; }

    public required IReadOnlyList<KeyValuePair<string, IEnumerable<string>>> Headers { get; init; }

    public required byte[] Body { get; init; }

    public async Task WriteAsync(HttpContext context)
    {
        context.Response.StatusCode = Status;
        foreach (var (name, values) in Headers)
            context.Response.Headers[name] = values.ToArray();
        context.Response.ContentLength = Body.Length;
        await context.Response.Body.WriteAsync(Body, context.RequestAborted);
    }
}
