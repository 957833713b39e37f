using System.Text.Json.Nodes;
using static ConnectTasks.Tests.Contracts.SomeJson;
using Limits = ConnectTasks.TaskRequestLimits;

namespace ConnectTasks.Tests.Contracts;

/// <summary>Requests made at random, and such requests with one to three breaks.</summary>
internal static class SomeRequests
{
    private static readonly string[] Texts =
        ["", "x", "a b", "Größe", "\"<&>'\\", "日本", "\U0001F600\U0001F4DE", "0", "\t"];

    private static readonly string[] Names = ["orderId", "x", "A-1", "_", "0"];

    // One of each kind, at the edge of its kind, and of the kinds that belong elsewhere.
    private static readonly string[] Values =
    [
        "{\"Type\":\"URL\",\"Value\":\"v\"}", "null", "true", "0", "-1", "1.5", "7", "1800000000", "253402300799",
        "253402300800", "{}", "[]", "[{}]", "\"\"", "\"x\"", "\"a b\"", "\"a\\tb\"", "\"1800000000\"", "\"tomorrow\"",
        "\"2027-01-15T08:00:00Z\"", "\"2027-01-15T08:00:00\"", "\"2027-01-15T24:00:00Z\"", "\"2027-13-15T08:00:00Z\"",
        "\"2027-01-15T08:00:00+0100\"", "\"2027-01-15t08:00:00.123456789z\"", "\"URL\"", "\"url\"", "\"DATE\"",
        "\"ATTACHMENT\"", "{\"a\":\"b\"}", "{\"a\":null}", "{\"a b\":\"c\"}", "{\"\":\"c\"}",
        "{\"a\":{\"Type\":\"URL\",\"Value\":\"v\"}}", "{\"Type\":\"DATE\",\"Value\":\"v\"}",
        "{\"ValueString\":\"x\"}", "{\"ValueString\":\"x\",\"ValueInteger\":null}",
        "{\"ValueString\":\"x\",\"ValueInteger\":1}", "{\"ValueInteger\":2147483648}",
        "{\"ValueMap\":{\"a:b\":{\"ValueList\":[]}}}", "{\"ValueMap\":{\"a b\":{\"ValueArn\":\"\"}}}",
        "{\"FileName\":\"f\",\"S3Url\":\"u\"}", "[{\"FileName\":\"f\",\"S3Url\":\"u\"}]",
        "[{\"FileName\":\"\",\"S3Url\":\"u\"}]", "[{\"FileName\":\"f\",\"S3Url\":\"\"}]", "[null]",
        "\"arn:aws:connect:r:a:instance/i\"", "\"arn:aws:connect:r:a:instance/i/contact-flow/f\"",
        "\"ARN:aws:connect:r:a:instance/i/contact/c:1\"", "\"arn:aws:sqs:r:a:instance/i\"", "\"arn:\"",
        "\"instance/i\"",
        .. ((int[])[100, 101, 256, 257, 500, 501, 1_024, 1_025, 2_000, 2_001, 4_096, 4_097]).Select(
            length => Quote(new string('x', length))),
    ];

    private static readonly string[] Properties =
        [.. Enum.GetNames<TaskProperty>(), "Typo", "Type", "Value", "ValueString", "FileName", "a b", ""];

    public static JsonObject Valid(Random random)
    {
        var handler = TaskProperties.Rule(SchemaWords.Handlers[random.Next(3)]);
        var request = new JsonObject
        {
            ["InstanceId"] = random.Next(3) == 0 ? Arn() : Instance,
            ["Name"] = Text(random, Limits.NameMaxCharacters),
            [handler.Name] = random.Next(3) == 0 ? Arn(handler.ArnType) : Flow,
        };
        void Perhaps(string name, Func<JsonNode> value)
        {
            if (random.Next(3) == 0)
                request[name] = value();
        }
        Perhaps("Description", () => Text(random, Limits.DescriptionMaxCharacters));
        Perhaps(random.Next(2) == 0 ? "PreviousContactId" : "RelatedContactId", () => "contact-1");
        Perhaps("ClientToken", () => Text(random, Limits.ClientTokenMaxCharacters));
        Perhaps("Attributes", () => Map(random, Names, () => Text(random, 300)));
        Perhaps("References", () => Map(random, [.. Names, "Order page", "+49"], () => new JsonObject
        {
            ["Type"] = TaskProperties.ReferenceTypes[random.Next(5)],
            ["Value"] = random.Next(2) == 0 ? "1800000000" : "-1",
        }));
        Perhaps("ScheduledTime", () => random.Next(2) == 0
            ? JsonValue.Create(random.NextInt64(1, Limits.ScheduledTimeMaxEpochSeconds))
            : DateTimeOffset.FromUnixTimeSeconds(random.Next(1, int.MaxValue))
                .ToOffset(TimeSpan.FromMinutes(random.Next(-600, 600)))
                .ToString(random.Next(2) == 0 ? "yyyy-MM-ddTHH:mm:sszzz" : "yyyy-MM-ddTHH:mm:ss.fffzzz", null));
        Perhaps("SegmentAttributes", () => Map(random, [.. Names, "connect:ContactExpiry"], () => Segment(random, 3)));
        Perhaps("Attachments", () => new JsonArray([.. Enumerable.Range(1, random.Next(1, 6)).Select(number =>
            new JsonObject { ["FileName"] = $"{number}.pdf", ["S3Url"] = "https://s3.example.com/a?sig=1" })]));
        return request;
    }

    public static JsonObject Broken(Random random)
    {
        var request = Valid(random);
        for (var breaks = random.Next(1, 4); breaks > 0; breaks--)
        {
            var places = Containers(request).ToArray();
            Break(places[random.Next(places.Length)], random);
        }
        return request;
    }

    private static void Break(JsonNode container, Random random)
    {
        var value = JsonNode.Parse(Values[random.Next(Values.Length)]);
        switch (container)
        {
            case JsonArray array when array.Count > 0 && random.Next(2) == 0:
                array[random.Next(array.Count)] = value;
                break;
            case JsonArray array:
                array.Add(value);
                break;
            case JsonObject entries when entries.Count > 0 && random.Next(4) == 0:
                entries.Remove(entries.ElementAt(random.Next(entries.Count)).Key);
                break;
            case JsonObject entries when entries.Count > 0 && random.Next(2) == 0:
                entries[entries.ElementAt(random.Next(entries.Count)).Key] = value;
                break;
            case JsonObject entries:
                entries[Properties[random.Next(Properties.Length)]] = value;
                break;
        }
    }

    private static IEnumerable<JsonNode> Containers(JsonNode? node) => node switch
    {
        JsonObject entries => entries.SelectMany(entry => Containers(entry.Value)).Prepend(entries),
        JsonArray array => array.SelectMany(Containers).Prepend(array),
        _ => [],
    };

    private static JsonObject Map(Random random, string[] names, Func<JsonNode> value)
    {
        var map = new JsonObject();
        for (var entries = random.Next(4); entries > 0; entries--)
            map[names[random.Next(names.Length)]] = value();
        return map;
    }

    private static JsonObject Segment(Random random, int depth) => random.Next(depth == 0 ? 3 : 5) switch
    {
        0 => new JsonObject { ["ValueString"] = Text(random, Limits.SegmentAttributeValueMaxCharacters) },
        1 => new JsonObject { ["ValueInteger"] = random.Next(int.MinValue, int.MaxValue) },
        2 => new JsonObject { ["ValueArn"] = "arn:aws:x:::y" },
        3 => new JsonObject { ["ValueMap"] = Map(random, Names, () => Segment(random, depth - 1)) },
        _ => new JsonObject
        {
            ["ValueList"] = new JsonArray(
                [.. Enumerable.Range(0, random.Next(3)).Select(_ => Segment(random, depth - 1))]),
        },
    };

    private static string Text(Random random, int limit) => random.Next(10) == 0
        ? new string('x', limit)
        : string.Concat(Enumerable.Range(0, random.Next(4)).Select(_ => Texts[random.Next(Texts.Length)]));
}
