using ConnectTasks.Lambda;

namespace ConnectTasks.Tests.Lambda;

public sealed class SettingsTests
{
    private static readonly Dictionary<string, string> Required = new()
    {
        ["TASK_QUEUE_URL"] = "https://sqs.us-east-1.amazonaws.com/000000000000/tasks",
        ["DEAD_LETTER_QUEUE_URL"] = "https://sqs.us-east-1.amazonaws.com/000000000000/dead",
        ["TASK_TABLE"] = "tasks",
    };

    [Fact]
    public void The_defaults_are_those_of_the_service_and_the_template()
    {
        var settings = Settings.Read(Required.GetValueOrDefault);
        Assert.Null(settings.InstanceId);
        Assert.Equal(2, settings.ConnectRatePerSecond);
        Assert.Equal(5, settings.ConnectBurst);
        Assert.Equal(2, settings.MaximumConcurrency);
        Assert.Equal(TimeSpan.FromDays(3), settings.MaxRetryAge);
        Assert.Equal(TimeSpan.FromDays(10), settings.QueueRetention);
        Assert.Equal(TimeSpan.FromDays(35), settings.LedgerRetention);
        Assert.Equal(1, settings.PacePerSecond);
        Assert.Equal(2, settings.PaceBurst);
    }

    [Fact]
    public void All_bad_settings_are_named_together_and_no_value_is_repeated()
    {
        var variables = new Dictionary<string, string>
        {
            ["TASK_QUEUE_URL"] = "SECRET",
            ["CONNECT_RATE_PER_SECOND"] = "fast",
            ["CONNECT_BURST"] = "0",
            ["MAXIMUM_CONCURRENCY"] = "1001",
            ["LEDGER_RETENTION_DAYS"] = "28",
        };
        var e = Assert.Throws<SettingsException>(() => Settings.Read(variables.GetValueOrDefault));
        Assert.Equal(
            "The function can't start: TASK_QUEUE_URL must be a queue URL that begins with https:// (or http://). "
            + "DEAD_LETTER_QUEUE_URL is not set. TASK_TABLE is not set. "
            + "CONNECT_RATE_PER_SECOND must be a number from 0.01 to 1000. "
            + "CONNECT_BURST must be a whole number from 1 to 1000. "
            + "MAXIMUM_CONCURRENCY must be a whole number from 1 to 1000. "
            + "LEDGER_RETENTION_DAYS must be a whole number from 29 to 3650. Correct the environment variables.",
            e.Message);
    }

    [Fact]
    public void A_message_may_not_expire_before_retrying_ends()
    {
        var variables = new Dictionary<string, string>(Required)
        {
            ["MAX_RETRY_SECONDS"] = "345600",
            ["QUEUE_RETENTION_SECONDS"] = "345600",
        };
        var e = Assert.Throws<SettingsException>(() => Settings.Read(variables.GetValueOrDefault));
        Assert.Contains("MAX_RETRY_SECONDS must be less than 90 % of QUEUE_RETENTION_SECONDS", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_lease_outlives_the_invocation_and_ends_before_the_visibility_timeout()
    {
        var timeout = TimeSpan.FromSeconds(60);
        Assert.True(timeout + Settings.LeaseMargin < 6 * timeout);
        Assert.True(Settings.SettlementReserve + Settings.AttemptReserve < timeout / 2);
    }
}
