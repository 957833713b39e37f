using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace Amazon.Lambda.RuntimeSupport;

/// <summary>One event, as the Runtime API gave it.</summary>
internal sealed record Invocation
{
    public required string RequestId { get; init; }

    public required byte[] Event { get; init; }

    /// <summary>When Lambda kills the invocation, in milliseconds since 1970.</summary>
    public required long DeadlineMs { get; init; }

    public required string? InvokedFunctionArn { get; init; }

    public required string? TraceId { get; init; }

    public required string? ClientContext { get; init; }

    public required string? CognitoIdentity { get; init; }

    public required string? TenantId { get; init; }
}

/// <summary>
/// A client of the Lambda Runtime API, version 2018-06-01
/// (docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html). Nothing is retried: a Runtime API that answers with an
/// error wants the process to end.
/// </summary>
internal sealed class RuntimeApiClient : IDisposable
{
    private const string ErrorContentType = "application/vnd.aws.lambda.error+json";

    private readonly HttpClient _http;
    private readonly Uri _runtime;

    public RuntimeApiClient(string? hostAndPort)
    {
        if (!Uri.TryCreate($"http://{hostAndPort}/2018-06-01/runtime/", UriKind.Absolute, out var runtime)
            || string.IsNullOrWhiteSpace(hostAndPort))
        {
            throw new InvalidOperationException(
                "AWS_LAMBDA_RUNTIME_API must be the host and port of the Lambda Runtime API. Lambda sets it; to run " +
                "the function elsewhere, use a local runtime that does.");
        }

        _runtime = runtime;
        _http = new HttpClient(new SocketsHttpHandler
        {
            UseProxy = false,
            AllowAutoRedirect = false,
            // The name of an exception's class may have letters outside ASCII.
            RequestHeaderEncodingSelector = (_, _) => Encoding.UTF8,
        })
        {
            // The next event may be days away, and Lambda freezes the process meanwhile.
            Timeout = Timeout.InfiniteTimeSpan,
        };
        var version = typeof(RuntimeApiClient).Assembly.GetName().Version;
        _http.DefaultRequestHeaders.TryAddWithoutValidation(
            "User-Agent", $"connect-tasks-runtime/{version} dotnet/{Environment.Version}");
    }

    /// <summary>Waits for the next event, as long as it takes.</summary>
    public async Task<Invocation> NextAsync(CancellationToken cancellation)
    {
        using var response = await _http.GetAsync(new Uri(_runtime, "invocation/next"), cancellation);
        if (response.StatusCode != HttpStatusCode.OK)
            throw await ErrorAsync(response);

        var headers = response.Headers;
        var milliseconds = Value(headers, "Lambda-Runtime-Deadline-Ms");
        _ = long.TryParse(milliseconds, NumberStyles.None, CultureInfo.InvariantCulture, out var deadline);
        return new Invocation
        {
            RequestId = Value(headers, "Lambda-Runtime-Aws-Request-Id")
                ?? throw new RuntimeApiClientException(
                    "The Runtime API gave an event without a Lambda-Runtime-Aws-Request-Id.", 200, string.Empty),
            Event = await response.Content.ReadAsByteArrayAsync(cancellation),
            DeadlineMs = deadline,
            InvokedFunctionArn = Value(headers, "Lambda-Runtime-Invoked-Function-Arn"),
            TraceId = Value(headers, "Lambda-Runtime-Trace-Id"),
            ClientContext = Value(headers, "Lambda-Runtime-Client-Context"),
            CognitoIdentity = Value(headers, "Lambda-Runtime-Cognito-Identity"),
            TenantId = Value(headers, "Lambda-Runtime-Aws-Tenant-Id"),
        };
    }

    public Task SendResponseAsync(string requestId, MemoryStream response)
    {
        var content = new ByteArrayContent(response.GetBuffer(), 0, (int)response.Length);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return PostAsync($"invocation/{Uri.EscapeDataString(requestId)}/response", content, errorType: null);
    }

    public Task ReportInvocationErrorAsync(string requestId, ErrorReport error) =>
        PostAsync($"invocation/{Uri.EscapeDataString(requestId)}/error", ErrorContent(error), error.Type);

    public Task ReportInitializationErrorAsync(ErrorReport error) =>
        PostAsync("init/error", ErrorContent(error), error.Type);

    public void Dispose() => _http.Dispose();

    private async Task PostAsync(string path, HttpContent content, string? errorType)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(_runtime, path)) { Content = content };
        if (errorType is not null)
            request.Headers.TryAddWithoutValidation("Lambda-Runtime-Function-Error-Type", errorType);
        using var response = await _http.SendAsync(request);
        if (!response.IsSuccessStatusCode)
            throw await ErrorAsync(response);
    }

    private static ByteArrayContent ErrorContent(ErrorReport error)
    {
        var content = new ByteArrayContent(error.ToJson());
        content.Headers.ContentType = new MediaTypeHeaderValue(ErrorContentType);
        return content;
    }

    private static async Task<RuntimeApiClientException> ErrorAsync(HttpResponseMessage response)
    {
        var body = await response.Content.ReadAsStringAsync();
        var request = response.RequestMessage;
        return new RuntimeApiClientException(
            $"The Runtime API answered {request?.Method} {request?.RequestUri?.AbsolutePath} with " +
            $"{(int)response.StatusCode}: {body}",
            (int)response.StatusCode,
            body);
    }

    private static string? Value(HttpResponseHeaders headers, string name) =>
        headers.TryGetValues(name, out var values) ? values.FirstOrDefault() : null;
}
