using System.Globalization;
using ConnectTasks.Lambda;
using ConnectTasks.Local;
using static ConnectTasks.Tests.Template.ProjectText;

namespace ConnectTasks.Tests.Template;

/// <summary>Rules about the numbers: those of the template among themselves and with the code's.</summary>
internal static class TimingRules
{
    /// <summary>What is retried, with no lease to wait for: that would only make the waits longer.</summary>
    private static readonly Outcome[] Retryable =
    [
        new Outcome.InFlight(TimeSpan.Zero),
        new Outcome.Deferred(DeferralCause.Time),
        new Outcome.Throttled("X"),
        new Outcome.OverQuota("X"),
        new Outcome.Unavailable("X"),
        new Outcome.Unknown("X", TimeSpan.Zero),
        new Outcome.Misconfigured("X"),
        new Outcome.LedgerUnavailable("X", TimeSpan.Zero),
    ];

    public static IEnumerable<string> The_functions_start_with_the_templates_environment(ProjectText project)
    {
        foreach (var function in project.With().Functions)
        {
            string? fault = null;
            try
            {
                SettingsOf(function);
            }
            catch (SettingsException e)
            {
                fault = e.Message;
            }

            if (fault is not null)
                yield return $"{function.LogicalId}: {fault}";
            var expected = function.LogicalId == "ReleaseFunction" ? "release" : "dispatch";
            if (function.Environment.GetValueOrDefault("FUNCTION") != expected)
                yield return $"{function.LogicalId}'s FUNCTION is not {expected}.";
        }
    }

    public static IEnumerable<string> The_time_out_covers_an_attempt_and_the_settlement(ProjectText project)
    {
        var least = Settings.AttemptReserve + Settings.SettlementReserve;
        return project.With().Functions.Where(f => f.Timeout < 2 * least).Select(f =>
            $"{f.LogicalId}'s Timeout is {f.Timeout}; an attempt and the settlement take up to {least}; two must fit.");
    }

    public static IEnumerable<string> A_batch_is_paced_within_one_invocation(ProjectText project)
    {
        var template = project.With();
        var (dispatch, settings) = (Dispatch(template), SettingsOf(Dispatch(template)));
        var paced = TimeSpan.FromSeconds(Tasks(template).BatchSize / settings.PacePerSecond)
            + Settings.AttemptReserve + Settings.SettlementReserve;
        if (paced > dispatch.Timeout)
            yield return $"A batch takes {paced} at this pace; Timeout is {dispatch.Timeout}.";
    }

    public static IEnumerable<string> Visibility_is_six_time_outs_and_the_window(ProjectText project)
    {
        var template = project.With();
        var least = (6 * Dispatch(template).Timeout) + Tasks(template).BatchingWindow;
        var visibility = Seconds(TaskQueue(template), "VisibilityTimeout");
        if (visibility < least)
            yield return $"VisibilityTimeout is {visibility}, but must be at least {least}.";
    }

    public static IEnumerable<string> A_lease_ends_before_its_message_returns(ProjectText project)
    {
        var template = project.With();
        var lease = Dispatch(template).Timeout + Settings.LeaseMargin;
        var visibility = Seconds(TaskQueue(template), "VisibilityTimeout");
        if (lease >= visibility)
            yield return $"A lease lasts up to {lease}; the message returns after {visibility}.";
    }

    public static IEnumerable<string> A_healthy_message_stays_under_maxReceiveCount(ProjectText project)
    {
        var template = project.With();
        var limits = SettingsOf(Dispatch(template)).AgeLimits;
        var maximum = TaskQueue(template).MaxReceiveCount;
        foreach (var outcome in Retryable)
        {
            // A function that does not start lets each message return after the visibility timeout: 40 hours of it
            // must leave room for the longest outage.
            var notStarting = TimeSpan.FromHours(40);
            var receives = ReceivesAtTheShortestWaits(outcome, limits, limits.LastResortAge - notStarting)
                + (int)(notStarting / Seconds(TaskQueue(template), "VisibilityTimeout"));
            if (receives >= maximum)
            {
                yield return $"As {outcome.Name} it is received {receives} times; maxReceiveCount is {maximum}.";
            }
        }
    }

    public static IEnumerable<string> Retention_is_what_the_function_is_told(ProjectText project)
    {
        var template = project.With();
        var retention = Seconds(TaskQueue(template), "MessageRetentionPeriod");
        var told = SettingsOf(Dispatch(template)).QueueRetention;
        if (retention != told)
            yield return $"MessageRetentionPeriod is {retention}; QUEUE_RETENTION_SECONDS is {told}.";
    }

    public static IEnumerable<string> Dead_letters_are_kept_longer_than_messages(ProjectText project)
    {
        var template = project.With();
        var retention = Seconds(TaskQueue(template), "MessageRetentionPeriod");
        var dead = Seconds(DeadLetterQueue(template), "MessageRetentionPeriod");
        if (dead <= retention)
            yield return $"Dead letters are kept for {dead}, messages for {retention}; a moved message keeps its age.";
        var ledger = SettingsOf(Dispatch(template)).LedgerRetention;
        if (ledger < retention + dead)
            yield return $"The ledger forgets after {ledger}, while a message may live for {retention + dead}.";
    }

    public static IEnumerable<string> Reserved_concurrency_is_no_less_than_the_mappings(ProjectText project)
    {
        foreach (var maximum in (int[])[2, 7, 1000])
        {
            var template = project.With(
                ("ReserveConcurrency", "true"), ("MaximumConcurrency", maximum.ToString(CultureInfo.InvariantCulture)));
            var reserved = Properties(template, "DispatchFunction")["ReservedConcurrentExecutions"]?.ToString();
            if (reserved is null || int.Parse(reserved, CultureInfo.InvariantCulture) < maximum)
                yield return $"Reserved are {reserved ?? "none"}; the mapping may run {maximum}.";
        }

        if (Properties(project.With(), "DispatchFunction").ContainsKey("ReservedConcurrentExecutions"))
            yield return "Concurrency is reserved without being asked for, which an account with little of it refuses.";
    }

    public static IEnumerable<string> Pace_is_what_the_function_is_told(ProjectText project)
    {
        var template = project.With(
            ("ConnectRatePerSecond", "20"), ("ConnectBurst", "25"), ("MaximumConcurrency", "9"));
        var settings = SettingsOf(Dispatch(template));
        if (Tasks(template).MaximumConcurrency != 9)
            yield return "ScalingConfig.MaximumConcurrency is not the parameter.";
        if (settings is not { ConnectRatePerSecond: 20, ConnectBurst: 25, MaximumConcurrency: 9 })
            yield return "Rate, burst or concurrency of the environment are not the parameters'.";
    }

    public static IEnumerable<string> Maximum_concurrency_is_2_to_1000(ProjectText project) =>
        from row in ((string Value, bool IsAllowed)[])[("1", false), ("2", true), ("1000", true), ("1001", false)]
        where IsAccepted(project, "MaximumConcurrency", row.Value) != row.IsAllowed
        select $"MaximumConcurrency {row.Value} is {(row.IsAllowed ? "refused" : "accepted")}.";

    public static IEnumerable<string> Schedule_settings_are_the_designs(ProjectText project)
    {
        var settings = SettingsOf(Dispatch(project.With()));
        var defaults = new Settings { TaskQueueUrl = "", DeadLetterQueueUrl = "", TaskTable = "" };
        if (settings.ScheduleRules != defaults.ScheduleRules)
            yield return $"The template says {settings.ScheduleRules}; the code {defaults.ScheduleRules}.";
        if (SettingsOf(Dispatch(project.With(("ScheduleHorizonSeconds", "7776000")))).ScheduleHorizon.TotalDays != 90)
            yield return "ScheduleHorizonSeconds does not reach the function.";
    }

    public static IEnumerable<string> The_release_function_ticks_and_does_not_pile_up(ProjectText project)
    {
        foreach (var minutes in (int[])[1, 2, 15])
        {
            var value = minutes.ToString(CultureInfo.InvariantCulture);
            var function = Release(project.With(("ReleaseEveryMinutes", value)));
            var unit = minutes == 1 ? "minute" : "minutes";
            if (function.Schedules is not [{ IsEnabled: true } schedule]
                || schedule.Expression != $"rate({value} {unit})")
                yield return $"Every {value} minutes it is not scheduled with rate({value} {unit}).";
        }

        var invoke = Properties(project.With(), "ReleaseFunction")["EventInvokeConfig"];
        if (invoke?["MaximumRetryAttempts"]?.ToString() != "0"
            || invoke["MaximumEventAgeInSeconds"]?.ToString() != "60")
            yield return "A failed tick is tried again, although the next one does its work.";
    }

    private static int ReceivesAtTheShortestWaits(Outcome outcome, AgeLimits limits, TimeSpan outage)
    {
        var receives = 1;
        for (var age = TimeSpan.Zero; age < outage; receives++)
        {
            var message = Message.From(Some.Record(receiveCount: receives)) with { SentAt = Some.Now - age };
            age += RetryPolicy.Decide(outcome, message, Some.Now, limits, jitter: 1) ?? outage;
        }

        return receives;
    }

    private static bool IsAccepted(ProjectText project, string parameter, string value)
    {
        try
        {
            project.With((parameter, value));
            return true;
        }
        catch (LocalException e)
        {
            // What the parameter lets through, a later check may still refuse: at deployment that would be too late.
            return !e.Message.StartsWith($"Parameter {parameter} ", StringComparison.Ordinal);
        }
    }
}
