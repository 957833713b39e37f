using System.Globalization;

namespace ConnectTasks.Cli.Demo;

/// <summary>One of each: what starts, what is suppressed, what can never work, and a burst over the quota.</summary>
internal static class BasicsScenario
{
    /// <summary>
    /// The function is told twice the rate that Connect allows here, as when another application uses the rest of the
    /// account's quota: some calls are throttled.
    /// </summary>
    public const double AllowedPerSecond = 3;

    public const int AllowedBurst = 5;
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

    public static IReadOnlyDictionary<string, string> Parameters { get; } = new Dictionary<string, string>
    {
        ["ConnectRatePerSecond"] = ToldPerSecond.ToString(CultureInfo.InvariantCulture),
        ["ConnectBurst"] = ToldBurst.ToString(CultureInfo.InvariantCulture),
    };

    public static async Task<DemoRun> RunAsync(DemoWorld world, Func<int> countCalls, CancellationToken cancellation)
    {
        // Alone first, so that the calls that one task costs can be counted.
        var before = countCalls();
        var plain = Template with { ClientToken = "case-1001", Description = "Asked for a call about invoice 4711." };
        await world.SendAsync("a plain task", plain, Fate.Started, null, cancellation);
        var isAtRest = await world.RestAsync(cancellation);
        var callsPerTask = countCalls() - before;

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
        return new DemoRun(isAtRest, isSuppressed, callsPerTask);
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
            ContactFlowId = Local.FakeConnectOptions.UnknownFlowId,
            ClientToken = "unknown-flow-1",
        };
        await world.SendAsync("a flow that Connect does not know", unknownFlow,
            Fate.DeadLettered, "Refused.ResourceNotFoundException", cancellation);
    }
}

/// <summary>How a scenario went, apart from what the services have.</summary>
/// <param name="IsAtRest">Whether the system came to rest.</param>
/// <param name="IsSuppressed">Whether the deliveries made twice by hand were taken as duplicates.</param>
/// <param name="CallsPerTask">AWS calls that the function made for a task on the happy path.</param>
internal sealed record DemoRun(bool IsAtRest, bool IsSuppressed, int CallsPerTask);
