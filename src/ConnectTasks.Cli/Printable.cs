using System.Globalization;
using System.Text;

namespace ConnectTasks.Cli;

/// <summary>Texts that somebody else wrote, so that they can do nothing to a terminal but be read.</summary>
internal static class Printable
{
    /// <summary>The text with every control and format character but the line feed written as <c>\uXXXX</c>.</summary>
    public static string Text(string text)
    {
        if (!text.Any(IsHarmful))
            return text;
        var safe = new StringBuilder(text.Length + 16);
        foreach (var character in text)
        {
            if (IsHarmful(character))
                safe.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:X4}");
            else
                safe.Append(character);
        }

        return safe.ToString();
    }

    /// <summary>How long ago, in the two largest units: <c>3d 4h</c>, <c>12m 5s</c>.</summary>
    public static string Age(TimeSpan age) => age switch
    {
        { TotalSeconds: < 1 } => "0s",
        { TotalMinutes: < 1 } => $"{age.Seconds}s",
        { TotalHours: < 1 } => $"{age.Minutes}m {age.Seconds}s",
        { TotalDays: < 1 } => $"{age.Hours}h {age.Minutes}m",
        _ => string.Create(CultureInfo.InvariantCulture, $"{(int)age.TotalDays}d {age.Hours}h"),
    };

    public static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    public static string Count(long number, string noun, string? plural = null) =>
        $"{Number(number)} {(number == 1 ? noun : plural ?? noun + "s")}";

    private static bool IsHarmful(char character) =>
        character != '\n' && (char.IsControl(character)
            || char.GetUnicodeCategory(character) is UnicodeCategory.Format or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator);
}
