using System.Text;
using System.Text.RegularExpressions;
using static ConnectTasks.Tests.Contracts.SomeJson;

namespace ConnectTasks.Tests.Contracts;

/// <summary>Bodies broken at random, the same in each run: nothing throws, no value is repeated.</summary>
public sealed partial class BodyFuzzTests
{
    // No harmless name holds it, so wherever a break moves it to, it must not come back in a report.
    private const char Mark = '§';

    internal static readonly string Valid = $$$$"""
        {"InstanceId":"{{{{Arn()}}}}","Name":"§name \ud83d\ude00 \"§\"","Description":"§\n§ Ünïcode",
        "ContactFlowId":"{{{{Flow}}}}","PreviousContactId":"§previous","ClientToken":"§ token §",
        "Attributes":{"orderId":"§","second":"§ attribute"},
        "References":{"§ +49 1":{"Type":"URL","Value":"https://example.com/§"},
        "on":{"Type":"DATE","Value":"1800000000"}},
        "ScheduledTime":"2027-01-15T08:00:00.5+01:00",
        "SegmentAttributes":{"connect:ContactExpiry":{"ValueMap":{"ExpiryDuration":{"ValueInteger":30}}},
        "l":{"ValueList":[{"ValueString":"§"},{"ValueArn":"§"}]}},
        "Attachments":[{"FileName":"§.pdf","S3Url":"https://s3.example.com/§?sig=§"}]}
        """;

    private static readonly string[] Values =
    [
        "null", "true", "0", "-1", "1e400", "1800000000123", "1.5", "{}", "[]", "\"\"", "\" \"", "\"§\"",
        "\"\\ud800\"", "\"\\u00a7\"", "\"§ \\udc00\"", "{\"§\":\"§\"}", "[[[[[[]]]]]]", "{\"Type\":\"§\"}",
        "\"2027-01-15\"", "\"/Date(§)/\"", "\"arn:aws:connect:§:§:instance/§\"",
        "\"arn:aws:connect:r:a:instance/§/contact-flow/§\"", "NaN", "/*§*/", "'§'", "§",
        "{\"ValueInteger\":1,\"ValueString\":\"§\"}", "{\"a\":{\"ValueList\":[{\"ValueMap\":{\"§\":{}}}]}}",
        "\u0001", "\"\u0001\"", "\"InstanceId\"", "\"Name\"", "\"name\"", "\"ATTACHMENT\"", ",", ":", "\uFEFF", "\\",
        "99999999999999999999999999999",
    ];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void A_broken_body_gives_a_request_or_violations_and_repeats_nothing(int seed)
    {
        Assert.Empty(Found(Valid));
        var random = new Random(seed);
        var tokens = TokensOf(Valid);
        var valid = 0;
        for (var i = 0; i < 5_000; i++)
        {
            var body = i % 2 == 0 ? BreakTokens(tokens, random) : BreakBytes(Encoding.UTF8.GetBytes(Valid), random);
            if (Verify(body, $"seed {seed}, body {i}"))
                valid++;
        }
        // Some breaks do no harm; that the rest is found is what the other tests are for.
        Assert.InRange(valid, 10, 4_000);
    }

    [Fact]
    public void Arbitrary_bytes_are_no_request()
    {
        var random = new Random(5);
        for (var i = 0; i < 5_000; i++)
        {
            var bytes = new byte[random.Next(64)];
            random.NextBytes(bytes);
            Assert.False(Verify(bytes, $"bytes {i}"));
        }
    }

    private static bool Verify(byte[] body, string which)
    {
        ReadResult result;
        try
        {
            result = TaskRequestJson.Read(body);
            var text = TaskRequestJson.Read(Encoding.UTF8.GetString(body));
            if (System.Text.Unicode.Utf8.IsValid(body))
                Assert.Equal(result.Violations, text.Violations);
        }
        catch (Exception exception) when (exception is not Xunit.Sdk.XunitException)
        {
            Assert.Fail($"{which}: {exception}\n{Encoding.UTF8.GetString(body)}");
            throw;
        }
        Assert.All(result.Violations, violation =>
        {
            Assert.DoesNotContain(Mark, violation.Path);
            Assert.DoesNotContain(Mark, violation.Message);
            Assert.InRange(violation.Message.Length, 10, 400);
            Assert.Contains(violation.Code, AllCodes);
        });
        Assert.InRange(result.Violations.Count, 0, TaskRequestLimits.ViolationsMaxCount + 1);
        if (result.Request is not { } request)
            return false;
        Assert.Same(request, TaskRequestValidator.Check(request).Request);
        Assert.Equal(
            RequestFingerprint.Compute(request),
            RequestFingerprint.Compute(Read(Encoding.UTF8.GetString(TaskRequestJson.Write(request)))));
        return true;
    }

    private static readonly HashSet<string> AllCodes =
        [.. typeof(ViolationCodes).GetFields().Select(field => (string)field.GetRawConstantValue()!)];

    internal static byte[] BreakTokens(string[] tokens, Random random)
    {
        var broken = tokens.ToList();
        for (var breaks = random.Next(1, 4); breaks > 0 && broken.Count > 0; breaks--)
        {
            var at = random.Next(broken.Count);
            switch (random.Next(5))
            {
                case 0: broken.RemoveAt(at); break;
                case 1: broken.Insert(at, broken[random.Next(broken.Count)]); break;
                case 2: (broken[at], broken[^1]) = (broken[^1], broken[at]); break;
                default: broken[at] = Values[random.Next(Values.Length)]; break;
            }
        }
        return Encoding.UTF8.GetBytes(string.Concat(broken));
    }

    internal static byte[] BreakBytes(byte[] body, Random random)
    {
        for (var breaks = random.Next(1, 4); breaks > 0 && body.Length > 0; breaks--)
        {
            var at = random.Next(body.Length);
            var end = Math.Min(body.Length, at + random.Next(20));
            body = random.Next(5) switch
            {
                0 => [.. body[..at], .. body[end..]],
                1 => [.. body[..end], .. body[at..]],
                2 => body[..at],
                3 => [.. body[..at], (byte)random.Next(256), .. body[at..]],
                _ => [.. body[..at], (byte)"{}[]\",:\\ue09-."[random.Next(14)], .. body[(at + 1)..]],
            };
        }
        return body;
    }

    internal static string[] TokensOf(string body) =>
        [.. Token().Matches(body).Select(match => match.Value)];

    [GeneratedRegex("""
        "(?:[^"\\]|\\.)*"|[{}\[\]:,]|[^\s{}\[\]:,"]+|\s+
        """, RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Token();
}
