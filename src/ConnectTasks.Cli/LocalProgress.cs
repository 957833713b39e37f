using System.Globalization;
using Amazon.Runtime;
using ConnectTasks.Local;

namespace ConnectTasks.Cli;

/// <summary>
/// Tells a person how far the queue is: on a terminal a line that is redrawn each second, elsewhere a line now and
/// then; and when the queue has come to rest, what it came to.
/// </summary>
internal sealed class LocalProgress(Terminal terminal)
{
    private static readonly CultureInfo Invariant = CultureInfo.InvariantCulture;
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);

    /// <summary>Between two lines, where they can't be redrawn.</summary>
    private static readonly TimeSpan LineInterval = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private Counts _counts;
    private DateTimeOffset _lastLine = DateTimeOffset.MinValue;

    /// <summary>Sees what became of the messages; called on several threads.</summary>
    public void Observe(LambdaEvent seen)
    {
        if (seen is not LambdaEvent.LogLine line || LogEntry.Parse(line.Text) is not { } entry)
            return;
        lock (_gate)
            _counts = _counts.With(entry);
    }

    /// <summary>Looks until it is cancelled.</summary>
    public async Task RunAsync(LocalSystem system, CancellationToken cancellation)
    {
        var quota = system.Connect?.State.Options;
        using var timer = new PeriodicTimer(LookInterval, terminal.Time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellation))
                await LookAsync(system, quota, cancellation);
        }
        catch (OperationCanceledException)
        {
            terminal.Status = null;
        }
    }

    private async Task LookAsync(LocalSystem system, FakeConnectOptions? quota, CancellationToken cancellation)
    {
        Counts counts;
        lock (_gate)
            counts = _counts;
        if (counts == default || await WaitingAsync(system, cancellation) is not { } waiting)
            return;
        if (waiting > 0)
        {
            var line = string.Create(Invariant, $"{waiting} on the queue, {counts.Text}");
            if (terminal.IsErrorTerminal)
            {
                terminal.Status = line;
            }
            else if (terminal.Time.GetUtcNow() - _lastLine >= LineInterval)
            {
                _lastLine = terminal.Time.GetUtcNow();
                terminal.Say(line);
            }

            return;
        }

        lock (_gate)
            _counts = default;
        terminal.Status = null;
        terminal.Say($"The queue is empty: {counts.Text}{Share(counts, quota)}.");
    }

    /// <summary>How much of what Connect allowed was used, from the first start to the last.</summary>
    private static string Share(Counts counts, FakeConnectOptions? quota)
    {
        var seconds = (counts.Last - counts.First).TotalSeconds;
        if (quota is not { RatePerSecond: > 0 } || counts.Started <= quota.Burst || seconds <= 0)
            return "";
        var allowed = quota.Burst + (quota.RatePerSecond * seconds);
        return string.Create(
            Invariant,
            $"; in {seconds:0.0} s, {counts.Started / allowed:0%} of what {quota.RatePerSecond} a second after a burst "
                + $"of {quota.Burst} allow");
    }

    /// <summary>Messages on the queue and in flight; null if the queue does not answer, which others tell.</summary>
    private static async Task<int?> WaitingAsync(LocalSystem system, CancellationToken cancellation)
    {
        try
        {
            var counts = await system.Sqs.GetQueueAttributesAsync(system.QueueUrl, ["All"], cancellation);
            return counts.ApproximateNumberOfMessages + counts.ApproximateNumberOfMessagesNotVisible
                + counts.ApproximateNumberOfMessagesDelayed;
        }
        catch (Exception e) when (e is AmazonClientException or AmazonServiceException or HttpRequestException)
        {
            return null;
        }
    }

    /// <summary>What has become of messages since the queue was empty.</summary>
    private readonly record struct Counts(
        int Started, int DeadLettered, int Other, int Retries, DateTimeOffset First, DateTimeOffset Last)
    {
        public string Text => string.Create(
            Invariant, $"{Started} started, {DeadLettered} dead-lettered, {Other} without a start, {Retries} retries");

        public Counts With(LogEntry entry) => entry switch
        {
            { ReturnIn: not null } => this with { Retries = Retries + 1 },
            { IsDeadLettered: true } => this with { DeadLettered = DeadLettered + 1 },
            { Outcome: "Started" } => this with
            {
                Started = Started + 1,
                First = Started == 0 || entry.At < First ? entry.At : First,
                Last = entry.At > Last ? entry.At : Last,
            },
            _ => this with { Other = Other + 1 },
        };
    }
}
