using System.Runtime.CompilerServices;
using ConnectTasks.Local;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace ConnectTasks.EndToEnd;

/// <summary>A system with a small quota, so that it is seen in the pictures. Only if pictures are asked for.</summary>
public sealed class ScreenshotWorld : PageWorld
{
    public static bool IsAskedFor => Environment.GetEnvironmentVariable("UPDATE_SCREENSHOTS") == "1";

    private protected override LocalSystemOptions Options => base.Options with
    {
        Parameters = new Dictionary<string, string> { ["ConnectRatePerSecond"] = "8", ["ConnectBurst"] = "8" },
        Connect = new FakeConnectOptions { RatePerSecond = 8, Burst = 8 },
    };

    public override ValueTask InitializeAsync() => IsAskedFor ? base.InitializeAsync() : ValueTask.CompletedTask;
}

/// <summary>The pictures of the page, made by what someone would do on it.</summary>
public sealed class ScreenshotTests(ScreenshotWorld world) : IClassFixture<ScreenshotWorld>
{
    private const long MaxBytes = 300_000;

    [Fact]
    public async Task The_pictures_are_of_the_page_as_it_is()
    {
        Assert.SkipUnless(ScreenshotWorld.IsAskedFor, "The pictures are made anew if UPDATE_SCREENSHOTS is 1.");
        var page = await world.OpenAsync(1440, 1180);
        foreach (var kind in (string[])["held", "scheduled", "valid", "duplicate", "broken", "held", "scheduled"])
        {
            await page.Locator($"[data-sample={kind}]").ClickAsync();
            await Expect(page.Locator("#did")).ToContainTextAsync("Sent");
        }

        await page.Locator("#burst-count").FillAsync("260");
        await page.Locator("#burst-rate").FillAsync("12");
        await page.Locator("#burst-start").ClickAsync();
        await UntilDoneAsync(page, 60);
        await page.Locator("#fault-times").FillAsync("6");
        await page.Locator("#fault-start").ClickAsync();
        await Expect(page.Locator("#fact-throttled")).ToContainTextAsync("Throttled now: yes");
        await UntilDoneAsync(page, 72);
        await page.EvaluateAsync("document.activeElement.blur()");

        await TakeAsync(page, "page-light.png");
        await page.EmulateMediaAsync(new PageEmulateMediaOptions { ColorScheme = ColorScheme.Dark });
        await Expect(page.Locator("#chart canvas")).ToBeVisibleAsync();
        await TakeAsync(page, "page-dark.png");
        var phone = await world.OpenAsync(360, 1400);
        await Expect(phone.Locator("#chart canvas")).ToBeVisibleAsync();
        await TakeAsync(phone, "page-phone.png");
    }

    private static async Task UntilDoneAsync(IPage page, int messages) => await page.WaitForFunctionAsync(
        "most => Number(document.querySelector('#node-function strong').textContent.replace(/\\D/g, '')) >= most",
        messages);

    private static async Task TakeAsync(IPage page, string name)
    {
        var path = Path.Combine(Folder(), "screenshots", name);
        await page.ScreenshotAsync(new PageScreenshotOptions { Path = path });
        Assert.InRange(new FileInfo(path).Length, 10_000, MaxBytes);
    }

    private static string Folder([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
}
