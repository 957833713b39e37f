using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace ConnectTasks;

/// <summary>What can be wrong with a text.</summary>
internal static class TextRules
{
    /// <summary>The second half of a sentence about a text.</summary>
    public const string LoneSurrogate =
        "holds half of a surrogate pair (U+D800 to U+DFFF) without the other half: send whole characters.";

    /// <summary>The length in Unicode code points; half of a surrogate pair counts as one.</summary>
    public static int Characters(string text)
    {
        var count = 0;
        foreach (var _ in text.EnumerateRunes())
            count++;
        return count;
    }

    /// <summary>Checks the length and that the text is whole Unicode.</summary>
    /// <param name="text">The text.</param>
    /// <param name="subject">What the sentences begin with; <c>null</c> is the place of the findings.</param>
    /// <param name="minimum">The shortest length, in code points.</param>
    /// <param name="maximum">The longest length, in code points.</param>
    /// <param name="findings">Takes what is wrong.</param>
    public static void Check(string text, string? subject, int minimum, int maximum, Findings findings)
    {
        // A text has at least as many UTF-16 units as code points, so most need no counting.
        if (text.Length > maximum && Characters(text) is var length && length > maximum)
        {
            findings.Add(
                ViolationCodes.TooLong,
                $"{subject ?? findings.Subject} has {Findings.Number(length)} characters; "
                + $"the limit is {Findings.Number(maximum)} characters: shorten it.");
        }
        else if (text.Length < minimum)
        {
            findings.Add(
                ViolationCodes.TooShort,
                $"{subject ?? findings.Subject} is empty; it needs at least {Findings.Number(minimum)} character.");
        }
        if (HasLoneSurrogate(text))
            findings.Add(ViolationCodes.InvalidCharacter, $"{subject ?? findings.Subject} {LoneSurrogate}");
    }

    public static bool HasLoneSurrogate(ReadOnlySpan<char> text)
    {
        var start = text.IndexOfAnyInRange('\uD800', '\uDFFF');
        if (start < 0)
            return false;
        for (var rest = text[start..]; !rest.IsEmpty;)
        {
            if (Rune.DecodeFromUtf16(rest, out _, out var length) != System.Buffers.OperationStatus.Done)
                return true;
            rest = rest[length..];
        }
        return false;
    }

    /// <summary>The same of what is between the quotes of JSON: in UTF-8 surrogates can only be escapes.</summary>
    public static bool HasLoneSurrogateEscape(ReadOnlySpan<byte> json)
    {
        var expectsLow = false;
        while (!json.IsEmpty)
        {
            var code = 0;
            var length = 1;
            if (json[0] == '\\')
            {
                length = json[1] == 'u' && Utf8Parser.TryParse(json.Slice(2, 4), out code, out _, 'x') ? 6 : 2;
            }
            var isLow = code is >= 0xDC00 and <= 0xDFFF;
            if (isLow != expectsLow)
                return true;
            expectsLow = code is >= 0xD800 and <= 0xDBFF;
            json = json[length..];
        }
        return expectsLow;
    }

    /// <summary>Whether a character is one that a file name of an attachment may not hold.</summary>
    public static bool IsUnprintable(Rune character) => Rune.GetUnicodeCategory(character)
        is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.PrivateUse;
}
