using Amazon.Runtime;

namespace ConnectTasks.Lambda;

/// <summary>
/// Makes each attempt of an AWS client exactly one HTTP request, and ends it when its time is up, wherever it is by
/// then: on the way, waiting, or in the middle of the answer's body.
/// </summary>
/// <remarks>
/// The SDK's own Timeout ends with the headers of an answer. What it makes of a time-out can look like a connection
/// that the server had closed, which it then sends again. Here, below its retries, nothing is sent again; and above
/// them it sees a cancellation, which it retries as often as MaxErrorRetry says, or gives to its caller.
/// </remarks>
/// <param name="limit">Of one attempt, from its begin to the last byte of its answer.</param>
/// <param name="time">The clock. The machine's own, because it goes on while an environment is frozen.</param>
internal sealed class AttemptLimit(TimeSpan limit, TimeProvider time) : HttpClientFactory
{
    /// <summary>
    /// How long a connection may have been idle to be used again. AWS keeps idle connections for longer than this. A
    /// request on one that AWS has forgotten fails without telling whether it arrived.
    /// </summary>
    public static readonly TimeSpan MaxIdle = TimeSpan.FromSeconds(20);

    private readonly Lock _gate = new();
    private HttpClient? _client;
    private DateTimeOffset _lastUse;

    /// <summary>Asked for each attempt, so that an attempt after a long pause begins with new connections.</summary>
    public override HttpClient CreateHttpClient(IClientConfig clientConfig)
    {
        lock (_gate)
        {
            var now = time.GetUtcNow();
            if (_client is null || now - _lastUse > MaxIdle)
            {
                // Not disposed: a call that is frozen with its environment may still be under way. Its connections
                // close when their own idle time is over.
                _client = Make();
            }

            _lastUse = now;
            return _client;
        }
    }

    public override bool UseSDKHttpClientCaching(IClientConfig clientConfig) => false;

    public override bool DisposeHttpClientsAfterUse(IClientConfig clientConfig) => false;

    private HttpClient Make() => new(new Attempt(limit, new SocketsHttpHandler
    {
        ConnectTimeout = limit,
        PooledConnectionIdleTimeout = MaxIdle,
        // A redirect would be a second request. AWS's APIs have none.
        AllowAutoRedirect = false,
        UseCookies = false,
        // Otherwise the rest of an answer that nobody wants is waited for.
        ResponseDrainTimeout = TimeSpan.Zero,
    }))
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    private sealed class Attempt(TimeSpan limit, HttpMessageHandler transport) : DelegatingHandler(transport)
    {
        protected override async Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request, CancellationToken cancellationToken)
        {
            using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            end.CancelAfter(limit);
            HttpResponseMessage? response = null;
            try
            {
                response = await base.SendAsync(request, end.Token);
                // The SDK would read the body later, by a blocking read that no time-out ends.
                await response.Content.LoadIntoBufferAsync(end.Token);
                return response;
            }
            catch
            {
                response?.Dispose();
                // Whatever it looks like ("The response ended prematurely", for one): it was us who ended it.
                cancellationToken.ThrowIfCancellationRequested();
                if (end.IsCancellationRequested)
                {
                    // Without a cause, because the SDK would judge by that.
                    throw new TaskCanceledException("No whole answer in time.");
                }

                throw;
            }
        }
    }
}
