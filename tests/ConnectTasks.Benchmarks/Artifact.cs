using System.Diagnostics;
using System.IO.Compression;
using System.Runtime.InteropServices;

namespace ConnectTasks.Benchmarks;

/// <summary>One way to publish the function, and what came of it.</summary>
internal sealed record Artifact
{
    private const string Project = "src/ConnectTasks.Lambda";

    public required string Name { get; init; }

    /// <summary>Full path of the program: a <c>.dll</c>, or a native executable.</summary>
    public required string Program { get; init; }

    /// <summary>The size of the deployed zip file, in bytes.</summary>
    public required long ZipBytes { get; init; }

    /// <summary>
    /// The variants, from what costs most to what costs least: the first is what the others are held against.
    /// </summary>
    public static IReadOnlyList<(string Name, string[] Properties)> Variants { get; } =
    [
        ("jit", ["PublishReadyToRun=false"]),
        ("ready-to-run", []),
        ("native-aot", ["PublishAot=true"]),
    ];

    /// <summary>
    /// Publishes one variant into <c>artifacts/benchmarks/</c>, with build outputs of its own. MSBuild does only what is
    /// out of date, so the second run takes seconds.
    /// </summary>
    /// <exception cref="BenchmarkException">The build failed.</exception>
    public static async Task<Artifact> PublishAsync(string name, string[] properties, TextWriter progress)
    {
        var root = Repository();
        var build = Path.Combine(root, "artifacts", "benchmarks", FolderOf(name));
        var output = Path.Combine(build, "function");
        await progress.WriteLineAsync($"publishing {name} ...");
        // What an earlier version of the project left there would be measured too.
        if (Directory.Exists(output))
            Directory.Delete(output, recursive: true);
        var start = new ProcessStartInfo("dotnet") { WorkingDirectory = root, RedirectStandardOutput = true };
        string[] arguments =
        [
            "publish", Project, "--configuration", "Release", "--runtime", RuntimeInformation.RuntimeIdentifier,
            "--artifacts-path", build, "--output", output, "--disable-build-servers", "--nologo", .. properties.Select(p => "-p:" + p),
        ];
        Array.ForEach(arguments, start.ArgumentList.Add);
        using var dotnet = Process.Start(start)!;
        var log = await dotnet.StandardOutput.ReadToEndAsync();
        await dotnet.WaitForExitAsync();
        if (dotnet.ExitCode != 0)
            throw new BenchmarkException($"dotnet {string.Join(' ', arguments)} failed:\n{log}");
        return Of(name, output);
    }

    // MSBuild takes a * or a ; in a path for more than a character.
    private static string FolderOf(string name) =>
        string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' ? c : '_'));

    private static Artifact Of(string name, string output)
    {
        var assembly = Path.Combine(output, "ConnectTasks.Lambda.dll");
        return new Artifact
        {
            Name = name,
            Program = File.Exists(assembly) ? assembly : Path.ChangeExtension(assembly, null),
            ZipBytes = Zip(output),
        };
    }

    private static long Zip(string directory)
    {
        var file = directory + ".zip";
        File.Delete(file);
        ZipFile.CreateFromDirectory(directory, file, CompressionLevel.SmallestSize, includeBaseDirectory: false);
        return new FileInfo(file).Length;
    }

    private static string Repository()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "TaskScheduler.sln")))
            directory = directory.Parent;
        return directory?.FullName
            ?? throw new BenchmarkException("Run this from its repository: no TaskScheduler.sln above the program.");
    }
}

/// <summary>The benchmark can't be run; the message says why.</summary>
internal sealed class BenchmarkException(string message) : Exception(message);
