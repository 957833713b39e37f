using System.Text.Json;

namespace ConnectTasks;

/// <summary>Collects violations, in sentences of one form: the property, what is wrong, what to do.</summary>
internal sealed class Problems
{
    private readonly List<Violation> _violations = [];
    private int _left;

    public bool Any => _violations.Count > 0;

    /// <summary>All of them, or the first ones and a word about the rest.</summary>
    public IReadOnlyList<Violation> All
    {
        get
        {
            if (_left == 0)
            {
                return _violations;
            }

            var last = _violations[^1];
            return [.. _violations[..^1], last with { Message = $"{last.Message} And {_left} more." }];
        }
    }

    /// <summary>Whether something is wrong at this path or below it.</summary>
    public bool Concern(string path) =>
        _violations.Exists(v => v.Path.StartsWith(path, StringComparison.Ordinal)
            && (v.Path.Length == path.Length || v.Path[path.Length] is '.' or '['));

    public void Add(string code, string path, string what, string advice)
    {
        if (_violations.Count >= TaskRequestLimits.ReportedViolations)
        {
            _left++;
            return;
        }

        _violations.Add(new Violation(code, path, $"{NameOf(path)} {what}: {advice}."));
    }

    public void Missing(string path) => Add(ViolationCodes.Missing, path, "is missing", "it is required");

    public void WrongType(string path, string expected, string found) =>
        Add(ViolationCodes.WrongType, path, $"is {found} and must be {expected}", $"send {expected}");

    public void TooLong(string path, int length, int limit, string unit) => Add(
        ViolationCodes.TooLong, path, $"has {length} {unit} and may have at most {limit}", "shorten it");

    public void DuplicateProperty(string path) => Add(
        ViolationCodes.DuplicateProperty, path, "is there more than once, perhaps in another case", "send it once");

    public void UnknownProperty(string parent, string name, JsonEncodedText[] known)
    {
        var advice = Nearest(name, known) is { } near ? $"use {near} if that is what it is meant to be" : "remove it, or check its spelling";
        if (!IsHarmless(name))
        {
            Add(
                ViolationCodes.UnknownProperty,
                parent,
                $"has an unknown property, whose name is {name.Length} characters long",
                "remove it, or check its spelling");
        }
        else
        {
            Add(ViolationCodes.UnknownProperty, $"{parent}.{name}", "is not a property of a task request", advice);
        }
    }

    /// <summary>
    /// The path of a map's entry: by its key if that looks like a name, else by its position, because a key can be
    /// personal data too (a telephone number, an address).
    /// </summary>
    public static string PathOf(string parent, string key, int position) =>
        IsHarmless(key) ? $"{parent}.{key}" : $"{parent}[#{position + 1}]";

    private static bool IsHarmless(string name) =>
        name.Length is > 0 and <= 64 && char.IsAsciiLetter(name[0])
        && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or ':' or '-');

    private static string NameOf(string path) => path == "$" ? "The request" : path[2..];

    private static string? Nearest(string name, JsonEncodedText[] known)
    {
        if (name.Length > 64)
        {
            return null;
        }

        var (best, distance) = known
            .Select(k => (Name: k.ToString(), Distance: Distance(name.ToUpperInvariant(), k.ToString().ToUpperInvariant())))
            .MinBy(k => k.Distance);
        return distance <= Math.Max(1, best.Length / 4) ? best : null;
    }

    /// <summary>How many insertions, deletions and replacements make one text of the other.</summary>
    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, 1 + Math.Min(row[j], row[j - 1]));
            }
        }

        return row[^1];
    }
}
