using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;

namespace ConnectTasks.Local;

/// <summary>
/// The page of the local run, on a loopback port: its files, a stream of what happens (<c>GET /events</c>), what is
/// asked for by id or text, and the actions (<c>POST /actions/NAME</c>).
/// </summary>
internal sealed class PageServer : IAsyncDisposable
{
    private const int SearchMaxCount = 200;

    /// <summary>How many pages may be open at once.</summary>
    private const int StreamsMaxCount = 20;

    public static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter() },
    };

    private static readonly TimeSpan UpdateInterval = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(15);

    private static readonly Dictionary<string, string> Types = new()
    {
        [".html"] = "text/html; charset=utf-8",
        [".css"] = "text/css; charset=utf-8",
        [".js"] = "text/javascript; charset=utf-8",
        [".svg"] = "image/svg+xml",
    };

    private readonly PageSystem _system;
    private readonly PageFeed _feed;
    private readonly PageActions _actions;
    private readonly Dictionary<string, string> _files;
    private LoopbackHttpServer? _server;
    private PageGuard? _guard;
    private int _streams;

    private PageServer(PageSystem system)
    {
        _system = system;
        _feed = new PageFeed(system);
        _actions = new PageActions(system, _feed);
        var root = Path.Combine(AppContext.BaseDirectory, "Page", "wwwroot");
        _files = Directory.EnumerateFiles(root).ToDictionary(file => "/" + Path.GetFileName(file));
        _files["/"] = Path.Combine(root, "index.html");
        if (system.ChartDirectory is { } charts)
        {
            _files["/uplot.js"] = Path.Combine(charts, "uPlot.esm.js");
            _files["/uplot.css"] = Path.Combine(charts, "uPlot.min.css");
        }
    }

    /// <summary>Where it is, such as <c>http://127.0.0.1:4753/</c>.</summary>
    public Uri Url => _server!.Address;

    /// <summary>Starts it; port 0 takes a free one.</summary>
    /// <exception cref="LocalException">The port is in use.</exception>
    public static async Task<PageServer> StartAsync(PageSystem system, int port)
    {
        var page = new PageServer(system);
        try
        {
            page._server = await LoopbackHttpServer.StartAsync(page.HandleAsync, port);
        }
        catch (IOException)
        {
            await page.DisposeAsync();
            throw new LocalException(
                $"The page cannot be served on port {port}: something else listens there. Stop that, or choose another "
                + "port with --page-port (0 takes a free one).");
        }

        page._guard = new PageGuard(page.Url.Port, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32)));
        return page;
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        await _actions.DisposeAsync();
        await _feed.DisposeAsync();
    }

    private async Task HandleAsync(HttpContext context)
    {
        PageGuard.SetHeaders(context.Response.Headers);
        if (_guard is null)
        {
            await WriteErrorAsync(context, 503, "The page is starting: reload it.");
            return;
        }

        if (_guard.Check(context.Request) is { } refusal)
        {
            await WriteErrorAsync(context, refusal.Status, refusal.Sentence);
            return;
        }

        var path = context.Request.Path.Value ?? "/";
        var rest = Uri.UnescapeDataString(path[(path.LastIndexOf('/') + 1)..]);
        await ((context.Request.Method, path[..(path.LastIndexOf('/') + 1)], path) switch
        {
            ("POST", "/actions/", _) => ActAsync(context, rest),
            ("POST", _, _) => NotFoundAsync(context),
            (_, _, "/events") => StreamAsync(context),
            (_, _, "/messages") => WriteAsync(context, 200, _system.Activity.Search(
                context.Request.Query["q"].ToString(), SearchMaxCount)),
            (_, "/messages/", _) => WriteFoundAsync(context, _system.Activity.Find(rest)),
            (_, "/letters/", _) => WriteFoundAsync(context, _feed.FindLetter(rest)),
            (_, "/contacts/", _) => WriteFoundAsync(context, _feed.FindContact(rest)),
            _ when _files.TryGetValue(path, out var file) => SendFileAsync(context, file),
            _ => NotFoundAsync(context),
        });
    }

    private async Task SendFileAsync(HttpContext context, string file)
    {
        context.Response.ContentType = Types.GetValueOrDefault(Path.GetExtension(file), "application/octet-stream");
        if (!file.EndsWith("index.html", StringComparison.Ordinal))
        {
            await context.Response.SendFileAsync(file, context.RequestAborted);
            return;
        }

        var html = await File.ReadAllTextAsync(file, context.RequestAborted);
        await context.Response.WriteAsync(
            html.Replace("PAGE_TOKEN", _guard!.Token, StringComparison.Ordinal), context.RequestAborted);
    }

    private async Task StreamAsync(HttpContext context)
    {
        if (Interlocked.Increment(ref _streams) > StreamsMaxCount)
        {
            Interlocked.Decrement(ref _streams);
            await WriteErrorAsync(context, 503, $"{StreamsMaxCount} pages are open: close one and reload this one.");
            return;
        }

        var gone = context.RequestAborted;
        try
        {
            using var viewer = _feed.Enter();
            context.Response.ContentType = "text/event-stream";
            var cursor = new PageFeed.Cursor();
            var written = _system.Time.GetTimestamp();
            while (!gone.IsCancellationRequested)
            {
                if (_feed.Update(cursor) is { } update)
                {
                    await context.Response.WriteAsync(
                        $"data: {JsonSerializer.Serialize(update, Json)}\n\n", gone);
                    written = _system.Time.GetTimestamp();
                }
                else if (_system.Time.GetElapsedTime(written) > Silence)
                {
                    // Without a word for long, nobody notices that the other side is gone.
                    await context.Response.WriteAsync(": still here\n\n", gone);
                    written = _system.Time.GetTimestamp();
                }

                await Task.Delay(UpdateInterval, _system.Time, gone);
            }
        }
        catch (OperationCanceledException) when (gone.IsCancellationRequested)
        {
            // The page was closed.
        }
        finally
        {
            Interlocked.Decrement(ref _streams);
        }
    }

    private async Task ActAsync(HttpContext context, string name)
    {
        JsonElement arguments;
        try
        {
            if (await ReadAsync(context.Request, context.RequestAborted) is not { } body)
            {
                await WriteErrorAsync(context, (int)HttpStatusCode.RequestEntityTooLarge,
                    $"The request is longer than {PageGuard.BodyMaxBytes:N0} bytes: send less, or use the CLI.");
                return;
            }

            using var document = JsonDocument.Parse(body);
            arguments = document.RootElement.Clone();
        }
        catch (JsonException)
        {
            await WriteErrorAsync(context, 400, "The request is not JSON.");
            return;
        }

        var result = await _actions.RunAsync(name, arguments, context.RequestAborted);
        if (result is null)
            await NotFoundAsync(context);
        else
            await WriteAsync(context, result.Error is null ? 200 : 400, result);
    }

    /// <summary>The body; null if it is longer than the limit.</summary>
    private static async Task<byte[]?> ReadAsync(HttpRequest request, CancellationToken cancellation)
    {
        if (request.ContentLength > PageGuard.BodyMaxBytes)
            return null;
        using var body = new MemoryStream();
        var buffer = new byte[16_384];
        int read;
        while ((read = await request.Body.ReadAsync(buffer, cancellation)) > 0)
        {
            if (body.Length + read > PageGuard.BodyMaxBytes)
                return null;
            body.Write(buffer, 0, read);
        }

        return body.ToArray();
    }

    private static Task WriteFoundAsync<T>(HttpContext context, T? found)
        where T : class =>
        found is null ? NotFoundAsync(context) : WriteAsync(context, 200, found);

    private static Task NotFoundAsync(HttpContext context) =>
        WriteErrorAsync(context, 404, "There is nothing here, or it is not kept any more.");

    private static Task WriteErrorAsync(HttpContext context, int status, string error) =>
        WriteAsync(context, status, new { error });

    private static Task WriteAsync<T>(HttpContext context, int status, T value)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsJsonAsync(value, Json, context.RequestAborted);
    }
}
