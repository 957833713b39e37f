using System.Globalization;
using ConnectTasks.Local;

namespace ConnectTasks.Cli.Demo;

/// <summary>One of each: what starts, what is suppressed, what can never work, and a burst over the quota.</summary>
internal static class BasicsScenario
{
    /// <summary>
    /// The function is told twice the rate that Connect allows here, as when another application uses the rest of the
    /// account's quota: some calls are throttled.
    /// </summary>
    private const double AllowedPerSecond = 3;

    private const int AllowedBurst = 5;
    private const int ToldPerSecond = 6;
    private const int ToldBurst = 10;
    private const int BurstSize = 40;
    private const string Thrice = "the same request, sent three times";
    private const string Instance = "12345678-90ab-cdef-1234-567890abcdef";

    private static readonly TaskRequest Template = new()
    {
        InstanceId = Instance,
        ContactFlowId = "11111111-2222-3333-4444-555555555555",
        Name = "Call Ada Lovelace back",
    };

    private static readonly TaskRequest Complaint =
        Template with { Name = "Complaint 77", ClientToken = "complaint-77" };

    public static Scenario Scenario { get; } = new()
    {
        Name = "basics",
        Words = "what starts, what is suppressed, what can never work, and a burst over the quota",
        Configure = options => options with
        {
            Parameters = new Dictionary<string, string>
            {
                ["ConnectRatePerSecond"] = ToldPerSecond.ToString(CultureInfo.InvariantCulture),
                ["ConnectBurst"] = ToldBurst.ToString(CultureInfo.InvariantCulture),
            },
            Connect = options.Connect with { RatePerSecond = AllowedPerSecond, Burst = AllowedBurst },
            CountsCalls = true,
        },
        RunAsync = RunAsync,
    };

    private static async Task<DemoRun> RunAsync(DemoWorld world, CancellationToken cancellation)
    {
        // Alone, so that the calls that one task costs can be counted; after one that starts the function.
        var plain = Template with { ClientToken = "case-1001", Description = "Asked for a call about invoice 4711." };
        await world.SendAsync("a plain task", plain, Fate.Started, null, cancellation);
        var isAtRest = await world.RestAsync(cancellation);
        var before = world.CountCalls();
        var second = plain with { ClientToken = "case-1002" };
        await world.SendAsync("a plain task", second, Fate.Started, null, cancellation);
        isAtRest &= await world.RestAsync(cancellation);
        var callsPerTask = world.CountCalls() - before;

        await SendTasksAsync(world, plain, cancellation);
        await SendImpossibleAsync(world, cancellation);
        for (var i = 1; i <= BurstSize; i++)
        {
            var followUp = Template with { Name = $"Follow up on order {i}", ClientToken = $"order-{i}" };
            await world.SendAsync($"a burst of {BurstSize} follow-ups", followUp, Fate.Started, null, cancellation);
        }

        // Sent again behind the burst: a duplicate of a task that is being started right now waits for its lease.
        await world.SendAsync(Thrice, Complaint, Fate.Duplicate, null, cancellation);
        await world.SendAsync(Thrice, Complaint, Fate.Duplicate, null, cancellation);

        isAtRest &= await world.RestAsync(cancellation);
        var isSuppressed = await world.RedeliverAsync(world.Sent[0], cancellation)
            & await world.RedeliverAsync(world.Sent[1], cancellation);
        return new DemoRun
        {
            IsAtRest = isAtRest,
            Checks = [new("Messages that were done and came once more were taken as duplicates.", isSuppressed)],
            Figures = [new("awsCallsPerTask", "AWS calls for one task", callsPerTask)],
        };
    }

    private static async Task SendTasksAsync(DemoWorld world, TaskRequest plain, CancellationToken cancellation)
    {
        // The time as a whole second: that is how Connect takes it.
        var morning = DateTimeOffset.FromUnixTimeSeconds(world.Now.AddDays(2).ToUnixTimeSeconds());
        var scheduled = Template with { Name = "Renewal reminder", ClientToken = "renewal-7", ScheduledTime = morning };
        await world.SendAsync("a task for the day after tomorrow", scheduled, Fate.Started, null, cancellation);

        var tokenless = Template with { Name = "Welcome call" };
        await world.SendAsync("a task without a ClientToken", tokenless, Fate.Started, null, cancellation);

        await world.SendAsync(Thrice, Complaint, Fate.Started, null, cancellation);

        var reused = plain with { Name = "Call Charles Babbage back" };
        await world.SendAsync("the plain task's ClientToken for another task", reused,
            Fate.DeadLettered, "TokenReused", cancellation);
    }

    private static async Task SendImpossibleAsync(DemoWorld world, CancellationToken cancellation)
    {
        await world.SendAsync("a body that breaks off", """{"InstanceId":"12345678","Name":"Call b""",
            Fate.DeadLettered, "Rejected.MalformedJson", cancellation);
        await world.SendAsync("a misspelt property",
            """{"InstanceId":"12345678","ContactFlowId":"callback","Nmae":"Call back","ClientToken":"typo-1"}""",
            Fate.DeadLettered, "Rejected.UnknownProperty", cancellation);
        var longName = Template with { Name = new string('x', 1025), ClientToken = "long-1" };
        await world.SendAsync("a name over the limit", longName, Fate.DeadLettered, "Rejected.TooLong", cancellation);
        var unknownFlow = Template with
        {
            ContactFlowId = FakeConnectOptions.UnknownFlowId,
            ClientToken = "unknown-flow-1",
        };
        await world.SendAsync("a flow that Connect does not know", unknownFlow,
            Fate.DeadLettered, "Refused.ResourceNotFoundException", cancellation);
    }
}
