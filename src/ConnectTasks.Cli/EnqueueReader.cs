using System.Runtime.CompilerServices;
using System.Text;

namespace ConnectTasks.Cli;

/// <summary>Splits a text into the records in it. What is in a record is for the contract to say.</summary>
internal static class EnqueueReader
{
    private static readonly string[] LinesEndings = [".jsonl", ".ndjson"];

    public static IAsyncEnumerable<EnqueueRecord> ReadAsync(
        EnqueueSource source, EnqueueFormat format, CancellationToken cancellation) =>
        (format == EnqueueFormat.Auto ? FormatOf(source) : format) switch
        {
            EnqueueFormat.Csv => EnqueueCsv.ReadAsync(source, cancellation),
            EnqueueFormat.JsonLines => ReadLinesAsync(source, cancellation),
            EnqueueFormat.Auto or EnqueueFormat.Json => ReadValuesAsync(source, cancellation),
        };

    private static EnqueueFormat FormatOf(EnqueueSource source)
    {
        if (source.Name.EndsWith(".csv", StringComparison.OrdinalIgnoreCase))
            return EnqueueFormat.Csv;
        if (LinesEndings.Any(ending => source.Name.EndsWith(ending, StringComparison.OrdinalIgnoreCase)))
            return EnqueueFormat.JsonLines;
        var text = source.Ahead.TrimStart();
        var end = text.IndexOf('\n');
        var line = (end < 0 ? text : text[..end]).TrimEnd();
        if (line is ['{', .., '}'])
            return EnqueueFormat.JsonLines;
        return line is ['{', ..] or ['[', ..] ? EnqueueFormat.Json : EnqueueFormat.Csv;
    }

    private static async IAsyncEnumerable<EnqueueRecord> ReadLinesAsync(
        EnqueueSource source, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var text = new StringBuilder();
        while (source.Current >= 0)
        {
            var line = source.Line;
            for (; source.Current is >= 0 and not '\n'; await source.NextAsync(cancellation))
            {
                text.Append((char)source.Current);
                source.CheckLength(text, line);
            }

            if (source.Current == '\n')
                await source.NextAsync(cancellation);
            var body = text.ToString();
            text.Clear();
            if (!string.IsNullOrWhiteSpace(body))
                yield return new EnqueueRecord(line, body);
        }
    }

    /// <summary>The values of an array, or values one after the other.</summary>
    private static async IAsyncEnumerable<EnqueueRecord> ReadValuesAsync(
        EnqueueSource source, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await SkipSpaceAsync(source, cancellation);
        var isArray = source.Current == '[';
        if (isArray)
            await source.NextAsync(cancellation);
        for (var isFirst = true; ; isFirst = false)
        {
            await SkipSpaceAsync(source, cancellation);
            if (isArray && source.Current == ']')
                break;
            if (source.Current < 0)
            {
                if (isArray)
                    yield return new EnqueueRecord(source.Line, null, "The array does not end: is the file whole?");
                yield break;
            }

            if (isArray && !isFirst)
            {
                if (source.Current != ',')
                {
                    yield return new EnqueueRecord(source.Line, null, "There is no comma between two elements of the "
                        + "array. The rest of the file was not read.");
                    yield break;
                }

                await source.NextAsync(cancellation);
                await SkipSpaceAsync(source, cancellation);
            }

            yield return await ReadValueAsync(source, cancellation);
        }

        await source.NextAsync(cancellation);
        await SkipSpaceAsync(source, cancellation);
        if (source.Current >= 0)
        {
            yield return new EnqueueRecord(
                source.Line, null, "There is text after the end of the array. It was not read.");
        }
    }

    /// <summary>Reads to the bracket that closes the first one, or to the end of a value that has none.</summary>
    private static async Task<EnqueueRecord> ReadValueAsync(EnqueueSource source, CancellationToken cancellation)
    {
        var line = source.Line;
        var text = new StringBuilder();
        var depth = 0;
        var isInString = false;
        while (source.Current >= 0)
        {
            var character = (char)source.Current;
            if (!isInString && depth == 0 && text.Length > 0 && character is ',' or ']' or '}' or '\n')
                break;
            text.Append(character);
            source.CheckLength(text, line);
            await source.NextAsync(cancellation);
            if (isInString && character == '\\' && source.Current >= 0)
            {
                text.Append((char)source.Current);
                await source.NextAsync(cancellation);
            }
            else if (character == '"')
            {
                isInString = !isInString;
            }
            else if (!isInString && character is '{' or '[')
            {
                depth++;
            }
            else if (!isInString && character is '}' or ']' && --depth <= 0)
            {
                break;
            }
        }

        return new EnqueueRecord(line, text.ToString());
    }

    private static async Task SkipSpaceAsync(EnqueueSource source, CancellationToken cancellation)
    {
        while (source.Current is ' ' or '\t' or '\r' or '\n')
            await source.NextAsync(cancellation);
    }
}
