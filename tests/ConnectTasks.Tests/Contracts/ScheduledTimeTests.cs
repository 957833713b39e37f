using System.Globalization;
using static ConnectTasks.Tests.Contracts.SomeJson;

namespace ConnectTasks.Tests.Contracts;

public sealed class ScheduledTimeTests
{
    [Theory]
    [InlineData("1800000000", 1_800_000_000)]
    [InlineData("1", 1)]
    [InlineData("253402300799", 253_402_300_799)]
    [InlineData("1.8e9", 1_800_000_000)]
    [InlineData("1.8E+9", 1_800_000_000)]
    [InlineData("18e8", 1_800_000_000)]
    [InlineData("0.0000018e15", 1_800_000_000)]
    [InlineData("18000000000e-1", 1_800_000_000)]
    [InlineData("1800000000.0", 1_800_000_000)]
    [InlineData("1800000000.000", 1_800_000_000)]
    [InlineData("1800000000.1", 1_800_000_001)]
    [InlineData("1800000000.999999999", 1_800_000_001)]
    [InlineData("1800000000.0000000000000000000000000000000000000001", 1_800_000_001)]
    [InlineData("1.8000000000001e9", 1_800_000_001)]
    [InlineData("0.5", 1)]
    [InlineData("1e-400", 1)]
    [InlineData("253402300798.5", 253_402_300_799)]
    public void A_number_is_epoch_seconds_and_a_fraction_is_never_early(string number, long expected) =>
        Assert.Equal(expected, Seconds(number));

    [Theory]
    [InlineData("0", "is not after 1970-01-01T00:00:00Z")]
    [InlineData("-0", "is not after 1970-01-01T00:00:00Z")]
    [InlineData("0.0e5", "is not after 1970-01-01T00:00:00Z")]
    [InlineData("-1", "is not after 1970-01-01T00:00:00Z")]
    [InlineData("-1800000000.5", "is not after 1970-01-01T00:00:00Z")]
    [InlineData("-1e400", "is not after 1970-01-01T00:00:00Z")]
    [InlineData("1800000000123", "looks like milliseconds: divide by 1,000")]
    [InlineData("1800000000123.5", "looks like milliseconds: divide by 1,000")]
    [InlineData("1.8e12", "looks like milliseconds: divide by 1,000")]
    [InlineData("1800000000123456", "looks like microseconds: divide by 1,000,000")]
    [InlineData("1800000000123456789", "looks like nanoseconds: divide by 1,000,000,000")]
    [InlineData("253402300799.1", "is after 9999-12-31T23:59:59Z")]
    [InlineData("253402300800", "is after 9999-12-31T23:59:59Z")]
    [InlineData("9223372036854775807", "is after 9999-12-31T23:59:59Z")]
    [InlineData("9223372036854775808", "is after 9999-12-31T23:59:59Z")]
    [InlineData("99999999999999999999999999999999", "is after 9999-12-31T23:59:59Z")]
    [InlineData("1e400", "is after 9999-12-31T23:59:59Z")]
    [InlineData("1e99999999999999999999", "is after 9999-12-31T23:59:59Z")]
    public void A_number_that_is_no_time_to_come_is_refused_with_the_reason(string number, string reason) =>
        AssertRefused(number, "InvalidValue", reason);

    [Theory]
    [InlineData("2027-01-15T08:00:00Z", 1_800_000_000)]
    [InlineData("2027-01-15t08:00:00z", 1_800_000_000)]
    [InlineData("2027-01-15T13:45:00+05:45", 1_800_000_000)]
    [InlineData("2027-01-15T03:00:00-05:00", 1_800_000_000)]
    [InlineData("2027-01-15T08:00:00+00:00", 1_800_000_000)]
    [InlineData("2027-01-15T08:00:00-00:00", 1_800_000_000)]
    [InlineData("2027-01-16T07:59:00+23:59", 1_800_000_000)]
    [InlineData("2027-01-15T08:00:00.0Z", 1_800_000_000)]
    [InlineData("2027-01-15T08:00:00.000000000Z", 1_800_000_000)]
    [InlineData("2027-01-15T08:00:00.1Z", 1_800_000_001)]
    [InlineData("2027-01-15T08:00:00.000000001+00:00", 1_800_000_001)]
    [InlineData("2027-01-15T08:00:00.00000000000000000001Z", 1_800_000_001)]
    [InlineData("2028-02-29T00:00:00Z", 1_835_395_200)]
    [InlineData("2026-12-31T23:59:59.5Z", 1_798_761_600)]
    [InlineData("1970-01-01T00:00:01Z", 1)]
    [InlineData("9999-12-31T23:59:59Z", 253_402_300_799)]
    public void A_string_is_RFC_3339_with_an_offset(string text, long expected) =>
        Assert.Equal(expected, Seconds(Quote(text)));

    [Theory]
    [InlineData("", "is empty")]
    [InlineData(" 2027-01-15T08:00:00Z", "has white space around it")]
    [InlineData("2027-01-15T08:00:00Z\n", "has white space around it")]
    [InlineData("2027-01-15T08:00:00+0000", "has an offset without a colon")]
    [InlineData("2027-01-15T08:00:00+00", "has an offset of hours only")]
    [InlineData("2027-01-15T08:00:00-5", "has an offset that can't be read")]
    [InlineData("2027-01-15T08:00:00+24:00", "has an offset beyond 23:59")]
    [InlineData("2027-01-15T08:00:00+01:60", "has an offset beyond 23:59")]
    [InlineData("2027-01-15T08:00:00 Z", "has something else than an offset")]
    [InlineData("2027-01-15T08:00:00 Europe/Berlin", "has something else than an offset")]
    [InlineData("2027-01-15T08:00:00Z[UTC]", "has something else than an offset")]
    [InlineData("2027-01-15T08:00:00,5Z", "has something else than an offset")]
    [InlineData("2027-01-15T08:00:00.Z", "has a point without digits")]
    [InlineData("2027-01-15T08:00:00.", "has a point without digits")]
    [InlineData("2027-01-15 08:00:00Z", "has a space between date and time")]
    [InlineData("2027-01-15", "is a date without a time")]
    [InlineData("2027-01-15T08:00Z", "has no seconds")]
    [InlineData("2027-01-15T08:00", "has no seconds")]
    [InlineData("2027-01-15T8:00:00Z", "is not a time that can be read")]
    [InlineData("2027-1-15T08:00:00Z", "is not a time that can be read")]
    [InlineData("20270115T080000Z", "is not a time that can be read")]
    [InlineData("2027-01-15_08:00:00Z", "is not a time that can be read")]
    [InlineData("2027-01-15T", "is not a time that can be read")]
    [InlineData("+12027-01-15T08:00:00Z", "is not a time that can be read")]
    [InlineData("٢٠٢٧-01-15T08:00:00Z", "is not a time that can be read")]
    [InlineData("/Date(1800000000000)/", "has the form /Date(...)/")]
    [InlineData("tomorrow", "is not a time that can be read")]
    [InlineData("-", "is not a time that can be read")]
    [InlineData("2027-W03-1", "is not a time that can be read")]
    [InlineData("15.01.2027 08:00", "is not a time that can be read")]
    [InlineData("2027-01-15T24:00:00Z", "has the hour 24")]
    [InlineData("2027-01-15T25:00:00Z", "has an hour that is not 00 to 23")]
    [InlineData("2027-01-15T08:60:00Z", "has a minute that is not 00 to 59")]
    [InlineData("2026-12-31T23:59:60Z", "has the second 60, a leap second")]
    [InlineData("2027-01-15T08:00:61Z", "has a second that is not 00 to 59")]
    [InlineData("2027-13-15T08:00:00Z", "has a month that is not 01 to 12")]
    [InlineData("2027-00-15T08:00:00Z", "has a month that is not 01 to 12")]
    [InlineData("2027-01-00T08:00:00Z", "has a day that its month does not have")]
    [InlineData("2027-02-29T08:00:00Z", "has a day that its month does not have")]
    [InlineData("2027-04-31T08:00:00Z", "has a day that its month does not have")]
    [InlineData("0000-01-01T00:00:00Z", "is not after 1970-01-01T00:00:00Z")]
    [InlineData("0001-01-01T00:00:00+23:59", "is not after 1970-01-01T00:00:00Z")]
    [InlineData("1970-01-01T00:00:00Z", "is not after 1970-01-01T00:00:00Z")]
    [InlineData("9999-12-31T23:59:59.5Z", "is after 9999-12-31T23:59:59Z")]
    [InlineData("9999-12-31T23:59:59-23:59", "is after 9999-12-31T23:59:59Z")]
    public void Every_other_string_is_refused_with_the_reason(string text, string reason) =>
        AssertRefused(Quote(text), "InvalidValue", reason);

    [Theory]
    [InlineData("2027-01-15T08:00:00")]
    [InlineData("2027-01-15T08:00:00.5")]
    public void A_local_time_is_ambiguous(string text) =>
        AssertRefused(Quote(text), "AmbiguousTime", "has no offset from UTC, so it could be several instants");

    [Theory]
    [InlineData("1800000000")]
    [InlineData("1800000000.5")]
    [InlineData("-1800000000")]
    [InlineData("1800000000123")]
    public void A_number_in_a_string_is_the_wrong_type(string text) =>
        AssertRefused(Quote(text), "WrongType", "is a number in a string: send epoch seconds as a JSON number");

    [Theory]
    [InlineData("Asia/Kathmandu")]
    [InlineData("America/New_York")]
    public void Neither_the_time_zone_nor_the_culture_of_the_machine_matters(string zone)
    {
        var before = Environment.GetEnvironmentVariable("TZ");
        var culture = CultureInfo.CurrentCulture;
        try
        {
            Environment.SetEnvironmentVariable("TZ", zone);
            TimeZoneInfo.ClearCachedData();
            Assert.SkipUnless(TimeZoneInfo.Local.Id == zone, $"The machine knows no time zone {zone}.");
            CultureInfo.CurrentCulture = Unusual();

            Assert.Equal(1_800_000_000, Seconds(Quote("2027-01-15T13:45:00+05:45")));
            Assert.Equal(1_800_000_001, Seconds("1800000000.5"));
            Assert.Equal(["AmbiguousTime $.ScheduledTime"], Found(With("ScheduledTime", Quote("2027-01-15T08:00:00"))));
            Assert.Equal(
                "Name has 1,025 characters; the limit is 1,024 characters: shorten it.",
                Sentence(With("Name", Quote(new string('n', 1025)))));
            Assert.Contains("\"ScheduledTime\":1800000000}", Written(1_800_000_000), StringComparison.Ordinal);
        }
        finally
        {
            CultureInfo.CurrentCulture = culture;
            Environment.SetEnvironmentVariable("TZ", before);
            TimeZoneInfo.ClearCachedData();
        }
    }

    [Fact]
    public void A_time_in_an_object_is_brought_to_UTC_and_rounded_up()
    {
        var time = new DateTimeOffset(2027, 1, 15, 13, 45, 0, TimeSpan.FromMinutes(345)).AddTicks(1);

        var request = TaskRequestValidator.Check(Minimal with { ScheduledTime = time }).Request!;

        Assert.True(request.ScheduledTime!.Value.EqualsExact(DateTimeOffset.FromUnixTimeSeconds(1_800_000_001)));
    }

    public static TheoryData<DateTimeOffset> Impossible =>
        [DateTimeOffset.MinValue, DateTimeOffset.UnixEpoch, DateTimeOffset.MaxValue];

    [Theory]
    [MemberData(nameof(Impossible))]
    public void A_time_in_an_object_that_cannot_be_sent_is_refused(DateTimeOffset time) =>
        Assert.Equal(["InvalidValue $.ScheduledTime"], Found(Minimal with { ScheduledTime = time }));

    private static CultureInfo Unusual()
    {
        var culture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        culture.NumberFormat.NegativeSign = "~";
        culture.NumberFormat.NumberDecimalSeparator = "!";
        culture.NumberFormat.NumberGroupSeparator = "?";
        culture.DateTimeFormat.TimeSeparator = "h";
        return culture;
    }

    private static string Written(long seconds) => System.Text.Encoding.UTF8.GetString(
        TaskRequestJson.Write(Minimal with { ScheduledTime = DateTimeOffset.FromUnixTimeSeconds(seconds) }));

    private static long Seconds(string json)
    {
        var time = Read(With("ScheduledTime", json)).ScheduledTime!.Value;
        Assert.Equal(TimeSpan.Zero, time.Offset);
        return time.ToUnixTimeSeconds();
    }

    private static void AssertRefused(string json, string code, string reason)
    {
        var body = With("ScheduledTime", json);
        Assert.Equal([$"{code} $.ScheduledTime"], Found(body));
        Assert.StartsWith($"ScheduledTime {reason}", Sentence(body), StringComparison.Ordinal);
    }
}
