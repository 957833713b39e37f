using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;

namespace ConnectTasks.Local;

/// <summary>
/// Connect's own protocol on loopback, in front of <see cref="FakeConnectState"/>. Beside the service's calls there is
/// a local API: <c>GET /_local/contacts</c>, <c>GET /_local/calls</c>, <c>GET /_local/health</c>,
/// <c>POST /_local/faults</c> (see <see cref="FaultScript"/>), <c>DELETE /_local/faults</c>, and
/// <c>GET /_local/faults</c>, which tells what faults there are and which are still to come.
/// </summary>
internal sealed class FakeConnect : IAsyncDisposable
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        // Its sentences are read on a terminal.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter() },
    };

    private readonly TimeProvider _time;
    private LoopbackHttpServer? _server;

    private FakeConnect(FakeConnectState state, TimeProvider time) => (State, _time) = (state, time);

    public FakeConnectState State { get; }

    /// <summary>What <c>GET /_local/system</c> answers: how other programs find the rest of the system.</summary>
    public object? SystemDescription { get; set; }

    /// <summary>Where it listens, such as <c>http://127.0.0.1:4752/</c>.</summary>
    public Uri Url => _server!.Address;

    /// <summary>Starts it on a loopback port; 0 takes a free one.</summary>
    /// <exception cref="LocalException">The port is in use.</exception>
    public static async Task<FakeConnect> StartAsync(FakeConnectState state, TimeProvider time, int port = 0)
    {
        var connect = new FakeConnect(state, time);
        try
        {
            connect._server = await LoopbackHttpServer.StartAsync(connect.HandleAsync, port);
            return connect;
        }
        catch (IOException)
        {
            throw new LocalException(
                $"The fake Connect cannot listen on port {port}: something else does. Stop that, or choose another "
                + "port with --connect-port (0 takes a free one).");
        }
    }

    public ValueTask DisposeAsync() => _server!.DisposeAsync();

    private Task HandleAsync(HttpContext context) => (context.Request.Method, context.Request.Path.Value) switch
    {
        ("PUT", "/contact/task") => CallAsync(context, State.StartTask),
        ("POST", "/contact/stop") => CallAsync(context, State.Stop),
        ("POST", "/contact/schedule") => CallAsync(context, State.Move),
        ("GET", { } path) when path.StartsWith("/contacts/", StringComparison.Ordinal) => DescribeAsync(context, path),
        ("GET", "/_local/contacts") => WriteAsync(context, 200, State.Contacts),
        ("GET", "/_local/calls") => WriteAsync(context, 200, State.Calls),
        ("GET", "/_local/system") when SystemDescription is { } description => WriteAsync(context, 200, description),
        ("GET", "/_local/health") => WriteHealthAsync(context),
        ("GET", "/_local/faults") => WriteFaultsAsync(context),
        ("POST", "/_local/faults") => AddFaultsAsync(context),
        ("DELETE", "/_local/faults") => ClearFaultsAsync(context),
        var (method, path) => WriteErrorAsync(context, 404, "UnknownOperationException",
            $"{method} {path} is not a call that the fake Connect knows."),
    };

    private async Task CallAsync(HttpContext context, Func<ReadOnlyMemory<byte>, bool, ConnectReply> call) =>
        await WriteReplyAsync(context, call(await ReadAsync(context), IsSigned(context)));

    private Task DescribeAsync(HttpContext context, string path)
    {
        // An instance's id has no slash in it.
        var parts = path.Split('/', 4);
        return parts is [_, _, { Length: > 0 } instance, { Length: > 0 } contact]
            ? WriteReplyAsync(context, State.Describe(instance, contact, IsSigned(context)))
            : WriteErrorAsync(context, 400, "InvalidParameterException", "InstanceId and ContactId are required.");
    }

    private static bool IsSigned(HttpContext context) => context.Request.Headers.Authorization.Count > 0;

    private async Task WriteReplyAsync(HttpContext context, ConnectReply reply)
    {
        if (reply.Delay > TimeSpan.Zero)
            await Task.Delay(reply.Delay, _time, context.RequestAborted);
        object body = reply.Code is not null
            ? new Dictionary<string, string> { ["Message"] = reply.Message! }
            : reply.IsEmpty || reply.Body is null ? new Dictionary<string, string>() : reply.Body;
        if (reply.Code is { } code)
            context.Response.Headers["x-amzn-errortype"] = code;
        if (reply.IsLost)
            context.Abort();
        else if (reply.IsStalled)
            await StallAsync(context, reply.Status, body);
        else
            await WriteAsync(context, reply.Status, body);
    }

    /// <summary>Sends the headers and half of the body, and then nothing until the caller has enough of it.</summary>
    private async Task StallAsync(HttpContext context, int status, object body)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(body, body.GetType(), Json);
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        context.Response.Headers["x-amzn-requestid"] = context.TraceIdentifier;
        context.Response.ContentLength = bytes.Length;
        await context.Response.Body.WriteAsync(bytes.AsMemory(0, bytes.Length / 2), context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
        await Task.Delay(Timeout.InfiniteTimeSpan, _time, context.RequestAborted)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        context.Abort();
    }

    private Task WriteHealthAsync(HttpContext context)
    {
        var (calls, throttled, faulted, faultsLeft) = State.Totals;
        return WriteAsync(context, 200,
            new { status = "ok", contacts = State.Contacts.Count, calls, throttled, faulted, faultsLeft });
    }

    private Task WriteFaultsAsync(HttpContext context) => WriteAsync(context, 200, new
    {
        faultsLeft = State.Totals.FaultsLeft,
        lasting = State.LastingFaults.Select(fault => new { fault = fault.Name, seconds = fault.Window?.TotalSeconds }),
        known = FaultKind.All.Select(kind => new
        {
            fault = kind.Name,
            what = kind.Words,
            calls = kind.Calls.Select(call => $"{call}"),
            answers = kind.Errors.Select(error => $"{error.Status} {error.Code}"),
            takesSeconds = kind.TakesSeconds,
        }),
        example = FaultScript.Example,
    });

    private async Task AddFaultsAsync(HttpContext context)
    {
        if (!FaultScript.TryParse(await ReadAsync(context), out var faults, out var error))
        {
            await WriteAsync(context, 400, new { error });
            return;
        }

        State.AddFaults(faults);
        await WriteAsync(context, 200, new { added = faults.Count, faultsLeft = State.Totals.FaultsLeft });
    }

    private Task ClearFaultsAsync(HttpContext context)
    {
        State.ClearFaults();
        return WriteAsync(context, 200, new { faultsLeft = State.Totals.FaultsLeft });
    }

    private static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        return body.ToArray();
    }

    private static Task WriteErrorAsync(HttpContext context, int status, string code, string message)
    {
        context.Response.Headers["x-amzn-errortype"] = code;
        return WriteAsync(context, status, new Dictionary<string, string> { ["Message"] = message });
    }

    private static Task WriteAsync<T>(HttpContext context, int status, T value)
    {
        context.Response.StatusCode = status;
        context.Response.Headers["x-amzn-requestid"] = context.TraceIdentifier;
        return context.Response.WriteAsJsonAsync(value, Json, context.RequestAborted);
    }
}
