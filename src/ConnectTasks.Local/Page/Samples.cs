using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace ConnectTasks.Local;

/// <summary>Bodies of messages to try the system with. Safe for use by several threads.</summary>
internal sealed class Samples(PageSystem system)
{
    /// <summary>Far enough for every horizon, near enough for the furthest time that is taken.</summary>
    private static readonly TimeSpan Far = TimeSpan.FromDays(30);

    private static readonly TimeSpan Soon = TimeSpan.FromMinutes(2);

    private static readonly (string Name, string Description)[] Tasks =
    [
        ("Call back about invoice 4711", "The customer asks why the invoice has two lines for shipping."),
        ("Check the address of order 2042", "The parcel came back. Ask for the floor and the name on the door."),
        ("Renewal talk with Acme", "The contract ends next month. They asked for a quote with 20 seats more."),
        ("Follow up on ticket 93-118", "We promised an answer within two days."),
        ("Welcome call", "First order last week. Ask how the delivery went."),
        ("Verify bank details", "The name of the account differs from the name of the customer."),
    ];

    private readonly Lock _gate = new();
    private int _count;
    private string? _last;

    /// <summary>The kinds of <see cref="Make"/>.</summary>
    public static IReadOnlyList<string> Kinds { get; } = ["valid", "scheduled", "held", "duplicate", "broken"];

    /// <summary>The bodies of one sample: two for a duplicate that has nothing to repeat.</summary>
    public IReadOnlyList<string> Make(string kind)
    {
        var now = system.Time.GetUtcNow();
        lock (_gate)
        {
            return kind switch
            {
                "scheduled" => [_last = Request(now + Soon)],
                "held" => [_last = Request(now + Far)],
                "broken" => [Broken()],
                "duplicate" when _last is { } last => [last],
                "duplicate" => [_last = Request(null), _last],
                _ => [_last = Request(null)],
            };
        }
    }

    private string Request(DateTimeOffset? time)
    {
        var (name, description) = Tasks[_count % Tasks.Length];
        return Encoding.UTF8.GetString(TaskRequestJson.Write(new TaskRequest
        {
            InstanceId = system.InstanceId,
            ContactFlowId = "callback",
            Name = name,
            Description = description,
            References = new Dictionary<string, TaskReference>
            {
                ["Record"] = new("URL", "https://example.com/records/" + Number(4_711 + _count)),
            },
            ClientToken = Token(),
            ScheduledTime = time,
        }));
    }

    /// <summary>Two faults that people make: a property's name, and a time in words.</summary>
    private string Broken() => new JsonObject
    {
        ["InstanceId"] = system.InstanceId,
        ["ContactFlowId"] = "callback",
        ["Naem"] = Tasks[_count % Tasks.Length].Name,
        ["ScheduledTime"] = "tomorrow",
        ["ClientToken"] = Token(),
    }.ToJsonString();

    private string Token() => $"sample-{Number(++_count)}-{system.NewId().ToString("N")[..6]}";

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
