using System.Text.Json;

namespace ConnectTasks.Tests.Contracts;

/// <summary>Bodies: a valid request with the properties that a test changes, and what reading one finds.</summary>
internal static class SomeJson
{
    public const string Instance = "00000000-0000-4000-8000-00000000a001";
    public const string OtherInstance = "00000000-0000-4000-8000-00000000a002";
    public const string Flow = "00000000-0000-4000-8000-00000000f001";

    public static TaskRequest Minimal { get; } = new() { InstanceId = Instance, ContactFlowId = Flow, Name = "case" };

    public static string Arn(
        string? type = null, string id = Flow, string instance = Instance, string start = "arn:aws:connect:") =>
        $"{start}us-east-1:123456789012:instance/{instance}{(type is null ? "" : $"/{type}/{id}")}";

    /// <summary>The minimal body with JSON values for other properties; <c>null</c> leaves one out.</summary>
    public static string With(params (string Name, string? Json)[] changes)
    {
        var properties = new Dictionary<string, string>
        {
            ["InstanceId"] = Quote(Instance),
            ["ContactFlowId"] = Quote(Flow),
            ["Name"] = Quote("case"),
        };
        foreach (var (name, json) in changes)
        {
            if (json is null)
                properties.Remove(name);
            else
                properties[name] = json;
        }
        return "{" + string.Join(',', properties.Select(property => $"{Quote(property.Key)}:{property.Value}")) + "}";
    }

    public static string With(string name, string? json) => With((name, json));

    public static string Quote(string text) => JsonSerializer.Serialize(text);

    /// <summary>Each violation as its code and path.</summary>
    public static string[] Found(string body) => Found(TaskRequestJson.Read(body));

    public static string[] Found(TaskRequest request) => Found(TaskRequestValidator.Check(request));

    public static string[] Found(ReadResult result)
    {
        Assert.Equal(result.Violations.Count > 0, result.Request is null);
        return [.. result.Violations.Select(violation => $"{violation.Code} {violation.Path}")];
    }

    public static TaskRequest Read(string body)
    {
        var result = TaskRequestJson.Read(body);
        Assert.Empty(result.Violations);
        return result.Request!;
    }

    /// <summary>The sentence of the one violation.</summary>
    public static string Sentence(string body) => Assert.Single(TaskRequestJson.Read(body).Violations).Message;
}
