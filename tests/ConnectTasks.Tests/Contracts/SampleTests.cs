using System.Text;
using ConnectTasks.Tests.Lambda;

namespace ConnectTasks.Tests.Contracts;

/// <summary>Bodies in tests/samples: what is expected of each is in expected.tsv beside them.</summary>
internal static class Samples
{
    public static string RepositoryRoot { get; } = FindRoot();

    public static string Folder { get; } = Path.Combine(RepositoryRoot, "tests", "samples");

    public static string[] Names { get; } =
        [.. Directory.GetFiles(Folder, "*.json").Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)];

    public static string Body(string name) => Encoding.UTF8.GetString(File.ReadAllBytes(Path.Combine(Folder, name)));

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "TaskScheduler.sln")))
            folder = folder.Parent!;
        return folder.FullName;
    }
}

public sealed class SampleTests
{
    [Fact]
    public void What_is_found_in_each_sample_is_what_is_expected()
    {
        var found = Samples.Names.Select(name =>
        {
            var violations = TaskMessage.Read(Samples.Body(name)).Violations;
            var list = string.Join("; ", violations.Select(violation => $"{violation.Code} {violation.Path}"));
            return $"{name}\t{(list.Length == 0 ? "valid" : list)}";
        });

        Assert.Equal(File.ReadAllLines(Path.Combine(Samples.Folder, "expected.tsv")).Skip(1), found);
    }

    [Fact]
    public void There_are_samples_of_every_kind_of_violation()
    {
        // A file of UTF-8 holds no half of a surrogate pair.
        var missing = typeof(ViolationCodes).GetFields().Select(field => field.Name)
            .Except([ViolationCodes.InvalidEncoding])
            .Except(Samples.Names.SelectMany(name => TaskMessage.Read(Samples.Body(name)).Violations)
                .Select(violation => violation.Code));

        Assert.Empty(missing);
        Assert.InRange(Samples.Names.Length, 60, int.MaxValue);
    }

    [Fact]
    public async Task The_function_accepts_exactly_the_good_samples()
    {
        foreach (var name in Samples.Names)
        {
            var rig = new Rig();
            var isGood = name.StartsWith("good-", StringComparison.Ordinal);

            var failed = await rig.DeliverAsync(Some.Record("m-1", Samples.Body(name)));

            // A command for a task that is not there yet comes back.
            Assert.True(isGood || failed.Count == 0, name);
            Assert.True(isGood == (rig.Sqs.Sent.Count == 0), name);
            Assert.True(isGood == (TaskMessage.Read(Samples.Body(name)).Violations.Count == 0), name);
        }
    }
}
