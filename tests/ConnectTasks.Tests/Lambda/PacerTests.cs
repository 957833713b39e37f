using ConnectTasks.Lambda;
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

    private static Task<bool> WaitAsync(Pacer pacer) =>
        pacer.WaitAsync(TimeSpan.FromMinutes(1), CancellationToken.None).AsTask();
}
