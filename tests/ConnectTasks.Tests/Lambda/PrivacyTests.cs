using System.Text;
using Amazon.Connect;
using Amazon.Runtime;
using Amazon.SQS;

namespace ConnectTasks.Tests.Lambda;

/// <summary>
/// No personal data leaves through a log: every value of a request is marked, everything that can go wrong does, and
/// all
/// that the function writes is searched.
/// </summary>
public sealed class PrivacyTests
{
    private const string Mark = "MARK";

    private static readonly TaskRequest Marked = new()
    {
        InstanceId = Some.Instance,
        ContactFlowId = Some.Flow,
        ClientToken = "t-1",
        Name = Mark + "-NAME",
        Description = Mark + "-DESCRIPTION",
        Attributes = new Dictionary<string, string> { ["key"] = Mark + "-ATTRIBUTE" },
        References = new Dictionary<string, TaskReference> { ["ref"] = new("URL", "https://" + Mark) },
        SegmentAttributes = new Dictionary<string, SegmentAttribute>
        {
            ["connect:X"] = new() { ValueMap = new Dictionary<string, SegmentAttribute> { ["in"] = new() { ValueString = Mark } } },
        },
        Attachments = [new TaskAttachmentFile(Mark + ".pdf", "https://s3/" + Mark + "?X-Amz-Signature=" + Mark)],
    };

    private static readonly string Body = Encoding.UTF8.GetString(TaskRequestJson.Write(Marked));

    /// <summary>Bodies that are wrong in one place each, with marked values all over.</summary>
    private static IEnumerable<string> Broken()
    {
        yield return Body[..^1];
        yield return Body[..^1] + ",}";
        yield return Body + Body;
        yield return Mark;
        yield return $"\"{Mark}\"";
        yield return $"[{Body}]";
        yield return Body.Replace("\"URL\"", $"\"{Mark}\"", StringComparison.Ordinal);
        yield return Body.Replace("\"Name\":", "\"Nmae\":", StringComparison.Ordinal);
        yield return Body.Replace("\"Description\":\"", "\"Description\":\"" + new string('x', 5000), StringComparison.Ordinal);
        yield return Body.Replace("\"MARK-NAME\"", "{\"first\":\"MARK\"}", StringComparison.Ordinal);
        yield return Body.Replace("\"MARK-ATTRIBUTE\"", "[\"MARK\"]", StringComparison.Ordinal);
        yield return Body.Replace("\"key\":", $"\"+49 {Mark} 1\":", StringComparison.Ordinal);
        yield return Body[..^1] + $",\"ScheduledTime\":\"{Mark}\"}}";
        yield return Body[..^1] + $",\"{Mark} is a name\":1}}";
        yield return Body.Replace(Some.Instance, Mark + " instance", StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_value_of_a_request_is_written_whatever_happens()
    {
        var rig = new Rig(metrics: true);
        var i = 0;
        foreach (var body in Broken())
        {
            await rig.DeliverAsync(Some.Record($"m-{++i}", body));
        }

        foreach (var (status, code) in new[] { (400, "InvalidParameterException"), (403, "AccessDeniedException"), (429, "X"), (500, "Y"), (402, "Z") })
        {
            rig.Connect.Reply = _ => throw new AmazonConnectException(
                Body, new InvalidOperationException(Body), ErrorType.Sender, code, "id", (System.Net.HttpStatusCode)status);
            await rig.DeliverAsync(Some.Record($"m-{++i}", Body, receiveCount: 2));
        }

        foreach (var failure in new Exception[] { new HttpRequestException(Body), new InvalidOperationException(Body), new AmazonClientException(Body), new TaskCanceledException(Body) })
        {
            rig.Connect.Reply = _ => throw failure;
            rig.Time.Advance(TimeSpan.FromMinutes(5));
            await rig.DeliverAsync(Some.Record($"m-{++i}", Body));
        }

        rig.Connect.Reply = ConnectFake.Ok;
        rig.DynamoDb.Failure = new InvalidOperationException(Body);
        await rig.DeliverAsync(Some.Record($"m-{++i}", Body));
        rig.DynamoDb.Failure = null;
        rig.Sqs.Failure = new AmazonSQSException(Body);
        await rig.DeliverAsync(Some.Record($"m-{++i}", "{" + Body));
        rig.Sqs.Failure = null;
        rig.Time.Advance(TimeSpan.FromMinutes(5));
        await rig.DeliverAsync(Some.Record($"m-{++i}", Body));

        Assert.Contains("\"outcome\":\"Started\"", rig.LogText, StringComparison.Ordinal);
        Assert.Contains("CloudWatchMetrics", rig.LogText, StringComparison.Ordinal);
        Assert.DoesNotContain(Mark, rig.LogText, StringComparison.Ordinal);
        Assert.NotEmpty(rig.Sqs.Sent);
        Assert.All(rig.Sqs.Sent, sent => Assert.DoesNotContain(
            sent.MessageAttributes.Values, a => a.StringValue.Contains(Mark, StringComparison.Ordinal)));
    }
}
