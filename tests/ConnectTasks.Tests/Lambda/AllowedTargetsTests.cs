using ConnectTasks.Lambda;

namespace ConnectTasks.Tests.Lambda;

public sealed class AllowedTargetsTests
{
    private const string Prefix = "arn:aws:connect:us-east-1:000000000000:instance/" + Some.Instance;
    private const string Arns = Prefix + "/contact-flow/one," + Prefix + "/contact-flow/two";

    [Theory]
    [InlineData("one", null, null)]
    [InlineData(Prefix + "/contact-flow/two", null, null)]
    [InlineData(null, null, null)]
    [InlineData("three", null, "$.ContactFlowId")]
    [InlineData("one", "template", "$.TaskTemplateId")]
    public void What_a_request_names_is_allowed_or_not(string? flow, string? template, string? path)
    {
        var targets = AllowedTargets.Parse(Arns)!;
        var request = Some.Request() with { ContactFlowId = flow, TaskTemplateId = template };
        Assert.Equal(path, targets.Check(request)?.Path);
    }

    [Theory]
    [InlineData("flow")]
    [InlineData(Prefix + "/queue/one")]
    public void Other_arns_are_a_bad_setting(string arns) => Assert.Null(AllowedTargets.Parse(arns));

    [Fact]
    public async Task A_request_that_names_another_flow_is_rejected_without_a_call_and_told_what_is_allowed()
    {
        var rig = new Rig(Some.Settings() with { AllowedTargets = AllowedTargets.Parse(Arns) });
        Assert.Empty(await rig.DeliverAsync(Some.Record("m-1", Some.Body())));
        Assert.Equal("Rejected.TargetNotAllowed", rig.LastReason);
        Assert.Empty(rig.Connect.Calls);
        Assert.Empty(rig.DynamoDb.Items);
        Assert.Contains("contact-flow/one, contact-flow/two are allowed", rig.LogText, StringComparison.Ordinal);
    }
}
