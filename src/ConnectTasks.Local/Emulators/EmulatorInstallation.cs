using System.Security.Cryptography;

namespace ConnectTasks.Local;

/// <summary>
/// The npm packages of the emulators, in a folder of the user's that is named after the lock file's hash: installed on
/// first use, shared by every later one, and new when the lock file changes.
/// </summary>
internal sealed class EmulatorInstallation
{
    /// <summary>Environment variable that moves the folder under which the emulators are installed.</summary>
    public const string DirectoryVariable = "CONNECT_TASKS_CACHE";

    public const string Packages = "fauxqs 1.9.2, dynalite 4.0.0 and uplot 1.6.32";
    private const string InstalledMark = ".installed";
    private static readonly TimeSpan LockPollInterval = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LockTimeout = TimeSpan.FromMinutes(5);
    private static readonly string[] Files = ["package.json", "package-lock.json", ".npmrc", "emulator.mjs"];

    private EmulatorInstallation(string directory) => Directory = directory;

    public string Directory { get; }

    public string Script => Path.Combine(Directory, "emulator.mjs");

    /// <summary>Where the page's charting library is, as a browser takes it.</summary>
    public string ChartDirectory => Path.Combine(Directory, "node_modules", "uplot", "dist");

    /// <summary>The folder under which emulators are installed if the environment names no other.</summary>
    public static string DefaultRoot =>
        Environment.GetEnvironmentVariable(DirectoryVariable) is { Length: > 0 } directory
            ? Path.GetFullPath(directory)
            : Path.Combine(
                Environment.GetFolderPath(
                    Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify),
                "connect-tasks");

    /// <summary>
    /// Finds the installation, or makes it. Safe when several processes do so at once: one installs, the others wait.
    /// A half-made one is removed first. <paramref name="install"/> makes a folder with a lock file complete, as
    /// <c>npm ci</c> does; <paramref name="progress"/> takes a line when something takes long.
    /// </summary>
    /// <exception cref="LocalException">The folder cannot be written, or the installation fails.</exception>
    public static async Task<EmulatorInstallation> PrepareAsync(
        string root,
        Func<string, CancellationToken, Task> install,
        Action<string> progress,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        var source = Path.Combine(AppContext.BaseDirectory, "Emulators");
        var directory = Path.Combine(root, "emulators-" + await HashAsync(source, cancellationToken));
        var installation = new EmulatorInstallation(directory);
        if (installation.IsComplete)
            return installation;

        try
        {
            System.IO.Directory.CreateDirectory(root);
            using var gate = await LockAsync(directory + ".lock", progress, time, cancellationToken);
            if (installation.IsComplete)
                return installation;

            if (System.IO.Directory.Exists(directory))
                System.IO.Directory.Delete(directory, recursive: true);
            System.IO.Directory.CreateDirectory(directory);
            foreach (var file in Files)
                File.Copy(Path.Combine(source, file), Path.Combine(directory, file));

            progress($"Installing the emulators and the charts of the page ({Packages}) into {directory}, once ...");
            var started = time.GetTimestamp();
            await install(directory, cancellationToken);
            await File.WriteAllTextAsync(Path.Combine(directory, InstalledMark), "", cancellationToken);
            progress($"Installed the emulators in {time.GetElapsedTime(started).TotalSeconds:0} s.");
            return installation;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LocalException(
                $"The emulators cannot be installed into {directory}: {e.Message} Make the folder writable, or name "
                + $"another one in the environment variable {DirectoryVariable}.");
        }
    }

    private bool IsComplete => File.Exists(Path.Combine(Directory, InstalledMark));

    private static async Task<string> HashAsync(string source, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in Files)
            hash.AppendData(await File.ReadAllBytesAsync(Path.Combine(source, file), cancellationToken));
        return Convert.ToHexStringLower(hash.GetHashAndReset())[..16];
    }

    /// <summary>The lock dies with its process, so that a crash leaves nothing to clean up.</summary>
    private static async Task<FileStream> LockAsync(
        string path, Action<string> progress, TimeProvider time, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.None);
            }
            // The type of a taken lock exactly: a missing folder, for one, is a type of its own.
            catch (IOException e) when (e.GetType() == typeof(IOException))
            {
                if (time.GetElapsedTime(began) > LockTimeout)
                {
                    throw new LocalException(
                        $"Another process has been installing the emulators for {LockTimeout.TotalMinutes} minutes "
                        + $"(it holds {path}). Look at what it waits for, or stop it.");
                }

                if (attempt == 0)
                    progress("Waiting for another process that installs the emulators ...");
                await Task.Delay(LockPollInterval, time, cancellationToken);
            }
        }
    }
}
