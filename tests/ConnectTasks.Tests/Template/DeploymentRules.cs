using System.Text.RegularExpressions;
using ConnectTasks.Local;
using YamlDotNet.RepresentationModel;
using static ConnectTasks.Tests.Template.ProjectText;

namespace ConnectTasks.Tests.Template;

/// <summary>Rules about parameters, and about how this is built, checked and deployed.</summary>
internal static partial class DeploymentRules
{
    public static IEnumerable<string> Every_parameter_is_described_bounded_grouped_and_labelled(ProjectText project)
    {
        var view = (YamlMappingNode)project.Yaml("Metadata")["AWS::CloudFormation::Interface"];
        var grouped = ((YamlSequenceNode)view["ParameterGroups"])
            .SelectMany(g => (YamlSequenceNode)g["Parameters"]).Select(p => p.ToString()).ToArray();
        var labelled = ((YamlMappingNode)view["ParameterLabels"]).Children.Keys.Select(k => k.ToString()).ToArray();
        var parameters = project.Yaml("Parameters").Children
            .ToDictionary(p => p.Key.ToString(), p => (YamlMappingNode)p.Value);
        foreach (var (name, parameter) in parameters)
        {
            var has = parameter.Children.Keys.Select(k => k.ToString()).ToHashSet();
            if (!has.Contains("Description"))
                yield return $"{name} is not described.";
            if (!has.Contains("AllowedValues") && !has.Contains("AllowedPattern")
                && !has.IsSupersetOf(["MinValue", "MaxValue"]))
                yield return $"{name} takes anything.";
            if (has.Contains("AllowedPattern") && !has.Contains("ConstraintDescription"))
                yield return $"{name} does not say in words what it takes.";
            if (has.Contains("Default") == (name == "ConnectInstanceId"))
                yield return $"{name} must{(name == "ConnectInstanceId" ? " not" : "")} have a default.";
            if (grouped.Count(g => g == name) != 1 || labelled.Count(l => l == name) != 1)
                yield return $"{name} is not in one group with one label.";
        }

        foreach (var name in grouped.Concat(labelled).Except(parameters.Keys))
            yield return $"There is no parameter {name}.";
    }

    public static IEnumerable<string> One_build_serves_both_functions(ProjectText project)
    {
        var globals = (YamlMappingNode)project.Yaml("Globals")["Function"];
        foreach (var name in (string[])["Runtime", "Handler", "CodeUri", "Architectures"])
        {
            if (!globals.Children.ContainsKey(name))
                yield return $"{name} is not global: each function would be built by itself.";
            foreach (var function in project.With().Functions.Select(f => f.LogicalId))
            {
                if (Properties(project.With(), function).ContainsKey(name))
                    yield return $"{function} has a {name} of its own.";
            }
        }

        // The build reads them in this file, not in what it imports.
        foreach (var line in (string[])["<TargetFramework>net10.0</TargetFramework>", "<OutputType>Exe</OutputType>"])
        {
            if (!project.FunctionProject.Contains(line, StringComparison.Ordinal))
                yield return $"The function's project file does not say {line}.";
        }
    }

    public static IEnumerable<string> The_configuration_fits_the_template_and_names_no_account(ProjectText project)
    {
        foreach (var environment in (string[])["default", "dev", "prod"])
        {
            if (!project.SamConfig.Contains($"[{environment}.deploy.parameters]", StringComparison.Ordinal))
                yield return $"samconfig.toml has no {environment}.";
            // SAM hashes CodeUri alone, and "Build Succeeded" with yesterday's ConnectTasks.Contracts would follow.
            if (!project.SamConfig.Contains(
                $"[{environment}.build.parameters]\ncached = false\n", StringComparison.Ordinal))
                yield return $"{environment} builds from a cache that does not see the other projects.";
        }

        if (TwelveDigits.IsMatch(project.SamConfig))
            yield return "samconfig.toml has an account's number.";
        var overrides = Overrides.Matches(project.SamConfig).Select(m => m.Groups["list"].Value).ToArray();
        foreach (var list in overrides)
        {
            var values = Assignment.Matches(list)
                .Select(m => (m.Groups["name"].Value, m.Groups["value"].Value)).ToArray();
            string? fault = null;
            try
            {
                project.With(values);
            }
            catch (LocalException e)
            {
                fault = e.Message;
            }

            if (fault is not null)
                yield return $"samconfig.toml: {fault}";
        }

        if (overrides.Length < 2)
            yield return "samconfig.toml says nothing about dev and prod.";
    }

    public static IEnumerable<string> The_workflow_builds_both_choices_and_can_do_no_harm(ProjectText project)
    {
        foreach (Match action in Uses.Matches(project.Workflow))
        {
            if (!PinnedAction.IsMatch(action.Groups["action"].Value))
                yield return $"{action.Groups["action"].Value} is not pinned to a commit.";
        }

        if (!project.Workflow.Contains("\npermissions:\n  contents: read\n", StringComparison.Ordinal))
            yield return "The workflow may do more than read.";
        foreach (var needed in (string[])["bindings", "official", "sam validate --lint", ".ci/run"])
        {
            if (!project.Workflow.Contains(needed, StringComparison.Ordinal))
                yield return $"The workflow has no {needed}.";
        }

        foreach (var harm in (string[])["nuget push", "sam deploy", "secrets.", "id-token"])
        {
            if (project.Workflow.Contains(harm, StringComparison.Ordinal))
                yield return $"The workflow has {harm}: it publishes nothing and knows no secret.";
        }
    }

    [GeneratedRegex(@"(?<!\d)\d{12}(?!\d)")]
    private static partial Regex TwelveDigits { get; }

    [GeneratedRegex(@"parameter_overrides\s*=\s*\[(?<list>[^\]]*)\]")]
    private static partial Regex Overrides { get; }

    [GeneratedRegex("\"(?<name>[A-Za-z]+)=(?<value>[^\"]*)\"")]
    private static partial Regex Assignment { get; }

    [GeneratedRegex(@"uses:\s*(?<action>\S+)")]
    private static partial Regex Uses { get; }

    [GeneratedRegex("^[A-Za-z0-9-]+/[A-Za-z0-9-]+@[0-9a-f]{40}$")]
    private static partial Regex PinnedAction { get; }
}
