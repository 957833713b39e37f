using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace ConnectTasks.Local;

/// <summary>
/// The queues, tables and functions of a SAM template, with its parameters, conditions, globals and intrinsic
/// functions carried out. Until <see cref="With"/> says what the resources are called, their Refs and ARNs are
/// made from their names. Errors name the resource and the property.
/// </summary>
internal sealed partial class SamTemplate
{
    public const string AccountId = "000000000000";
    private const string QueueType = "AWS::SQS::Queue";
    private const string TableType = "AWS::DynamoDB::Table";
    private const string FunctionType = "AWS::Serverless::Function";

    private readonly YamlMappingNode _root;
    private readonly string _region;
    private readonly IReadOnlyDictionary<string, JsonNode> _parameters;
    private readonly IReadOnlyDictionary<string, PhysicalResource> _physical;
    private readonly TemplateEvaluator _evaluator;

    private SamTemplate(
        YamlMappingNode root, string region, IReadOnlyDictionary<string, JsonNode> parameters,
        IReadOnlyDictionary<string, PhysicalResource> physical)
    {
        (_root, _region, _parameters, _physical) = (root, region, parameters, physical);
        var pseudo = new Dictionary<string, string>
        {
            ["AWS::Region"] = region,
            ["AWS::AccountId"] = AccountId,
            ["AWS::Partition"] = "aws",
            ["AWS::URLSuffix"] = "amazonaws.com",
            ["AWS::StackName"] = "connect-tasks",
            ["AWS::StackId"] = $"arn:aws:cloudformation:{region}:{AccountId}:stack/connect-tasks/local",
        };
        _evaluator = new TemplateEvaluator(root, parameters, pseudo, Ref, Attribute);
        Queues = [.. ResourcesOf(QueueType).Select(ReadQueue)];
        Tables = [.. ResourcesOf(TableType).Select(ReadTable)];
        Functions = [.. ResourcesOf(FunctionType).Select(ReadFunction)];
    }

    public IReadOnlyList<TemplateQueue> Queues { get; }

    public IReadOnlyList<TemplateTable> Tables { get; }

    public IReadOnlyList<TemplateFunction> Functions { get; }

    /// <summary>Reads a template file.</summary>
    /// <exception cref="LocalException">It cannot be read, or something in it is wrong.</exception>
    /// <param name="preferred">Values for parameters that were not given, of those that the template has.</param>
    public static SamTemplate Load(
        string path, IReadOnlyDictionary<string, string> parameters, string region = "us-east-1",
        IReadOnlyDictionary<string, string>? preferred = null)
    {
        try
        {
            return Parse(File.ReadAllText(path), parameters, region, preferred);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LocalException($"The template cannot be read: {e.Message}");
        }
        catch (LocalException e)
        {
            throw new LocalException($"{Path.GetFileName(path)}: {e.Message}");
        }
    }

    /// <summary>Reads a template from its text.</summary>
    /// <exception cref="LocalException">Something in it is wrong.</exception>
    public static SamTemplate Parse(
        string yaml, IReadOnlyDictionary<string, string> parameters, string region = "us-east-1",
        IReadOnlyDictionary<string, string>? preferred = null)
    {
        var stream = new YamlStream();
        try
        {
            stream.Load(new StringReader(yaml));
        }
        catch (YamlException e)
        {
            throw new LocalException($"Not YAML at line {e.Start.Line}: {e.Message}");
        }

        if (stream.Documents.Count != 1 || stream.Documents[0].RootNode is not YamlMappingNode root)
            throw new LocalException("A template must be one YAML map.");
        var given = parameters.ToDictionary();
        foreach (var (name, value) in preferred ?? new Dictionary<string, string>())
        {
            if (Child(Child(root, "Parameters"), name) is not null)
                given.TryAdd(name, value);
        }

        var values = TemplateParameters.Resolve(Child(root, "Parameters") as YamlMappingNode, given);
        return new SamTemplate(root, region, values, new Dictionary<string, PhysicalResource>());
    }

    /// <summary>The default of a parameter, as it is written; null if there is no such parameter or default.</summary>
    public string? DefaultOf(string parameter) =>
        Child(Child(Child(_root, "Parameters"), parameter), "Default")?.ToString();

    /// <summary>The same template, with what its resources are called now that they exist.</summary>
    public SamTemplate With(IReadOnlyDictionary<string, PhysicalResource> physical) =>
        new(_root, _region, _parameters, physical);

    /// <summary>An evaluated resource as it stands, for what has no type here: null if it does not exist.</summary>
    public JsonObject? Resource(string logicalId) =>
        Child(Child(_root, "Resources"), logicalId) is { } node
            ? _evaluator.EvaluateMap(node, $"Resources.{logicalId}")
            : null;

    /// <summary>Logical ids of the resources of a type that exist under the template's conditions.</summary>
    public IEnumerable<string> ResourcesOf(string type) =>
        (Child(_root, "Resources") as YamlMappingNode)?.Children
            .Where(resource => Child(resource.Value, "Type")?.ToString() == type)
            .Select(resource => resource.Key.ToString())
            .Where(Exists)
        ?? [];

    private bool Exists(string logicalId) =>
        Child(Child(Child(_root, "Resources"), logicalId), "Condition") is not { } condition
        || _evaluator.Condition(condition.ToString(), $"Resources.{logicalId}.Condition");

    private PropertyReader Properties(string logicalId)
    {
        var path = $"Resources.{logicalId}.Properties";
        var node = Child(Child(Child(_root, "Resources"), logicalId), "Properties");
        return new PropertyReader(_evaluator.EvaluateMap(node, path), path);
    }

    private string? Ref(string logicalId)
    {
        if (_physical.GetValueOrDefault(logicalId) is { } physical)
            return physical.Ref;
        return Child(Child(_root, "Resources"), logicalId) is null ? null : Name(logicalId);
    }

    private string? Attribute(string logicalId, string attribute)
    {
        var type = Child(Child(Child(_root, "Resources"), logicalId), "Type")?.ToString();
        if (type is null)
            return null;
        return attribute switch
        {
            "Arn" => _physical.GetValueOrDefault(logicalId)?.Arn ?? type switch
            {
                QueueType => $"arn:aws:sqs:{_region}:{AccountId}:{Name(logicalId)}",
                TableType => $"arn:aws:dynamodb:{_region}:{AccountId}:table/{Name(logicalId)}",
                FunctionType => $"arn:aws:lambda:{_region}:{AccountId}:function:{Name(logicalId)}",
                _ => $"arn:aws:{type}:{_region}:{AccountId}:{logicalId}",
            },
            "QueueName" => Name(logicalId),
            "QueueUrl" => Ref(logicalId),
            _ => null,
        };
    }

    /// <summary>The name that the template gives, or the logical id where CloudFormation would make one up.</summary>
    private string Name(string logicalId)
    {
        var resource = Child(Child(_root, "Resources"), logicalId);
        var type = Child(resource, "Type")?.ToString();
        var property = type switch
        {
            QueueType => "QueueName",
            TableType => "TableName",
            FunctionType => "FunctionName",
            _ => null,
        };
        string? Value(string name) => Child(Child(resource, "Properties"), name) is { } node
            ? _evaluator.EvaluateMap(
                new YamlMappingNode(name, node), $"Resources.{logicalId}.Properties")[name]?.ToString()
            : null;

        var given = property is null ? null : Value(property);
        return given ?? (type == QueueType && Value("FifoQueue") == "true" ? $"{logicalId}.fifo" : logicalId);
    }

    private TemplateQueue ReadQueue(string logicalId)
    {
        var properties = Properties(logicalId);
        var redrive = properties.Section("RedrivePolicy");
        string? target = null;
        if (redrive is not null)
        {
            var arn = redrive.RequiredText("deadLetterTargetArn");
            target = ResourcesOf(QueueType).FirstOrDefault(id => Attribute(id, "Arn") == arn)
                ?? throw redrive.Wrong("deadLetterTargetArn", "the ARN of a queue of this template");
        }

        string[] handledElsewhere = ["QueueName", "RedrivePolicy", "RedriveAllowPolicy", "Tags"];
        return new TemplateQueue
        {
            LogicalId = logicalId,
            Name = Name(logicalId),
            Attributes = properties.Names.Except(handledElsewhere)
                .ToDictionary(name => name, name => properties.RequiredText(name)),
            RedriveTarget = target,
            MaxReceiveCount = redrive?.Integer("maxReceiveCount", 1, 1000),
        };
    }

    private TemplateTable ReadTable(string logicalId)
    {
        var properties = Properties(logicalId);
        static TemplateKey[] Key(PropertyReader owner) =>
        [
            .. owner.Sections("KeySchema")
                .Select(key => new TemplateKey(key.RequiredText("AttributeName"), key.RequiredText("KeyType"))),
        ];
        var ttl = properties.Section("TimeToLiveSpecification");
        return new TemplateTable
        {
            LogicalId = logicalId,
            Name = Name(logicalId),
            Key = Key(properties),
            AttributeTypes = properties.Sections("AttributeDefinitions").ToDictionary(
                definition => definition.RequiredText("AttributeName"),
                definition => definition.RequiredText("AttributeType")),
            Indexes =
            [
                .. properties.Sections("GlobalSecondaryIndexes").Select(index => new TemplateIndex
                {
                    Name = index.RequiredText("IndexName"),
                    Key = Key(index),
                    Projection = index.Section("Projection")?.Text("ProjectionType") ?? "ALL",
                    IncludedAttributes = index.Section("Projection")?.Texts("NonKeyAttributes") ?? [],
                }),
            ],
            TimeToLiveAttribute = ttl?.Boolean("Enabled") == true ? ttl.RequiredText("AttributeName") : null,
        };
    }

    private static YamlNode? Child(YamlNode? node, string name) =>
        node is YamlMappingNode mapping && mapping.Children.TryGetValue(name, out var child) ? child : null;

    [GeneratedRegex(@"^rate\((\d+)\s+(minute|hour|day)s?\)$", RegexOptions.CultureInvariant)]
    private static partial Regex Rate { get; }

    private static TimeSpan? Period(string expression)
    {
        if (Rate.Match(expression) is not { Success: true } match)
            return null;
        var value = int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture);
        return match.Groups[2].Value switch
        {
            "minute" => TimeSpan.FromMinutes(value),
            "hour" => TimeSpan.FromHours(value),
            _ => TimeSpan.FromDays(value),
        };
    }
}
