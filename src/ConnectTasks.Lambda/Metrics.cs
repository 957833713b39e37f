using System.Text.Json;

namespace ConnectTasks.Lambda;

/// <summary>
/// What an invocation did, in CloudWatch's embedded metric format: one line an invocation, from which CloudWatch makes
/// metrics in the namespace <c>ConnectTasks</c>. One dimension, the function's name, because each combination of
/// dimensions and names is paid for.
/// </summary>
/// <remarks>
/// Counts by outcome; <c>Late</c> counts tasks started after their time. <c>StartDelaySeconds</c>: from the sending
/// of a task without a time to its start; <c>LateSeconds</c>: of one with a time, from that time.
/// <c>ConnectMilliseconds</c> and <c>LedgerMilliseconds</c>: calls, with their failures. <c>PacePerSecond</c>: of one
/// environment, at each call to Connect; <c>ThrottledCalls</c>: starts that Connect throttled, most of which are made
/// again at once. Commands have quotas of their own: <c>ThrottledCommandCalls</c>, and <c>ThrottledCommand</c> in place
/// of the outcome's name. <c>UnansweredCalls</c>: calls to Connect that failed with 5xx or got no answer.
/// <c>UnsettledSeconds</c>: the time that the oldest message that is retried has been on the queue; SQS's own metric
/// leaves out what was received three times. <c>Faults</c>: what this program could not do itself: a message that it
/// failed on, a dead letter not sent, a visibility timeout not set.
/// </remarks>
internal sealed class Metrics(string functionName, JsonLines output, TimeProvider time)
{
    /// <summary>The format's limit of values of one metric in one line.</summary>
    private const int MaxValues = 100;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _counts = [];
    private readonly Dictionary<string, List<double>> _values = [];

    public void Count(string name, int by = 1)
    {
        lock (_lock)
        {
            _counts[name] = _counts.GetValueOrDefault(name) + by;
        }
    }

    /// <param name="name">The metric, its unit last.</param>
    public void Observe(string name, double value)
    {
        lock (_lock)
        {
            if (!_values.TryGetValue(name, out var values))
            {
                _values[name] = values = [];
            }

            if (values.Count < MaxValues)
            {
                values.Add(Math.Round(value, 2));
            }
        }
    }

    /// <summary>Keeps the largest value of the invocation.</summary>
    public void ObserveMost(string name, double value)
    {
        lock (_lock)
        {
            if (!_values.TryGetValue(name, out var values) || values[0] < value)
            {
                _values[name] = [Math.Round(value, 2)];
            }
        }
    }

    /// <summary>Counts how one message ended.</summary>
    public void Ended(Outcome outcome, Message message, DateTimeOffset now, bool isSettled)
    {
        Count(outcome.Metric);
        // A command that waits for its request waits for its sender.
        if (!isSettled && message.SentAt is { } queued
            && outcome is not Outcome.Deferred { Cause: DeferralCause.Request })
        {
            ObserveMost("UnsettledSeconds", (now - queued).TotalSeconds);
        }

        if (outcome is not Outcome.Started started)
        {
            return;
        }

        if (started.LateBy > TimeSpan.Zero)
        {
            Count("Late");
            Observe("LateSeconds", started.LateBy.TotalSeconds);
        }
        else if (!started.WasScheduled && message.OriginallySentAt is { } sent)
        {
            Observe("StartDelaySeconds", (now - sent).TotalSeconds);
        }
    }

    /// <summary>Writes the line of the invocation that ends, and begins anew.</summary>
    public void Flush()
    {
        lock (_lock)
        {
            if (_counts.Count + _values.Count > 0)
            {
                output.Write(this, static (json, metrics) => metrics.WriteTo(json));
            }

            _counts.Clear();
            _values.Clear();
        }
    }

    private void WriteTo(Utf8JsonWriter json)
    {
        json.WriteStartObject("_aws");
        json.WriteNumber("Timestamp", time.GetUtcNow().ToUnixTimeMilliseconds());
        json.WriteStartArray("CloudWatchMetrics");
        json.WriteStartObject();
        json.WriteString("Namespace", "ConnectTasks");
        json.WriteStartArray("Dimensions");
        json.WriteStartArray();
        json.WriteStringValue("Function");
        json.WriteEndArray();
        json.WriteEndArray();
        json.WriteStartArray("Metrics");
        foreach (var name in _counts.Keys)
        {
            Define(json, name);
        }

        foreach (var name in _values.Keys)
        {
            Define(json, name);
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteString("Function", functionName);
        foreach (var (name, count) in _counts)
        {
            json.WriteNumber(name, count);
        }

        foreach (var (name, values) in _values)
        {
            json.WriteStartArray(name);
            values.ForEach(json.WriteNumberValue);
            json.WriteEndArray();
        }
    }

    private static void Define(Utf8JsonWriter json, string name)
    {
        json.WriteStartObject();
        json.WriteString("Name", name);
        json.WriteString("Unit", UnitOf(name));
        json.WriteEndObject();
    }

    private static string UnitOf(string name) =>
        name.EndsWith("Milliseconds", StringComparison.Ordinal) ? "Milliseconds"
        : name.EndsWith("PerSecond", StringComparison.Ordinal) ? "Count/Second"
        : name.EndsWith("Seconds", StringComparison.Ordinal) ? "Seconds"
        : "Count";
}
