using ConnectTasks.Tests;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace ConnectTasks.EndToEnd;

/// <summary>What someone does on the page, and what they see of it.</summary>
[Collection(PageTestGroup.Name)]
public sealed class PageTests(PageWorld world)
{
    [Fact]
    public async Task Each_sample_shows_what_becomes_of_it()
    {
        var page = await world.OpenAsync();
        await Expect(await SampleAsync(page, "Valid")).ToContainTextAsync("started");
        await Expect(page.Locator("#contact-rows")).ToContainTextAsync("with agents");

        await Expect(await SampleAsync(page, "Duplicate")).ToContainTextAsync("duplicate");

        await SampleAsync(page, "In 2 min");
        await Expect(page.Locator("#waiting-rows")).ToContainTextAsync("in Connect");
        await SampleAsync(page, "In 30 days");
        await Expect(page.Locator("#waiting-rows")).ToContainTextAsync("held in the ledger");
        await Expect(page.Locator("#fact-waiting")).ToContainTextAsync("waiting");
        await Expect(page.Locator("#fact-waiting")).ToContainTextAsync("next at");

        await SampleAsync(page, "Broken");
        await Expect(page.Locator("#letter-rows")).ToContainTextAsync("Rejected.UnknownProperty");
        await Expect(page.Locator("#letter-rows")).ToContainTextAsync("did you mean Name?");
    }

    [Fact]
    public async Task A_dead_letter_is_mended_redriven_and_becomes_a_contact()
    {
        var page = await world.OpenAsync();
        var token = Token("mend");
        await SendBodyAsync(
            page, $$"""{"InstanceId":"{{Some.Instance}}","ContactFlowId":"f","ClientToken":"{{token}}"}""");
        var letter = page.Locator("#letter-rows li").Filter(new() { HasText = token });
        await Expect(letter).ToContainTextAsync("Name is required");

        await letter.GetByRole(AriaRole.Button, new() { Name = "Mend and redrive" }).ClickAsync();
        var editor = page.Locator("#edit-body");
        await Expect(page.Locator("#edit-verdict")).ToContainTextAsync("Not valid: 1 rule is broken");
        var body = await editor.InputValueAsync();
        await editor.FillAsync(body.Replace("{", """{"Name": "Mended",""", StringComparison.Ordinal));
        await Expect(page.Locator("#edit-verdict")).ToContainTextAsync("Valid: a task that starts at once");
        await page.Locator("#edit-send").ClickAsync();

        await Expect(page.Locator("#did")).ToContainTextAsync("Redriven");
        Assert.Equal("Mended", (await world.ContactAsync(token)).Name);
        await Expect(page.Locator("#contact-rows")).ToContainTextAsync("Mended");
        await Expect(letter).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task A_held_task_is_moved_and_then_cancelled()
    {
        var page = await world.OpenAsync();
        var request = Some.Request(Token("move"), Token("A task to move")) with
        {
            ScheduledTime = World.In(TimeSpan.FromDays(40)),
        };
        await world.SendAsync(request);
        var row = page.Locator("#waiting-rows tr").Filter(new() { HasText = request.Name });
        await Expect(row).ToContainTextAsync("in 40 days");

        await row.GetByRole(AriaRole.Button, new() { Name = "Reschedule" }).ClickAsync();
        var later = World.In(TimeSpan.FromDays(60)).LocalDateTime;
        // Never the full minute, whose seconds the browser leaves out of the field's value.
        await page.Locator("#move-time").FillAsync($"{later:yyyy-MM-dd'T'HH:mm}:30");
        await page.Locator("#move-send").ClickAsync();
        await Expect(row).ToContainTextAsync("in 60 days");

        await row.GetByRole(AriaRole.Button, new() { Name = "Cancel" }).ClickAsync();
        await Expect(row).ToHaveCountAsync(0);
        Assert.Empty(world.ContactsOf(request.ClientToken!));
    }

    [Fact]
    public async Task Faults_that_are_injected_are_seen_as_throttling_until_they_are_stopped()
    {
        var page = await world.OpenAsync();
        await page.Locator("#fault-times").FillAsync("200");
        await page.Locator("#fault-start").ClickAsync();
        await Expect(page.Locator("#faults-left")).ToContainTextAsync("calls meet a fault");
        var row = await SampleAsync(page, "Valid");
        await Expect(page.Locator("#fact-throttled")).ToContainTextAsync("Throttled now: yes");
        await Expect(row).ToContainTextAsync("throttled, again in");

        await page.Locator("#fault-stop").ClickAsync();
        await Expect(page.Locator("#faults-left")).ToHaveTextAsync("");
        await Expect(row).ToContainTextAsync("started");
        await Expect(page.Locator("#fact-throttled")).ToContainTextAsync("Throttled now: no");
    }

    [Fact]
    public async Task A_flow_that_is_not_there_yet_is_seen_and_its_task_starts_when_it_is()
    {
        var page = await world.OpenAsync();
        await page.Locator("#fault-kind").SelectOptionAsync("not-there-yet");
        await Expect(page.Locator("#fault-times")).ToBeHiddenAsync();
        await Expect(page.Locator("#fault-call")).ToBeHiddenAsync();
        await page.Locator("#fault-seconds").FillAsync("2");
        await page.Locator("#fault-start").ClickAsync();
        await Expect(page.Locator("#did")).ToContainTextAsync("For 2 s after a change Connect answers 404 about it.");
        await Expect(page.Locator("#faults-left")).ToContainTextAsync("For 2 s after a change");

        var token = Token("soon");
        var row = await SendBodyAsync(page, World.BodyOf(
            Some.Request(token) with { ContactFlowId = Guid.NewGuid().ToString() }));
        await Expect(row).ToContainTextAsync("not found yet, again");
        await Expect(row).ToContainTextAsync("started");
        Assert.Single(world.ContactsOf(token));

        await page.Locator("#fault-stop").ClickAsync();
        await Expect(page.Locator("#faults-left")).ToHaveTextAsync("");
    }

    [Fact]
    public async Task A_fault_is_offered_with_the_calls_that_it_can_meet_and_a_wrong_number_is_named()
    {
        var page = await world.OpenAsync();
        await page.Locator("#fault-kind").SelectOptionAsync("gone");
        await Expect(page.Locator("#fault-call")).ToHaveValueAsync("StopContact");
        var starts = page.Locator("#fault-call option[value=StartTaskContact]");
        await Expect(starts).ToHaveAttributeAsync("disabled", "");
        await page.Locator("#fault-times").FillAsync("-3");
        await page.Locator("#fault-start").ClickAsync();
        await Expect(page.Locator("#did")).ToHaveTextAsync("Calls must be a whole number from 1 to 10000.");
        await page.Locator("#fault-times").FillAsync("3");
        await page.Locator("#fault-start").ClickAsync();
        await Expect(page.Locator("#did")).ToHaveTextAsync("The next 3 calls of StopContact meet it.");

        await page.Locator("#fault-kind").SelectOptionAsync("stalled");
        await Expect(starts).Not.ToHaveAttributeAsync("disabled", "");
        await Expect(page.Locator("#fault-times")).ToBeVisibleAsync();
        await page.Locator("#fault-stop").ClickAsync();
    }

    [Fact]
    public async Task The_life_of_a_duplicate_says_what_it_did()
    {
        var page = await world.OpenAsync();
        var request = Some.Request(Token("twice"));
        var first = await world.SendAsync(request);
        await world.ContactAsync(request.ClientToken!);
        var second = await world.SendAsync(request);
        await page.Locator("#search").FillAsync(request.ClientToken!);
        var rows = page.Locator("#message-rows tr");
        await Expect(rows).ToHaveCountAsync(2);
        await Expect(rows.First).ToContainTextAsync("duplicate");

        await rows.First.GetByRole(AriaRole.Button).ClickAsync();
        var life = page.Locator("#life");
        await Expect(life).ToContainTextAsync(second);
        await Expect(life).ToContainTextAsync("It was a duplicate: the task had been started by another message");
        await Expect(life.Locator(".steps")).ToContainTextAsync("Received for the 1st time");
        await Expect(life.Locator(".steps")).ToContainTextAsync("The ledger refused the claim");
        await Expect(life.Locator(".steps")).ToContainTextAsync("Connect was not called");
        await Expect(life.Locator(".steps .call")).ToHaveCountAsync(0);

        await life.GetByRole(AriaRole.Button, new() { Name = first }).ClickAsync();
        await Expect(life.Locator(".steps .call")).ToContainTextAsync("answered with the contact");
        await Expect(life.Locator(".steps")).ToContainTextAsync("gave this delivery the claim");
        await Expect(life.Locator(".steps")).ToContainTextAsync("Deleted from the task queue");
    }

    [Fact]
    public async Task A_body_is_judged_before_it_is_sent()
    {
        var page = await world.OpenAsync();
        await page.Locator("#body").FillAsync(
            """
            {"InstanceId":"any","ContactFlowId":"f","Name":"n","References":{"A":{"Type":"LINK","Value":"v"}}}
            """);
        await Expect(page.Locator("#verdict")).ToContainTextAsync("Not valid: 1 rule is broken");
        await Expect(page.Locator("#verdict code")).ToHaveTextAsync("$.References.A.Type");
        await page.Locator("#body").FillAsync("{");
        await Expect(page.Locator("#verdict")).ToContainTextAsync("JSON");
        await page.Locator("#body").FillAsync(World.BodyOf(Some.Request(Token("judged"))));
        await Expect(page.Locator("#verdict")).ToHaveTextAsync("Valid: a task that starts at once.");
        await page.Locator("#body").FillAsync("");
        await Expect(page.Locator("#verdict")).ToHaveTextAsync("");
        await page.Locator("#send").ClickAsync();
        await Expect(page.Locator("#did")).ToContainTextAsync("The body is empty");
    }

    [Fact]
    public async Task A_killed_function_is_seen_and_its_work_goes_on()
    {
        var page = await world.OpenAsync();
        await Expect(await SampleAsync(page, "Valid")).ToContainTextAsync("started");
        await page.Locator("#kill").ClickAsync();
        await Expect(page.Locator("#did")).ToContainTextAsync("was killed");
        await Expect(await SampleAsync(page, "Valid")).ToContainTextAsync("started");
    }

    private static string Token(string name) => $"{name}-{Guid.NewGuid():N}"[..24];

    /// <summary>Sends a sample, and gives the row of its message.</summary>
    private static async Task<ILocator> SampleAsync(IPage page, string name)
    {
        await page.Locator("#did").EvaluateAsync("did => did.replaceChildren()");
        await page.Locator("#samples").GetByRole(AriaRole.Button, new() { Name = name, Exact = true }).ClickAsync();
        return await SentAsync(page);
    }

    private static async Task<ILocator> SendBodyAsync(IPage page, string body)
    {
        await page.Locator("#did").EvaluateAsync("did => did.replaceChildren()");
        await page.Locator("#body").FillAsync(body);
        await page.Locator("#send").ClickAsync();
        return await SentAsync(page);
    }

    private static async Task<ILocator> SentAsync(IPage page)
    {
        await Expect(page.Locator("#did")).ToContainTextAsync("Sent to the task queue.");
        var id = await page.Locator("#did").GetAttributeAsync("data-message");
        return page.Locator($"#message-rows tr[data-key='{id}']");
    }
}
