using Amazon.Runtime;

namespace ConnectTasks.Simulation;

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
        world.Loop.After(world.Latency(), () =>
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
                // Half of them die with a reset at once; the other half are silent, or stall in the body, which for
                // the caller is the same: the limit of the attempt ends them.
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
