using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ConnectTasks.Lambda;
using YamlDotNet.RepresentationModel;

namespace ConnectTasks.Tests.Template;

/// <summary>Rules about the commands that are documented: what they build, deploy and run.</summary>
internal static partial class BuildRules
{
    private const string Invoke =
        "sam local invoke DispatchFunction --event tests/events/single.json --env-vars tests/events/env.json";

    private static readonly string[] Services = ["SQS", "DYNAMODB", "CONNECT"];

    public static IEnumerable<string> Build_and_deploy_read_the_same_parameters(ProjectText project)
    {
        foreach (var environment in (string[])["default", "dev", "prod"])
        {
            var section = Sections(project.SamConfig).GetValueOrDefault($"{environment}.global.parameters", "");
            var list = Overrides.Match(section).Groups["list"].Value;
            foreach (var name in (string[])["Runtime", "Architecture"])
            {
                if (!list.Contains($"\"{name}=", StringComparison.Ordinal))
                    yield return $"{environment} does not say which {name} is built and deployed.";
            }
        }

        // A command's own list replaces the global one, and the other command does not see it.
        foreach (var (name, section) in Sections(project.SamConfig))
        {
            if (!name.EndsWith(".global.parameters", StringComparison.Ordinal) && Overrides.IsMatch(section))
                yield return $"[{name}] has parameters that the other commands do not see.";
        }
    }

    public static IEnumerable<string> Documented_commands_keep_the_parameters(ProjectText project)
    {
        var documents = new Dictionary<string, string>
        {
            ["README.md"] = project.Readme,
            ["samconfig.toml"] = project.SamConfig,
            ["template.yaml"] = project.Template,
            ["Makefile"] = project.Makefile,
        };
        foreach (var (name, text) in documents)
        {
            foreach (Match command in SamCommand.Matches(text))
            {
                // Both replace samconfig's list: the one for this command, the other for every deployment after it.
                if (command.Value.Contains("--parameter-overrides", StringComparison.Ordinal)
                    || command.Value.Contains("--guided", StringComparison.Ordinal))
                    yield return $"{name} says {command.Value}, which replaces the parameters of samconfig.toml.";
            }
        }
    }

    public static IEnumerable<string> Sam_local_invoke_starts_the_function_as_documented(ProjectText project)
    {
        if (!project.Readme.Contains(Invoke, StringComparison.Ordinal))
            yield return $"README.md does not say {Invoke}.";
        var given = JsonNode.Parse(project.LocalVariables)!.AsObject();
        foreach (var function in project.With().Functions)
        {
            var variables = (given[function.LogicalId] as JsonObject ?? []).ToDictionary(v => v.Key, v => $"{v.Value}");
            // SAM passes no variable that the template does not declare.
            var declared = Declared(project, function.LogicalId);
            foreach (var name in variables.Keys.Except(declared))
                yield return $"SAM does not pass {name} to {function.LogicalId}: the template does not declare it.";
            foreach (var name in Services.Select(s => $"AWS_ENDPOINT_URL_{s}"))
            {
                if (!variables.ContainsKey(name))
                    yield return $"{function.LogicalId} would call AWS: env.json has no {name}.";
                if (function.Environment.ContainsKey(name))
                    yield return $"{function.LogicalId} has {name} when it is deployed.";
            }

            string? fault = null;
            try
            {
                Settings.Read(name =>
                    variables.GetValueOrDefault(name) ?? function.Environment.GetValueOrDefault(name));
            }
            catch (SettingsException e)
            {
                fault = e.Message;
            }

            if (fault is not null)
                yield return $"{function.LogicalId}: {fault}";
        }
    }

    /// <summary>The variables that the template has a line for, whatever their value.</summary>
    private static HashSet<string> Declared(ProjectText project, string function)
    {
        var globals = (YamlMappingNode)project.Yaml("Globals")["Function"]["Environment"]["Variables"];
        var own = (YamlMappingNode)project.Yaml("Resources")[function]["Properties"]["Environment"]["Variables"];
        return [.. globals.Children.Concat(own.Children).Select(v => v.Key.ToString())];
    }

    private static Dictionary<string, string> Sections(string toml) => Section.Matches(toml)
        .ToDictionary(m => m.Groups["name"].Value, m => m.Groups["body"].Value);

    [GeneratedRegex(@"^\[(?<name>[a-z_.]+)\]\n(?<body>(?!\[).*?)(?=^\[|\z)",
        RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Section { get; }

    [GeneratedRegex(@"^parameter_overrides\s*=\s*\[(?<list>[^\]]*)\]", RegexOptions.Multiline)]
    private static partial Regex Overrides { get; }

    [GeneratedRegex(@"\bsam (build|deploy)\b[^`\n]*")]
    private static partial Regex SamCommand { get; }
}
