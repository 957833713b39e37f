using System.Text.Json;
using Amazon.Lambda.Core;

namespace Amazon.Lambda.RuntimeSupport;

/// <summary>The context of one invocation.</summary>
internal sealed class LambdaContext(
    Invocation invocation,
    LambdaEnvironment environment,
    ILambdaLogger logger,
    ILambdaSerializer serializer,
    TimeProvider time) : ILambdaContext
{
    public string AwsRequestId => invocation.RequestId;

    public IClientContext ClientContext => Amazon.Lambda.RuntimeSupport.ClientContext.Parse(invocation.ClientContext);

    public string FunctionName => environment.FunctionName;

    public string FunctionVersion => environment.FunctionVersion;

    public ICognitoIdentity Identity => CognitoIdentity.Parse(invocation.CognitoIdentity);

    public string? InvokedFunctionArn => invocation.InvokedFunctionArn;

    public ILambdaLogger Logger => logger;

    public string? LogGroupName => environment.LogGroupName;

    public string? LogStreamName => environment.LogStreamName;

    public int MemoryLimitInMB => environment.MemoryLimitInMB;

    public TimeSpan RemainingTime =>
        TimeSpan.FromMilliseconds(invocation.DeadlineMs) - (time.GetUtcNow() - DateTimeOffset.UnixEpoch);

    public string? TenantId => invocation.TenantId;

    public string? TraceId => invocation.TraceId;

    public ILambdaSerializer Serializer => serializer;
}

internal sealed record ClientContext : IClientContext
{
    public IDictionary<string, string>? Environment { get; private init; }

    public IClientApplication? Client { get; private init; }

    public IDictionary<string, string>? Custom { get; private init; }

    public static ClientContext Parse(string? json)
    {
        if (string.IsNullOrWhiteSpace(json))
            return new ClientContext();
        using var document = JsonDocument.Parse(json);
        return new ClientContext
        {
            Environment = Map(document.RootElement, "env"),
            Client = document.RootElement.TryGetProperty("client", out var client) ? new Application(client) : null,
            Custom = Map(document.RootElement, "custom"),
        };
    }

    private static Dictionary<string, string>? Map(JsonElement root, string name) =>
        root.TryGetProperty(name, out var map)
            ? map.EnumerateObject().ToDictionary(property => property.Name, property => property.Value.ToString())
            : null;

    private sealed record Application : IClientApplication
    {
        public Application(JsonElement client)
        {
            AppPackageName = client.Text("app_package_name");
            AppTitle = client.Text("app_title");
            AppVersionCode = client.Text("app_version_code");
            AppVersionName = client.Text("app_version_name");
            InstallationId = client.Text("installation_id");
        }

        public string? AppPackageName { get; }

        public string? AppTitle { get; }

        public string? AppVersionCode { get; }

        public string? AppVersionName { get; }

        public string? InstallationId { get; }
    }
}

internal sealed record CognitoIdentity(string? IdentityId, string? IdentityPoolId) : ICognitoIdentity
{
    public static CognitoIdentity Parse(string? json)
    {
        if (string.IsNullOrWhiteSpace(json))
            return new CognitoIdentity(null, null);
        using var document = JsonDocument.Parse(json);
        return new CognitoIdentity(
            document.RootElement.Text("cognitoIdentityId"), document.RootElement.Text("cognitoIdentityPoolId"));
    }
}

file static class JsonElementExtensions
{
    public static string? Text(this JsonElement element, string name) =>
        element.TryGetProperty(name, out var property) ? property.ToString() : null;
}
