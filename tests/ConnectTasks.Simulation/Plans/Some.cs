using System.Globalization;
using System.Text;

namespace ConnectTasks.Simulation;

/// <summary>The bodies of messages, and what their texts mean in the simulated Connect.</summary>
internal static class Some
{
    public const string Instance = "00000000-0000-4000-8000-00000000a001";

    /// <summary>A request of this name can never work.</summary>
    public const string NeverWorks = "never";

    /// <summary>A request of this name makes Connect fail, for ever.</summary>
    public const string Sick = "sick";

    public const string Flow = "flow";

    /// <summary>No such flow is there, and none will be.</summary>
    public const string WrongFlow = "wrong-flow";

    /// <summary>A flow that was published moments before its request was sent: what follows is from when it is there.</summary>
    public const string NewFlow = "new-flow-";

    public static string Request(
        string name, string? token, DateTimeOffset? time = null, string flow = Flow, TimeSpan? attachmentLives = null,
        DateTimeOffset now = default, int extra = 0) =>
        Encoding.UTF8.GetString(TaskRequestJson.Write(new TaskRequest
        {
            InstanceId = Instance,
            ContactFlowId = extra > 0 ? null : flow,
            Name = name,
            ClientToken = token,
            ScheduledTime = time,
            QuickConnectId = extra > 0 ? new string('q', extra) : null,
            Attachments = attachmentLives is { } lives
                ? [new TaskAttachmentFile("file.pdf", Url(now, lives))]
                : null,
        }));

    public static string Command(TaskCommandKind kind, string token, DateTimeOffset? time, bool endIfRunning = false) =>
        Encoding.UTF8.GetString(TaskCommandJson.Write(new TaskCommand
        {
            Kind = kind,
            InstanceId = Instance,
            ClientToken = token,
            ScheduledTime = time,
            EndIfRunning = endIfRunning,
        }));

    /// <summary>Whether a presigned URL is of no use any more.</summary>
    public static bool HasExpired(string url, DateTimeOffset now)
    {
        string Value(string name)
        {
            var at = url.IndexOf(name + "=", StringComparison.Ordinal) + name.Length + 1;
            var end = url.IndexOf('&', at);
            return end < 0 ? url[at..] : url[at..end];
        }

        var signed = DateTimeOffset.ParseExact(
            Value("X-Amz-Date"), "yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
        return signed.AddSeconds(int.Parse(Value("X-Amz-Expires"), CultureInfo.InvariantCulture)) < now;
    }

    private static string Url(DateTimeOffset now, TimeSpan lives) => string.Create(
        CultureInfo.InvariantCulture,
        $"https://bucket.s3.amazonaws.com/file?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date={now:yyyyMMdd'T'HHmmss'Z'}&X-Amz-Expires={(int)lives.TotalSeconds}&X-Amz-Signature=0");
}
