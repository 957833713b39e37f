using System.Net;
using System.Text;
using Amazon.Runtime;
using Amazon.SQS;
using ConnectTasks.Client;

namespace ConnectTasks.Tests.Client;

/// <summary>What the SDK makes of replies that a fake of its client cannot show.</summary>
public class SdkTests
{
    [Theory]
    [InlineData(
        200, """{"Failed":[{"Id":"0","Code":"InvalidMessageContents","SenderFault":true}]}""",
        "Failed", "InvalidMessageContents")]
    [InlineData(200, "{}", "Unknown", "NoAnswer")]
    [InlineData(
        200, """{"Successful":[{"Id":"7","MessageId":"m","MD5OfMessageBody":"0"}]}""",
        "Unknown", "KeyNotFoundException")]
    [InlineData(
        200, """{"Successful":[{"Id":"0","MessageId":"m","MD5OfMessageBody":"0"}]}""",
        "Unknown", "AmazonSQSException")]
    [InlineData(200, "<html>", "Unknown", "AmazonUnmarshallingException")]
    [InlineData(400, """{"__type":"com.amazonaws.sqs#BatchRequestTooLong"}""", "Failed", "BatchRequestTooLong")]
    [InlineData(503, "", "Failed", "HTTP 503")]
    [InlineData(0, "reset", "Unknown", "IOException")]
    public async Task A_reply_of_the_wire_becomes_a_result(int status, string body, string result, string code)
    {
        using var handler = new Replies(status, body);
        using var sqs = new AmazonSQSClient("local", "local", new AmazonSQSConfig
        {
            ServiceURL = "http://127.0.0.1:1",
            MaxErrorRetry = 0,
            HttpClientFactory = handler,
        });
        var client = new TaskQueueClient(sqs, new TaskQueueOptions { QueueUrl = ClientRig.QueueUrl });

        var results = await client.SendManyAsync([Some.Request()]);

        Assert.Equal((result, code), (results[0].Status.ToString(), results[0].ErrorCode));
        Assert.Equal(1, handler.Calls);
    }

    private sealed class Replies(int status, string body) : HttpClientFactory, IDisposable
    {
        private readonly Handler _handler = new(status, body);

        public int Calls => _handler.Calls;

        public override HttpClient CreateHttpClient(IClientConfig clientConfig) => new(_handler, disposeHandler: false);

        public override bool UseSDKHttpClientCaching(IClientConfig clientConfig) => false;

        public void Dispose() => _handler.Dispose();

        private sealed class Handler(int status, string body) : HttpMessageHandler
        {
            public int Calls { get; private set; }

            protected override Task<HttpResponseMessage> SendAsync(
                HttpRequestMessage request, CancellationToken cancellationToken)
            {
                Calls++;
                return status == 0
                    ? throw new HttpRequestException("reset", new IOException(body))
                    : Task.FromResult(new HttpResponseMessage((HttpStatusCode)status)
                    {
                        Content = new StringContent(body, Encoding.UTF8, "application/x-amz-json-1.0"),
                    });
            }
        }
    }
}
