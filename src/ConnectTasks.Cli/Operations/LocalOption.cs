using System.CommandLine;
using System.Net.Http.Json;
using System.Text.Json;
using ConnectTasks.Local;

namespace ConnectTasks.Cli;

/// <summary><c>--local</c>: the system that runs on this machine, in place of one in AWS.</summary>
internal sealed class LocalOption
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    private readonly Option<Uri?> _option = new("--local")
    {
        Description = "The system that `connect-tasks local` runs here; with the URL of its Connect if that is not "
            + $"http://127.0.0.1:{LocalCommand.ConnectPort}.",
        HelpName = "url",
        Arity = ArgumentArity.ZeroOrOne,
        CustomParser = argument =>
        {
            if (argument.Tokens.Count == 0)
                return null;
            if (Uri.TryCreate(argument.Tokens[0].Value, UriKind.Absolute, out var url) && url.Scheme is "http")
                return url;
            argument.AddError("--local must be a URL such as http://127.0.0.1:4752, or have none, and then not stand "
                + "before a file.");
            return null;
        },
    };

    public void AddTo(Command command) => command.Options.Add(_option);

    /// <summary>Where that system's parts are; null if the option is not given.</summary>
    /// <exception cref="LocalException">Nothing runs there.</exception>
    public async Task<SystemAddress?> FindAsync(ParseResult result, CancellationToken cancellation)
    {
        if (result.GetResult(_option) is null)
            return null;
        var url = result.GetValue(_option) ?? new Uri($"http://127.0.0.1:{LocalCommand.ConnectPort}");
        try
        {
            using var http = new HttpClient { Timeout = Timeout };
            return await http.GetFromJsonAsync<SystemAddress>(new Uri(url, "/_local/system"), cancellation);
        }
        catch (Exception e) when (e is HttpRequestException or JsonException or NotSupportedException
            || (e is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            throw new LocalException(
                $"No system runs on this machine at {SystemOptions.Text(url)}: start one with `connect-tasks local`, "
                    + "or give the URL that it shows for Connect, as in --local http://127.0.0.1:4752.");
        }
    }
}
