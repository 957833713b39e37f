using System.Net;
using System.Net.Http.Headers;
using Amazon.Runtime;

namespace ConnectTasks.Benchmarks;

/// <summary>
/// The SDK's way to HTTP, cut off behind the SDK: it answers at once that all went well. The SDK's own work
/// (marshalling,
/// endpoint, signature, unmarshalling) is done and counted; the network's is not.
/// </summary>
/// <param name="delay">How long an answer takes; zero for at once.</param>
internal sealed class AnswerAtOnce(TimeSpan delay = default) : HttpClientFactory
{
    private static readonly byte[] Started = """{"ContactId":"00000000-0000-4000-8000-0000000c0001"}"""u8.ToArray();
    private static readonly byte[] Empty = "{}"u8.ToArray();

    private readonly TimeSpan _delay = delay;
    private int _calls;

    /// <summary>How many calls have been answered.</summary>
    public int Calls => _calls;

    public static byte[] Body(bool isConnect) => isConnect ? Started : Empty;

    public static string ContentType(bool isConnect) => isConnect ? "application/json" : "application/x-amz-json-1.0";

    public override HttpClient CreateHttpClient(IClientConfig clientConfig) =>
        new(new Handler(this)) { Timeout = clientConfig.Timeout ?? TimeSpan.FromSeconds(100) };

    public override bool UseSDKHttpClientCaching(IClientConfig clientConfig) => true;

    private sealed class Handler(AnswerAtOnce owner) : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref owner._calls);
            if (owner._delay > TimeSpan.Zero)
                await Task.Delay(owner._delay, cancellationToken);
            var isConnect = request.Method == HttpMethod.Put;
            var content = new ByteArrayContent(Body(isConnect));
            content.Headers.ContentType = new MediaTypeHeaderValue(ContentType(isConnect));
            var response = new HttpResponseMessage(HttpStatusCode.OK) { Content = content, RequestMessage = request };
            response.Headers.TryAddWithoutValidation("x-amzn-RequestId", "00000000-0000-4000-8000-000000000001");
            return response;
        }
    }
}
