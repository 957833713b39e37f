using System.ComponentModel;
using System.Diagnostics;

namespace ConnectTasks.Tests.Template;

/// <summary>What AWS's own tools make of the template; skipped where they are not installed.</summary>
public sealed class TranslationTests
{
    private static readonly string Folder = Path.Combine(ProjectText.Root, "tests", "ConnectTasks.Tests", "Template");
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task Cfn_lint_reports_nothing()
    {
        var template = Path.Combine(ProjectText.Root, "template.yaml");
        var lint = await RunAsync("cfn-lint", ["--regions", "us-east-1", "eu-central-1", "--", template]);
        Assert.SkipWhen(lint is null, "cfn-lint is not installed: pip install cfn-lint");

        Assert.True(lint is { Code: 0, Output: "" }, $"cfn-lint ended with {lint?.Code}:\n{lint?.Output}");
    }

    [Fact]
    public async Task The_translated_template_is_the_approved_one()
    {
        var probe = await RunAsync("python3", ["-c", "import samtranslator"]);
        Assert.SkipWhen(probe is not { Code: 0 }, "The SAM translator is missing: pip install aws-sam-translator");

        var translated = await RunAsync(
            "python3", [Path.Combine(Folder, "translate.py")], ProjectText.Shipped.Template);

        Assert.True(translated is { Code: 0 }, $"The translator refuses the template:\n{translated?.Output}");
        var received = translated.GetValueOrDefault().Output.ReplaceLineEndings("\n").TrimEnd() + "\n";
        var approvedFile = Path.Combine(Folder, "translated.approved.json");
        var approved = File.Exists(approvedFile) ? await File.ReadAllTextAsync(approvedFile) : "";
        if (received != approved.ReplaceLineEndings("\n"))
        {
            await File.WriteAllTextAsync(Path.Combine(Folder, "translated.received.json"), received);
            Assert.Fail("The translated template has changed. Compare translated.received.json with "
                + "translated.approved.json in tests/ConnectTasks.Tests/Template; if each change is meant, rename it.");
        }
    }

    /// <summary>Runs a program; null if it is not installed.</summary>
    private static async Task<(int Code, string Output)?> RunAsync(
        string program, string[] arguments, string input = "")
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // The translator asks for a Region, though nothing here speaks to AWS.
        start.Environment["AWS_DEFAULT_REGION"] = "us-east-1";
        using var limit = new CancellationTokenSource(Patience);
        Process? process;
        try
        {
            process = Process.Start(start);
        }
        catch (Win32Exception)
        {
            return null;
        }

        using (process)
        {
            var output = process!.StandardOutput.ReadToEndAsync(limit.Token);
            var errors = process.StandardError.ReadToEndAsync(limit.Token);
            await process.StandardInput.WriteAsync(input.AsMemory(), limit.Token);
            process.StandardInput.Close();
            await process.WaitForExitAsync(limit.Token);
            return (process.ExitCode, process.ExitCode == 0 ? await output : await output + await errors);
        }
    }
}
