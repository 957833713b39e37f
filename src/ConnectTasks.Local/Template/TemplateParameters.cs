using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using YamlDotNet.RepresentationModel;

namespace ConnectTasks.Local;

/// <summary>The values of a template's parameters: what was given, or the default, if its constraint holds.</summary>
internal static class TemplateParameters
{
    private static readonly TimeSpan PatternTimeout = TimeSpan.FromSeconds(1);

    /// <summary>
    /// A parameter that has neither a value nor a default is left out: it is an error only where it is used.
    /// </summary>
    /// <exception cref="LocalException">A value breaks its constraint, or there is no such parameter.</exception>
    public static IReadOnlyDictionary<string, JsonNode> Resolve(
        YamlMappingNode? declarations, IReadOnlyDictionary<string, string> given)
    {
        var values = new Dictionary<string, JsonNode>();
        var declared = declarations?.Children.Keys.Select(key => key.ToString()).ToHashSet() ?? [];
        if (given.Keys.FirstOrDefault(name => !declared.Contains(name)) is { } unknown)
        {
            throw new LocalException(
                $"The template has no parameter {unknown}; it has {string.Join(", ", declared.Order())}.");
        }

        foreach (var (key, node) in (declarations ?? new YamlMappingNode()).Children)
        {
            var name = key.ToString();
            if (node is not YamlMappingNode declaration)
                throw new LocalException($"Parameters.{name} must be a map.");
            if ((given.GetValueOrDefault(name) ?? Scalar(declaration, "Default")) is not { } value)
                continue;
            var type = Scalar(declaration, "Type") ?? "String";
            if (Violation(declaration, type, value) is { } violation)
            {
                var constraint = Scalar(declaration, "ConstraintDescription");
                throw new LocalException($"Parameter {name} {(constraint ?? violation).TrimEnd('.')}.");
            }

            values[name] = type is "CommaDelimitedList" or "List<Number>"
                ? new JsonArray([.. value.Split(',').Select(item => (JsonNode)item.Trim())])
                : value;
        }

        return values;
    }

    private static string? Violation(YamlMappingNode declaration, string type, string value)
    {
        if (type == "Number")
        {
            if (!double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
                return "must be a number";
            if (Number(declaration, "MinValue") is { } minimum && number < minimum)
                return $"must be at least {Scalar(declaration, "MinValue")}";
            if (Number(declaration, "MaxValue") is { } maximum && number > maximum)
                return $"must be at most {Scalar(declaration, "MaxValue")}";
        }

        if (Number(declaration, "MinLength") is { } shortest && value.Length < shortest)
            return $"must have at least {shortest} characters";
        if (Number(declaration, "MaxLength") is { } longest && value.Length > longest)
            return $"must have at most {longest} characters";
        if (declaration.Children.TryGetValue("AllowedValues", out var allowed)
            && allowed is YamlSequenceNode values
            && !values.Children.Any(item => item.ToString() == value))
            return $"must be one of {string.Join(", ", values.Children.Select(item => item.ToString()))}";
        // CloudFormation holds the pattern against each value of a list.
        return Scalar(declaration, "AllowedPattern") is { } pattern
            && !(type == "CommaDelimitedList" ? value.Split(',', StringSplitOptions.TrimEntries) : [value]).All(
                item => Regex.IsMatch(item, $"^(?:{pattern})$", RegexOptions.CultureInvariant, PatternTimeout))
                ? $"must match {pattern}"
                : null;
    }

    private static double? Number(YamlMappingNode declaration, string name) =>
        Scalar(declaration, name) is { } text
        && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
            ? value
            : null;

    private static string? Scalar(YamlMappingNode map, string name) =>
        map.Children.TryGetValue(name, out var value) ? (value as YamlScalarNode)?.Value : null;
}
