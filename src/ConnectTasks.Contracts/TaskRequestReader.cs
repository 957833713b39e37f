using System.Text.Json;

namespace ConnectTasks;

/// <summary>Reads the tokens of one request. What is wrong with its structure is noted, and reading goes on.</summary>
internal sealed class TaskRequestReader
{
    private static readonly JsonEncodedText[] Names = Encoded(TaskRequestJson.Properties);
    private static readonly JsonEncodedText[] ReferenceNames = Encoded([nameof(TaskReference.Type), nameof(TaskReference.Value)]);
    private static readonly JsonEncodedText[] FileNames = Encoded([nameof(TaskFile.FileName), nameof(TaskFile.S3Url)]);
    private static readonly JsonEncodedText[] SegmentNames = Encoded(
    [
        nameof(SegmentValue.ValueString), nameof(SegmentValue.ValueInteger), nameof(SegmentValue.ValueMap),
        nameof(SegmentValue.ValueList), nameof(SegmentValue.ValueArn),
    ]);

    private readonly Problems _problems = new();

    /// <summary>Reads the object that the reader stands at the start of.</summary>
    /// <exception cref="JsonException">The text is no JSON.</exception>
    public TaskRequest Read(ref Utf8JsonReader reader, out Problems problems)
    {
        problems = _problems;
        var texts = new string?[9];
        DateTimeOffset? scheduled = null;
        Dictionary<string, string>? attributes = null;
        Dictionary<string, TaskReference>? references = null;
        Dictionary<string, SegmentValue>? segments = null;
        List<TaskFile>? files = null;
        var seen = 0u;
        while (NextProperty(ref reader, Names, ref seen, "$", out var index))
        {
            if (index < 0 || reader.TokenType == JsonTokenType.Null)
            {
                continue;
            }

            var path = "$." + TaskRequestJson.Properties[index];
            switch (index)
            {
                case 9: scheduled = ReadTime(ref reader, path); break;
                case 10: attributes = ReadMap(ref reader, path, ReadText); break;
                case 11: references = ReadMap(ref reader, path, ReadReference); break;
                case 12: segments = ReadMap(ref reader, path, ReadSegment); break;
                case 13: files = ReadList(ref reader, path, ReadFile); break;
                default: texts[index] = ReadText(ref reader, path); break;
            }
        }

        return new TaskRequest
        {
            InstanceId = texts[0]!,
            Name = texts[1]!,
            Description = texts[2],
            ContactFlowId = texts[3],
            TaskTemplateId = texts[4],
            QuickConnectId = texts[5],
            PreviousContactId = texts[6],
            RelatedContactId = texts[7],
            ClientToken = texts[8],
            ScheduledTime = scheduled,
            Attributes = attributes,
            References = references,
            SegmentAttributes = segments,
            Attachments = files,
        };
    }

    private delegate T? ReadValue<T>(ref Utf8JsonReader reader, string path)
        where T : class;

    private static JsonEncodedText[] Encoded(string[] names) => Array.ConvertAll(names, n => JsonEncodedText.Encode(n));

    /// <summary>
    /// Goes to the value of the next property; false at the object's end. An unknown or repeated one is noted and its
    /// value passed over, with the index -1.
    /// </summary>
    private bool NextProperty(
        ref Utf8JsonReader reader, JsonEncodedText[] names, ref uint seen, string path, out int index)
    {
        index = -1;
        reader.Read();
        if (reader.TokenType == JsonTokenType.EndObject)
        {
            return false;
        }

        index = IndexOf(ref reader, names, out var name);
        reader.Read();
        if (index < 0)
        {
            _problems.UnknownProperty(path, name, names);
            reader.Skip();
        }
        else if ((seen & (1u << index)) != 0)
        {
            _problems.DuplicateProperty($"{path}.{names[index]}");
            reader.Skip();
            index = -1;
        }
        else
        {
            seen |= 1u << index;
        }

        return true;
    }

    private static int IndexOf(ref Utf8JsonReader reader, JsonEncodedText[] names, out string name)
    {
        for (var i = 0; i < names.Length; i++)
        {
            if (reader.ValueTextEquals(names[i].EncodedUtf8Bytes))
            {
                name = "";
                return i;
            }
        }

        var text = name = Text(ref reader) ?? "";
        return Array.FindIndex(names, n => string.Equals(n.ToString(), text, StringComparison.OrdinalIgnoreCase));
    }

    private bool Expect(ref Utf8JsonReader reader, JsonTokenType expected, string path)
    {
        if (reader.TokenType == expected)
        {
            return true;
        }

        _problems.WrongType(path, TaskRequestJson.Article(expected), TaskRequestJson.Article(reader.TokenType));
        reader.Skip();
        return false;
    }

    private string? ReadText(ref Utf8JsonReader reader, string path)
    {
        if (!Expect(ref reader, JsonTokenType.String, path))
        {
            return null;
        }

        var text = Text(ref reader);
        if (text is null)
        {
            _problems.Add(
                ViolationCodes.InvalidCharacter, path, "holds half of a surrogate pair", "escape the character as a whole");
        }

        return text;
    }

    /// <summary>The string; null if it has an escaped half of a surrogate pair.</summary>
    private static string? Text(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private DateTimeOffset? ReadTime(ref Utf8JsonReader reader, string path)
    {
        string? fault;
        DateTimeOffset? time;
        switch (reader.TokenType)
        {
            case JsonTokenType.Number:
                time = ScheduledTimeFormat.FromNumber(ref reader, out fault);
                break;
            case JsonTokenType.String:
                time = ScheduledTimeFormat.FromText(Text(ref reader) ?? "", out fault);
                break;
            default:
                Expect(ref reader, JsonTokenType.Number, path);
                return null;
        }

        if (fault is not null)
        {
            _problems.Add(ViolationCodes.InvalidTime, path, fault, ScheduledTimeFormat.Advice);
        }

        return time;
    }

    private Dictionary<string, T>? ReadMap<T>(ref Utf8JsonReader reader, string path, ReadValue<T> readValue)
        where T : class
    {
        if (!Expect(ref reader, JsonTokenType.StartObject, path))
        {
            return null;
        }

        var map = new Dictionary<string, T>(StringComparer.Ordinal);
        for (var position = 0; reader.Read() && reader.TokenType != JsonTokenType.EndObject; position++)
        {
            var key = Text(ref reader);
            reader.Read();
            var entry = Problems.PathOf(path, key ?? "", position);
            if (key is null)
            {
                _problems.Add(ViolationCodes.InvalidCharacter, entry, "has half of a surrogate pair in its key", "escape it whole");
                reader.Skip();
            }
            else if (reader.TokenType == JsonTokenType.Null)
            {
                _problems.Add(ViolationCodes.Missing, entry, "is null", "give it a value, or leave the entry out");
            }
            else if (readValue(ref reader, entry) is { } value && !map.TryAdd(key, value))
            {
                _problems.DuplicateProperty(entry);
            }
        }

        return map;
    }

    private List<T>? ReadList<T>(ref Utf8JsonReader reader, string path, ReadValue<T> readValue)
        where T : class
    {
        if (!Expect(ref reader, JsonTokenType.StartArray, path))
        {
            return null;
        }

        var list = new List<T>();
        for (var i = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; i++)
        {
            if (readValue(ref reader, $"{path}[{i}]") is { } value)
            {
                list.Add(value);
            }
        }

        return list;
    }

    private TaskReference? ReadReference(ref Utf8JsonReader reader, string path)
    {
        var (type, value) = ReadPair(ref reader, ReferenceNames, path);
        return type is null || value is null ? null : new TaskReference(type, value);
    }

    private TaskFile? ReadFile(ref Utf8JsonReader reader, string path)
    {
        var (name, url) = ReadPair(ref reader, FileNames, path);
        return name is null || url is null ? null : new TaskFile(name, url);
    }

    /// <summary>An object of two required strings.</summary>
    private (string? First, string? Second) ReadPair(ref Utf8JsonReader reader, JsonEncodedText[] names, string path)
    {
        if (!Expect(ref reader, JsonTokenType.StartObject, path))
        {
            return default;
        }

        var values = new string?[2];
        var (seen, given) = (0u, 0u);
        while (NextProperty(ref reader, names, ref seen, path, out var index))
        {
            if (index >= 0 && reader.TokenType != JsonTokenType.Null)
            {
                given |= 1u << index;
                values[index] = ReadText(ref reader, $"{path}.{names[index]}");
            }
        }

        for (var i = 0; i < names.Length; i++)
        {
            if ((given & (1u << i)) == 0)
            {
                _problems.Missing($"{path}.{names[i]}");
            }
        }

        return (values[0], values[1]);
    }

    private SegmentValue? ReadSegment(ref Utf8JsonReader reader, string path)
    {
        if (!Expect(ref reader, JsonTokenType.StartObject, path))
        {
            return null;
        }

        var value = new SegmentValue();
        var (seen, given, faulty) = (0u, 0, false);
        while (NextProperty(ref reader, SegmentNames, ref seen, path, out var index))
        {
            if (index < 0 || reader.TokenType == JsonTokenType.Null)
            {
                continue;
            }

            given++;
            var inner = $"{path}.{SegmentNames[index]}";
            value = index switch
            {
                0 => value with { ValueString = ReadText(ref reader, inner) },
                1 => value with { ValueInteger = ReadInteger(ref reader, inner) },
                2 => value with { ValueMap = ReadMap(ref reader, inner, ReadSegment) },
                3 => value with { ValueList = ReadList(ref reader, inner, ReadSegment) },
                _ => value with { ValueArn = ReadText(ref reader, inner) },
            };
            faulty |= TaskRequestValidator.CountOf(value) < given;
        }

        // Whatever is in it was named already: the rule of exactly one would only repeat it.
        return faulty ? null : value;
    }

    private int? ReadInteger(ref Utf8JsonReader reader, string path)
    {
        if (!Expect(ref reader, JsonTokenType.Number, path))
        {
            return null;
        }

        if (reader.TryGetInt32(out var number))
        {
            return number;
        }

        _problems.Add(
            ViolationCodes.InvalidValue, path, "is not a whole number of 32 bits", "send one from -2147483648 to 2147483647");
        return null;
    }
}
