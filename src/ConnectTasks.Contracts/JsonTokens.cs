using System.Text;
using System.Text.Json;

namespace ConnectTasks;

/// <summary>
/// Strict reading of JSON values: property names in any case, each once, and no others. What has the wrong shape is
/// reported, skipped, and leaves an <see cref="Unreadable"/> mark or <c>null</c> behind.
/// </summary>
/// <remarks>
/// Throws <see cref="JsonException"/> if the text is not JSON, and nothing else. The text has to be valid UTF-8. Every
/// method is called on the first token of its value and leaves the reader on the last.
/// </remarks>
internal ref struct JsonTokens(ReadOnlySpan<byte> utf8, Findings findings)
{
    private static readonly JsonReaderOptions Strict = new() { MaxDepth = TaskRequestLimits.NestingMaxDepth };

    private Utf8JsonReader _json = new(utf8, Strict);

    public delegate T ValueReader<T>(scoped ref JsonTokens json);

    /// <summary>Where a loop over the properties of an object is.</summary>
    public struct Cursor(PropertyNames names)
    {
        private int _seen;

        public PropertyNames Names { get; } = names;

        /// <summary>The index of the property in <see cref="Names"/>.</summary>
        public int Index { get; set; }

        /// <summary>The position of the property in the object, counted from 1.</summary>
        public int Position { get; set; }

        /// <summary>Whether the property is there for the first time.</summary>
        public bool IsFirst()
        {
            var bit = 1 << Index;
            var isFirst = (_seen & bit) == 0;
            _seen |= bit;
            return isFirst;
        }
    }

    public readonly Findings Findings { get; } = findings;

    public readonly JsonTokenType TokenType => _json.TokenType;

    /// <summary>The text of a number as it was written.</summary>
    public readonly ReadOnlySpan<byte> NumberText => _json.ValueSpan;

    /// <summary>Goes to the next token. Past the end, throws if anything but white space follows.</summary>
    public void Read() => _json.Read();

    public void Skip() => _json.Skip();

    /// <summary>
    /// Goes to the next known property that is not <c>null</c>, enters it in the findings (the caller leaves it) and
    /// stands on its value; or returns <c>false</c> at the end of the object.
    /// </summary>
    public bool NextProperty(scoped ref Cursor cursor)
    {
        while (_json.Read() && _json.TokenType == JsonTokenType.PropertyName)
        {
            cursor.Position++;
            cursor.Index = _json.ValueIsEscaped ? IndexOfEscaped(cursor.Names) : cursor.Names.IndexOf(_json.ValueSpan);
            if (cursor.Index < 0)
            {
                ReportUnknown(cursor);
                continue;
            }
            _json.Read();
            Findings.Enter(cursor.Names[cursor.Index]);
            if (!cursor.IsFirst())
                ReportDuplicate();
            else if (_json.TokenType != JsonTokenType.Null)
                return true;
            Findings.Leave();
        }
        return false;
    }

    public string ReadText()
    {
        if (!Expect(JsonTokenType.String))
            return Unreadable.Text;
        if (TryGetText(out var text))
            return text;
        Findings.Add(ViolationCodes.InvalidCharacter, $"{Findings.Subject} {TextRules.LoneSurrogate}");
        return Unreadable.Text;
    }

    public int? ReadInteger()
    {
        if (!Expect(JsonTokenType.Number))
            return null;
        if (_json.TryGetInt32(out var number))
            return number;
        Findings.Add(
            ViolationCodes.InvalidValue,
            $"{Findings.Subject} is not a whole number of 32 bits: send one from -2,147,483,648 to 2,147,483,647, "
            + "without a fraction or an exponent.");
        return null;
    }

    /// <summary>Reads an object whose names the producer chooses; <c>null</c> if the value is not an object.</summary>
    public Dictionary<string, T>? ReadMap<T>(ValueReader<T> readValue)
    {
        if (!Expect(JsonTokenType.StartObject))
            return null;
        var map = new Dictionary<string, T>();
        while (_json.Read() && _json.TokenType == JsonTokenType.PropertyName)
        {
            var isWhole = TryGetText(out var name);
            _json.Read();
            if (!isWhole)
            {
                Findings.EnterNamed(name, map.Count + 1);
                Findings.Add(
                    ViolationCodes.InvalidCharacter, $"The name of {Findings.Subject} {TextRules.LoneSurrogate}");
                _json.Skip();
            }
            else if (map.ContainsKey(name))
            {
                Findings.EnterNamed(name, 1 + map.Keys.ToList().IndexOf(name));
                ReportDuplicate();
            }
            else
            {
                Findings.EnterNamed(name, map.Count + 1);
                map.Add(name, readValue(ref this));
            }
            Findings.Leave();
        }
        return map;
    }

    /// <summary>Reads an array; <c>null</c> if the value is not an array.</summary>
    public List<T>? ReadList<T>(ValueReader<T> readValue)
    {
        if (!Expect(JsonTokenType.StartArray))
            return null;
        var list = new List<T>();
        while (_json.Read() && _json.TokenType != JsonTokenType.EndArray)
        {
            Findings.EnterListed(list.Count);
            list.Add(readValue(ref this));
            Findings.Leave();
        }
        return list;
    }

    /// <summary>Whether the value is of a type; if not, it is reported and skipped.</summary>
    public bool Expect(JsonTokenType type)
    {
        if (_json.TokenType == type)
            return true;
        ReportWrongType(Name(type));
        return false;
    }

    public void ReportWrongType(string expected)
    {
        Findings.Add(
            ViolationCodes.WrongType, $"{Findings.Subject} is {Name(_json.TokenType)}; it has to be {expected}.");
        _json.Skip();
    }

    /// <summary>The text of the string or name here; <c>false</c> if half of a surrogate pair is in it.</summary>
    public readonly bool TryGetText(out string text)
    {
        if (_json.ValueIsEscaped && TextRules.HasLoneSurrogateEscape(_json.ValueSpan))
        {
            text = "";
            return false;
        }
        text = _json.GetString()!;
        return true;
    }

    public static string Name(JsonTokenType type) => type switch
    {
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "an array",
        JsonTokenType.String => "a string",
        JsonTokenType.Number => "a number",
        JsonTokenType.True or JsonTokenType.False => "a boolean",
        _ => "null",
    };

    private readonly int IndexOfEscaped(PropertyNames names) =>
        TryGetText(out var name) ? names.IndexOf(Encoding.UTF8.GetBytes(name)) : -1;

    private void ReportDuplicate()
    {
        Findings.Add(
            ViolationCodes.DuplicateProperty,
            $"{Findings.Subject} occurs more than once, counting every spelling of its name: send it once.");
        _json.Skip();
    }

    private void ReportUnknown(Cursor cursor)
    {
        if (!TryGetText(out var name))
            name = "?";
        Findings.EnterNamed(name, cursor.Position);
        var subject = Findings.IsHarmless(name)
            ? Findings.Subject
            : $"A property whose name is {Findings.Number(TextRules.Characters(name))} characters long";
        // Names of a hostile body may be many: no search for the nearest once the list is full.
        var nearest = Findings.IsFull ? null : cursor.Names.Nearest(name);
        var advice = nearest is null ? "remove it or correct its name." : $"did you mean {nearest}?";
        Findings.Add(ViolationCodes.UnknownProperty, $"{subject} is not known: {advice}");
        Findings.Leave();
        _json.Read();
        _json.Skip();
    }
}
