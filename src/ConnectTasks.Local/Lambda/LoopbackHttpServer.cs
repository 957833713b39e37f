using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace ConnectTasks.Local;

/// <summary>
/// Kestrel alone on a loopback port. A host is left out on purpose: its console lifetime would take SIGTERM and SIGINT
/// away from the program, and its configuration would read the program's arguments and environment.
/// </summary>
internal sealed class LoopbackHttpServer : IAsyncDisposable
{
    private readonly KestrelServer _server;

    private LoopbackHttpServer(KestrelServer server) => _server = server;

    /// <summary>The base address, such as <c>http://127.0.0.1:40123/</c>.</summary>
    public Uri Address => new(_server.Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.Single());

    /// <summary>Starts to listen.</summary>
    /// <param name="handle">Answers one request; an exception that leaves it closes the connection.</param>
    /// <param name="port">The port, or 0 for any free one.</param>
    /// <exception cref="IOException">The port is in use.</exception>
    public static async Task<LoopbackHttpServer> StartAsync(Func<HttpContext, Task> handle, int port = 0)
    {
        var options = new KestrelServerOptions { AddServerHeader = false };
        // The callers are functions and clients on this machine; a limit of theirs is applied by the handler.
        options.Limits.MaxRequestBodySize = null;
        options.Limits.MinRequestBodyDataRate = null;
        options.Limits.MinResponseDataRate = null;
        options.Listen(IPAddress.Loopback, port);
        var transport = new SocketTransportFactory(
            Options.Create(new SocketTransportOptions()), NullLoggerFactory.Instance);
        var server = new KestrelServer(Options.Create(options), transport, NullLoggerFactory.Instance);
        try
        {
            await server.StartAsync(new Application(handle), CancellationToken.None);
        }
        catch
        {
            server.Dispose();
            throw;
        }
        return new LoopbackHttpServer(server);
    }

    /// <summary>Stops at once: connections are closed, whatever they are waiting for.</summary>
    public async ValueTask DisposeAsync()
    {
        await _server.StopAsync(new CancellationToken(canceled: true));
        _server.Dispose();
    }

    private sealed class Application(Func<HttpContext, Task> handle) : IHttpApplication<HttpContext>
    {
        public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

        public Task ProcessRequestAsync(HttpContext context) => handle(context);

        public void DisposeContext(HttpContext context, Exception? exception)
        {
        }
    }
}
