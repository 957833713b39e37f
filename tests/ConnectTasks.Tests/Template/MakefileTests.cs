using System.ComponentModel;
using System.Diagnostics;

namespace ConnectTasks.Tests.Template;

/// <summary>What <c>make</c> does for <c>sam build</c>, with stand-ins for <c>dotnet</c> and <c>uname</c>.</summary>
public sealed class MakefileTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("make and build ");

    public static TheoryData<string, string, string> Mutations { get; } = new()
    {
        { nameof(AnotherArchitecture), "!= \"$$wanted\"", "= none" },
        { nameof(AnotherArchitecture), "build.toml\"", "other.toml\"" },
        { nameof(UnknownArchitecture), ":-$$ARCHITECTURE", ":-x86_64" },
        { nameof(AnotherSystem), "Linux-x86_64)", "*-x86_64)" },
        { nameof(ThisArchitecture), "--runtime \"linux-$$rid\"", "" },
        { nameof(ThisArchitecture), "/bootstrap\"", "/start\"" },
        { nameof(PathWithSpaces), "\"$$folder/ConnectTasks.Lambda.csproj\"", "$$folder/ConnectTasks.Lambda.csproj" },
        { nameof(Packages), "-p:GenerateRuntimeConfigurationFiles=true", "" },
        { nameof(Packages), "dotnet publish", "AwsPackages=official dotnet publish" },
    };

    public void Dispose() => _root.Delete(recursive: true);

    [Fact]
    public async Task An_executable_is_built_for_the_architecture_that_is_deployed() =>
        await HoldsAsync(ThisArchitecture);

    [Fact]
    public async Task A_build_for_another_architecture_is_refused() => await HoldsAsync(AnotherArchitecture);

    [Fact]
    public async Task A_build_for_an_unknown_architecture_is_refused() => await HoldsAsync(UnknownArchitecture);

    [Fact]
    public async Task A_build_on_another_system_is_refused() => await HoldsAsync(AnotherSystem);

    [Fact]
    public async Task The_project_is_found_in_a_path_with_spaces() => await HoldsAsync(PathWithSpaces);

    [Fact]
    public async Task The_AWS_packages_are_chosen_as_for_the_managed_runtime() => await HoldsAsync(Packages);

    [Theory]
    [MemberData(nameof(Mutations))]
    public async Task A_broken_Makefile_is_noticed(string rule, string find, string replace)
    {
        var makefile = ProjectText.Shipped.Makefile;
        Assert.Contains(find, makefile, StringComparison.Ordinal);
        Func<string, Task<string?>> check = rule switch
        {
            nameof(ThisArchitecture) => ThisArchitecture,
            nameof(AnotherArchitecture) => AnotherArchitecture,
            nameof(UnknownArchitecture) => UnknownArchitecture,
            nameof(AnotherSystem) => AnotherSystem,
            nameof(PathWithSpaces) => PathWithSpaces,
            _ => Packages,
        };

        Assert.NotNull(await check(makefile.Replace(find, replace, StringComparison.Ordinal)));
    }

    private static async Task HoldsAsync(Func<string, Task<string?>> check) =>
        Assert.Null(await check(ProjectText.Shipped.Makefile));

    // Each gives what is wrong with the Makefile, or null.
    private async Task<string?> ThisArchitecture(string makefile)
    {
        foreach (var (machine, architecture, runtime) in (ValueTuple<string, string, string>[])
            [("x86_64", "x86_64", "linux-x64"), ("aarch64", "arm64", "linux-arm64")])
        {
            var run = await MakeAsync(makefile, "Linux", machine, architecture);
            if (run.Code != 0 || !run.Arguments.Contains($"--runtime\n{runtime}\n", StringComparison.Ordinal))
                return $"{machine} does not build {runtime}: {run.Output}";
            if (!File.Exists(Path.Combine(run.Artifacts, "bootstrap")))
                return "Lambda looks for an executable named bootstrap.";
        }

        // A build in a container has no build.toml.
        var told = await MakeAsync(makefile, "Linux", "x86_64", null, ("ARCHITECTURE", "x86_64"));
        return told.Code == 0 ? null : told.Output;
    }

    private async Task<string?> AnotherArchitecture(string makefile)
    {
        var run = await MakeAsync(makefile, "Linux", "x86_64", "arm64", ("ARCHITECTURE", "x86_64"));
        return Refused(run, "This machine builds for x86_64, but the functions' Architecture is arm64");
    }

    private async Task<string?> UnknownArchitecture(string makefile) =>
        Refused(await MakeAsync(makefile, "Linux", "x86_64", null), "ARCHITECTURE");

    private async Task<string?> AnotherSystem(string makefile) =>
        Refused(await MakeAsync(makefile, "Darwin", "x86_64", "x86_64"), "This machine builds for Darwin-x86_64");

    private async Task<string?> PathWithSpaces(string makefile)
    {
        var run = await MakeAsync(makefile, "Linux", "x86_64", "x86_64");
        return run.Arguments.Contains($"{run.Project}\n", StringComparison.Ordinal) ? null : run.Arguments + run.Output;
    }

    private async Task<string?> Packages(string makefile)
    {
        // AwsPackages unset and this property: choice.props takes the official ones and says what to do without them.
        var run = await MakeAsync(makefile, "Linux", "x86_64", "x86_64");
        if (!run.Arguments.Contains("-p:GenerateRuntimeConfigurationFiles=true\n", StringComparison.Ordinal)
            || !run.Arguments.Contains("AwsPackages=\n", StringComparison.Ordinal))
            return run.Arguments + run.Output;
        var asked = await MakeAsync(makefile, "Linux", "x86_64", "x86_64", ("AwsPackages", "bindings"));
        return asked.Arguments.Contains("AwsPackages=bindings\n", StringComparison.Ordinal)
            ? null
            : asked.Arguments + asked.Output;
    }

    private static string? Refused(MakeRun run, string reason) =>
        run.Code != 0 && run.Arguments.Length == 0 && run.Output.Contains(reason, StringComparison.Ordinal)
            ? null
            : $"Not refused because of \"{reason}\": {run.Output}";

    /// <summary>Lays out a build as <c>sam build</c> does, and runs make.</summary>
    private async Task<MakeRun> MakeAsync(
        string makefile, string system, string machine, string? architecture,
        params (string Name, string Value)[] environment)
    {
        var root = _root.CreateSubdirectory(Guid.NewGuid().ToString());
        var (source, tools) = (root.CreateSubdirectory("our source"), root.CreateSubdirectory("tools"));
        var artifacts = root.CreateSubdirectory(".aws-sam/build/DispatchFunction");
        var arguments = Path.Combine(root.FullName, "arguments.txt");
        await File.WriteAllTextAsync(Path.Combine(source.FullName, "Makefile"), makefile);
        if (architecture is not null)
        {
            await File.WriteAllTextAsync(Path.Combine(root.FullName, ".aws-sam", "build.toml"), $"""
                # This file is auto generated by SAM CLI build command

                [function_build_definitions.0c0b1a5e-0000-4000-8000-000000000000]
                codeuri = "src/ConnectTasks.Lambda"
                runtime = "provided.al2023"
                architecture = "{architecture}"
                functions = ["DispatchFunction", "ReleaseFunction"]

                """.ReplaceLineEndings("\n"));
        }

        await ScriptAsync(tools, "uname", $"[ \"$1\" = -m ] && echo {machine} || echo {system}");
        await ScriptAsync(tools, "dotnet", $"""
            printf '%s\n' "$@" "AwsPackages=$AwsPackages" > '{arguments}'
            touch "$ARTIFACTS_DIR/ConnectTasks.Lambda"
            """);
        var start = new ProcessStartInfo("make")
        {
            ArgumentList = { "--makefile", Path.Combine(source.FullName, "Makefile"), "build-DispatchFunction" },
            WorkingDirectory = root.CreateSubdirectory("scratch").FullName,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var name in (string[])["AwsPackages", "ARCHITECTURE", "MAKEFLAGS", "MAKEFILES"])
            start.Environment.Remove(name);
        start.Environment["PATH"] = $"{tools.FullName}:{Environment.GetEnvironmentVariable("PATH")}";
        start.Environment["ARTIFACTS_DIR"] = artifacts.FullName;
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        var (code, output) = await RunAsync(start);
        var seen = File.Exists(arguments) ? await File.ReadAllTextAsync(arguments) : "";
        return new MakeRun(
            code, output, seen, artifacts.FullName, Path.Combine(source.FullName, "ConnectTasks.Lambda.csproj"));
    }

    private static async Task<(int Code, string Output)> RunAsync(ProcessStartInfo start)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The stand-ins are shell scripts.");
        using var limit = new CancellationTokenSource(Patience);
        Process? process = null;
        try
        {
            process = Process.Start(start);
        }
        catch (Win32Exception)
        {
            Assert.Skip("make is not installed.");
        }

        using (process)
        {
            var output = process!.StandardOutput.ReadToEndAsync(limit.Token);
            var errors = process.StandardError.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            return (process.ExitCode, await output + await errors);
        }
    }

    private static async Task ScriptAsync(DirectoryInfo folder, string name, string commands)
    {
        var path = Path.Combine(folder.FullName, name);
        await File.WriteAllTextAsync(path, $"#!/bin/sh\n{commands.ReplaceLineEndings("\n")}\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    /// <summary>What make did.</summary>
    /// <param name="Arguments">Of <c>dotnet</c>, and its AwsPackages, one a line; empty if it was not called.</param>
    private sealed record MakeRun(int Code, string Output, string Arguments, string Artifacts, string Project);
}
