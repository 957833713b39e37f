using System.Text.Json;
using Amazon.SQS;
using ConnectTasks.Lambda;
using ConnectTasks.Local;
using ConnectTasks.Tests.Lambda;
using static ConnectTasks.Tests.Template.ProjectText;

namespace ConnectTasks.Tests.Template;

/// <summary>
/// Each incident on the real retry policy and the template's alarms: what is raised, after how many minutes, and that it
/// stays raised until the end.
/// </summary>
public sealed class IncidentTests(ITestOutputHelper output)
{
    private const int Hour = 3600;
    private const int Begin = 2 * Hour;

    private static readonly SamTemplate Template = Shipped.With();
    private static readonly string Dispatch = ProjectText.Dispatch(Template).Name;
    private static readonly string Release = ProjectText.Release(Template).Name;
    private static readonly AgeLimits Limits = SettingsOf(ProjectText.Dispatch(Template)).AgeLimits;
    private static readonly TimeSpan Visibility = Seconds(TaskQueue(Template), "VisibilityTimeout");

    /// <summary>What a delivery puts into the metrics, and how long the message waits then; null if it is settled.</summary>
    private delegate TimeSpan? Delivery(Traffic traffic, double now, int receives, double sentAt);

    /// <summary>An incident, its alarm, and how long that may take from the first message that it meets.</summary>
    private sealed record Incident(string Name, string Alarm, int Minutes, Delivery Delivery)
    {
        public int Hours { get; init; } = 5;

        /// <summary>An alarm that tells of each arrival ends between them.</summary>
        public bool Holds { get; init; } = true;

        public bool IsRead { get; init; } = true;

        public bool Ticks { get; init; } = true;
    }

    private static readonly Incident[] Incidents =
    [
        new("Connect answers 5xx", "ConnectUnavailable", 15, Ending(new Outcome.Unavailable("X"))),
        new("Connect does not answer", "ConnectUnavailable", 15, Ending(new Outcome.Unknown("X", TimeSpan.FromSeconds(75)))),
        new("Connect answers 402", "TasksUnsettled", 150, Ending(new Outcome.OverQuota("X"))),
        new("Others use up Connect's rate", "ThrottledForLong", 30, Ending(new Outcome.Throttled("X"))),
        new("No permission for Connect", "Misconfigured", 5, Ending(new Outcome.Misconfigured("X"))),
        new("The ledger is throttled", "LedgerUnavailable", 15, Ending(new Outcome.LedgerUnavailable("X", TimeSpan.Zero))),
        new("No permission for the ledger", "LedgerUnavailable", 15, Ending(new Outcome.LedgerUnavailable("Y", TimeSpan.Zero))),
        new("No permission for the dead-letter queue", "Faults", 5, (traffic, now, receives, _) =>
        {
            traffic.Metrics.Put("Faults", Dispatch, now, 1);
            return RetryPolicy.AfterFailedSettlement(receives, traffic.Random.NextDouble());
        }),
        new("Our own code throws", "Faults", 5, (traffic, now, _, _) =>
        {
            traffic.Metrics.Put("Faults", Dispatch, now, 1);
            return Visibility;
        }),
        new("A bad setting", "DispatchFailing", 20, (traffic, now, _, _) =>
        {
            traffic.Metrics.Put("Errors", Dispatch, now, 1);
            return Visibility;
        }),
        new("A wrong instance id", "DeadLettersArriving", 5, DeadLettered) { Holds = false },
        new("The mapping is disabled", "QueueNotRead", 15, Started) { IsRead = false },
        new("No permission for the task queue", "QueueNotRead", 15, Started) { IsRead = false },
        new("The key is disabled", "QueueNotRead", 15, Started) { IsRead = false },
        new("The schedule is disabled", "ReleaseNotTicking", 45, Started) { Ticks = false },
        new("Dead letters that nobody looks at", "DeadLettersLying", 25 * 60, DeadLettered) { Hours = 27 },
    ];

    public static TheoryData<string, double> Cases => [.. Incidents.SelectMany(i =>
        new double[] { 2.0 / Hour, 2 }.Where(rate => rate < 1 || i.Hours < 24).Select(rate => (i.Name, rate)))];

    [Theory]
    [MemberData(nameof(Cases))]
    public void An_incident_raises_its_alarm_in_time_until_it_ends(string name, double rate)
    {
        var incident = Incidents.Single(i => i.Name == name);
        var traffic = new Traffic(Begin + (incident.Hours * Hour), seed: 1);
        var first = traffic.Run(rate, incident);
        var raised = traffic.Evaluate(incident.Alarm);

        var at = Array.IndexOf(raised, true);
        Assert.True(at >= 0, $"{incident.Alarm} was not raised.");
        var after = at + 1 - (first / 60);
        output.WriteLine($"{name}, {(rate < 1 ? "2 an hour" : "2 a second")}: {incident.Alarm} after {after:0} minutes");
        Assert.InRange(after, 0, incident.Minutes);
        Assert.True(!incident.Holds || Array.TrueForAll(raised[at..], r => r), "It ended before the incident did.");
    }

    [Theory]
    [InlineData(2.0 / Hour)]
    [InlineData(2)]
    public void Nothing_is_raised_in_a_week_of_ordinary_traffic(double rate)
    {
        var traffic = new Traffic(7 * 24 * Hour, seed: 2);
        traffic.Run(rate, incident: null);
        foreach (var alarm in Template.ResourcesOf("AWS::CloudWatch::Alarm"))
        {
            Assert.False(Array.Exists(traffic.Evaluate(alarm), r => r), alarm);
        }
    }

    /// <summary>What the incidents put is what the function puts.</summary>
    [Theory]
    [InlineData(503, "X", "Unavailable")]
    [InlineData(402, "X", "OverQuota")]
    [InlineData(429, "X", "Throttled")]
    [InlineData(403, "X", "Misconfigured")]
    public async Task The_function_puts_what_is_simulated(int status, string code, string metric)
    {
        var rig = new Rig(metrics: true);
        rig.Connect.Reply = ConnectFake.Error(status, code);
        await rig.DeliverAsync(Some.Record("m-1", Some.Body(), age: TimeSpan.FromSeconds(700)));
        using var line = JsonDocument.Parse(Assert.Single(
            rig.LogText.Split('\n'), l => l.Contains("CloudWatchMetrics", StringComparison.Ordinal)));
        Outcome outcome = metric switch
        {
            "Unavailable" => new Outcome.Unavailable(code),
            "OverQuota" => new Outcome.OverQuota(code),
            "Throttled" => new Outcome.Throttled(code),
            _ => new Outcome.Misconfigured(code),
        };
        foreach (var (name, value, count) in Puts(outcome, 700))
        {
            var put = line.RootElement.GetProperty(name);
            Assert.Equal(count, put.ValueKind == JsonValueKind.Array ? put.GetArrayLength() : 1);
            Assert.True(
                name.EndsWith("Milliseconds", StringComparison.Ordinal)
                || value == (put.ValueKind == JsonValueKind.Array ? put[0] : put).GetDouble(),
                name);
        }
    }

    [Fact]
    public async Task What_the_function_can_not_do_itself_is_counted()
    {
        var rig = new Rig(metrics: true);
        rig.Sqs.Failure = new AmazonSQSException("text");
        await rig.DeliverAsync(Some.Record("m-1", "{bad"));
        // The dead letter, and the visibility timeout.
        Assert.Contains("\"Faults\":2", rig.LogText, StringComparison.Ordinal);
    }

    /// <summary>The metrics of a delivery of that age that ends so.</summary>
    private static IEnumerable<(string Name, double Value, int Count)> Puts(Outcome outcome, double age)
    {
        yield return (outcome.Metric, 1, 1);
        if (outcome.Settlement == Settlement.Retry)
        {
            yield return ("UnsettledSeconds", age, 1);
        }

        yield return ("LedgerMilliseconds", 5, outcome is Outcome.LedgerUnavailable ? 1 : 2);
        var calls = outcome is Outcome.LedgerUnavailable ? 0 : outcome is Outcome.Throttled ? 3 : 1;
        if (calls > 0)
        {
            yield return ("ConnectMilliseconds", 50, calls);
        }

        if (outcome is Outcome.Unavailable or Outcome.Unknown)
        {
            yield return ("UnansweredCalls", 1, 1);
        }
        else if (outcome is Outcome.Throttled)
        {
            yield return ("ThrottledCalls", 3, 1);
        }
    }

    private static Delivery Ending(Outcome outcome) => (traffic, now, receives, sentAt) =>
    {
        traffic.Put(outcome, now, sentAt);
        var message = Message.From(Some.Record(receiveCount: receives)) with { SentAt = Some.Now.AddSeconds(sentAt - now) };
        return RetryPolicy.Decide(
            outcome with { FirstTried = message.SentAt }, message, Some.Now, Limits, traffic.Random.NextDouble());
    };

    private static TimeSpan? Started(Traffic traffic, double now, int receives, double sentAt)
    {
        traffic.Put(new Outcome.Started("c", TimeSpan.Zero, false), now, sentAt);
        return null;
    }

    private static TimeSpan? DeadLettered(Traffic traffic, double now, int receives, double sentAt)
    {
        traffic.Put(new Outcome.Rejected([Violations.OtherInstance]), now, sentAt);
        traffic.DeadLetters.Add(now);
        return null;
    }

    /// <summary>Ordinary work: now and then Connect throttles, fails or does not answer.</summary>
    private static TimeSpan? Ordinary(Traffic traffic, double now, int receives, double sentAt)
    {
        // Others' burst of half a minute a day.
        var isBurst = now % (24 * Hour) is > 40_000 and < 40_030;
        var chance = traffic.Random.NextDouble();
        Outcome outcome = isBurst ? new Outcome.Throttled("X")
            : chance < 0.001 ? new Outcome.Unavailable("X")
            : chance < 0.0012 ? new Outcome.Unknown("X", TimeSpan.FromSeconds(75))
            : chance < 0.0013 ? new Outcome.LedgerUnavailable("X", TimeSpan.Zero)
            : new Outcome.Started("c", TimeSpan.Zero, false);
        if (outcome is not Outcome.Started)
        {
            return Ending(outcome)(traffic, now, receives, sentAt);
        }

        if (chance > 0.985)
        {
            traffic.Metrics.Put("ThrottledCalls", Dispatch, now, 1);
            traffic.Metrics.Put("ConnectMilliseconds", Dispatch, now, 50);
        }

        return Started(traffic, now, receives, sentAt);
    }

    /// <summary>Messages at a rate, each delivered until it is settled.</summary>
    private sealed class Traffic
    {
        private readonly int _seconds;

        public Traffic(int seconds, int seed)
        {
            _seconds = seconds;
            Random = new Random(seed);
            Metrics = new CloudWatchMetrics(seconds / 60);
        }

        public Random Random { get; }

        public CloudWatchMetrics Metrics { get; }

        public List<double> DeadLetters { get; } = [];

        public void Put(Outcome outcome, double now, double sentAt)
        {
            foreach (var (name, value, count) in Puts(outcome, now - sentAt))
            {
                Metrics.Put(name, Dispatch, now, value, count);
            }
        }

        /// <returns>When the incident met its first message.</returns>
        public double Run(double rate, Incident? incident)
        {
            var queue = new PriorityQueue<(double SentAt, int Receives), double>();
            var waiting = new List<double>();
            double? first = null;
            for (var at = 1 / rate * Random.NextDouble(); at < _seconds; at -= Math.Log(1 - Random.NextDouble()) / rate)
            {
                queue.Enqueue((at, 1), at);
            }

            while (queue.TryDequeue(out var message, out var now) && now < _seconds)
            {
                var isMet = incident is not null && now >= Begin;
                first = isMet ? first ?? now : first;
                if (isMet && !incident!.IsRead)
                {
                    waiting.Add(now);
                    continue;
                }

                Metrics.Put("Invocations", Dispatch, now, 1);
                var delivery = isMet ? incident!.Delivery : Ordinary;
                if (delivery(this, now, message.Receives, message.SentAt) is { } wait)
                {
                    queue.Enqueue((message.SentAt, message.Receives + 1), now + wait.TotalSeconds);
                }
            }

            PutStates(waiting, incident);
            return incident is { Ticks: false } ? Begin : first ?? 0;
        }

        public bool[] Evaluate(string alarm) => new AlarmEvaluator(Template, alarm).Evaluate(Metrics);

        private void PutStates(List<double> waiting, Incident? incident)
        {
            var (visible, letters) = (0, 0);
            for (var at = 30; at < _seconds; at += 60)
            {
                while (visible < waiting.Count && waiting[visible] <= at)
                {
                    visible++;
                }

                while (letters < DeadLetters.Count && DeadLetters[letters] <= at)
                {
                    letters++;
                }

                Metrics.Put("ApproximateNumberOfMessagesVisible", TaskQueue(Template).Name, at, visible);
                Metrics.Put("ApproximateAgeOfOldestMessage", TaskQueue(Template).Name, at, visible == 0 ? 0 : at - waiting[0]);
                if (letters > 0)
                {
                    Metrics.Put("ApproximateNumberOfMessagesVisible", DeadLetterQueue(Template).Name, at, letters);
                }

                if (incident is not { Ticks: false } || at < Begin)
                {
                    Metrics.Put("Invocations", Release, at, 1);
                }
            }
        }
    }
}
