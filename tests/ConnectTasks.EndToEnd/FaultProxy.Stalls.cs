using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace ConnectTasks.EndToEnd;

/// <summary>How a service leaves its caller waiting.</summary>
internal enum Stall
{
    /// <summary>It carries out the call and never answers.</summary>
    Silent,

    /// <summary>It carries out the call, answers with the headers and half of the body, and then with nothing.</summary>
    HalfTheBody,
}

/// <summary>A call that a service left waiting.</summary>
/// <param name="About">The text that it was about.</param>
/// <param name="Held">How long its caller waited for the rest of the answer.</param>
internal sealed record StalledCall(string Operation, string About, TimeSpan Held);

/// <content>Services that do not answer.</content>
internal sealed partial class FaultProxy
{
    private readonly ConcurrentQueue<StalledCall> _stalled = [];
    private IReadOnlyDictionary<(string Operation, string About), Stall>? _stalls;

    /// <summary>The calls that stalled and that their callers have given up.</summary>
    public IReadOnlyCollection<StalledCall> Stalled => _stalled;

    /// <summary>
    /// Lets each of these operations stall if its request has the text in it, until it is told otherwise.
    /// </summary>
    public void StallAt(IReadOnlyDictionary<(string Operation, string About), Stall>? stalls) =>
        Volatile.Write(ref _stalls, stalls);

    private ((string Operation, string About) Call, Stall Stall)? StallFor(HttpRequest request, byte[] body)
    {
        if (Volatile.Read(ref _stalls) is not { } stalls)
        {
            return null;
        }

        var (operation, text) = (OperationOf(request), Encoding.UTF8.GetString(body));
        foreach (var (call, stall) in stalls)
        {
            if (call.Operation == operation && text.Contains(call.About, StringComparison.Ordinal))
            {
                return (call, stall);
            }
        }

        return null;
    }

    private async Task StallAsync(
        HttpContext context, Uri target, byte[] body, ((string Operation, string About) Call, Stall Stall) plan)
    {
        var time = TimeProvider.System;
        var begun = time.GetTimestamp();
        using var reply = await ForwardAsync(context.Request, target, body);
        try
        {
            if (plan.Stall == Stall.HalfTheBody)
            {
                var answer = await reply.Content.ReadAsByteArrayAsync();
                context.Response.StatusCode = (int)reply.StatusCode;
                context.Response.ContentType = reply.Content.Headers.ContentType?.ToString();
                context.Response.ContentLength = answer.Length;
                await context.Response.Body.WriteAsync(answer.AsMemory(0, answer.Length / 2), context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
            }

            await Task.Delay(Timeout.InfiniteTimeSpan, time, context.RequestAborted);
        }
        finally
        {
            _stalled.Enqueue(new StalledCall(plan.Call.Operation, plan.Call.About, time.GetElapsedTime(begun)));
        }
    }
}
