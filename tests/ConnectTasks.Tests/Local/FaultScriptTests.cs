using System.Text;
using ConnectTasks.Local;

namespace ConnectTasks.Tests.Local;

/// <summary>A script of faults as someone writes it, and what is said of one that is wrong.</summary>
public sealed class FaultScriptTests
{
    [Theory]
    [InlineData("\"429\"", 429, "ThrottlingException", "StartTaskContact")]
    [InlineData("""{"fault":"access-denied"}""", 403, "AccessDeniedException", "StartTaskContact")]
    [InlineData("""{"fault":"access-denied","status":400}""", 400, "AccessDeniedException",
        "StartTaskContact")]
    [InlineData("""{"fault":"access-denied","call":"any"}""", 403, "AccessDeniedException", "Any")]
    [InlineData("""{"fault":"gone"}""", 410, "ContactNotFoundException", "OfContacts")]
    [InlineData("""{"fault":"gone","call":"StopContact"}""", 410, "ContactNotFoundException",
        "StopContact")]
    [InlineData("""{"fault":"not-there-yet","times":1}""", 404, "ResourceNotFoundException", "Any")]
    [InlineData("""{"fault":"not-there-yet","status":400,"times":1,"call":"UpdateContactSchedule"}""", 400,
        "InvalidRequestException", "UpdateContactSchedule")]
    [InlineData("""{"fault":"400","code":"ThrottlingException","call":"DescribeContact"}""", 400,
        "ThrottlingException", "DescribeContact")]
    public void An_error_has_its_status_its_code_and_the_calls_it_is_for(
        string line, int status, string code, string operations)
    {
        var fault = Assert.Single(Parsed($"[{line}]"));
        Assert.Equal((status, code, operations), (fault.Status, fault.Code, $"{fault.Operations}"));
        Assert.Null(fault.Window);
    }

    [Theory]
    [InlineData("""{"fault":"not-there-yet","seconds":60}""", 60)]
    [InlineData("\"not-there-yet\"", 3)]
    [InlineData("""{"fault":"stale","seconds":5}""", 5)]
    public void What_lasts_has_a_time_after_each_change(string line, int seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), Assert.Single(Parsed($"[{line}]")).Window);

    [Theory]
    [InlineData("""{"fault":"gone","call":"StartTaskContact"}""",
        "\"call\" of gone must be StopContact, UpdateContactSchedule, DescribeContact or any, not \"StartTaskContact\".")]
    [InlineData("""{"fault":"empty","call":"StopContact"}""",
        "\"call\" of empty must be StartTaskContact, DescribeContact or any, not \"StopContact\".")]
    [InlineData("""{"fault":"429","call":"start"}""", "not \"start\".")]
    [InlineData("""{"fault":"access-denied","status":401}""", "\"status\" of access-denied must be 403 or 400.")]
    [InlineData("""{"fault":"lost-reply","status":400}""", "lost-reply takes no \"status\": leave it out.")]
    [InlineData("""{"fault":"stalled-body","code":"X"}""", "stalled-body takes no \"code\": leave it out.")]
    [InlineData("""{"fault":"429","seconds":3}""", "429 takes no \"seconds\": leave it out.")]
    [InlineData("""{"fault":"not-there-yet","seconds":3,"times":2}""",
        "not-there-yet takes \"seconds\" (after each change) or \"times\" (calls), not both.")]
    [InlineData("""{"fault":"not-there-yet","seconds":3,"call":"StopContact"}""", "leave \"call\" out")]
    [InlineData("""{"fault":"stale","times":2}""", "stale takes \"seconds\" (after each change), no \"times\".")]
    [InlineData("""{"fault":"slow","seconds":901}""", "\"seconds\" (0-900)")]
    [InlineData("""{"fault":"500","times":1.5}""", "\"times\" is not right")]
    public void What_is_wrong_is_named_with_what_it_may_be(string line, string expected)
    {
        Assert.False(FaultScript.TryParse(Encoding.UTF8.GetBytes($"[\"ok\", {line}]"), out var faults, out var error));
        Assert.Contains(expected, error, StringComparison.Ordinal);
        Assert.StartsWith("Fault 1 of the script: ", error, StringComparison.Ordinal);
        Assert.Empty(faults);
    }

    [Fact]
    public void Each_known_fault_can_be_asked_for_by_its_name_and_says_what_it_does()
    {
        Assert.All(FaultKind.All, kind =>
        {
            Assert.Equal(kind.Name, Assert.Single(Parsed($"[\"{kind.Name}\"]")).Name);
            Assert.NotEmpty(kind.Words);
            Assert.True(kind.Allowed.HasFlag(kind.Default));
        });
        Assert.Distinct(FaultKind.All.Select(kind => kind.Name));
    }

    [Fact]
    public void The_example_is_a_script()
    {
        var json = System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(FaultScript.Example);
        Assert.True(FaultScript.TryParse(json, out _, out var error), error);
    }

    private static IReadOnlyList<Fault> Parsed(string json)
    {
        Assert.True(FaultScript.TryParse(Encoding.UTF8.GetBytes(json), out var faults, out var error), error);
        return faults;
    }
}
