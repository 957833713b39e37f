using System.Globalization;
using System.Text.Json.Nodes;
using ConnectTasks.Lambda;
using YamlDotNet.RepresentationModel;
using static ConnectTasks.Tests.Template.ProjectText;

namespace ConnectTasks.Tests.Template;

/// <summary>Rules about alarms, dashboard and logs.</summary>
internal static class OperationRules
{
    private const string Topic = "arn:aws:sns:us-east-1:000000000000:on-call";

    /// <summary>The metrics of namespace ConnectTasks: the outcomes, and what is not one message's.</summary>
    private static readonly string[] Metrics =
    [
        .. typeof(Outcome).GetNestedTypes().Where(t => t.IsSubclassOf(typeof(Outcome))).Select(t => t.Name),
        "Released", "Late", "HeldOverdue", "ThrottledCalls", "ThrottledCommand", "ThrottledCommandCalls", "PacePerSecond",
        "UnansweredCalls", "UnsettledSeconds", "Faults", "ConnectMilliseconds", "LedgerMilliseconds",
    ];

    private static readonly string[] Alarms =
    [
        "DeadLettersArriving", "DeadLettersLying", "OldestMessageAge", "TasksUnsettled", "QueueNotRead",
        "ConnectUnavailable", "Faults", "Misconfigured", "LedgerUnavailable", "ThrottledForLong", "DispatchFailing",
        "ReleaseFailing", "ReleaseNotTicking", "HeldOverdue",
    ];

    public static IEnumerable<string> There_is_an_alarm_for_each_entry_of_the_runbook(ProjectText project)
    {
        var template = project.With();
        var there = template.ResourcesOf("AWS::CloudWatch::Alarm").ToArray();
        foreach (var name in Alarms.Except(there).Concat(there.Except(Alarms)))
            yield return $"The alarm {name} is not both in the template and in this list.";
        foreach (var (name, alarm) in there.Select(n => (n, Properties(template, n))))
        {
            var description = alarm["AlarmDescription"]?.ToString() ?? "";
            if (!description.EndsWith("see the runbook.", StringComparison.OrdinalIgnoreCase))
                yield return $"{name} does not point to the runbook.";
            // The one alarm whose metric is missing when it matters.
            var missing = name == "ReleaseNotTicking" ? "breaching" : "notBreaching";
            if (alarm["TreatMissingData"]?.ToString() != missing)
                yield return $"{name} does not treat missing data as {missing}.";
        }
    }

    public static IEnumerable<string> Alarms_go_to_the_topic_and_only_if_there_is_one(ProjectText project)
    {
        foreach (var name in Alarms)
        {
            var silent = Properties(project.With(), name);
            if (silent.ContainsKey("AlarmActions") || silent.ContainsKey("OKActions"))
                yield return $"{name} has actions without a topic.";
            var loud = Properties(project.With(("AlarmTopicArn", Topic)), name);
            if (!IsTopic(loud["AlarmActions"]) || !IsTopic(loud["OKActions"]))
                yield return $"{name} does not tell the topic when it is raised and when it ends.";
        }

        static bool IsTopic(JsonNode? actions) => Items(actions).Select(a => a.ToString()).SequenceEqual([Topic]);
    }

    public static IEnumerable<string> Alarms_watch_metrics_that_exist(ProjectText project)
    {
        var template = project.With();
        string[] queues = [.. template.Queues.Select(q => q.Name)];
        string[] functions = [.. template.Functions.Select(f => f.Name)];
        foreach (var name in template.ResourcesOf("AWS::CloudWatch::Alarm"))
        {
            var properties = Properties(template, name);
            var metrics = Items(properties["Metrics"]).Select(m => m["MetricStat"]?["Metric"]).OfType<JsonObject>();
            foreach (var metric in metrics.DefaultIfEmpty(properties))
            {
                var dimensions = Items(metric["Dimensions"]).ToArray();
                var (dimension, value) = (dimensions[0]["Name"]?.ToString(), dimensions[0]["Value"]?.ToString());
                var exists = dimensions.Length == 1 && metric["Namespace"]?.ToString() switch
                {
                    "ConnectTasks" => Metrics.Contains(metric["MetricName"]?.ToString())
                        && dimension == "Function" && functions.Contains(value),
                    "AWS/Lambda" => dimension == "FunctionName" && functions.Contains(value),
                    "AWS/SQS" => dimension == "QueueName" && queues.Contains(value),
                    _ => false,
                };
                if (!exists)
                    yield return $"{name} watches a metric that nobody writes.";
            }
        }
    }

    public static IEnumerable<string> Alarms_fit_the_times_they_are_about(ProjectText project)
    {
        var template = project.With(("ReleaseEveryMinutes", "15"));
        var tick = Release(template).Schedules[0].Period!.Value;
        foreach (var name in (string[])["ReleaseFailing", "ReleaseNotTicking", "HeldOverdue"])
        {
            if (Number(name, "Period") < tick.TotalSeconds)
                yield return $"{name} looks at times in which no tick may fall.";
        }

        var kept = Seconds(DeadLetterQueue(template), "MessageRetentionPeriod")
            - Seconds(TaskQueue(template), "MessageRetentionPeriod");
        var lain = TimeSpan.FromHours(Number("DeadLettersLying", "EvaluationPeriods"));
        // What SQS moves keeps its age.
        if (lain > kept - TimeSpan.FromDays(2))
            yield return "DeadLettersLying leaves less than two days to act.";
        var arrived = Items(Properties(template, "DeadLettersArriving")["Metrics"]).First()["Expression"]?.ToString();
        if (arrived != "DIFF(FILL(visible, 0) + FILL(taken, 0))")
            yield return "DeadLettersArriving does not see the first letter on a queue that was empty for hours.";
        foreach (var name in (string[])
            ["Misconfigured", "TasksUnsettled", "Faults", "ConnectUnavailable", "LedgerUnavailable", "ThrottledForLong"])
        {
            // All of them look at minutes.
            var watched = 60 * Number(name, "EvaluationPeriods");
            if (watched <= Number(name, "DatapointsToAlarm") * RetryPolicy.LongestWait.TotalSeconds)
                yield return $"{name} ends and begins anew between two attempts.";
        }

        double Number(string alarm, string property) => double.Parse(
            Properties(template, alarm)[property]!.ToString(), CultureInfo.InvariantCulture);
    }

    public static IEnumerable<string> The_dashboard_shows_every_alarm_and_metrics_that_exist(ProjectText project)
    {
        var body = Properties(project.With(), "Dashboard")["DashboardBody"]!.ToString();
        JsonNode? board = null;
        string? fault = null;
        try
        {
            board = JsonNode.Parse(body);
        }
        catch (System.Text.Json.JsonException e)
        {
            fault = $"The dashboard is not JSON: {e.Message}";
        }

        if (fault is not null)
        {
            yield return fault;
            yield break;
        }

        var widgets = Items(board?["widgets"]).ToArray();
        var shown = widgets.SelectMany(w => Items(w["properties"]?["alarms"])).Select(a => a.ToString().Split(':')[^1]);
        foreach (var name in Alarms.Except(shown))
            yield return $"The dashboard does not show the alarm {name}.";
        foreach (var name in widgets.SelectMany(w => OurMetrics(w["properties"]?["metrics"])).Except(Metrics))
            yield return $"The dashboard shows {name}, which nobody writes.";
    }

    public static IEnumerable<string> Each_function_logs_json_to_its_own_group_for_a_time(ProjectText project)
    {
        var template = project.With(("LogRetentionDays", "30"), ("LogLevel", "DEBUG"));
        var groups = new HashSet<string>();
        foreach (var function in template.Functions)
        {
            if ((function.LogFormat, function.LogLevel) != ("JSON", "DEBUG"))
                yield return $"{function.LogicalId} does not log JSON at the level of the parameter.";
            var group = Properties(template, function.LogicalId)["LoggingConfig"]?["LogGroup"]?.ToString() ?? "";
            if (Properties(template, group)["RetentionInDays"]?.ToString() != "30" || !groups.Add(group))
                yield return $"{function.LogicalId} does not have a log group of its own that forgets.";
        }
    }

    public static IEnumerable<string> The_log_level_keeps_the_metrics(ProjectText project)
    {
        var levels = (YamlSequenceNode)project.Yaml("Parameters")["LogLevel"]["AllowedValues"];
        return levels.Select(l => l.ToString()).Except(["TRACE", "DEBUG", "INFO"])
            .Select(l => $"At {l}, Lambda drops lines without a level, such as those of the metrics.");
    }

    /// <summary>The ConnectTasks metrics of a widget, in whose list a dot repeats what stands above it.</summary>
    private static IEnumerable<string> OurMetrics(JsonNode? metrics)
    {
        var space = "";
        foreach (var metric in Items(metrics).OfType<JsonArray>())
        {
            space = metric[0]!.ToString() is var first && first != "." ? first : space;
            if (space == "ConnectTasks")
                yield return metric[1]!.ToString();
        }
    }
}
