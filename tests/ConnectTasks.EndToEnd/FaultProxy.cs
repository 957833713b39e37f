using System.Security.Cryptography;
using ConnectTasks.Local;
using Microsoft.AspNetCore.Http;

namespace ConnectTasks.EndToEnd;

/// <summary>What goes wrong with a call.</summary>
public enum CallFault
{
    /// <summary>It is answered with 500 and not carried out; so are the client's repetitions of it.</summary>
    Error,

    /// <summary>It is carried out, but answered with 500; the same for its repetitions.</summary>
    ErrorAfter,

    /// <summary>The connection breaks and it is not carried out; the same for its repetitions.</summary>
    Refused,

    /// <summary>It is carried out, but the answer never comes; the same for its repetitions.</summary>
    ReplyLost,

    /// <summary>It is carried out, but the answer never comes. The client's first repetition goes through.</summary>
    ReplyLostOnce,

    /// <summary>The function's process dies with the call on its way; it is not carried out.</summary>
    KilledBefore,

    /// <summary>The function's process dies with the answer on its way; the call is carried out.</summary>
    KilledAfter,
}

/// <summary>
/// Stands between the functions and the AWS services, counts their calls, and lets one of them fail as it is told.
/// </summary>
internal sealed partial class FaultProxy : IAsyncDisposable
{
    private static readonly HashSet<string> Hops =
        new(["Connection", "Keep-Alive", "Transfer-Encoding", "Host", "Content-Length"], StringComparer.OrdinalIgnoreCase);

    private readonly HttpClient _client = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false });
    private readonly Lock _gate = new();
    private readonly List<string> _calls = [];
    private readonly List<LoopbackHttpServer> _servers = [];
    private Plan? _plan;
    private string? _victim;
    private int _underWay;

    private FaultProxy()
    {
    }

    /// <summary>What the functions are told instead: the SDKs' own environment variables.</summary>
    public IReadOnlyDictionary<string, string> Environment => new Dictionary<string, string>
    {
        ["AWS_ENDPOINT_URL_SQS"] = _servers[0].Address.ToString(),
        ["AWS_ENDPOINT_URL_DYNAMODB"] = _servers[1].Address.ToString(),
        ["AWS_ENDPOINT_URL_CONNECT"] = _servers[2].Address.ToString(),
    };

    public static async Task<FaultProxy> StartAsync(Uri sqs, Uri dynamoDb, Uri connect)
    {
        var proxy = new FaultProxy();
        foreach (var target in (Uri[])[sqs, dynamoDb, connect])
        {
            proxy._servers.Add(await LoopbackHttpServer.StartAsync(context => proxy.HandleAsync(context, target)));
        }

        return proxy;
    }

    /// <summary>Counts anew, and lets one call go wrong.</summary>
    /// <param name="number">The number of the call, from 1.</param>
    /// <param name="kill">Kills the process that makes the calls.</param>
    public void Arm(int number, CallFault fault, Action kill)
    {
        lock (_gate)
        {
            (_plan, _victim) = (new Plan(number, fault, kill), null);
            _calls.Clear();
        }
    }

    /// <summary>
    /// Lets all calls pass from now on. Gives the operation that went wrong; null if it never came to that.
    /// </summary>
    public async Task<string?> DisarmAsync()
    {
        string? struck;
        lock (_gate)
        {
            struck = _victim is null ? null : _calls[_plan!.Number - 1];
            (_plan, _victim) = (null, null);
        }

        // What a dead process had sent still arrives: in reality too, but before its lease ends.
        while (Volatile.Read(ref _underWay) > 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), TestContext.Current.CancellationToken);
        }

        return struck;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers)
        {
            await server.DisposeAsync();
        }

        _client.Dispose();
    }

    private async Task HandleAsync(HttpContext context, Uri target)
    {
        Interlocked.Increment(ref _underWay);
        try
        {
            using var buffer = new MemoryStream();
            await context.Request.Body.CopyToAsync(buffer, context.RequestAborted);
            await HandleAsync(context, target, buffer.ToArray());
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or HttpRequestException)
        {
            // The caller died while it sent; or there was no answer, and so there is none here.
            context.Abort();
        }
        finally
        {
            Interlocked.Decrement(ref _underWay);
        }
    }

    private async Task HandleAsync(HttpContext context, Uri target, byte[] body)
    {
        if (StallFor(context.Request, body) is { } stall)
        {
            await StallAsync(context, target, body, stall);
            return;
        }

        var plan = PlanFor(context.Request, body);
        switch (plan?.Fault)
        {
            case null:
                using (var reply = await ForwardAsync(context.Request, target, body))
                {
                    await AnswerAsync(context, reply);
                }

                return;
            case CallFault.Error:
                context.Response.StatusCode = 500;
                return;
            case CallFault.ErrorAfter:
                (await ForwardAsync(context.Request, target, body)).Dispose();
                context.Response.StatusCode = 500;
                return;
            case CallFault.Refused:
                break;
            case CallFault.ReplyLost or CallFault.ReplyLostOnce:
                (await ForwardAsync(context.Request, target, body)).Dispose();
                break;
            case CallFault.KilledBefore:
                plan.Kill();
                break;
            case CallFault.KilledAfter:
                (await ForwardAsync(context.Request, target, body)).Dispose();
                plan.Kill();
                break;
        }

        context.Abort();
    }

    /// <summary>What is to go wrong with this call; null if nothing.</summary>
    private Plan? PlanFor(HttpRequest request, byte[] body)
    {
        var operation = OperationOf(request);
        var call = operation + Convert.ToHexString(SHA256.HashData(body));
        lock (_gate)
        {
            _calls.Add(operation);
            if (_plan is null)
            {
                return null;
            }

            if (_calls.Count == _plan.Number)
            {
                _victim = call;
                return _plan;
            }

            // A dead process repeats nothing.
            return _plan.Fault < CallFault.ReplyLostOnce && _victim == call ? _plan : null;
        }
    }

    private static string OperationOf(HttpRequest request) =>
        request.Headers["X-Amz-Target"].ToString() is { Length: > 0 } header
            ? header[(header.LastIndexOf('.') + 1)..]
            : $"{request.Method} {request.Path}";

    private async Task<HttpResponseMessage> ForwardAsync(HttpRequest incoming, Uri target, byte[] body)
    {
        using var outgoing = new HttpRequestMessage(
            new HttpMethod(incoming.Method), new Uri(target, incoming.Path + incoming.QueryString))
        {
            Content = new ByteArrayContent(body),
        };
        foreach (var (name, values) in incoming.Headers.Where(h => !Hops.Contains(h.Key)))
        {
            if (!outgoing.Headers.TryAddWithoutValidation(name, values.ToArray()))
            {
                outgoing.Content.Headers.TryAddWithoutValidation(name, values.ToArray());
            }
        }

        // Never cancelled: a service carries out what has reached it, whether its caller lives or not.
        return await _client.SendAsync(outgoing);
    }

    private static async Task AnswerAsync(HttpContext context, HttpResponseMessage reply)
    {
        var answer = await reply.Content.ReadAsByteArrayAsync();
        context.Response.StatusCode = (int)reply.StatusCode;
        foreach (var (name, values) in reply.Headers.Concat(reply.Content.Headers).Where(h => !Hops.Contains(h.Key)))
        {
            context.Response.Headers[name] = values.ToArray();
        }

        context.Response.ContentLength = answer.Length;
        await context.Response.Body.WriteAsync(answer, context.RequestAborted);
    }

    private sealed record Plan(int Number, CallFault Fault, Action Kill);
}
