using System.Text.Json;
using System.Text.RegularExpressions;
using ConnectTasks.Local;

namespace ConnectTasks.Tests.Local;

public sealed class EmulatorInstallationTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("connect-tasks-").FullName;
    private readonly List<string> _installed = [];
    private readonly List<string> _progress = [];

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task It_is_installed_once_with_progress()
    {
        var first = await PrepareAsync();
        var second = await PrepareAsync();

        Assert.Equal(first.Directory, second.Directory);
        Assert.Single(_installed);
        Assert.Contains(_progress, line => line.Contains(EmulatorInstallation.Packages, StringComparison.Ordinal));
        Assert.True(File.Exists(first.Script));
        Assert.True(File.Exists(Path.Combine(first.Directory, "package-lock.json")));
    }

    [Fact]
    public async Task A_half_made_installation_is_removed_and_made_again()
    {
        await Assert.ThrowsAsync<LocalException>(() => PrepareAsync(directory =>
        {
            File.WriteAllText(Path.Combine(directory, "half"), "");
            throw new LocalException("npm failed");
        }));

        var installation = await PrepareAsync();

        Assert.False(File.Exists(Path.Combine(installation.Directory, "half")));
        Assert.Single(_installed);
    }

    [Fact]
    public async Task Two_at_once_install_it_once()
    {
        var mayFinish = new TaskCompletionSource();
        var started = new TaskCompletionSource();
        var first = EmulatorInstallation.PrepareAsync(
            _root,
            (directory, _) =>
            {
                _installed.Add(directory);
                started.SetResult();
                return mayFinish.Task;
            },
            _ => { }, TimeProvider.System, TestContext.Current.CancellationToken);
        await started.Task;
        var waits = new TaskCompletionSource();
        var second = EmulatorInstallation.PrepareAsync(
            _root, (_, _) => throw new InvalidOperationException("installed twice"), _ => waits.TrySetResult(),
            TimeProvider.System, TestContext.Current.CancellationToken);
        await waits.Task;

        mayFinish.SetResult();

        Assert.Equal((await first).Directory, (await second).Directory);
        Assert.Single(_installed);
    }

    [Fact]
    public void The_packages_are_pinned_and_no_registry_is_named()
    {
        var source = Path.Combine(AppContext.BaseDirectory, "Emulators");
        using var package = JsonDocument.Parse(File.ReadAllText(Path.Combine(source, "package.json")));
        var pinned = package.RootElement.GetProperty("dependencies").EnumerateObject()
            .Select(dependency => $"{dependency.Name} {dependency.Value}").Order(StringComparer.Ordinal);
        Assert.Equal(EmulatorInstallation.Packages.Replace(" and ", ", ", StringComparison.Ordinal).Split(", ").Order(StringComparer.Ordinal), pinned);

        var lockFile = File.ReadAllText(Path.Combine(source, "package-lock.json"));
        Assert.DoesNotContain("\"resolved\"", lockFile, StringComparison.Ordinal);
        var packages = Regex.Count(lockFile, "\"node_modules/");
        Assert.Equal(packages, Regex.Count(lockFile, "\"integrity\": \"sha512-"));
    }

    private Task<EmulatorInstallation> PrepareAsync(Action<string>? install = null) =>
        EmulatorInstallation.PrepareAsync(
            _root,
            (directory, _) =>
            {
                install?.Invoke(directory);
                _installed.Add(directory);
                return Task.CompletedTask;
            },
            _progress.Add, TimeProvider.System, TestContext.Current.CancellationToken);
}
