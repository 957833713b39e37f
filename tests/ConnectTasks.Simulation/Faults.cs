using Amazon.Runtime;

namespace ConnectTasks.Simulation;

/// <summary>How one seed's world misbehaves. All shares are of calls, from 0 to 1.</summary>
internal sealed record FaultRates
{
    public double LostRequest { get; init; }
    public double LostReply { get; init; }
    public double ServerError { get; init; }
    public double Throttle { get; init; }

    /// <summary>Of calls to Connect that take longer than any time-out.</summary>
    public double Slow { get; init; }

    public double Crash { get; init; }
    public double DuplicateDelivery { get; init; }
    public TimeSpan MaxSkew { get; init; }

    public static FaultRates Draw(Random random)
    {
        // Some seeds are calm, some stormy, and most have one kind of trouble more than the others.
        double Share(double most) => random.Next(3) == 0 ? 0 : random.NextDouble() * most;
        // Clocks in one Region agree within a second; a few seeds break that thoroughly, and deliver much twice.
        var brokenClocks = random.Next(6) == 0;
        return new FaultRates
        {
            LostRequest = Share(0.1),
            LostReply = Share(0.2),
            ServerError = Share(0.2),
            Throttle = Share(0.2),
            Slow = Share(0.05),
            Crash = Share(0.4),
            DuplicateDelivery = brokenClocks ? 0.5 : Share(0.2),
            MaxSkew = brokenClocks ? TimeSpan.FromSeconds(90) : TimeSpan.FromSeconds(Share(5)),
        };
    }

    public static FaultRates None { get; } = new();
}

/// <summary>
/// One call over the network to a service: out, effect, back. The effect happens in the service, whether the caller
/// lives to hear of it or not.
/// </summary>
internal static class Network
{
    public static Task<T> CallAsync<T>(
        World world, string what, TimeSpan timeout, Func<T> effect, CancellationToken cancellation)
    {
        var result = new TaskCompletionSource<T>();
        var registration = cancellation.Register(() => result.TrySetCanceled(cancellation));
        var (rates, random) = (world.Rates, world.Random);
        var lostRequest = random.NextDouble() < rates.LostRequest;
        var lostReply = random.NextDouble() < rates.LostReply;
        var slow = random.NextDouble() < rates.Slow;
        var outward = world.Latency();
        world.Loop.After(outward, () =>
        {
            if (lostRequest)
            {
                return;
            }

            Action reply;
            try
            {
                var value = effect();
                reply = () => result.TrySetResult(value);
            }
            catch (Exception e) when (e is AmazonServiceException)
            {
                reply = () => result.TrySetException(e);
            }

            if (lostReply)
            {
                world.Counts.LostReplies++;
                // Half of them die with a reset at once, the other half in silence.
                reply = () => result.TrySetException(new HttpRequestException("The connection was reset."));
                if (random.Next(2) == 0)
                {
                    return;
                }
            }

            world.Loop.After(world.Latency() + (slow ? TimeSpan.FromSeconds(30) : TimeSpan.Zero), reply);
        });
        world.Loop.After(timeout, () => result.TrySetException(new TaskCanceledException($"{what} timed out.")));
        // Not to leave the registration behind with a token that never fires.
        world.Loop.After(timeout, registration.Dispose);
        return result.Task;
    }
}
