using System.Collections.Concurrent;
using System.Globalization;
using Amazon.DynamoDBv2.Model;

namespace ConnectTasks.Simulation;

using Item = Dictionary<string, AttributeValue>;

/// <summary>
/// DynamoDB's condition, key and update expressions, as far as the ledger uses them: comparisons, BETWEEN, IN, AND, OR,
/// NOT, attribute_exists, attribute_not_exists, SET with if_not_exists and arithmetic, REMOVE. Anything else throws, so
/// that a new expression is noticed. Parsed once an expression.
/// </summary>
internal sealed class DynamoExpression
{
    private static readonly ConcurrentDictionary<string, DynamoExpression> Conditions = new();
    private static readonly ConcurrentDictionary<string, DynamoExpression> Updates = new();

    private readonly string[] _tokens;
    private readonly Func<Scope, bool>? _condition;
    private readonly List<Action<Scope, Item>> _updates = [];
    private int _at;

    private DynamoExpression(string text, bool isUpdate)
    {
        _tokens = Tokens(text);
        if (isUpdate)
        {
            ParseUpdate();
        }
        else
        {
            _condition = ParseOr();
        }

        if (_at < _tokens.Length)
        {
            throw new NotSupportedException($"Unexpected '{_tokens[_at]}' in: {text}");
        }
    }

    /// <summary>Whether the item (empty if absent) meets the condition; true if there is no condition.</summary>
    public static bool Holds(string? condition, Item item, Dictionary<string, string>? names, Item? values) =>
        string.IsNullOrEmpty(condition)
        || Conditions.GetOrAdd(condition, c => new(c, isUpdate: false))._condition!(new Scope(item, names, values));

    /// <summary>Applies an update expression to the item; right-hand sides see the item as it was.</summary>
    public static void Apply(string update, Item item, Dictionary<string, string>? names, Item? values)
    {
        var scope = new Scope(new Item(item), names, values);
        foreach (var action in Updates.GetOrAdd(update, u => new(u, isUpdate: true))._updates)
        {
            action(scope, item);
        }
    }

    private static string[] Tokens(string text)
    {
        var tokens = new List<string>();
        for (var i = 0; i < text.Length;)
        {
            if (char.IsWhiteSpace(text[i]))
            {
                i++;
                continue;
            }

            var start = i;
            if (char.IsLetterOrDigit(text[i]) || text[i] is '#' or ':' or '_')
            {
                for (i++; i < text.Length && (char.IsLetterOrDigit(text[i]) || text[i] == '_'); i++)
                {
                }
            }
            else
            {
                i += i + 1 < text.Length && text.Substring(i, 2) is "<=" or ">=" or "<>" ? 2 : 1;
            }

            tokens.Add(text[start..i]);
        }

        return [.. tokens];
    }

    private string? Peek() => _at < _tokens.Length ? _tokens[_at] : null;

    private bool Take(string token)
    {
        if (!string.Equals(Peek(), token, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        _at++;
        return true;
    }

    private void Expect(string token)
    {
        if (!Take(token))
        {
            throw new NotSupportedException($"'{token}' expected, '{Peek()}' found.");
        }
    }

    private Func<Scope, bool> ParseOr()
    {
        var left = ParseAnd();
        while (Take("OR"))
        {
            var (a, b) = (left, ParseAnd());
            left = s => a(s) || b(s);
        }

        return left;
    }

    private Func<Scope, bool> ParseAnd()
    {
        var left = ParseTerm();
        while (Take("AND"))
        {
            var (a, b) = (left, ParseTerm());
            left = s => a(s) && b(s);
        }

        return left;
    }

    private Func<Scope, bool> ParseTerm()
    {
        if (Take("NOT"))
        {
            var inner = ParseTerm();
            return s => !inner(s);
        }

        if (Take("("))
        {
            var inner = ParseOr();
            Expect(")");
            return inner;
        }

        if (Peek() is "attribute_exists" or "attribute_not_exists")
        {
            var exists = _tokens[_at++] == "attribute_exists";
            Expect("(");
            var name = _tokens[_at++];
            Expect(")");
            return s => s.Item.ContainsKey(s.Name(name)) == exists;
        }

        return ParseComparison();
    }

    private Func<Scope, bool> ParseComparison()
    {
        var left = ParseOperand();
        if (Take("BETWEEN"))
        {
            var low = ParseOperand();
            Expect("AND");
            var high = ParseOperand();
            return s => Compare(left(s), low(s)) >= 0 && Compare(left(s), high(s)) <= 0;
        }

        if (Take("IN"))
        {
            Expect("(");
            var options = new List<Func<Scope, AttributeValue?>> { ParseOperand() };
            while (Take(","))
            {
                options.Add(ParseOperand());
            }

            Expect(")");
            return s => options.Exists(o => Compare(left(s), o(s)) == 0);
        }

        var op = _tokens[_at++];
        var right = ParseOperand();
        return op switch
        {
            "=" => s => Compare(left(s), right(s)) == 0,
            "<>" => s => Compare(left(s), right(s)) is null or not 0,
            "<" => s => Compare(left(s), right(s)) < 0,
            "<=" => s => Compare(left(s), right(s)) <= 0,
            ">" => s => Compare(left(s), right(s)) > 0,
            ">=" => s => Compare(left(s), right(s)) >= 0,
            _ => throw new NotSupportedException($"Operator {op}"),
        };
    }

    private Func<Scope, AttributeValue?> ParseOperand()
    {
        var token = _tokens[_at++];
        if (token == "if_not_exists")
        {
            Expect("(");
            var name = _tokens[_at++];
            Expect(",");
            var otherwise = ParseOperand();
            Expect(")");
            return s => s.Item.TryGetValue(s.Name(name), out var value) ? value : otherwise(s);
        }

        return token[0] == ':' ? s => s.Value(token) : s => s.Item.GetValueOrDefault(s.Name(token));
    }

    private void ParseUpdate()
    {
        while (_at < _tokens.Length)
        {
            if (Take("SET"))
            {
                do
                {
                    ParseSet();
                }
                while (Take(","));
            }
            else
            {
                Expect("REMOVE");
                do
                {
                    var name = _tokens[_at++];
                    _updates.Add((s, item) => item.Remove(s.Name(name)));
                }
                while (Take(","));
            }
        }
    }

    private void ParseSet()
    {
        var name = _tokens[_at++];
        Expect("=");
        var value = ParseOperand();
        if (Peek() is "+" or "-")
        {
            var sign = _tokens[_at++] == "+" ? 1 : -1;
            var (a, b) = (value, ParseOperand());
            value = s => new AttributeValue
            {
                N = (Number(a(s)) + (sign * Number(b(s)))).ToString(CultureInfo.InvariantCulture),
            };
        }

        _updates.Add((s, item) => item[s.Name(name)] =
            value(s) ?? throw new InvalidOperationException($"SET {name} from an attribute that the item lacks."));
    }

    private static decimal Number(AttributeValue? value) => decimal.Parse(value!.N, CultureInfo.InvariantCulture);

    /// <summary>Null, so that no comparison holds, if one side is absent or the types differ.</summary>
    private static int? Compare(AttributeValue? a, AttributeValue? b) => (a, b) switch
    {
        ({ S: { } x }, { S: { } y }) => string.CompareOrdinal(x, y),
        ({ N: { } x }, { N: { } y }) => decimal.Parse(x, CultureInfo.InvariantCulture)
            .CompareTo(decimal.Parse(y, CultureInfo.InvariantCulture)),
        ({ BOOL: { } x }, { BOOL: { } y }) => x.CompareTo(y),
        _ => null,
    };

    private readonly struct Scope(Item item, Dictionary<string, string>? names, Item? values)
    {
        public Item Item => item;

        public string Name(string token) => token[0] == '#' ? names![token] : token;

        public AttributeValue Value(string token) => values![token];
    }
}
