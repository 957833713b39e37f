using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace ConnectTasks.Local;

/// <summary>
/// Turns a part of a CloudFormation template into plain values: the intrinsic functions, short and long form, are
/// carried out. All scalars become strings, as CloudFormation takes them.
/// </summary>
internal sealed class TemplateEvaluator(
    YamlMappingNode template,
    IReadOnlyDictionary<string, JsonNode> parameters,
    IReadOnlyDictionary<string, string> pseudoParameters,
    Func<string, string?> resourceRef,
    Func<string, string, string?> resourceAttribute)
{
    /// <summary>Stands for AWS::NoValue: the property that gets it is as good as absent.</summary>
    private static readonly JsonNode NoValue = JsonValue.Create("AWS::NoValue");

    private readonly HashSet<string> _conditionsBeingRead = [];

    public JsonNode? Evaluate(YamlNode node, string path)
    {
        if (Function(node) is { } call)
            return Call(call.Name, call.Argument, path);

        switch (node)
        {
            case YamlScalarNode scalar:
                return IsNull(scalar) ? null : JsonValue.Create(scalar.Value);
            case YamlSequenceNode sequence:
                var array = new JsonArray();
                foreach (var (index, item) in sequence.Children.Index())
                {
                    var value = Evaluate(item, $"{path}[{index}]");
                    if (!ReferenceEquals(value, NoValue))
                        array.Add(value);
                }

                return array;
            case YamlMappingNode mapping:
                var result = new JsonObject();
                foreach (var (key, item) in mapping.Children)
                {
                    var value = Evaluate(item, $"{path}.{key}");
                    if (!ReferenceEquals(value, NoValue))
                        result[key.ToString()] = value;
                }

                return result;
            default:
                throw new LocalException($"{path} is not a value that a template can have.");
        }
    }

    public JsonObject EvaluateMap(YamlNode? node, string path) => node switch
    {
        null => [],
        _ => Evaluate(node, path) as JsonObject ?? throw new LocalException($"{path} must be a map."),
    };

    /// <summary>The value of a condition of the template's Conditions section.</summary>
    public bool Condition(string name, string path)
    {
        if (Child(template, "Conditions") is not YamlMappingNode conditions || Child(conditions, name) is not { } node)
            throw new LocalException($"{path}: there is no condition {name}.");
        if (!_conditionsBeingRead.Add(name))
            throw new LocalException($"Conditions.{name} depends on itself.");
        var value = Boolean(node, $"Conditions.{name}");
        _conditionsBeingRead.Remove(name);
        return value;
    }

    private JsonNode? Call(string name, YamlNode argument, string path) => name switch
    {
        "Ref" => Ref(Scalar(argument, path), path),
        "GetAtt" => GetAtt(argument, path),
        "Sub" => Sub(argument, path),
        "If" => If(argument, path),
        "Join" => JsonValue.Create(string.Join(
            Text(Items(argument, 2, path)[0], path), Texts(Items(argument, 2, path)[1], path))),
        "Split" => new JsonArray([.. Text(Items(argument, 2, path)[1], path)
            .Split(Text(Items(argument, 2, path)[0], path)).Select(part => (JsonNode)part)]),
        "Select" => Select(Items(argument, 2, path), path),
        "FindInMap" => FindInMap(Items(argument, 3, path), path),
        "Equals" or "Not" or "And" or "Or" or "Condition" =>
            JsonValue.Create(Boolean(name, argument, path) ? "true" : "false"),
        _ => throw new LocalException($"{path}: the function {name} cannot be carried out on this machine."),
    };

    private JsonNode? Ref(string name, string path)
    {
        if (name == "AWS::NoValue")
            return NoValue;
        if (pseudoParameters.GetValueOrDefault(name) is { } pseudo)
            return pseudo;
        if (parameters.GetValueOrDefault(name) is { } value)
            return value.DeepClone();
        if (Child(Child(template, "Parameters"), name) is not null)
            throw new LocalException($"{path}: the parameter {name} has no default and needs a value.");
        return resourceRef(name) ?? throw new LocalException($"{path}: there is no parameter or resource {name}.");
    }

    private JsonValue GetAtt(YamlNode argument, string path)
    {
        var parts = argument is YamlSequenceNode list
            ? list.Children.Select(item => Text(item, path)).ToArray()
            : Scalar(argument, path).Split('.', 2);
        if (parts.Length != 2)
            throw new LocalException($"{path}: GetAtt needs a resource and an attribute.");
        return JsonValue.Create(resourceAttribute(parts[0], parts[1])
            ?? throw new LocalException($"{path}: {parts[0]}.{parts[1]} is not known on this machine."));
    }

    private JsonValue Sub(YamlNode argument, string path)
    {
        var text = argument is YamlSequenceNode ? Scalar(Items(argument, 2, path)[0], path) : Scalar(argument, path);
        var own = argument is YamlSequenceNode ? EvaluateMap(Items(argument, 2, path)[1], path) : [];
        var result = new StringBuilder();
        for (var at = 0; at < text.Length;)
        {
            var open = text.IndexOf("${", at, StringComparison.Ordinal);
            var close = open < 0 ? -1 : text.IndexOf('}', open);
            if (close < 0)
            {
                result.Append(text, at, text.Length - at);
                break;
            }

            result.Append(text, at, open - at);
            var name = text[(open + 2)..close].Trim();
            if (name.StartsWith('!'))
                result.Append("${").Append(name, 1, name.Length - 1).Append('}');
            else if (own.ContainsKey(name))
                result.Append(own[name]);
            else
                result.Append(name.Contains('.') ? GetAtt(new YamlScalarNode(name), path) : Ref(name, path));
            at = close + 1;
        }

        return JsonValue.Create(result.ToString());
    }

    private JsonNode? If(YamlNode argument, string path)
    {
        var items = Items(argument, 3, path);
        return Evaluate(Condition(Scalar(items[0], path), path) ? items[1] : items[2], path);
    }

    private JsonNode? Select(IList<YamlNode> items, string path)
    {
        var list = Evaluate(items[1], path) as JsonArray ?? throw new LocalException($"{path}: Select needs a list.");
        return int.TryParse(Text(items[0], path), CultureInfo.InvariantCulture, out var index)
            && index >= 0 && index < list.Count
                ? list[index]?.DeepClone()
                : throw new LocalException($"{path}: Select needs an index from 0 to {list.Count - 1}.");
    }

    private JsonNode? FindInMap(IList<YamlNode> items, string path)
    {
        var keys = items.Select(item => Text(item, path)).ToArray();
        var value = Child(Child(Child(Child(template, "Mappings"), keys[0]), keys[1]), keys[2]);
        return value is null
            ? throw new LocalException($"{path}: there is no mapping {string.Join(".", keys)}.")
            : Evaluate(value, path);
    }

    private bool Boolean(YamlNode node, string path) => Function(node) is { } call
        ? Boolean(call.Name, call.Argument, path)
        : Text(node, path) == "true";

    private bool Boolean(string function, YamlNode argument, string path) => function switch
    {
        "Equals" => Text(Items(argument, 2, path)[0], path) == Text(Items(argument, 2, path)[1], path),
        "Not" => !Boolean(Items(argument, 1, path)[0], path),
        "And" => Items(argument, null, path).All(item => Boolean(item, path)),
        "Or" => Items(argument, null, path).Any(item => Boolean(item, path)),
        "Condition" => Condition(Scalar(argument, path), path),
        _ => Call(function, argument, path)?.ToString() == "true",
    };

    private string Text(YamlNode node, string path) =>
        Evaluate(node, path) is JsonValue value
            ? value.ToString()
            : throw new LocalException($"{path} must be one value.");

    private IEnumerable<string> Texts(YamlNode node, string path) =>
        Evaluate(node, path) is JsonArray array
            ? array.Select(item => item?.ToString() ?? "")
            : throw new LocalException($"{path} must be a list.");

    private static IList<YamlNode> Items(YamlNode node, int? count, string path) =>
        node is YamlSequenceNode sequence && (count is null || sequence.Children.Count == count)
            ? sequence.Children
            : throw new LocalException($"{path}: the function needs a list of {count?.ToString() ?? "conditions"}.");

    private static string Scalar(YamlNode node, string path) =>
        (node as YamlScalarNode)?.Value ?? throw new LocalException($"{path}: the function needs a text.");

    /// <summary>The call that a node stands for: a tag such as !Ref, or a map such as {"Fn::Sub": ...}.</summary>
    private static (string Name, YamlNode Argument)? Function(YamlNode node)
    {
        if (!node.Tag.IsEmpty && node.Tag.IsLocal)
            return (node.Tag.Value[1..], node);
        if (node is not YamlMappingNode { Children.Count: 1 } mapping)
            return null;
        var (key, argument) = mapping.Children.Single();
        return key.ToString() switch
        {
            "Ref" => ("Ref", argument),
            "Condition" when argument is YamlScalarNode => ("Condition", argument),
            var name when name.StartsWith("Fn::", StringComparison.Ordinal) => (name[4..], argument),
            _ => null,
        };
    }

    private static YamlNode? Child(YamlNode? node, string name) =>
        node is YamlMappingNode mapping && mapping.Children.TryGetValue(name, out var child) ? child : null;

    private static bool IsNull(YamlScalarNode scalar) =>
        scalar.Style == ScalarStyle.Plain && scalar.Value is null or "" or "~" or "null";
}
