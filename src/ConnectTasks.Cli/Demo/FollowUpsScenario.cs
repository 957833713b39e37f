using System.Globalization;
using ConnectTasks.Local;

namespace ConnectTasks.Cli.Demo;

/// <summary>
/// Tasks for later, with a horizon of seconds: they are held, moved, called off and released, while two releasers work
/// at once and one is killed half way.
/// </summary>
internal sealed class FollowUpsScenario
{
    private const string Instance = "12345678-90ab-cdef-1234-567890abcdef";
    private const int Crowd = 40;
    private const int FewestSentBeforeKill = 3;
    private static readonly TimeSpan Horizon = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(2);

    /// <summary>
    /// How long after its time a task may start: a tick, the queue's wait, and a machine that is busy.
    /// </summary>
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(8);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly DemoWorld _world;
    private readonly DateTimeOffset _start;
    private readonly TemplateFunction _release;
    private readonly List<DemoCheck> _checks = [];

    private FollowUpsScenario(DemoWorld world)
    {
        _world = world;
        _start = DateTimeOffset.FromUnixTimeSeconds(world.Now.ToUnixTimeSeconds());
        _release = world.System.FindFunction("release");
    }

    public static Scenario Scenario { get; } = new()
    {
        Name = "follow-ups",
        Words = "tasks for later: held, moved, called off and released, by two releasers of which one dies",
        Configure = options => options with
        {
            Parameters = new Dictionary<string, string>
            {
                ["ScheduleHorizonSeconds"] = Horizon.TotalSeconds.ToString(CultureInfo.InvariantCulture),
                ["ConnectRatePerSecond"] = "50",
                ["ConnectBurst"] = "50",
            },
            Connect = options.Connect with { RatePerSecond = 50, Burst = 100, Horizon = Horizon },
            ScheduleEvery = Tick,
            CountsCalls = true,
        },
        RunAsync = (world, cancellation) => new FollowUpsScenario(world).RunAsync(cancellation),
    };

    private async Task<DemoRun> RunAsync(CancellationToken cancellation)
    {
        await SendAsync(cancellation);
        await ChangeAsync(cancellation);
        await ReleaseAsync(cancellation);

        var last = _world.Sent.Where(m => m.Expected.Fate == Fate.Started).Max(m => m.StartsAt)!.Value;
        _world.Say($"Waiting for the last task's time, {(last - _world.Now).TotalSeconds:0} s from now ...");
        await _world.UntilAsync(
            () => Task.FromResult(_world.Now > last && Contacts().Count >= Expected().Count()),
            Patience + (last - _world.Now),
            cancellation);
        var isAtRest = await _world.RestAsync(cancellation);
        return Judge(isAtRest);
    }

    private async Task SendAsync(CancellationToken cancellation)
    {
        for (var i = 1; i <= 3; i++)
        {
            await SendAsync("within the horizon", $"soon-{i}", In(12), In(12), Fate.Started, cancellation);
            await SendAsync("beyond the horizon: held", $"later-{i}", In(32), In(32), Fate.Started, cancellation);
        }

        await SendAsync("cancelled while it is held", "called-off", In(32), In(32), Fate.Cancelled, cancellation);
        await SendAsync("rescheduled from ten days ahead to earlier", "earlier", In(864_000), In(34), Fate.Started,
            cancellation);
        await SendAsync("rescheduled to later", "later-still", In(32), In(38), Fate.Started, cancellation);
        for (var i = 1; i <= Crowd; i++)
            await SendAsync($"{Crowd} due at one moment", $"crowd-{i}", In(36), In(36), Fate.Started, cancellation);
    }

    /// <summary>Everything that can happen to a task while it waits.</summary>
    private async Task ChangeAsync(CancellationToken cancellation)
    {
        await _world.Queue.CancelAsync(Instance, "overtaken", cancellationToken: cancellation);
        await BecomesAsync("overtaken", record => record.State == TaskRecord.Cancelled, cancellation);
        await SendAsync("cancelled before its request came", "overtaken", In(32), In(32), Fate.Cancelled, cancellation);

        var isHeld = true;
        foreach (var token in (string[])["later-1", "later-2", "later-3", "called-off", "earlier", "later-still"])
            isHeld &= await BecomesAsync(token, record => record.State == TaskRecord.Held, cancellation);
        _checks.Add(new("Tasks beyond the horizon are held, not started.", isHeld && Contacts().All(c =>
            c.ClientToken!.StartsWith("soon-", StringComparison.Ordinal))));

        await SendAsync("the same held request again", "later-1", In(32), In(32), Fate.Duplicate, cancellation);
        await SendAsync("the same held request again", "later-2", In(32), In(32), Fate.Duplicate, cancellation);
        await _world.Queue.CancelAsync(Instance, "called-off", cancellationToken: cancellation);
        await _world.Queue.RescheduleAsync(Instance, "earlier", In(34), cancellationToken: cancellation);
        await _world.Queue.RescheduleAsync(Instance, "later-still", In(38), cancellationToken: cancellation);
        var isChanged = await BecomesAsync("called-off", r => r.State == TaskRecord.Cancelled, cancellation)
            & await BecomesAsync("earlier", r => r.ScheduledTime == In(34), cancellation)
            & await BecomesAsync("later-still", r => r.ScheduledTime == In(38), cancellation);
        _checks.Add(new("A held task is cancelled, moved earlier and moved later.", isChanged));
    }

    /// <summary>The crowd is due: a second releaser beside the schedule's, and one is killed half way.</summary>
    private async Task ReleaseAsync(CancellationToken cancellation)
    {
        var records = await Task.WhenAll(Enumerable.Range(1, Crowd)
            .Select(i => _world.Ledger.ReadAsync(TaskKey.For(Instance, $"crowd-{i}"), cancellation)));
        var due = records.Max(record => record?.ReleaseAt) ?? _world.Now;
        await _world.DelayAsync(due - _world.Now, cancellation);

        var function = _world.System.Functions[_release.LogicalId];
        var before = SentByReleasers();
        var failed = _world.Events.DiedOf(_release.Name);
        var both = Task.WhenAll(
            function.InvokeAsync("{}"u8.ToArray(), cancellation), function.InvokeAsync("{}"u8.ToArray(), cancellation));
        var random = new Random(_world.Seed);
        var sentAtKill = 0;
        while (!both.IsCompleted && _world.Events.DiedOf(_release.Name) == failed)
        {
            var wait = TimeSpan.FromMilliseconds(5);
            if (SentByReleasers() - before is var sent and >= FewestSentBeforeKill)
            {
                sentAtKill = sentAtKill == 0 ? sent : sentAtKill;
                function.KillOne(random);
                // If that one was idle, the next one is tried after this.
                wait = TimeSpan.FromMilliseconds(500);
            }

            await Task.WhenAny(both, _world.DelayAsync(wait, cancellation));
        }

        await both;
        var wasKilled = _world.Events.DiedOf(_release.Name) > failed;
        _world.Say($"Two releasers at work on {Crowd} due tasks; one was killed when {sentAtKill} were sent.");
        _checks.Add(new("Two releasers worked at once, and one was killed half way.", wasKilled && sentAtKill > 0));
    }

    private DemoRun Judge(bool isAtRest)
    {
        var contacts = Contacts().ToLookup(contact => contact.ClientToken);
        var (outside, latest) = (0, TimeSpan.Zero);
        foreach (var message in Expected())
        {
            foreach (var contact in contacts[message.ClientToken])
            {
                // Given to Connect before its time, it starts at its time; after, at once.
                var starts = contact.ScheduledTime ?? contact.StartedAt;
                var late = starts - message.StartsAt!.Value;
                latest = late > latest ? late : latest;
                if (late < TimeSpan.Zero || late > Window || contact.State != ContactState.Running)
                    outside++;
            }
        }

        _checks.Add(new(
            $"Each started within {Window.TotalSeconds:0} s after its time, and none before.", outside == 0));
        return new DemoRun
        {
            IsAtRest = isAtRest,
            Checks = _checks,
            Figures =
            [
                new("outsideWindow", "Started outside their window", outside),
                new("latestSeconds", "Seconds after its time of the latest", Math.Round(latest.TotalSeconds, 1)),
                new("releasersKilled", "Releasers that died", _world.Events.DiedOf(_release.Name)),
                new("releases", "Messages that the releasers sent", SentByReleasers()),
            ],
        };
    }

    private async Task<bool> BecomesAsync(
        string token, Func<TaskRecord, bool> condition, CancellationToken cancellation) =>
        await _world.UntilAsync(
            async () => await _world.Ledger.ReadAsync(TaskKey.For(Instance, token), cancellation) is { } record
                && condition(record),
            Patience,
            cancellation);

    private Task SendAsync(
        string kind, string token, DateTimeOffset asked, DateTimeOffset startsAt, Fate fate,
        CancellationToken cancellation)
    {
        var request = new TaskRequest
        {
            InstanceId = Instance,
            ContactFlowId = "11111111-2222-3333-4444-555555555555",
            Name = "Follow up",
            ClientToken = token,
            ScheduledTime = asked,
        };
        return _world.SendAsync(kind, request, fate, startsAt, cancellation);
    }

    private DateTimeOffset In(int seconds) => _start.AddSeconds(seconds);

    private IEnumerable<DemoMessage> Expected() => _world.Sent.Where(m => m.Expected.Fate == Fate.Started);

    private IReadOnlyList<StartedContact> Contacts() => _world.System.Connect!.State.Contacts;

    /// <summary>Nothing else of the system sends to a queue here: there are no dead letters.</summary>
    private int SentByReleasers() => _world.System.Calls!.Counts.GetValueOrDefault("SQS.SendMessage");
}
