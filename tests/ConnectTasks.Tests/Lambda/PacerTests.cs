using ConnectTasks.Lambda;
using ConnectTasks.Simulation;
using Microsoft.Extensions.Time.Testing;

namespace ConnectTasks.Tests.Lambda;

public sealed class PacerTests
{
    private readonly FakeTimeProvider _time = new(Some.Now);

    [Fact]
    public async Task A_burst_goes_at_once_and_the_rest_at_the_rate()
    {
        var pacer = new Pacer(2, 3, _time);
        var waits = Enumerable.Range(0, 5).Select(_ => WaitAsync(pacer)).ToList();
        Assert.Equal([true, true, true, false, false], waits.Select(w => w.IsCompleted));
        _time.Advance(TimeSpan.FromSeconds(0.5));
        await waits[3];
        Assert.False(waits[4].IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(0.5));
        Assert.True(await waits[4]);
    }

    [Fact]
    public async Task Who_would_wait_too_long_is_told_at_once_and_uses_nothing_up()
    {
        var pacer = new Pacer(1, 1, _time);
        Assert.True(await WaitAsync(pacer));
        Assert.False(await pacer.WaitAsync(TimeSpan.FromSeconds(0.9), CancellationToken.None));
        Assert.False(await pacer.WaitAsync(TimeSpan.FromSeconds(0.9), CancellationToken.None));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(await pacer.WaitAsync(TimeSpan.Zero, CancellationToken.None));
    }

    [Fact]
    public async Task Rest_fills_no_more_than_the_burst()
    {
        var pacer = new Pacer(2, 3, _time);
        _time.Advance(TimeSpan.FromHours(1));
        for (var i = 0; i < 3; i++)
        {
            Assert.True(await pacer.WaitAsync(TimeSpan.Zero, CancellationToken.None));
        }

        Assert.False(await pacer.WaitAsync(TimeSpan.Zero, CancellationToken.None));
    }

    [Fact]
    public void A_throttled_call_lowers_the_pace_and_the_rise_begins_slowly()
    {
        var pacer = new Pacer(2, 3, _time);
        pacer.OnThrottled();
        Assert.Equal(1.8, pacer.PerSecond, 3);
        _time.Advance(TimeSpan.FromSeconds(50));
        Assert.InRange(pacer.PerSecond, 1.8, 1.85);
        _time.Advance(TimeSpan.FromSeconds(50));
        Assert.Equal(2, pacer.PerSecond, 3);
        _time.Advance(TimeSpan.FromDays(1));
        Assert.Equal(2, pacer.PerSecond, 3);
    }

    [Fact]
    public void Calls_that_were_under_way_together_lower_it_once()
    {
        var pacer = new Pacer(2, 3, _time);
        for (var i = 0; i < 10; i++)
        {
            pacer.OnThrottled();
            _time.Advance(TimeSpan.FromMilliseconds(20));
        }

        Assert.Equal(1.8, pacer.PerSecond, 3);
    }

    [Fact]
    public void Throttled_without_end_it_keeps_asking_and_recovers_within_minutes()
    {
        var pacer = new Pacer(2, 3, _time);
        for (var i = 0; i < 100; i++)
        {
            pacer.OnThrottled();
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(0.04, pacer.PerSecond, 2);
        _time.Advance(TimeSpan.FromMinutes(6));
        Assert.Equal(2, pacer.PerSecond, 2);
    }

    [Fact]
    public async Task Moments_that_were_given_out_before_a_throttled_call_are_given_out_anew()
    {
        var pacer = new Pacer(2, 1, _time);
        var waits = Enumerable.Range(0, 3).Select(_ => WaitAsync(pacer)).ToList();
        pacer.OnThrottled();
        // At half a second the first of the waiting ones would have had its turn.
        _time.Advance(TimeSpan.FromSeconds(0.5));
        Assert.False(waits[1].IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.True(await waits[1]);
        Assert.False(waits[2].IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(1.1));
        Assert.True(await waits[2]);
    }

    [Theory]
    [InlineData(2, 5, 2, 0)]
    [InlineData(20, 25, 10, 0)]
    [InlineData(2, 5, 2, 0.5)]
    [InlineData(20, 25, 10, 0.5)]
    public void A_backlog_drains_at_the_free_part_of_the_quota(double quota, int burst, int concurrency, double others)
    {
        var result = PaceWorld.OfProduction(new PaceScenario(2_000, quota, burst, concurrency, others), seed: 1);
        Assert.Equal(0, result.DeadLettered);
        Assert.Equal(0, result.Doubled);
        // 2,000 tasks are few: finding the pace counts for more than in the benchmark's 10,000.
        Assert.InRange(result.ShareOfQuota, others == 0 ? 0.99 : 0.95, 1.05);
        Assert.InRange(result.ThrottledPerTask, 0, others == 0 ? 0 : 0.04);
    }

    private static Task<bool> WaitAsync(Pacer pacer) =>
        pacer.WaitAsync(TimeSpan.FromMinutes(1), CancellationToken.None).AsTask();
}
