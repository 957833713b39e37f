using System.Text;
using ConnectTasks.Lambda;
using static ConnectTasks.Tests.Contracts.SomeJson;

namespace ConnectTasks.Tests.Contracts;

/// <summary>
/// Bodies of every kind, broken inside, outside or both, at random from a seed: nothing throws but a body is taken or
/// rejected, and nothing of it is repeated. The long run: run this class with <c>--explicit only</c>; its seed and
/// number of bodies are the environment variables FUZZ_SEED and FUZZ_BODIES.
/// </summary>
public sealed class MessageFuzzTests(ITestOutputHelper output)
{
    private const int LongRun = 200_000;

    // No harmless name holds it, so wherever a break moves it to, it must not come back in a text.
    private const char Mark = '§';

    private static readonly string[] Contents =
    [
        BodyFuzzTests.Valid,
        $$"""{"InstanceId":"{{Instance}}","ContactFlowId":"{{Flow}}","Name":"§","ClientToken":"§"}""",
        $$"""{"ConnectTasks":"cancel/1","InstanceId":"{{Instance}}","ClientToken":"§","EndIfRunning":true}""",
        $$"""{"ConnectTasks":"reschedule/1","InstanceId":"{{Instance}}","ClientToken":"§","ScheduledTime":1}""",
        """["software.amazon.payloadoffloading.PayloadS3Pointer",{"s3BucketName":"§","s3Key":"§"}]""",
        """{"S3Payload":{"Id":"§","Bucket":"§","Key":"§"}}""",
        """{"Type":"SubscriptionConfirmation","Token":"§","Message":"§","SubscribeURL":"§"}""",
    ];

    private static readonly Func<string, string>[] Envelopes =
    [
        content => content,
        content => $$"""{"Type":"Notification","MessageId":"§","Subject":"§","Message":{{Quote(content)}}}""",
        content => $$"""{"version":"0","id":"§","detail-type":"§","source":"§","detail":{{content}}}""",
        Quote,
        content => Convert.ToBase64String(Encoding.UTF8.GetBytes(content)),
        content => content.Replace("\"", "&quot;", StringComparison.Ordinal),
        content => "\uFEFF" + content,
    ];

    private static readonly HashSet<string> Codes =
        [.. typeof(ViolationCodes).GetFields().Select(field => (string)field.GetRawConstantValue()!)];

    [Fact]
    public void A_broken_body_is_taken_or_rejected_and_repeats_nothing() => Run(seed: 1, LongRun / 10);

    [Fact(Explicit = true)]
    public void So_are_a_great_many() =>
        Run(Setting("FUZZ_SEED", Environment.TickCount), Setting("FUZZ_BODIES", LongRun));

    private void Run(int seed, int bodies)
    {
        output.WriteLine($"FUZZ_SEED={seed} FUZZ_BODIES={bodies}");
        var started = TimeProvider.System.GetTimestamp();
        var random = new Random(seed);
        int requests = 0, commands = 0;
        for (var i = 0; i < bodies; i++)
        {
            var body = SomeBody(random);
            var read = Read(body, $"seed {seed}, body {i}: {body}");
            requests += read.Request is null ? 0 : 1;
            commands += read.Command is null ? 0 : 1;
        }
        var took = TimeProvider.System.GetElapsedTime(started);
        var rejected = bodies - requests - commands;
        output.WriteLine($"{requests} requests, {commands} commands, {rejected} rejected, in {took}");
        // Some breaks do no harm; if none did, what is broken would not be what is meant.
        Assert.InRange(requests, bodies / 50, bodies / 2);
        Assert.InRange(commands, bodies / 100, bodies / 2);
    }

    private static string SomeBody(Random random)
    {
        var body = Contents[random.Next(Contents.Length)];
        var layers = random.Next(4);
        for (var layer = 0; layer <= layers; layer++)
        {
            if (random.Next(layers + 2) == 0)
                body = Broken(body, random);
            if (layer < layers)
                body = Envelopes[random.Next(Envelopes.Length)](body);
        }
        return body;
    }

    private static string Broken(string body, Random random) => Encoding.UTF8.GetString(random.Next(3) == 0
        ? BodyFuzzTests.BreakBytes(Encoding.UTF8.GetBytes(body), random)
        : BodyFuzzTests.BreakTokens(BodyFuzzTests.TokensOf(body), random));

    private static MessageReadResult Read(string body, string which)
    {
        MessageReadResult read;
        try
        {
            read = TaskMessage.Read(body);
        }
        catch (Exception exception)
        {
            throw new InvalidOperationException(which, exception);
        }
        var isTaken = read.Request is not null || read.Command is not null;
        Assert.True(isTaken == (read.Violations.Count == 0), which);
        if (isTaken)
            return read;
        var rejected = new Outcome.Rejected(read.Violations);
        Assert.False(rejected.Reason.Contains(Mark, StringComparison.Ordinal), which);
        Assert.False(rejected.Detail.Contains(Mark, StringComparison.Ordinal), which);
        foreach (var violation in read.Violations)
        {
            Assert.True(Codes.Contains(violation.Code), which);
            Assert.False(violation.Path.Contains(Mark, StringComparison.Ordinal), which);
            Assert.False(violation.Message.Contains(Mark, StringComparison.Ordinal), which);
            Assert.True(violation.Message.Length is > 10 and < 400, which);
        }
        return read;
    }

    private static int Setting(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), out var number) ? number : otherwise;
}
