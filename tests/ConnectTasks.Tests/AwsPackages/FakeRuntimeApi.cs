using System.Globalization;
using System.Threading.Channels;
using Microsoft.AspNetCore.Http;

namespace ConnectTasks.Tests.AwsPackages;

/// <summary>
/// The Lambda Runtime API, version 2018-06-01, for one function: gives out the events that a test enqueues and, when
/// they have all been answered, calls <see cref="Drained"/> and leaves the function waiting.
/// </summary>
internal sealed class FakeRuntimeApi : IAsyncDisposable
{
    private readonly Channel<(string RequestId, string Event)> _events =
        Channel.CreateUnbounded<(string, string)>();

    private readonly CancellationTokenSource _drained = new();
    private LoopbackServer _server = null!;

    /// <summary>What Lambda says beside each event, if not the usual.</summary>
    public Dictionary<string, string> Headers { get; } = [];

    /// <summary>Status and body of answers to everything but "next"; 202 if not set.</summary>
    public (int Status, string Body)? PostAnswer { get; set; }

    /// <summary>Status and body of the answer to "next", if not an event.</summary>
    public (int Status, string Body)? NextAnswer { get; set; }

    public string Endpoint => _server.Url.Authority;

    /// <summary>Fires when the function asks for an event and there is none.</summary>
    public CancellationToken Drained => _drained.Token;

    public IReadOnlyList<WireRequest> Posts => [.. _server.Requests.Where(r => r.Method == "POST")];

    public int Nexts => _server.Requests.Count(r => r.Method == "GET");

    public static async Task<FakeRuntimeApi> StartAsync(params string[] events)
    {
        var api = new FakeRuntimeApi();
        for (var i = 0; i < events.Length; i++)
            api._events.Writer.TryWrite(($"request-{i + 1}", events[i]));
        api._server = await LoopbackServer.StartAsync(api.AnswerAsync);
        return api;
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _drained.Dispose();
    }

    private async Task AnswerAsync(WireRequest request, HttpContext http)
    {
        if (request.Path != "/2018-06-01/runtime/invocation/next")
        {
            var (status, body) = PostAnswer ?? (StatusCodes.Status202Accepted, "{\"status\":\"OK\"}");
            http.Response.StatusCode = status;
            await http.Response.WriteAsync(body);
        }
        else if (NextAnswer is var (nextStatus, nextBody))
        {
            http.Response.StatusCode = nextStatus;
            await http.Response.WriteAsync(nextBody);
        }
        else if (_events.Reader.TryRead(out var next))
        {
            var deadline = DateTimeOffset.UtcNow.AddSeconds(60).ToUnixTimeMilliseconds();
            http.Response.Headers["Lambda-Runtime-Aws-Request-Id"] = next.RequestId;
            http.Response.Headers["Lambda-Runtime-Deadline-Ms"] = deadline.ToString(CultureInfo.InvariantCulture);
            http.Response.Headers["Lambda-Runtime-Invoked-Function-Arn"] = "arn:aws:lambda:eu-central-1:1:function:f";
            http.Response.Headers["Lambda-Runtime-Trace-Id"] = $"Root=1-{next.RequestId}";
            foreach (var (name, value) in Headers)
                http.Response.Headers[name] = value;
            await http.Response.WriteAsync(next.Event);
        }
        else
        {
            await _drained.CancelAsync();
            await Task.Delay(Timeout.Infinite, http.RequestAborted).ContinueWith(
                _ => { }, TaskContinuationOptions.ExecuteSynchronously);
        }
    }
}
