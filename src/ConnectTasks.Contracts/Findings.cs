using System.Globalization;
using System.Text;

namespace ConnectTasks;

/// <summary>
/// The violations found so far, and where in the request we are. The place is kept as plain segments and becomes a path
/// only when something is wrong, so that a valid request costs no strings.
/// </summary>
internal sealed class Findings
{
    private const int HarmlessNameMaxLength = 64;

    private Segment[] _place = [];
    private int _depth;
    private List<Violation>? _violations;
    private int _more;

    public bool IsEmpty => _violations is null;

    /// <summary>Whether further violations are counted only; saves the work of wording them.</summary>
    public bool IsFull => _violations?.Count >= TaskRequestLimits.ViolationsMaxCount;

    /// <summary>The place as the subject of a sentence: the path without its <c>$.</c>.</summary>
    public string Subject => _depth == 0 ? "The request" : Path[1..].TrimStart('.');

    private string Path
    {
        get
        {
            var path = new StringBuilder("$");
            foreach (var segment in _place.AsSpan(0, _depth))
                AppendTo(path, segment);
            return path.ToString();
        }
    }

    /// <summary>Steps into a property with a name of ours.</summary>
    public void Enter(string property) => Push(new Segment(property, 0));

    /// <summary>Steps into an entry with a name of the producer's, the n-th of its object, counted from 1.</summary>
    public void EnterNamed(string name, int position) => Push(new Segment(name, position));

    /// <summary>Steps into an entry of a list, counted from 0.</summary>
    public void EnterListed(int index) => Push(new Segment(null, index));

    public void Leave() => _depth--;

    /// <summary>Reports a violation at the place where we are.</summary>
    public void Add(string code, string message)
    {
        if (IsFull)
            _more++;
        else
            (_violations ??= []).Add(new Violation(code, Path, message));
    }

    /// <summary>Forgets everything, the place included.</summary>
    public void Clear() => (_violations, _more, _depth) = (null, 0, 0);

    public IReadOnlyList<Violation> ToList()
    {
        if (_violations is null)
            return [];
        if (_more > 0)
        {
            var subject = _more == 1 ? "1 more violation is" : $"{Number(_more)} more violations are";
            var message = $"{subject} not listed; correct these first.";
            _violations.Add(new Violation(ViolationCodes.MoreViolations, "$", message));
            _more = 0;
        }
        return _violations;
    }

    public static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>Whether a name of the producer's can be repeated: it looks like an identifier, not data.</summary>
    public static bool IsHarmless(string name)
    {
        if (name.Length is 0 or > HarmlessNameMaxLength || !char.IsAsciiLetter(name[0]))
            return false;
        foreach (var character in name)
        {
            if (!char.IsAsciiLetterOrDigit(character) && character is not ('_' or '.' or ':' or '-'))
                return false;
        }
        return true;
    }

    private static void AppendTo(StringBuilder path, Segment segment)
    {
        if (segment.Name is null)
            path.Append(CultureInfo.InvariantCulture, $"[{segment.Number}]");
        else if (!IsHarmless(segment.Name))
            path.Append(CultureInfo.InvariantCulture, $"[#{segment.Number}]");
        else if (segment.Name.AsSpan().IndexOfAny('.', ':', '-') >= 0)
            path.Append("['").Append(segment.Name).Append("']");
        else
            path.Append('.').Append(segment.Name);
    }

    private void Push(Segment segment)
    {
        if (_depth == _place.Length)
            Array.Resize(ref _place, Math.Max(4, 2 * _place.Length));
        _place[_depth++] = segment;
    }

    /// <param name="Name">The name of a property or entry, or <c>null</c> for an entry of a list.</param>
    /// <param name="Number">The position of a named entry from 1, or the index in a list from 0.</param>
    private readonly record struct Segment(string? Name, int Number);
}
