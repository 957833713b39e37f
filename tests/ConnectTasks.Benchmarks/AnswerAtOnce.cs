using System.Net;
using System.Net.Http.Headers;
using Amazon.Runtime;

namespace ConnectTasks.Benchmarks;

/// <summary>
/// The SDK's way to HTTP, cut off behind the SDK: it answers at once that all went well. The SDK's own work
/// (marshalling,
/// endpoint, signature, unmarshalling) is done and counted; the network's is not.
/// </summary>
internal sealed class AnswerAtOnce : HttpClientFactory
{
    private static readonly byte[] Started = """{"ContactId":"00000000-0000-4000-8000-0000000c0001"}"""u8.ToArray();
    private static readonly byte[] Empty = "{}"u8.ToArray();

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
        protected override Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref owner._calls);
            var isConnect = request.Method == HttpMethod.Put;
            var content = new ByteArrayContent(Body(isConnect));
            content.Headers.ContentType = new MediaTypeHeaderValue(ContentType(isConnect));
            var response = new HttpResponseMessage(HttpStatusCode.OK) { Content = content, RequestMessage = request };
            response.Headers.TryAddWithoutValidation("x-amzn-RequestId", "00000000-0000-4000-8000-000000000001");
            return Task.FromResult(response);
        }
    }
}
