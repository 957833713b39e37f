using System.Text.Json;
using Microsoft.Playwright;

namespace ConnectTasks.EndToEnd;

/// <summary>
/// How long the main thread of a page was busy at once, in its own processor time: unlike the clock's, it does not count
/// what the browser waits for a processor that others use.
/// </summary>
internal sealed class MainThread
{
    private readonly ICDPSession _session;
    private readonly List<JsonElement> _events = [];
    private readonly TaskCompletionSource _complete = new();

    private MainThread(ICDPSession session)
    {
        _session = session;
        session.Event("Tracing.dataCollected").OnEvent += (_, data) =>
            _events.AddRange(data!.Value.GetProperty("value").EnumerateArray().Select(item => item.Clone()));
        session.Event("Tracing.tracingComplete").OnEvent += (_, _) => _complete.TrySetResult();
    }

    public static async Task<MainThread> WatchAsync(IBrowser browser)
    {
        var watched = new MainThread(await browser.NewBrowserCDPSessionAsync());
        await watched._session.SendAsync("Tracing.start", new Dictionary<string, object>
        {
            ["transferMode"] = "ReportEvents",
            ["traceConfig"] = new Dictionary<string, object>
            {
                ["includedCategories"] = new[] { "disabled-by-default-devtools.timeline" },
                // Without it, all that is on by default comes too, which is far more.
                ["excludedCategories"] = new[] { "*" },
            },
        });
        return watched;
    }

    /// <summary>Stops, and gives the processor time of each task of any page in milliseconds, the longest first.</summary>
    public async Task<List<double>> TaskMillisecondsAsync()
    {
        await _session.SendAsync("Tracing.end");
        await _complete.Task.WaitAsync(TimeSpan.FromSeconds(120));
        await _session.DetachAsync();
        var pages = _events
            .Where(item => Text(item, "name") == "thread_name"
                && item.GetProperty("args").GetProperty("name").GetString() == "CrRendererMain")
            .Select(Thread).ToHashSet();
        var tasks = _events.Where(item => Text(item, "name") == "RunTask" && pages.Contains(Thread(item)))
            .Select(item => item.TryGetProperty("tdur", out var busy) ? busy.GetDouble() / 1_000 : 0)
            .OrderDescending().ToList();
        Assert.True(tasks.Count > 100, "The browser told of no tasks: its traces have another form than is known here.");
        return tasks;
    }

    private static (long Process, long Thread) Thread(JsonElement item) =>
        (item.GetProperty("pid").GetInt64(), item.GetProperty("tid").GetInt64());

    private static string? Text(JsonElement item, string name) =>
        item.TryGetProperty(name, out var value) ? value.GetString() : null;
}
