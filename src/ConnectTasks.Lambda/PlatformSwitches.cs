using Microsoft.Extensions.Logging;

namespace ConnectTasks.Lambda;

/// <summary>
/// Environment variables with which the official Lambda packages would do what this function must not do. They are
/// corrected before the packages read them, so both forms of the packages behave alike.
/// </summary>
internal static partial class PlatformSwitches
{
    /// <summary>With it the official serializer prints each event, the bodies of all messages with it.</summary>
    private const string SerializerDebug = "LAMBDA_NET_SERIALIZER_DEBUG";

    private const string NoProxy = "no_proxy";

    private static readonly string[] Proxies = ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"];

    /// <summary>Corrects what is to be corrected.</summary>
    /// <param name="variable">Gives the value of an environment variable.</param>
    /// <param name="set">Sets one, or removes it with null.</param>
    /// <returns>One sentence for each correction, to be logged when there is a log.</returns>
    public static IReadOnlyList<string> Correct(Func<string, string?> variable, Action<string, string?> set)
    {
        var corrections = new List<string>();
        if (variable(SerializerDebug) is not null)
        {
            set(SerializerDebug, null);
            corrections.Add($"{SerializerDebug} is ignored: it would print the bodies of messages.");
        }

        // .NET reads the name in small letters first, and the one in capitals only where that is not set.
        var runtime = variable("AWS_LAMBDA_RUNTIME_API")?.Split(':')[0];
        var exceptions = variable(NoProxy) ?? variable("NO_PROXY") ?? "";
        if (runtime is { Length: > 0 } && Array.Exists(Proxies, name => variable(name) is { Length: > 0 })
            && !exceptions.Split(',', StringSplitOptions.TrimEntries)
                .Contains(runtime, StringComparer.OrdinalIgnoreCase))
        {
            set(NoProxy, exceptions.Length == 0 ? runtime : $"{exceptions},{runtime}");
            corrections.Add($"{runtime} was added to {NoProxy}: no proxy can reach Lambda's Runtime API.");
        }

        return corrections;
    }

    [LoggerMessage(LogLevel.Warning, "{Correction}")]
    public static partial void EnvironmentCorrected(this ILogger log, string correction);
}
