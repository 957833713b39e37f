using System.Globalization;
using System.Text.Json.Nodes;
using ConnectTasks.Lambda;
using ConnectTasks.Local;
using YamlDotNet.RepresentationModel;

namespace ConnectTasks.Tests.Template;

/// <summary>
/// The text of the files that decide a deployment, so that rules can be held against broken ones too.
/// </summary>
internal sealed record ProjectText(
    string Template, string SamConfig, string Workflow, string FunctionProject, string Makefile, string Readme,
    string LocalVariables)
{
    public const string Instance = Some.Instance;

    private static readonly string[] PolicyOwners = ["DispatchRole", "ReleaseRole"];

    /// <summary>The folder of the solution.</summary>
    public static string Root { get; } = FindRoot();

    public static ProjectText Shipped { get; } = new(
        Read("template.yaml"), Read("samconfig.toml"), Read(".github/workflows/ci.yml"),
        Read("src/ConnectTasks.Lambda/ConnectTasks.Lambda.csproj"), Read("src/ConnectTasks.Lambda/Makefile"),
        Read("README.md"), Read("tests/events/env.json"));

    /// <summary>The parts of the template by their YAML, for what the evaluated template does not show.</summary>
    public YamlMappingNode Yaml(string section)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(Template));
        return (YamlMappingNode)stream.Documents[0].RootNode[section];
    }

    public SamTemplate With(params (string Name, string Value)[] parameters)
    {
        var values = parameters.ToDictionary(p => p.Name, p => p.Value);
        values.TryAdd("ConnectInstanceId", Instance);
        return SamTemplate.Parse(Template, values);
    }

    public static TemplateFunction Dispatch(SamTemplate template) => Function(template, "DispatchFunction");

    public static TemplateFunction Release(SamTemplate template) => Function(template, "ReleaseFunction");

    public static TemplateQueue TaskQueue(SamTemplate template) => Queue(template, "TaskQueue");

    public static TemplateQueue DeadLetterQueue(SamTemplate template) => Queue(template, "DeadLetterQueue");

    public static TemplateQueueEvent Tasks(SamTemplate template) => Dispatch(template).QueueEvents.Single();

    public static JsonObject Properties(SamTemplate template, string logicalId) =>
        template.Resource(logicalId)?["Properties"] as JsonObject ?? [];

    public static TimeSpan Seconds(TemplateQueue queue, string attribute) =>
        TimeSpan.FromSeconds(int.Parse(queue.Attributes[attribute], CultureInfo.InvariantCulture));

    /// <summary>What the dispatch function makes of its environment. A queue's Ref stands for its URL.</summary>
    public static Settings SettingsOf(TemplateFunction function) => Settings.Read(name =>
        function.Environment.GetValueOrDefault(name) is not { } value ? null
        : name.EndsWith("_URL", StringComparison.Ordinal) ? $"https://sqs.us-east-1.amazonaws.com/000000000000/{value}"
        : value);

    /// <summary>The statements of a function's role.</summary>
    public static IEnumerable<Statement> Statements(SamTemplate template, string role) =>
        Items(Properties(template, role)["Policies"])
            .SelectMany(policy => Items(policy["PolicyDocument"]?["Statement"]))
            .Select(s => new Statement(role, (JsonObject)s));

    public static IEnumerable<Statement> Statements(SamTemplate template) =>
        PolicyOwners.SelectMany(role => Statements(template, role));

    public static IEnumerable<JsonNode> Items(JsonNode? node) => node switch
    {
        null => [],
        JsonArray array => array.OfType<JsonNode>(),
        _ => [node],
    };

    private static TemplateQueue Queue(SamTemplate template, string logicalId) =>
        template.Queues.Single(q => q.LogicalId == logicalId);

    private static TemplateFunction Function(SamTemplate template, string logicalId) =>
        template.Functions.Single(f => f.LogicalId == logicalId);

    private static string Read(string path) => File.ReadAllText(Path.Combine(Root, path)).ReplaceLineEndings("\n");

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "TaskScheduler.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName
            ?? throw new InvalidOperationException("TaskScheduler.sln is in no folder above the tests.");
    }
}

/// <summary>A statement of a policy.</summary>
internal sealed record Statement(string Owner, JsonObject Json)
{
    public string Sid => Json[nameof(Sid)]?.ToString() ?? "";

    public IReadOnlyList<string> Actions => [.. ProjectText.Items(Json["Action"]).Select(a => a.ToString())];

    public IReadOnlyList<string> Resources => [.. ProjectText.Items(Json["Resource"]).Select(r => r.ToString())];

    public override string ToString() => $"{Owner}.{Sid}";
}
