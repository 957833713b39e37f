using System.Text.Json.Nodes;
using Amazon.Connect;
using Amazon.Runtime;
using Microsoft.AspNetCore.Http;

namespace ConnectTasks.Tests.AwsPackages;

/// <summary>An answer of Amazon Connect.</summary>
internal sealed record Answer(int Status, string Body)
{
    public Dictionary<string, string> Headers { get; init; } = [];

    public static Answer Error(int status, string code) =>
        new(status, """{"message":"no"}""") { Headers = new() { ["x-amzn-ErrorType"] = code } };
}

/// <summary>An endpoint of Amazon Connect that answers from a script, and with its last line for ever after.</summary>
internal sealed class ConnectServer : IAsyncDisposable
{
    private readonly LoopbackServer _server;

    private ConnectServer(LoopbackServer server) => _server = server;

    public IReadOnlyCollection<WireRequest> Requests => _server.Requests;

    public static async Task<ConnectServer> StartAsync(params Answer[] script)
    {
        var answers = 0;
        return new ConnectServer(await LoopbackServer.StartAsync(async (_, http) =>
        {
            var line = Interlocked.Increment(ref answers) - 1;
            var answer = script.Length == 0 ? new Answer(200, "{}") : script[Math.Min(line, script.Length - 1)];
            http.Response.StatusCode = answer.Status;
            http.Response.ContentType = "application/json";
            http.Response.Headers["x-amzn-RequestId"] = $"request-{line + 1}";
            foreach (var (name, value) in answer.Headers)
                http.Response.Headers[name] = value;
            await http.Response.WriteAsync(answer.Body);
        }));
    }

    /// <summary>A client of this endpoint that retries nothing, if not told otherwise.</summary>
    public AmazonConnectClient Client(Action<AmazonConnectConfig>? configure = null)
    {
        var config = new AmazonConnectConfig
        {
            ServiceURL = _server.Url.ToString(),
            AuthenticationRegion = "eu-central-1",
            MaxErrorRetry = 0,
        };
        configure?.Invoke(config);
        return new AmazonConnectClient(new BasicAWSCredentials("AKIDEXAMPLE", "secret"), config);
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();
}

internal static class Recorded
{
    public static JsonNode[] Read(string file) =>
        [.. JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "AwsPackages", "Recordings", file)))!
            .AsArray().Select(node => node!)];
}
