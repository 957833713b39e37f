using System.Text.Json;

namespace ConnectTasks.Tests.Lambda;

public sealed class MetricsTests
{
    [Fact]
    public async Task An_invocation_writes_one_line_of_metrics_in_the_embedded_format()
    {
        var rig = new Rig(metrics: true);
        await rig.DeliverAsync(
            Some.Record("m-1", Some.Body("a"), age: TimeSpan.FromSeconds(7)),
            Some.Record("m-2", Some.Body("b"), age: TimeSpan.FromSeconds(9)),
            Some.Record("m-3", "{bad"));

        using var line = JsonDocument.Parse(Assert.Single(
            rig.LogText.Split('\n'), l => l.Contains("CloudWatchMetrics", StringComparison.Ordinal)));
        var root = line.RootElement;
        Assert.Equal(2, root.GetProperty("Started").GetInt32());
        Assert.Equal(1, root.GetProperty("Rejected").GetInt32());
        Assert.Equal([7, 9], root.GetProperty("StartDelaySeconds").EnumerateArray().Select(v => v.GetDouble()).Order());
        Assert.Equal([5e8, 5e8], root.GetProperty("PacePerSecond").EnumerateArray().Select(v => v.GetDouble()));
        Assert.Equal("dispatch", root.GetProperty("Function").GetString());
        var directive = root.GetProperty("_aws").GetProperty("CloudWatchMetrics")[0];
        Assert.Equal("ConnectTasks", directive.GetProperty("Namespace").GetString());
        Assert.Equal("Function", directive.GetProperty("Dimensions")[0][0].GetString());
        Assert.All(directive.GetProperty("Metrics").EnumerateArray(), metric =>
            Assert.True(root.TryGetProperty(metric.GetProperty("Name").GetString()!, out _)));
        Assert.Equal(Some.Now.ToUnixTimeMilliseconds(), root.GetProperty("_aws").GetProperty("Timestamp").GetInt64());
    }

    [Fact]
    public async Task The_metrics_of_an_invocation_do_not_leak_into_the_next()
    {
        var rig = new Rig(metrics: true);
        await rig.DeliverAsync(Some.Record("m-1", "{bad"));
        await rig.DeliverAsync(Some.Record("m-2", Some.Body("a")));
        var last = rig.LogText.Split('\n').Last(l => l.Contains("CloudWatchMetrics", StringComparison.Ordinal));
        Assert.DoesNotContain("Rejected", last, StringComparison.Ordinal);
    }
}
