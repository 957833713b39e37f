using System.Text.Json;
using System.Text.Json.Nodes;
using ConnectTasks.Cli;
using ConnectTasks.Local;

namespace ConnectTasks.Tests.Cli;

/// <summary>Which bodies a plan says the function would reject again.</summary>
public sealed class DlqPlanTests
{
    private const string Good = """{"InstanceId":"i","ContactFlowId":"f","Name":"n"}""";
    private const string Wrong = """{"InstanceId":"i","ContactFlowId":"f","Nmae":"n"}""";
    private const string Cancel = """{"ConnectTasks":"cancel/1","InstanceId":"i","ClientToken":"t"}""";

    [Theory]
    [InlineData(Cancel)]
    [InlineData($$"""{"detail-type":"task","source":"crm","id":"1","detail":{{Good}}}""")]
    public void What_the_function_takes_is_not_called_wrong(string body) => Assert.Empty(FaultsOf(body));

    [Fact]
    public void A_notification_around_a_good_request_is_not_called_wrong_and_one_around_a_bad_one_is()
    {
        Assert.Empty(FaultsOf(Notification(Some.Body())));
        Assert.Empty(FaultsOf(Notification(Cancel)));

        var fault = Assert.Single(FaultsOf(Notification(Wrong)));
        Assert.StartsWith("m: $.Message → $.Nmae: ", fault, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Wrong, "m: $.Nmae: ")]
    [InlineData("""{"ConnectTasks":"cancel/2","InstanceId":"i","ClientToken":"t"}""", "m: $: ConnectTasks is no kind")]
    public void What_the_function_rejects_is_named_with_its_place(string body, string expected) =>
        Assert.StartsWith(expected, Assert.Single(FaultsOf(body)), StringComparison.Ordinal);

    [Fact]
    public void What_was_mended_is_judged_whatever_its_reason_was()
    {
        var plan = new DlqPlan { Patch = new JsonObject { ["Name"] = null } };

        plan.Add(Letter(Some.Body(), "Refused.X"));

        Assert.StartsWith("m: $.Name: ", Assert.Single(plan.StillInvalid), StringComparison.Ordinal);
    }

    private static List<string> FaultsOf(string body)
    {
        var plan = new DlqPlan();
        plan.Add(Letter(body, "Rejected.UnknownProperty"));
        return plan.StillInvalid;
    }

    private static DeadLetter Letter(string body, string reason) =>
        new() { MessageId = "m", Body = body, Reason = reason };

    private static string Notification(string content) => JsonSerializer.Serialize(new
    {
        Type = "Notification",
        MessageId = "1",
        TopicArn = "arn:aws:sns:us-east-1:000000000000:topic",
        Message = content,
    });
}
