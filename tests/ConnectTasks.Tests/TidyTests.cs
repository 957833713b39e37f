using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace ConnectTasks.Tests;

/// <summary>What the repository says of itself is true, and its code stays readable.</summary>
public sealed partial class TidyTests
{
    private static readonly string Root = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(Here())!, "../.."));

    [Fact]
    public void Every_test_that_the_list_of_faults_names_is_there()
    {
        var code = string.Concat(Sources("tests").Select(File.ReadAllText));
        var names = TestName().Matches(File.ReadAllText(Path.Combine(Root, "tests/FAULTS.md"))).Select(m => m.Groups[1].Value);
        Assert.All(names, name => Assert.Contains($" {name}(", code, StringComparison.Ordinal));
        Assert.True(names.Count() > 60);
    }

    [Fact]
    public void The_readme_shows_the_producers_sample_that_is_compiled_and_run()
    {
        var sample = File.ReadAllText(Path.Combine(Root, "tests/ConnectTasks.Tests/Client/ProducerSample.cs"));
        var code = Sample().Match(sample).Groups[1].Value;
        var lines = code.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0);
        var readme = File.ReadAllText(Path.Combine(Root, "README.md")).Split('\n').Select(line => line.Trim());
        Assert.Empty(lines.Except(readme));
    }

    [Fact]
    public void The_readmes_outcome_table_is_in_the_order_of_the_code()
    {
        var inCode = typeof(ConnectTasks.Lambda.Outcome).GetNestedTypes()
            .Where(t => t.IsSubclassOf(typeof(ConnectTasks.Lambda.Outcome))).Select(t => t.Name);
        var inReadme = Row().Matches(File.ReadAllText(Path.Combine(Root, "README.md")))
            .SelectMany(m => m.Groups[1].Value.Split(", "));
        Assert.Equal(inCode, inReadme);
    }

    [Fact]
    public void Files_have_at_most_300_lines_and_lines_at_most_120_characters()
    {
        var tooLong = Sources("src").SelectMany(file =>
        {
            var lines = File.ReadAllLines(file);
            var name = Path.GetRelativePath(Root, file);
            return lines.Select((line, i) => line.Length > 120 ? $"{name}:{i + 1} has {line.Length} characters" : null)
                .Append(lines.Length > 300 ? $"{name} has {lines.Length} lines" : null)
                .OfType<string>();
        });
        Assert.Empty(tooLong);
    }

    private static IEnumerable<string> Sources(string folder) =>
        Directory.EnumerateFiles(Path.Combine(Root, folder), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal));

    private static string Here([CallerFilePath] string path = "") => path;

    [GeneratedRegex("`([A-Z][a-z]*[A-Za-z0-9]*_[a-z][A-Za-z0-9_]*)`")]
    private static partial Regex TestName();

    [GeneratedRegex("// <sample>(.*)// </sample>", RegexOptions.Singleline)]
    private static partial Regex Sample();

    [GeneratedRegex(@"^\| \d+ \| ([A-Za-z, ]+?) \|", RegexOptions.Multiline)]
    private static partial Regex Row();
}
