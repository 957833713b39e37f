using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace ConnectTasks.Local;

/// <summary>
/// The Lambda Runtime API, version 2018-06-01, of one execution environment: it hands out one event at a time and takes
/// the answer. It knows nothing of processes and time; <see cref="ExecutionEnvironment"/> does. Paths, headers and
/// status codes are those of the Lambda developer guide, "Using the Lambda runtime API for custom runtimes".
/// </summary>
internal sealed class RuntimeApi : IAsyncDisposable
{
    private const string Root = "/2018-06-01/runtime/";

    private readonly Lock _lock = new();
    private LoopbackHttpServer? _server;
    private State _state = State.NotPolling;
    private TaskCompletionSource<InvocationResult.InitFailed?> _ready = NewSource<InvocationResult.InitFailed?>();
    private TaskCompletionSource<Invocation>? _poll;
    private TaskCompletionSource<InvocationResult>? _answer;
    private string _requestId = "";

    private RuntimeApi()
    {
    }

    private enum State
    {
        /// <summary>The runtime is starting, or has answered and not yet asked again.</summary>
        NotPolling,
        Polling,
        Invoking,
        InitFailed,
    }

    /// <summary>The base address; its authority is the function's <c>AWS_LAMBDA_RUNTIME_API</c>.</summary>
    public Uri Address => _server!.Address;

    public static async Task<RuntimeApi> StartAsync()
    {
        var api = new RuntimeApi();
        api._server = await LoopbackHttpServer.StartAsync(api.HandleAsync);
        return api;
    }

    /// <summary>
    /// Completes with null once the runtime waits for an event, or with what it reported as its initialisation error.
    /// </summary>
    public Task<InvocationResult.InitFailed?> WaitUntilReadyAsync()
    {
        lock (_lock)
        {
            return _ready.Task;
        }
    }

    /// <summary>
    /// Gives an event to the waiting runtime. Returns the task of its answer, or null if the runtime has hung up since.
    /// </summary>
    public Task<InvocationResult>? TryDeliver(Invocation invocation)
    {
        lock (_lock)
        {
            if (_state != State.Polling)
                return null;
            _state = State.Invoking;
            _requestId = invocation.RequestId.ToString();
            _answer = NewSource<InvocationResult>();
            _ready = NewSource<InvocationResult.InitFailed?>();
            _poll!.SetResult(invocation);
            _poll = null;
            return _answer.Task;
        }
    }

    public ValueTask DisposeAsync() => _server!.DisposeAsync();

    private static TaskCompletionSource<T> NewSource<T>() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private Task HandleAsync(HttpContext context)
    {
        var path = context.Request.Path.Value ?? "";
        string[] route = path.StartsWith(Root, StringComparison.Ordinal) ? path[Root.Length..].Split('/') : [];
        return (context.Request.Method, route) switch
        {
            ("GET", ["invocation", "next"]) => NextAsync(context),
            ("POST", ["invocation", var id, "response"]) => AnswerAsync(context, id, isError: false),
            ("POST", ["invocation", var id, "error"]) => AnswerAsync(context, id, isError: true),
            ("POST", ["init", "error"]) => InitErrorAsync(context),
            _ => RefuseAsync(context, StatusCodes.Status404NotFound, "NotFound", "No such Runtime API path"),
        };
    }

    private async Task NextAsync(HttpContext context)
    {
        if (BeginPoll() is not { } poll)
        {
            await RefuseStateAsync(context);
            return;
        }
        Invocation invocation;
        try
        {
            // For as long as it takes: the long poll has no timeout on either side.
            invocation = await poll.Task.WaitAsync(context.RequestAborted);
        }
        catch (OperationCanceledException)
        {
            EndPoll(poll);
            return;
        }
        var headers = context.Response.Headers;
        headers["Lambda-Runtime-Aws-Request-Id"] = invocation.RequestId.ToString();
        headers["Lambda-Runtime-Deadline-Ms"] =
            invocation.Deadline.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);
        headers["Lambda-Runtime-Invoked-Function-Arn"] = invocation.FunctionArn;
        headers["Lambda-Runtime-Trace-Id"] = invocation.TraceId;
        await ReplyAsync(context, StatusCodes.Status200OK, invocation.Payload);
    }

    private TaskCompletionSource<Invocation>? BeginPoll()
    {
        lock (_lock)
        {
            if (_state != State.NotPolling)
                return null;
            _state = State.Polling;
            _poll = NewSource<Invocation>();
            _ready.TrySetResult(null);
            return _poll;
        }
    }

    private void EndPoll(TaskCompletionSource<Invocation> poll)
    {
        lock (_lock)
        {
            if (_poll != poll)
                return;
            _poll = null;
            _state = State.NotPolling;
            _ready = NewSource<InvocationResult.InitFailed?>();
        }
    }

    private async Task AnswerAsync(HttpContext context, string id, bool isError)
    {
        if (await ReadBodyAsync(context) is not { } body)
        {
            var tooLarge = new InvocationResult.FunctionError(
                "Function.ResponseSizeTooLarge",
                $"Response payload size exceeded maximum allowed payload size ({FunctionSettings.MaximumPayloadBytes}" +
                " bytes).",
                ReadOnlyMemory<byte>.Empty);
            if (await TryAnswerAsync(context, id, tooLarge))
            {
                await RefuseAsync(
                    context, StatusCodes.Status413PayloadTooLarge, "RequestEntityTooLarge", tooLarge.Message);
            }
            return;
        }
        InvocationResult result = isError ? ReadError(context, body) : new InvocationResult.Success(body);
        if (await TryAnswerAsync(context, id, result))
            await AcceptAsync(context);
    }

    private async Task<bool> TryAnswerAsync(HttpContext context, string id, InvocationResult result)
    {
        bool isKnown, isAwaited;
        lock (_lock)
        {
            isKnown = id == _requestId;
            isAwaited = isKnown && _state == State.Invoking;
            if (isAwaited)
            {
                _state = State.NotPolling;
                _answer!.SetResult(result);
            }
        }
        if (!isKnown)
            await RefuseAsync(context, StatusCodes.Status400BadRequest, "InvalidRequestID", "Invalid request ID");
        else if (!isAwaited)
            await RefuseStateAsync(context);
        return isAwaited;
    }

    private async Task InitErrorAsync(HttpContext context)
    {
        var body = await ReadBodyAsync(context) ?? [];
        var error = ReadError(context, body);
        bool isAwaited;
        lock (_lock)
        {
            // Only a runtime that has never asked for an event can fail to initialise.
            isAwaited = _state == State.NotPolling && _requestId.Length == 0;
            if (isAwaited)
            {
                _state = State.InitFailed;
                _ready.TrySetResult(new InvocationResult.InitFailed(error.Text));
            }
        }
        await (isAwaited ? AcceptAsync(context) : RefuseStateAsync(context));
    }

    private static InvocationResult.FunctionError ReadError(HttpContext context, byte[] body)
    {
        var type = context.Request.Headers["Lambda-Runtime-Function-Error-Type"].ToString();
        var message = "";
        try
        {
            using var document = JsonDocument.Parse(body);
            type = ReadString(document.RootElement, "errorType") ?? type;
            message = ReadString(document.RootElement, "errorMessage") ?? message;
        }
        catch (JsonException)
        {
            // A runtime may post any body; the header is then all that is known.
        }
        return new InvocationResult.FunctionError(type.Length == 0 ? "Runtime.Unknown" : type, message, body);
    }

    private static string? ReadString(JsonElement element, string property) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(property, out var value)
            && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;

    /// <summary>The request's body, or null if it is over Lambda's limit. It is read to its end either way.</summary>
    private static async Task<byte[]?> ReadBodyAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        var buffer = new byte[16 * 1024];
        int read;
        var isTooLarge = false;
        while ((read = await context.Request.Body.ReadAsync(buffer)) > 0)
        {
            isTooLarge |= body.Length + read > FunctionSettings.MaximumPayloadBytes;
            if (!isTooLarge)
                body.Write(buffer, 0, read);
        }
        return isTooLarge ? null : body.ToArray();
    }

    private static Task AcceptAsync(HttpContext context) =>
        ReplyAsync(context, StatusCodes.Status202Accepted, """{"status":"OK"}"""u8.ToArray());

    private static Task RefuseStateAsync(HttpContext context) => RefuseAsync(
        context, StatusCodes.Status403Forbidden, "InvalidStateTransition", "State transition is not allowed");

    private static Task RefuseAsync(HttpContext context, int status, string type, string message) =>
        ReplyAsync(
            context, status, JsonSerializer.SerializeToUtf8Bytes(new { errorMessage = message, errorType = type }));

    private static async Task ReplyAsync(HttpContext context, int status, ReadOnlyMemory<byte> body)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body);
    }
}

/// <summary>One event on its way to a function.</summary>
internal sealed record Invocation
{
    public required Guid RequestId { get; init; }

    public required ReadOnlyMemory<byte> Payload { get; init; }

    public required DateTimeOffset Deadline { get; init; }

    public required string FunctionArn { get; init; }

    public required string TraceId { get; init; }
}
