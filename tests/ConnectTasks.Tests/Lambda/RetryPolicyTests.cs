using ConnectTasks.Lambda;

namespace ConnectTasks.Tests.Lambda;

public sealed class RetryPolicyTests
{
    private static readonly AgeLimits Limits = new(TimeSpan.FromDays(3), TimeSpan.FromDays(9));
    private static readonly Outcome Throttled = new Outcome.Throttled("ThrottlingException");
    private static readonly Outcome OverQuota = new Outcome.OverQuota("ServiceQuotaExceededException");
    private static readonly Outcome Unavailable = new Outcome.Unavailable("InternalServiceException");
    private static readonly Outcome Misconfigured = new Outcome.Misconfigured("AccessDeniedException");
    private static readonly Outcome Deferred = new Outcome.Deferred(DeferralCause.Time);

    private static readonly (Outcome Outcome, int Receives, double Jitter, int Seconds)[] Rows =
    [
        (Unavailable, 1, 0, 5),
        (Unavailable, 2, 0, 10),
        (Unavailable, 5, 0, 80),
        (Unavailable, 5, 1, 60),
        (Unavailable, 30, 0, 900),
        (Unavailable, 60, 1, 675),
        (Unavailable, 300, 1, 1350),
        (Throttled, 1, 0, 15),
        (Throttled, 3, 0, 60),
        (Throttled, 60, 0, 1200),
        (Throttled, 300, 0, 1800),
        (OverQuota, 1, 0, 60),
        (OverQuota, 300, 0, 1800),
        (Misconfigured, 1, 0, 60),
        (Misconfigured, 300, 0, 1800),
        (Deferred, 1, 0, 2),
        (Deferred, 1, 1, 2),
        (new Outcome.InFlight(TimeSpan.FromSeconds(40)), 1, 0, 2),
        (new Outcome.InFlight(TimeSpan.FromSeconds(40)), 4, 0, 16),
        (new Outcome.InFlight(TimeSpan.FromSeconds(40)), 8, 0, 41),
        (new Outcome.InFlight(TimeSpan.FromSeconds(40)), 8, 1, 43),
        (new Outcome.InFlight(TimeSpan.FromSeconds(40)), 9, 0, 512),
        (new Outcome.InFlight(TimeSpan.Zero), 1, 0, 1),
        (new Outcome.Unknown("NoAnswer", TimeSpan.FromSeconds(70)), 1, 0, 71),
        (new Outcome.LedgerUnavailable("X", TimeSpan.Zero), 1, 0, 5),
        (new Outcome.LedgerUnavailable("X", TimeSpan.FromSeconds(70)), 1, 0, 71),
    ];

    public static TheoryData<int> All => [.. Enumerable.Range(0, Rows.Length)];

    [Theory]
    [MemberData(nameof(All))]
    public void The_wait_follows_the_table(int index)
    {
        var row = Rows[index];
        var wait = Decide(row.Outcome, row.Receives, TimeSpan.Zero, TimeSpan.Zero, row.Jitter);
        Assert.Equal(TimeSpan.FromSeconds(row.Seconds), wait);
    }

    [Fact]
    public void Throttling_waits_longer_than_a_failure_at_every_receive_count()
    {
        for (var receives = 1; receives <= 60; receives++)
        {
            var failure = Decide(Unavailable, receives, TimeSpan.Zero, TimeSpan.Zero, 0);
            Assert.True(Decide(Throttled, receives, TimeSpan.Zero, TimeSpan.Zero, 0) > failure);
            Assert.True(Decide(OverQuota, receives, TimeSpan.Zero, TimeSpan.Zero, 0) > failure);
        }
    }

    [Fact]
    public void Retrying_ends_at_the_age_limit_from_the_first_real_try()
    {
        var limit = Limits.MaxRetryAge;
        Assert.NotNull(Decide(Throttled, 200, limit - TimeSpan.FromSeconds(1), TimeSpan.FromDays(7), 0));
        Assert.Null(Decide(Throttled, 200, limit, limit, 0));
    }

    [Fact]
    public void A_message_near_the_end_of_the_queues_retention_is_not_left_to_expire()
    {
        Assert.Null(Decide(Deferred, 1, TimeSpan.Zero, Limits.LastResortAge, 0));
    }

    [Fact]
    public void A_message_without_times_is_retried()
    {
        var message = Message.From(new() { MessageId = "m-1" });
        Assert.NotNull(RetryPolicy.Decide(Throttled, message, Some.Now, Limits, 0));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(9)]
    public void An_outage_of_days_never_brings_a_healthy_message_to_the_queues_maxReceiveCount(int days)
    {
        Outcome[] all = [Unavailable, Throttled, OverQuota, Misconfigured, Deferred, new Outcome.LedgerUnavailable("X", TimeSpan.Zero)];
        foreach (var outcome in all)
        {
            var receives = 1;
            for (var age = TimeSpan.Zero; age < TimeSpan.FromDays(days); receives++)
            {
                age += Decide(outcome, receives, age, age, jitter: 1) ?? TimeSpan.FromDays(days);
            }

            // The template's maxReceiveCount is 1,000; its rules add a function that does not start for 40 hours.
            Assert.True(receives < 650, $"{outcome.Name} was received {receives} times in {days} days.");
        }
    }

    private static TimeSpan? Decide(Outcome outcome, int receives, TimeSpan retried, TimeSpan queued, double jitter)
    {
        var message = Message.From(Some.Record(receiveCount: receives)) with { SentAt = Some.Now - queued };
        return RetryPolicy.Decide(outcome with { FirstTried = Some.Now - retried }, message, Some.Now, Limits, jitter);
    }
}
