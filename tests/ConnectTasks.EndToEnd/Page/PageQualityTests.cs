using System.Text.Json;
using ConnectTasks.Tests;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace ConnectTasks.EndToEnd;

/// <summary>
/// The page for everyone: with the keyboard, on a phone, read aloud, under load, and with hostile messages.
/// </summary>
[Collection(PageTestGroup.Name)]
public sealed class PageQualityTests(PageWorld world)
{
    /// <summary>The longest that the page's main thread may be busy at once: less than what a person notices.</summary>
    private const double LongestBlockMilliseconds = 200;

    private const string Hostile =
        "<img src=x onerror=\"window.hacked=1\"></script><script>window.hacked=1</script>{{7*7}}\u202Egnp.exe ";

    [Fact]
    public async Task Everything_is_done_with_the_keyboard_alone()
    {
        var page = await world.OpenAsync();
        await page.Keyboard.PressAsync("Tab");
        await Expect(page.Locator(".skip")).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Enter");
        await TabToAsync(page, "nav a[href='#try']");
        await page.Keyboard.PressAsync("Enter");
        await TabToAsync(page, "[data-sample=valid]");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("#did")).ToContainTextAsync("Sent to the task queue.");
        await Expect(page.Locator("#message-rows tr").First).ToContainTextAsync("started");

        await TabToAsync(page, "nav a[href='#messages']");
        await page.Keyboard.PressAsync("Enter");
        await TabToAsync(page, "#message-rows tr:first-child button");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("#life")).ToBeVisibleAsync();
        await Expect(page.Locator("#life .steps")).ToContainTextAsync("Connect was called");
        await page.Keyboard.PressAsync("Escape");
        await Expect(page.Locator("#life")).ToBeHiddenAsync();
        await Expect(page.Locator("#message-rows tr:first-child button")).ToBeFocusedAsync();
    }

    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task The_accessibility_check_finds_nothing(ColorScheme scheme)
    {
        var page = await FilledAsync(1440, scheme);
        await ExpectAccessibleAsync(page);

        await page.Locator("#message-rows tr").First.GetByRole(AriaRole.Button).ClickAsync();
        await Expect(page.Locator("#life")).ToBeVisibleAsync();
        await ExpectAccessibleAsync(page);
        await page.Keyboard.PressAsync("Escape");

        var mend = page.Locator("#letter-rows").GetByRole(AriaRole.Button, new() { Name = "Mend and redrive" });
        await mend.First.ClickAsync();
        await Expect(page.Locator("#edit-verdict")).ToContainTextAsync("Not valid");
        await ExpectAccessibleAsync(page);
        await page.Keyboard.PressAsync("Escape");
    }

    [Fact]
    public async Task Nothing_is_wider_than_a_small_phone()
    {
        var page = await FilledAsync(360);
        Assert.Equal(360, await page.EvaluateAsync<int>("document.documentElement.scrollWidth"));
        await ExpectAccessibleAsync(page);
        await page.Locator("#message-rows tr").First.GetByRole(AriaRole.Button).ClickAsync();
        await Expect(page.Locator("#life")).ToBeVisibleAsync();
        Assert.Equal(360, await page.EvaluateAsync<int>("document.documentElement.scrollWidth"));
    }

    [Fact]
    public async Task What_comes_from_a_message_is_text_and_nothing_else()
    {
        var page = await world.OpenAsync();
        var token = $"hostile-{Guid.NewGuid():N}";
        var request = Some.Request(token) with
        {
            Name = Hostile + new string('W', 300),
            Description = Hostile + new string('x', 3_000),
            References = new Dictionary<string, TaskReference>
            {
                ["<b>Script"] = new("URL", "javascript:window.hacked=1"),
                ["Page"] = new("URL", "https://example.com/?<script>"),
            },
            Attributes = new Dictionary<string, string> { ["a"] = Hostile },
        };
        var id = await world.SendAsync(request);
        var broken = await world.SendAsync(
            $$"""{"Name":{{JsonSerializer.Serialize(Hostile)}},"{{JsonEncodedText.Encode(Hostile)}}":1}""");
        await Expect(page.Locator($"#message-rows tr[data-key='{id}']")).ToContainTextAsync("started");
        await Expect(page.Locator("#letter-rows")).ToContainTextAsync("onerror");
        await page.Locator($"#message-rows tr[data-key='{id}'] button").ClickAsync();
        await Expect(page.Locator("#life pre")).ToContainTextAsync("onerror");
        await page.Keyboard.PressAsync("Escape");
        await page.Locator($"#message-rows tr[data-key='{broken}'] button").ClickAsync();
        await Expect(page.Locator("#life pre")).ToContainTextAsync("onerror");
        await page.Keyboard.PressAsync("Escape");

        var row = page.Locator("#contact-rows tr").Filter(new() { HasText = "WWW" });
        await row.GetByRole(AriaRole.Button).First.ClickAsync();
        var contact = page.Locator("#life-content");
        await Expect(contact).ToContainTextAsync("javascript:window.hacked=1");
        await Expect(contact.Locator("a")).ToHaveCountAsync(1);
        await Expect(contact.Locator("a")).ToHaveAttributeAsync("rel", "noopener noreferrer");

        var found = await page.EvaluateAsync<int[]>(
            """
            [Number(window.hacked ?? 0),
             document.querySelectorAll("main img, dialog img, main script, dialog script, dt b").length,
             document.documentElement.scrollWidth]
            """);
        Assert.Equal([0, 0, 1440], found);
    }

    [Fact]
    public async Task Two_hundred_messages_a_second_do_not_freeze_it()
    {
        var page = await world.OpenAsync();
        var thread = await MainThread.WatchAsync(page.Context.Browser!);
        await page.Locator("#burst-count").FillAsync("600");
        await page.Locator("#burst-rate").FillAsync("200");
        var before = world.Connect.Totals.Calls;
        await page.Locator("#burst-start").ClickAsync();
        await world.UntilAsync<object>("the burst", () => Task.FromResult<object?>(
            world.Connect.Totals.Calls >= before + 300 ? "done" : null));
        var tasks = await thread.TaskMillisecondsAsync();
        TestContext.Current.SendDiagnosticMessage(
            $"The longest tasks of the main thread: {string.Join(", ", tasks.Take(5).Select(t => $"{t:0}"))} ms");
        // Two may be the machine's doing, whose processors others take; a page that can't keep up has them all the time.
        Assert.InRange(tasks[2], 0, LongestBlockMilliseconds);
        await Expect(page.Locator("#message-more")).ToContainTextAsync("more are kept");
        Assert.InRange(await page.Locator("#message-rows tr").CountAsync(), 1, 100);
    }

    /// <summary>A page on which something is in every place.</summary>
    private async Task<IPage> FilledAsync(int width, ColorScheme scheme = ColorScheme.Light)
    {
        var page = await world.OpenAsync(width, 1000, scheme);
        foreach (var kind in (string[])["valid", "duplicate", "scheduled", "held", "broken"])
            await page.Locator($"[data-sample={kind}]").ClickAsync();
        await world.SendAsync(Some.Request($"long-{Guid.NewGuid():N}", new string('W', 200)));
        await Expect(page.Locator("#message-rows")).ToContainTextAsync("WWWW");
        await Expect(page.Locator("#letter-rows li").First).ToBeVisibleAsync();
        await Expect(page.Locator("#waiting-rows")).ToContainTextAsync("held in the ledger");
        await Expect(page.Locator("#contact-rows")).ToContainTextAsync("scheduled");
        return page;
    }

    private static async Task ExpectAccessibleAsync(IPage page)
    {
        var result = await page.RunAxe();
        Assert.Empty(result.Violations.Select(violation =>
            $"{violation.Id}: {string.Join(", ", violation.Nodes.Select(node => node.Html).Take(3))}"));
    }

    private static async Task TabToAsync(IPage page, string selector)
    {
        const string IsThere = "selector => document.activeElement?.matches(selector) ?? false";
        for (var i = 0; i < 300; i++)
        {
            await page.Keyboard.PressAsync("Tab");
            if (await page.EvaluateAsync<bool>(IsThere, selector))
                return;
        }

        Assert.Fail($"Tab never comes to {selector}.");
    }
}
