using Amazon.Runtime;
using Amazon.SQS.Model;

namespace ConnectTasks.Local;

/// <summary>Many messages at a steady rate, one burst at a time.</summary>
internal sealed class Burst(PageSystem system) : IAsyncDisposable
{
    public const int MaxCount = 10_000;
    public const int MaxPerSecond = 500;

    /// <summary>SQS's limit of SendMessageBatch.</summary>
    private const int BatchMaxCount = 10;

    /// <summary>Of a mixed burst, one in so many is a duplicate of the one before.</summary>
    private const int DuplicateEvery = 10;

    /// <summary>Of a mixed burst, one in so many is broken.</summary>
    private const int BrokenEvery = 25;

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(50);

    private readonly Lock _gate = new();
    private readonly Samples _samples = new(system);
    private CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;

    /// <summary>Begins a burst. False if one is under way.</summary>
    /// <param name="isMixed">Whether some are duplicates and some are broken.</param>
    public bool TryStart(int count, int perSecond, bool isMixed)
    {
        lock (_gate)
        {
            if (!_running.IsCompleted)
                return false;
            _stop.Dispose();
            _stop = new CancellationTokenSource();
            _running = RunAsync(count, perSecond, isMixed, _stop.Token);
            return true;
        }
    }

    public void Stop()
    {
        lock (_gate)
            _stop.Cancel();
    }

    public async ValueTask DisposeAsync()
    {
        Stop();
        await _running;
        _stop.Dispose();
    }

    private async Task RunAsync(int count, int perSecond, bool isMixed, CancellationToken stop)
    {
        var began = system.Time.GetTimestamp();
        var sent = 0;
        try
        {
            while (sent < count)
            {
                var due = Math.Min(count, 1 + (int)(system.Time.GetElapsedTime(began).TotalSeconds * perSecond));
                foreach (var chunk in Enumerable.Range(sent, Math.Max(0, due - sent)).Chunk(BatchMaxCount))
                {
                    var entries = chunk.Select(i => new SendMessageBatchRequestEntry(
                        $"m{i}", _samples.Make(isMixed ? KindOf(i) : "valid")[0]));
                    await system.Sqs.SendMessageBatchAsync(system.QueueUrl, entries.ToList(), stop);
                }

                sent = Math.Max(sent, due);
                await Task.Delay(Tick, system.Time, stop);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or AmazonServiceException or AmazonClientException
            or HttpRequestException)
        {
            // Stopped, or the queue is gone, which the page shows by itself.
        }
    }

    private static string KindOf(int number) =>
        number % BrokenEvery == BrokenEvery - 1 ? "broken"
        : number % DuplicateEvery == DuplicateEvery - 1 ? "duplicate"
        : "valid";
}
