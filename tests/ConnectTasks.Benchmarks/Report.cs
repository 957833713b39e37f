using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace ConnectTasks.Benchmarks;

/// <summary>The figures of one run: medians of each variant, and the ratios between them.</summary>
internal sealed class Report(string name)
{
    private static readonly CultureInfo Invariant = CultureInfo.InvariantCulture;
    private static readonly JsonWriterOptions Indented = new() { Indented = true };

    private readonly Dictionary<string, Dictionary<string, List<double>>> _samples = [];
    private readonly List<(string Variant, string Baseline)> _comparisons = [];

    public void Add(string variant, string measure, double value)
    {
        var measures = _samples.TryGetValue(variant, out var known) ? known : _samples[variant] = [];
        var values = measures.TryGetValue(measure, out var list) ? list : measures[measure] = [];
        values.Add(value);
    }

    private double Median(string variant, string measure)
    {
        var sorted = _samples[variant][measure].Order().ToList();
        var middle = sorted.Count / 2;
        return sorted.Count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /// <summary>Reports the ratios of one variant's medians to another's.</summary>
    public void Compare(string variant, string baseline) => _comparisons.Add((variant, baseline));

    public void WriteTo(TextWriter output, bool json)
    {
        if (json)
            output.WriteLine(Json());
        else
            WriteTable(output);
    }

    private string Json()
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, Indented))
        {
            writer.WriteStartObject();
            writer.WriteString("benchmark", name);
            writer.WriteString("runtime", RuntimeInformation.FrameworkDescription);
            writer.WriteString("system", RuntimeInformation.OSDescription);
            writer.WriteNumber("processors", Environment.ProcessorCount);
            writer.WriteStartObject("variants");
            foreach (var (variant, measures) in _samples)
                WriteVariant(writer, variant, measures);
            writer.WriteEndObject();
            writer.WriteStartArray("ratios");
            foreach (var (variant, baseline) in _comparisons)
                WriteRatios(writer, variant, baseline);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private void WriteVariant(Utf8JsonWriter writer, string variant, Dictionary<string, List<double>> measures)
    {
        writer.WriteStartObject(variant);
        foreach (var (measure, values) in measures)
        {
            writer.WriteStartObject(measure);
            writer.WriteNumber("median", Math.Round(Median(variant, measure), 4));
            writer.WriteNumber("least", Math.Round(values.Min(), 4));
            writer.WriteNumber("most", Math.Round(values.Max(), 4));
            writer.WriteNumber("runs", values.Count);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    private void WriteRatios(Utf8JsonWriter writer, string variant, string baseline)
    {
        writer.WriteStartObject();
        writer.WriteString("of", variant);
        writer.WriteString("to", baseline);
        foreach (var measure in Common(variant, baseline))
            writer.WriteNumber(measure, Math.Round(Ratio(variant, baseline, measure), 3));
        writer.WriteEndObject();
    }

    private void WriteTable(TextWriter output)
    {
        output.WriteLine("medians (least to most)");
        foreach (var (variant, measures) in _samples)
        {
            output.WriteLine($"  {variant}");
            foreach (var (measure, values) in measures)
            {
                output.WriteLine(string.Create(
                    Invariant,
                    $"    {measure,-28}{Median(variant, measure),12:0.####}  ({values.Min():0.####} to {values.Max():0.####})"));
            }
        }

        output.WriteLine("ratios");
        foreach (var (variant, baseline) in _comparisons)
        {
            output.WriteLine($"  {variant} / {baseline}");
            foreach (var measure in Common(variant, baseline))
                output.WriteLine(string.Create(Invariant, $"    {measure,-28}{Ratio(variant, baseline, measure),12:0.000}"));
        }
    }

    private IEnumerable<string> Common(string variant, string baseline) =>
        _samples[variant].Keys.Where(m => _samples[baseline].ContainsKey(m) && Median(baseline, m) > 0);

    private double Ratio(string variant, string baseline, string measure) =>
        Median(variant, measure) / Median(baseline, measure);
}
