using ConnectTasks.Local;
using Microsoft.AspNetCore.Http;

namespace ConnectTasks.Benchmarks;

/// <summary>
/// DynamoDB, SQS and Connect over HTTP, which answer at once that all went well. What is measured against them is the
/// function alone.
/// </summary>
internal sealed class StandIns : IAsyncDisposable
{
    private LoopbackHttpServer? _server;
    private int _calls;

    public Uri Address => _server!.Address;

    /// <summary>How many calls have been answered.</summary>
    public int Calls => _calls;

    public static async Task<StandIns> StartAsync()
    {
        var services = new StandIns();
        services._server = await LoopbackHttpServer.StartAsync(services.AnswerAsync);
        return services;
    }

    public ValueTask DisposeAsync() => _server!.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        Interlocked.Increment(ref _calls);
        await context.Request.Body.CopyToAsync(Stream.Null);
        var isConnect = context.Request.Method == HttpMethods.Put;
        var answer = AnswerAtOnce.Body(isConnect);
        context.Response.ContentType = AnswerAtOnce.ContentType(isConnect);
        context.Response.ContentLength = answer.Length;
        await context.Response.Body.WriteAsync(answer);
    }
}
