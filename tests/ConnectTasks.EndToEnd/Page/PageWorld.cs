using ConnectTasks.Local;
using Microsoft.Playwright;

namespace ConnectTasks.EndToEnd;

/// <summary>Tests that look at the page: one system and one browser for all, alone, because they watch the clock.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class PageTestGroup : ICollectionFixture<PageWorld>
{
    public const string Name = "page";
}

/// <summary>The system with its page, and a Chromium to look at it with.</summary>
public class PageWorld : World
{
    private static readonly string[] Programs =
    [
        "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome-stable", "/usr/bin/google-chrome",
    ];

    /// <summary>Nothing that reaches out: what is tested is on this machine.</summary>
    private static readonly string[] Arguments =
    [
        "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync",
    ];

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    /// <summary>The one that the environment variable CHROMIUM names, or an installed one; null if none is.</summary>
    private static string? Chromium =>
        Programs.Prepend(Environment.GetEnvironmentVariable("CHROMIUM")).FirstOrDefault(File.Exists);

    private protected override LocalSystemOptions Options => DefaultOptions with
    {
        PagePort = Port.Any,
        ScheduleEvery = TimeSpan.FromSeconds(1),
    };

    public string Url => System.Page!.Url.ToString();

    public override async ValueTask InitializeAsync()
    {
        if (Chromium is not { } program)
            return;
        await base.InitializeAsync();
        // On a busy machine a function may be too slow to start; its messages are to return while a test waits.
        await System.Sqs.SetQueueAttributesAsync(
            System.QueueUrl, new Dictionary<string, string> { ["VisibilityTimeout"] = "20" });
        Assertions.SetDefaultExpectTimeout(90_000);
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(
            new BrowserTypeLaunchOptions { ExecutablePath = program, Args = Arguments });
    }

    public override async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_browser is not null)
            await _browser.DisposeAsync();
        _playwright?.Dispose();
        await base.DisposeAsync();
    }

    /// <summary>Opens the page, as a new visitor, and waits until it is live.</summary>
    public async Task<IPage> OpenAsync(int width = 1440, int height = 1000, ColorScheme scheme = ColorScheme.Light)
    {
        Assert.SkipWhen(_browser is null, "Chromium was not found: install it (Debian: `apt-get install chromium`), or "
            + "name one in the environment variable CHROMIUM.");
        var context = await _browser.NewContextAsync(new BrowserNewContextOptions
        {
            ViewportSize = new ViewportSize { Width = width, Height = height },
            ColorScheme = scheme,
            Locale = "en-GB",
        });
        context.SetDefaultTimeout(90_000);
        var page = await context.NewPageAsync();
        await page.GotoAsync(Url);
        await Assertions.Expect(page.Locator("#link")).ToHaveTextAsync("Live");
        await Assertions.Expect(page.Locator("#fact-letters b")).Not.ToBeEmptyAsync();
        return page;
    }
}
