using System.Buffers;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace ConnectTasks.Cli;

/// <summary>
/// CSV (RFC 4180, with comma, semicolon or tab) as requests: a column is a property, <c>Attributes.x</c>,
/// <c>References.x.Type</c> or <c>References.x.Value</c>, or <c>SegmentAttributes</c>, <c>References</c> or
/// <c>Attachments</c> with JSON in the cells. An empty cell is an absent property.
/// </summary>
internal static class EnqueueCsv
{
    private static readonly JsonWriterOptions Compact =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly string[] Texts =
    [
        "InstanceId", "Name", "Description", "ContactFlowId", "TaskTemplateId", "QuickConnectId", "PreviousContactId",
        "RelatedContactId", "ClientToken", "ScheduledTime",
    ];

    private static readonly string[] Structures = ["Attributes", "References", "SegmentAttributes", "Attachments"];

    /// <summary>
    /// Where a column's cells go: a property; of a map, also the entry's name; of a reference, also the field.
    /// </summary>
    private sealed record Column(string Property, string? Entry = null, string? Field = null);

    public static async IAsyncEnumerable<EnqueueRecord> ReadAsync(
        EnqueueSource source, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var delimiter = DelimiterOf(source.Ahead);
        var header = await ReadRowAsync(source, delimiter, cancellation);
        var columns = ReadHeader(source.Name, header.Cells);
        var hasRows = false;
        while (source.Current >= 0)
        {
            var row = await ReadRowAsync(source, delimiter, cancellation);
            if (row.Cells is [""])
                continue;
            hasRows = true;
            yield return Record(columns, row.Line, row.Cells, row.Fault);
        }

        if (!hasRows)
            throw new UsageException($"{source.Name} has a header and no rows: there is nothing to send.");
    }

    private static EnqueueRecord Record(List<Column> columns, long line, List<string> cells, string? fault)
    {
        if (fault is not null)
            return new EnqueueRecord(line, null, fault);
        if (cells.Count != columns.Count)
        {
            return new EnqueueRecord(line, null, $"The row has {cells.Count} cells and the header "
                + $"{columns.Count}: is a "
                + "value with a delimiter in it not in quotation marks?");
        }

        try
        {
            return new EnqueueRecord(line, Body(columns, cells));
        }
        catch (JsonException)
        {
            var structures = string.Join(", ", Structures);
            return new EnqueueRecord(
                line, null, $"A cell of {structures} is not JSON: give an object or a list as JSON.");
        }
    }

    private static string Body(List<Column> columns, List<string> cells)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Compact))
        {
            json.WriteStartObject();
            var given = columns.Zip(cells).Where(c => c.Second.Length > 0).ToList();
            foreach (var (column, cell) in given.Where(c => c.First.Entry is null))
                WriteCell(json, column.Property, cell);
            foreach (var map in given.Where(c => c.First.Entry is not null).GroupBy(c => c.First.Property))
            {
                json.WriteStartObject(map.Key);
                foreach (var entry in map.GroupBy(c => c.First.Entry!))
                    WriteEntry(json, entry.Key, [.. entry]);
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void WriteCell(Utf8JsonWriter json, string property, string cell)
    {
        json.WritePropertyName(property);
        if (Structures.Contains(property))
        {
            using var document = JsonDocument.Parse(cell);
            document.WriteTo(json);
        }
        else if (property == "ScheduledTime" && long.TryParse(
            cell, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var seconds))
        {
            json.WriteNumberValue(seconds);
        }
        else
        {
            json.WriteStringValue(cell);
        }
    }

    private static void WriteEntry(Utf8JsonWriter json, string name, List<(Column Column, string Cell)> cells)
    {
        if (cells is [{ Column.Field: null } only])
        {
            json.WriteString(name, only.Cell);
            return;
        }

        json.WriteStartObject(name);
        foreach (var (column, cell) in cells)
            json.WriteString(column.Field!, cell);
        json.WriteEndObject();
    }

    private static List<Column> ReadHeader(string file, List<string> names)
    {
        var columns = new List<Column>();
        var faults = new List<string>();
        for (var i = 0; i < names.Count; i++)
        {
            var name = names[i].Trim();
            if (ReadColumn(name) is not { } column)
            {
                faults.Add(name.Length == 0
                    ? $"Column {i + 1} has no name."
                    : $"Column {i + 1} (\"{Printable.Text(name.Length > 64 ? name[..64] : name)}\") is no "
                        + "property of a "
                        + "task request.");
            }
            else if (columns.Contains(column))
            {
                faults.Add($"Column {i + 1} is there twice.");
            }
            else
            {
                columns.Add(column);
            }
        }

        if (faults.Count > 0)
        {
            throw new UsageException($"The first line of {file} must be a header. "
                + string.Join(' ', faults.Take(5)) + " Columns are: " + string.Join(", ", Texts)
                + ", Attributes.<name>, References.<name>.Type, References.<name>.Value, and "
                + "SegmentAttributes, References or Attachments with JSON in the cells.");
        }

        return columns;
    }

    private static Column? ReadColumn(string name)
    {
        var properties = Texts.Concat(Structures);
        if (properties.FirstOrDefault(p => p.Equals(name, StringComparison.OrdinalIgnoreCase)) is { } property)
            return new Column(property);
        if (name.StartsWith("Attributes.", StringComparison.OrdinalIgnoreCase) && name.Length > 11)
            return new Column("Attributes", name[11..]);
        if (!name.StartsWith("References.", StringComparison.OrdinalIgnoreCase))
            return null;
        foreach (var field in (string[])["Type", "Value"])
        {
            if (name.EndsWith("." + field, StringComparison.OrdinalIgnoreCase) && name.Length > 12 + field.Length)
                return new Column("References", name[11..^(field.Length + 1)], field);
        }

        return null;
    }

    /// <summary>The first of the delimiters in the header that is not in quotation marks.</summary>
    private static char DelimiterOf(ReadOnlySpan<char> text)
    {
        var isQuoted = false;
        foreach (var character in text)
        {
            if (character == '"')
                isQuoted = !isQuoted;
            else if (!isQuoted && character is ',' or ';' or '\t')
                return character;
            else if (!isQuoted && character == '\n')
                break;
        }

        return ',';
    }

    private static async Task<(long Line, List<string> Cells, string? Fault)> ReadRowAsync(
        EnqueueSource source, char delimiter, CancellationToken cancellation)
    {
        var line = source.Line;
        var cells = new List<string>();
        var cell = new StringBuilder();
        string? fault = null;
        for (var isQuoted = false; ; await source.NextAsync(cancellation))
        {
            source.CheckLength(cell, line);
            if (source.Current < 0)
            {
                fault = isQuoted ? "A quotation mark is left open to the end of the file." : fault;
                break;
            }

            var character = (char)source.Current;
            if (isQuoted && character == '"')
            {
                await source.NextAsync(cancellation);
                isQuoted = source.Current == '"';
                if (isQuoted)
                {
                    cell.Append('"');
                    continue;
                }

                if (source.Current < 0)
                    break;
                character = (char)source.Current;
                if (character != delimiter && character is not ('\r' or '\n'))
                    fault = "There is text after a closing quotation mark: double the quotation marks inside a value.";
            }
            else if (!isQuoted && character == '"' && cell.Length == 0)
            {
                isQuoted = true;
                continue;
            }

            if (!isQuoted && character == delimiter)
            {
                cells.Add(cell.ToString());
                cell.Clear();
            }
            else if (!isQuoted && character == '\n')
            {
                await source.NextAsync(cancellation);
                break;
            }
            else if (isQuoted || character != '\r')
            {
                cell.Append(character);
            }
        }

        cells.Add(cell.ToString());
        return (line, cells, fault);
    }
}
