using System.Threading.Channels;
using ConnectTasks.Local;
using Microsoft.Extensions.Time.Testing;

namespace ConnectTasks.Tests.Local;

public sealed class FunctionScheduleTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2027, 1, 2, 3, 4, 5, TimeSpan.Zero));
    private readonly Observations _seen = new();
    private readonly Channel<string> _events = Channel.CreateUnbounded<string>();

    [Fact]
    public async Task Each_period_the_function_gets_a_scheduled_event()
    {
        using var stop = new CancellationTokenSource();
        var running = Schedule(new InvocationResult.Success("null"u8.ToArray())).RunAsync(stop.Token);
        _time.Advance(TimeSpan.FromMinutes(4));
        Assert.False(_events.Reader.TryPeek(out _));
        _time.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal(
            """
            {"version":"0","id":"00000000-0000-0000-0000-000000000007","detail-type":"Scheduled Event",
            "source":"aws.events","account":"000000000000","time":"2027-01-02T03:09:05Z","region":"us-east-1",
            "resources":["arn:aws:events:us-east-1:000000000000:rule/release"],"detail":{}}
            """.ReplaceLineEndings(""),
            await NextAsync());
        _time.Advance(TimeSpan.FromMinutes(5));
        Assert.Contains("03:14:05Z", await NextAsync(), StringComparison.Ordinal);
        await stop.CancelAsync();
        await running;
    }

    [Fact]
    public async Task A_failed_invocation_is_said_and_the_next_tick_comes()
    {
        using var stop = new CancellationTokenSource();
        var running = Schedule(new InvocationResult.Exited("exit status 1")).RunAsync(stop.Token);
        _time.Advance(TimeSpan.FromMinutes(5));
        await NextAsync();
        var warning = await _seen.FirstAsync<LambdaEvent.Warning>();
        Assert.Contains("exit status 1", warning.Text, StringComparison.Ordinal);
        _time.Advance(TimeSpan.FromMinutes(5));
        await NextAsync();
        await stop.CancelAsync();
        await running;
    }

    private FunctionSchedule Schedule(InvocationResult result) => new(
        "release",
        TimeSpan.FromMinutes(5),
        SomeFunction.Settings(),
        async (payload, cancellation) =>
        {
            await _events.Writer.WriteAsync(SomeFunction.Text(payload), cancellation);
            return result;
        },
        _time,
        () => new Guid("00000000-0000-0000-0000-000000000007"),
        _seen.Observe);

    private async Task<string> NextAsync() => await _events.Reader.ReadAsync(TestContext.Current.CancellationToken)
        .AsTask().WaitAsync(SomeFunction.Deadline, TestContext.Current.CancellationToken);
}
