namespace ConnectTasks.Local;

/// <summary>Finds the program that is deployed as the functions.</summary>
internal static class FunctionExecutable
{
    /// <summary>Environment variable that names another program: a .dll or an executable.</summary>
    public const string Variable = "CONNECT_TASKS_FUNCTION";

    private const string Assembly = "ConnectTasks.Lambda.dll";

    /// <exception cref="LocalException">It is not where it should be.</exception>
    public static string Find(string? given)
    {
        var source = given is null ? $"The environment variable {Variable}" : "--executable";
        given ??= Environment.GetEnvironmentVariable(Variable);
        if (!string.IsNullOrEmpty(given))
        {
            return File.Exists(given)
                ? Path.GetFullPath(given)
                : throw new LocalException($"{source} names {given}, but there is no such file. Build it first.");
        }

        // Beside this program when it was built or packed with the function, or in the same folder as in tests.
        string[] places = [Path.Combine("function", Assembly), Assembly];
        return places.Select(place => Path.Combine(AppContext.BaseDirectory, place)).FirstOrDefault(IsRunnable)
            ?? throw new LocalException(
                $"The function was not found beside this program. Build src/ConnectTasks.Cli, or name the function's "
                + $".dll or executable with --executable or the environment variable {Variable}.");
    }

    private static bool IsRunnable(string path) =>
        File.Exists(path) && File.Exists(Path.ChangeExtension(path, ".runtimeconfig.json"));
}
