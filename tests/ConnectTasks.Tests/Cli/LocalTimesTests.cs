using ConnectTasks.Cli;
using ConnectTasks.Local;

namespace ConnectTasks.Tests.Cli;

public sealed class LocalTimesTests
{
    private static readonly DateTimeOffset Now = new(2027, 1, 15, 8, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("2027-01-20T09:00", "Europe/Berlin", "2027-01-20T08:00:00Z")]
    [InlineData("2027-07-20T09:00:30", "Europe/Berlin", "2027-07-20T07:00:30Z")]
    [InlineData("2027-07-20 09:00", "Asia/Kathmandu", "2027-07-20T03:15:00Z")]
    [InlineData("2027-01-20T09:00", "UTC", "2027-01-20T09:00:00Z")]
    [InlineData("2027-03-28T01:59:59", "Europe/Berlin", "2027-03-28T00:59:59Z")]
    [InlineData("2027-03-28T03:00", "Europe/Berlin", "2027-03-28T01:00:00Z")]
    [InlineData("2027-01-20T09:00:00+01:00", null, "2027-01-20T08:00:00Z")]
    [InlineData("2027-01-20T09:00:00.5Z", null, "2027-01-20T09:00:01Z")]
    [InlineData("1800003600", null, "2027-01-15T09:00:00Z")]
    public void A_time_is_an_instant_by_its_offset_or_by_its_zone(string text, string? zone, string expected) =>
        Assert.Equal(expected, LocalTimes.Iso(LocalTimes.ReadFuture(text, zone, Now)));

    [Theory]
    [InlineData("2027-03-28T02:30", "Europe/Berlin", "2027-03-28T01:30:00+01:00", "2027-03-28T03:30:00+02:00")]
    [InlineData("2027-03-28T02:00", "Europe/Berlin", "2027-03-28T01:00:00+01:00", "2027-03-28T03:00:00+02:00")]
    [InlineData("2027-03-14T02:30", "America/New_York", "2027-03-14T01:30:00-05:00", "2027-03-14T03:30:00-04:00")]
    [InlineData("2027-10-31T02:30", "Europe/Berlin", "2027-10-31T02:30:00+02:00", "2027-10-31T02:30:00+01:00")]
    [InlineData("2027-10-03T02:10", "Australia/Lord_Howe", "2027-10-03T01:40:00+10:30", "2027-10-03T02:40:00+11:00")]
    public void A_local_time_that_the_zone_skips_or_has_twice_is_refused_with_the_two_candidates(
        string text, string zone, string earlier, string later)
    {
        var message = Refusal(text, zone);

        Assert.EndsWith($"--at {earlier} or --at {later}.", message, StringComparison.Ordinal);
        Assert.True(LocalTimes.ReadFuture(earlier, null, Now) < LocalTimes.ReadFuture(later, null, Now));
    }

    [Theory]
    [InlineData("2027-01-15T07:59:59Z", null, "in the past")]
    [InlineData("2027-01-15T09:00", "Europe/Berlin", "in the past")]
    [InlineData("2028-02-19T08:00:01Z", null, "more than 400 days ahead")]
    [InlineData("2027-01-20T09:00:00", null, "no offset from UTC")]
    [InlineData("2027-01-20T09:00", null, "has no seconds")]
    [InlineData("tomorrow", null, "not a time")]
    [InlineData("", null, "is empty")]
    [InlineData("\"", null, "not a time")]
    [InlineData("1800003600123", null, "milliseconds")]
    [InlineData("2027-01-20T09:00:00+01:00", "Europe/Berlin", "needs no --zone")]
    [InlineData("2027-01-20", "Europe/Berlin", "must be a local time")]
    [InlineData("2027-01-20T09:00", "Europe/Atlantis", "Europe/Atlantis")]
    [InlineData("2027-01-20T09:00", "../etc/passwd", "must be an IANA time zone")]
    public void What_is_no_time_to_come_is_refused_in_a_sentence(string text, string? zone, string expected) =>
        Assert.Contains(expected, Refusal(text, zone), StringComparison.Ordinal);

    [Fact]
    public void The_maximum_is_accepted_and_is_the_templates()
    {
        Assert.Equal(Now.AddDays(400), LocalTimes.ReadFuture("2028-02-19T08:00:00Z", null, Now));
        var template = SamTemplate.Load(
            SystemOptions.DefaultTemplate, new Dictionary<string, string> { ["ConnectInstanceId"] = "any" });
        Assert.All(template.Functions, function => Assert.Equal(
            $"{LocalTimes.MaxAhead.TotalSeconds}", function.Environment["SCHEDULE_MAX_AHEAD_SECONDS"]));
    }

    private static string Refusal(string text, string? zone) =>
        Assert.Throws<UsageException>(() => LocalTimes.ReadFuture(text, zone, Now)).Message;
}
