using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ConnectTasks.Local;
using static ConnectTasks.Tests.Template.ProjectText;

namespace ConnectTasks.Tests.Template;

/// <summary>Metrics as CloudWatch keeps them: what was put in each minute.</summary>
internal sealed class CloudWatchMetrics(int minutes)
{
    private readonly Dictionary<(string Metric, string Of), (double Sum, double Count, double Most)[]> _series = [];

    public int Minutes => minutes;

    public void Put(string metric, string of, double at, double value, double count = 1)
    {
        if (!_series.TryGetValue((metric, of), out var series))
        {
            _series[(metric, of)] = series = new (double, double, double)[minutes];
        }

        var minute = (int)(at / 60);
        if (minute < minutes)
        {
            ref var slot = ref series[minute];
            slot = (slot.Sum + value, slot.Count + count, slot.Count == 0 ? value : Math.Max(slot.Most, value));
        }
    }

    /// <summary>The statistic of a period; null if nothing was put.</summary>
    public double? Statistic(string metric, string of, string statistic, int from, int until)
    {
        if (!_series.TryGetValue((metric, of), out var series) || from < 0)
        {
            return null;
        }

        var slots = series[from..until].Where(s => s.Count > 0).ToArray();
        return slots.Length == 0 ? null : statistic switch
        {
            "Sum" => slots.Sum(s => s.Sum),
            "SampleCount" => slots.Sum(s => s.Count),
            "Maximum" => slots.Max(s => s.Most),
            _ => throw new NotSupportedException(statistic),
        };
    }
}

/// <summary>
/// An alarm of the template by CloudWatch's documented rules: "M out of N" of the last complete periods, with missing
/// ones counted as TreatMissingData says (User Guide, "Configuring how CloudWatch alarms treat missing data").
/// </summary>
internal sealed class AlarmEvaluator
{
    private readonly Dictionary<string, (string Metric, string Of, string Statistic)> _metrics = [];
    private readonly string[] _expression;
    private readonly bool _isBelow;
    private readonly double _threshold;
    private readonly bool _missingBreaches;
    private readonly int _minutesAPeriod;
    private readonly int _periods;
    private readonly int _toAlarm;

    public AlarmEvaluator(SamTemplate template, string name)
    {
        var alarm = Properties(template, name);
        int? Whole(JsonNode? node) => node is null ? null : int.Parse(node.ToString(), CultureInfo.InvariantCulture);
        var stats = Items(alarm["Metrics"]).Where(m => m["MetricStat"] is not null).ToArray();
        foreach (var (id, stat, statistic) in stats.Length == 0
            ? [("m", (JsonNode)alarm, alarm["Statistic"]!)]
            : stats.Select(s => (s["Id"]!.ToString(), s["MetricStat"]!["Metric"]!, s["MetricStat"]!["Stat"]!)))
        {
            _metrics[id] = (
                stat["MetricName"]!.ToString(), Items(stat["Dimensions"]).Single()["Value"]!.ToString(), statistic.ToString());
        }

        _expression = MetricMath.TokensOf(
            Items(alarm["Metrics"]).FirstOrDefault(m => m["Expression"] is not null)?["Expression"]!.ToString() ?? "m");
        _minutesAPeriod = (Whole(alarm["Period"]) ?? Whole(stats[0]["MetricStat"]!["Period"]))!.Value / 60;
        _isBelow = alarm["ComparisonOperator"]!.ToString() == "LessThanThreshold";
        _threshold = double.Parse(alarm["Threshold"]!.ToString(), CultureInfo.InvariantCulture);
        _periods = Whole(alarm["EvaluationPeriods"])!.Value;
        _toAlarm = Whole(alarm["DatapointsToAlarm"]) ?? _periods;
        _missingBreaches = alarm["TreatMissingData"]!.ToString() == "breaching";
    }

    /// <summary>For each minute, whether the alarm is raised at its end.</summary>
    public bool[] Evaluate(CloudWatchMetrics metrics)
    {
        var breaches = new bool[metrics.Minutes / _minutesAPeriod];
        for (var period = 0; period < breaches.Length; period++)
        {
            var value = new MetricMath(_expression, (id, back) => ValueOf(metrics, id, period - back)).Value();
            breaches[period] = value is { } v ? (_isBelow ? v < _threshold : v > _threshold) : _missingBreaches;
        }

        var raised = new bool[metrics.Minutes];
        for (var minute = 0; minute < raised.Length; minute++)
        {
            var complete = (minute + 1) / _minutesAPeriod;
            var from = Math.Max(0, complete - _periods);
            // What was before the first minute was ordinary.
            raised[minute] = breaches.AsSpan(from, complete - from).Count(true) >= _toAlarm;
        }

        return raised;
    }

    private double? ValueOf(CloudWatchMetrics metrics, string id, int period)
    {
        var (metric, of, statistic) = _metrics[id];
        return metrics.Statistic(metric, of, statistic, period * _minutesAPeriod, (period + 1) * _minutesAPeriod);
    }
}

/// <summary>As much of CloudWatch's metric math as the template uses, for one period.</summary>
/// <param name="tokens">The expression's.</param>
/// <param name="read">A metric's value, so many periods before; null if it is missing.</param>
internal sealed partial class MetricMath(string[] tokens, Func<string, int, double?> read)
{
    private int _next;
    private int _back;

    public static string[] TokensOf(string expression) => [.. Tokens().Matches(expression).Select(m => m.Value)];

    public double? Value()
    {
        var value = And();
        return _next == tokens.Length ? value : throw new FormatException($"{tokens[_next]} in {string.Join(' ', tokens)}");
    }

    [GeneratedRegex(@"==|[A-Za-z]+|\d+|\S")]
    private static partial Regex Tokens();

    private double? And()
    {
        var value = Compared();
        while (Takes("AND"))
        {
            var right = Compared();
            value = value is null || right is null ? null : value != 0 && right != 0 ? 1 : 0;
        }

        return value;
    }

    private double? Compared()
    {
        var left = Sum();
        return Takes(">") ? (left > Sum() ? 1 : 0) : Takes("==") ? (left == Sum() ? 1 : 0) : left;
    }

    private double? Sum()
    {
        var value = Product();
        while (Takes("+"))
        {
            value += Product();
        }

        return value;
    }

    private double? Product()
    {
        var value = Operand();
        while (_next < tokens.Length && tokens[_next] is "*" or "/")
        {
            value = Takes("*") ? value * Operand() : Takes("/") ? value / Operand() : value;
        }

        return value;
    }

    private double? Operand()
    {
        var token = tokens[_next++];
        if (double.TryParse(token, CultureInfo.InvariantCulture, out var number))
        {
            return number;
        }

        if (_next == tokens.Length || tokens[_next] != "(")
        {
            return read(token, _back);
        }

        var start = ++_next;
        var value = And();
        switch (token)
        {
            case "FILL":
                Expect(",");
                var fill = And();
                value ??= fill;
                break;
            case "DIFF":
                (_next, _back) = (start, _back + 1);
                value -= And();
                _back--;
                break;
            case "IF":
                Expect(",");
                var yes = And();
                Expect(",");
                var no = And();
                value = value is null ? null : value != 0 ? yes : no;
                break;
            default:
                throw new FormatException($"{token} in {string.Join(' ', tokens)}");
        }

        Expect(")");
        return value;
    }

    private bool Takes(string token)
    {
        var takes = _next < tokens.Length && tokens[_next] == token;
        _next += takes ? 1 : 0;
        return takes;
    }

    private void Expect(string token)
    {
        if (!Takes(token))
        {
            throw new FormatException($"{token} is missing in {string.Join(' ', tokens)}");
        }
    }
}
