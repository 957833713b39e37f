using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using ConnectTasks.Local;

namespace ConnectTasks.Tests.Local;

/// <summary>Who is let in, and what the page's server answers.</summary>
public sealed partial class PageServerTests : IAsyncLifetime
{
    private readonly PageRig _rig = new();
    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false });
    private PageServer? _page;
    private string _token = "";

    private Uri Url => _page!.Url;

    public async ValueTask InitializeAsync()
    {
        _page = await PageServer.StartAsync(_rig.System, 0);
        _token = Token().Match(await _client.GetStringAsync(Url)).Groups[1].Value;
        Assert.Equal(64, _token.Length);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _page!.DisposeAsync();
        _rig.Dispose();
    }

    [Theory]
    [InlineData("Host", "evil.example", 421)]
    [InlineData("Host", "127.0.0.1:1", 421)]
    [InlineData("Host", "localhost.evil.example:{0}", 421)]
    [InlineData("Host", "localhost:{0}", 200)]
    [InlineData("Origin", "http://evil.example", 403)]
    [InlineData("Origin", "null", 403)]
    [InlineData("Origin", "https://127.0.0.1:{0}", 403)]
    [InlineData("Origin", "http://127.0.0.1:{0}", 200)]
    [InlineData("Sec-Fetch-Site", "cross-site", 403)]
    [InlineData("Sec-Fetch-Site", "same-site", 403)]
    [InlineData("Sec-Fetch-Site", "same-origin", 200)]
    public async Task Only_the_page_itself_may_read(string header, string value, int status)
    {
        foreach (var path in (string[])["messages", "page.js", "events", ""])
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(Url, path));
            request.Headers.TryAddWithoutValidation(header, Fill(value));
            using var reply = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            Assert.Equal((path, status), (path, (int)reply.StatusCode));
            var policy = reply.Headers.GetValues("Content-Security-Policy").Single();
            Assert.StartsWith("default-src 'none'; script-src 'self';", policy, StringComparison.Ordinal);
            Assert.Equal("nosniff", reply.Headers.GetValues("X-Content-Type-Options").Single());
        }
    }

    [Fact]
    public async Task A_link_on_another_site_may_lead_to_the_page()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Url);
        request.Headers.Add("Sec-Fetch-Site", "cross-site");
        request.Headers.Add("Sec-Fetch-Mode", "navigate");
        request.Headers.Add("Sec-Fetch-Dest", "document");
        using var reply = await _client.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, reply.StatusCode);
    }

    [Theory]
    [InlineData(null, null, 403, "token")]
    [InlineData("X-Page-Token", "0000", 403, "token")]
    [InlineData("Origin", "http://evil.example", 403, "origins")]
    [InlineData("Sec-Fetch-Site", "cross-site", 403, "sites")]
    [InlineData("Content-Type", "text/plain", 415, "application/json")]
    [InlineData("X-Page-Token", "{1}", 200, "Sent")]
    public async Task Only_the_page_itself_may_act(string? header, string? value, int status, string words)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(Url, "actions/sample"))
        {
            Content = new StringContent("""{"kind":"valid"}""", Encoding.UTF8, "application/json"),
        };
        if (header is "Content-Type")
            request.Content.Headers.ContentType = new(value!);
        else if (header is not null)
            request.Headers.TryAddWithoutValidation(header, Fill(value!));
        if (header is not (null or "X-Page-Token"))
            request.Headers.TryAddWithoutValidation("X-Page-Token", _token);
        using var reply = await _client.SendAsync(request);
        Assert.Equal(status, (int)reply.StatusCode);
        Assert.Contains(words, await reply.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(status == 200 ? 1 : 0, _rig.Sqs.Sent.Count);
    }

    [Theory]
    [InlineData("PUT", "actions/sample", 405)]
    [InlineData("POST", "actions/nothing", 404)]
    [InlineData("POST", "messages", 404)]
    [InlineData("GET", "actions/sample", 404)]
    [InlineData("GET", "..%2f..%2ftemplate.yaml", 404)]
    [InlineData("GET", "wwwroot/page.js", 404)]
    [InlineData("GET", "uplot.js", 404)]
    [InlineData("GET", "messages/none", 404)]
    [InlineData("GET", "letters/none", 404)]
    [InlineData("GET", "contacts/none", 404)]
    public async Task What_is_not_there_is_said_in_a_sentence(string method, string path, int status)
    {
        using var reply = await SendAsync(method, path, "{}");
        Assert.Equal(status, (int)reply.StatusCode);
        Assert.EndsWith(".", (await JsonAsync(reply)).GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_request_beyond_the_limit_is_refused_with_a_sentence()
    {
        var body = "{\"body\":\"" + new string('x', PageGuard.BodyMaxBytes) + "\"}";
        using var reply = await SendAsync("POST", "actions/send", body);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, reply.StatusCode);
        Assert.Contains("1,048,576 bytes", await reply.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Empty(_rig.Sqs.Sent);
    }

    [Fact]
    public async Task The_stream_begins_with_everything()
    {
        _rig.Receive("m-1");
        using var reply = await _client.GetAsync(new Uri(Url, "events"), HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await reply.Content.ReadAsStreamAsync());
        var line = await reader.ReadLineAsync();
        var update = JsonSerializer.Deserialize<JsonElement>(line!["data: ".Length..]);
        Assert.True(update.GetProperty("isFirst").GetBoolean());
        Assert.Equal("m-1", update.GetProperty("messages")[0].GetProperty("id").GetString());
        Assert.Equal("Working", update.GetProperty("messages")[0].GetProperty("state").GetString());
        Assert.Equal("text/event-stream", reply.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task A_port_that_is_taken_is_named_with_what_to_do()
    {
        var failure = await Assert.ThrowsAsync<LocalException>(() => PageServer.StartAsync(_rig.System, Url.Port));
        Assert.Contains("--page-port", failure.Message, StringComparison.Ordinal);
    }

    private string Fill(string value) => value.Replace("{0}", $"{Url.Port}", StringComparison.Ordinal)
        .Replace("{1}", _token, StringComparison.Ordinal);

    private async Task<HttpResponseMessage> SendAsync(string method, string path, string body)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(Url, path));
        if (method != "GET")
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        request.Headers.Add("X-Page-Token", _token);
        return await _client.SendAsync(request);
    }

    private static Task<JsonElement> JsonAsync(HttpResponseMessage reply) =>
        reply.Content.ReadFromJsonAsync<JsonElement>();

    [GeneratedRegex("name=\"page-token\" content=\"([0-9a-f]+)\"")]
    private static partial Regex Token();
}
