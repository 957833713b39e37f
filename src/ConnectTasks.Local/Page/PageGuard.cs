using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace ConnectTasks.Local;

/// <summary>A refusal of a request: the status and a sentence.</summary>
internal sealed record PageRefusal(int Status, string Sentence);

/// <summary>
/// Who may talk to the page: a browser on this machine that shows the page itself. Another site that is open in the
/// same browser may not, neither by a request across origins nor by a name of its own that resolves to loopback.
/// </summary>
internal sealed class PageGuard(int port, string token)
{
    public const string TokenHeader = "X-Page-Token";

    /// <summary>The longest body of a request, in bytes.</summary>
    public const int BodyMaxBytes = 1_048_576;

    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private readonly string[] _hosts = [$"127.0.0.1:{port}", $"localhost:{port}", $"[::1]:{port}"];
    private readonly byte[] _token = Encoding.UTF8.GetBytes(token);

    public string Token => token;

    public static void SetHeaders(IHeaderDictionary headers)
    {
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers.CacheControl = "no-store";
    }

    /// <summary>Why a request is refused; null if it is not.</summary>
    public PageRefusal? Check(HttpRequest request)
    {
        var headers = request.Headers;
        if (!_hosts.Contains(headers.Host.ToString(), StringComparer.OrdinalIgnoreCase))
        {
            return new PageRefusal(421,
                $"Only http://{_hosts[0]}/ and http://{_hosts[1]}/ are served: open one of them.");
        }

        if (headers.Origin is { Count: > 0 } origin
            && !_hosts.Any(host => string.Equals(origin, $"http://{host}", StringComparison.OrdinalIgnoreCase)))
            return new PageRefusal(403, "Requests of other origins are refused: use the page itself.");
        // Following a link to the page is no request of the other site; what comes after it is the page's own.
        var isVisit = request is { Method: "GET", Path.Value: "/" } && headers["Sec-Fetch-Mode"] == "navigate"
            && headers["Sec-Fetch-Dest"] == "document";
        if (headers["Sec-Fetch-Site"].ToString() is not ("" or "same-origin" or "none") && !isVisit)
            return new PageRefusal(403, "Requests of other sites are refused: use the page itself.");
        if (request.Method == "GET")
            return null;
        if (request.Method != "POST")
            return new PageRefusal(405, "Only GET and POST are served.");
        if (request.ContentType?.Split(';')[0].Trim() != "application/json")
            return new PageRefusal(415, "Send the request as application/json.");
        return IsToken(headers[TokenHeader].ToString())
            ? null
            : new PageRefusal(403, "The page's token is missing or old: reload the page.");
    }

    private bool IsToken(string given) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(given), _token);
}
