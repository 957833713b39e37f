using System.Text;

namespace ConnectTasks;

/// <summary>The property names that an object knows, found in any case.</summary>
internal sealed class PropertyNames(string[] names)
{
    private readonly byte[][] _utf8 = [.. names.Select(Encoding.UTF8.GetBytes)];

    public string this[int index] => names[index];

    /// <summary>The index of a name, or -1. ASCII letters match in any case.</summary>
    public int IndexOf(ReadOnlySpan<byte> name)
    {
        for (var index = 0; index < _utf8.Length; index++)
        {
            var known = _utf8[index];
            if (known.Length == name.Length && Ascii.EqualsIgnoreCase(known, name))
                return index;
        }
        return -1;
    }

    /// <summary>The name that was probably meant, up to two slips away, or <c>null</c>.</summary>
    public string? Nearest(string name)
    {
        string? nearest = null;
        var fewest = int.MaxValue;
        foreach (var known in names)
        {
            var allowed = Math.Min(2, known.Length / 3);
            if (Math.Abs(known.Length - name.Length) > allowed)
                continue;
            var slips = Slips(known.ToUpperInvariant(), name.ToUpperInvariant());
            if (slips <= allowed && slips < fewest)
                (nearest, fewest) = (known, slips);
        }
        return nearest;
    }

    // The optimal string alignment distance: characters left out, put in, replaced, or swapped with their neighbour.
    private static int Slips(string one, string other)
    {
        var before = new int[other.Length + 1];
        var above = new int[other.Length + 1];
        var row = new int[other.Length + 1];
        for (var column = 0; column <= other.Length; column++)
            above[column] = column;
        for (var i = 1; i <= one.Length; i++)
        {
            row[0] = i;
            for (var j = 1; j <= other.Length; j++)
            {
                var replaced = above[j - 1] + (one[i - 1] == other[j - 1] ? 0 : 1);
                row[j] = Math.Min(replaced, Math.Min(above[j], row[j - 1]) + 1);
                if (i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1])
                    row[j] = Math.Min(row[j], before[j - 2] + 1);
            }
            (before, above, row) = (above, row, before);
        }
        return above[other.Length];
    }
}
