using CsCheck;

namespace ConnectTasks.Tests.Contracts;

public sealed class PresignedUrlTests
{
    private const string Version4 =
        "https://b.s3.us-east-1.amazonaws.com/a.pdf?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAEXAMPLE"
        + "%2F20270115%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20270115T080000Z&X-Amz-Expires=3600"
        + "&X-Amz-SignedHeaders=host&X-Amz-Signature=0123";

    private const string Version2 =
        "https://b.s3.amazonaws.com/a.pdf?AWSAccessKeyId=AKIAEXAMPLE&Signature=a%2Bb%3D&Expires=1800003600";

    [Theory]
    [InlineData(Version4)]
    [InlineData("https://b/a?X-Amz-Expires=3600&X-Amz-Date=20270115T080000Z")]
    [InlineData("https://b/a?x-amz-expires=3600&x-AMZ-date=20270115T080000Z#fragment")]
    [InlineData("https://b/a?&&X%2DAmz-Expires=36%300&X-Amz-Date=20270115T080000Z&=&x")]
    [InlineData("https://b/a?X-Amz-Date=20270115T080000Z&X-Amz-Expires=3600&Expires=1&Signature=s&AWSAccessKeyId=k")]
    [InlineData(Version2)]
    [InlineData("https://d.cloudfront.net/a?Expires=1800003600&Signature=s&Key-Pair-Id=k")]
    [InlineData("https://b/a?EXPIRES=1800003600&signature=s&awsaccesskeyid=k")]
    public void A_presigned_URL_ends_when_it_says(string url) =>
        Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(1_800_003_600), PresignedUrl.ExpiryOf(url));

    [Theory]
    [InlineData("20280229T235959Z", "1", "2028-03-01T00:00:00Z")]
    [InlineData("20270115T080000Z", "0", "2027-01-15T08:00:00Z")]
    [InlineData("20270115T080000Z", "604800", "2027-01-22T08:00:00Z")]
    [InlineData("99991231T235958Z", "1", "9999-12-31T23:59:59Z")]
    public void The_seconds_count_from_the_time_of_signing(string date, string seconds, string end) => Assert.Equal(
        DateTimeOffset.Parse(end, System.Globalization.CultureInfo.InvariantCulture),
        PresignedUrl.ExpiryOf($"https://b/a?X-Amz-Date={date}&X-Amz-Expires={seconds}"));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("?")]
    [InlineData("https://b/a.pdf")]
    [InlineData("https://b/a?versionId=1")]
    [InlineData("https://b/a#?X-Amz-Date=20270115T080000Z")]
    [InlineData("https://b/a?X-Amz-Date=20270115T080000Z")]
    [InlineData("https://b/a?X-Amz-Expires=3600")]
    [InlineData("https://b/a?X-Amz-Date=1&X-Amz-Expires=3600")]
    [InlineData("https://b/a?X-Amz-Date=20270115T080000&X-Amz-Expires=3600")]
    [InlineData("https://b/a?X-Amz-Date=20270230T080000Z&X-Amz-Expires=3600")]
    [InlineData("https://b/a?X-Amz-Date=2027-01-15T08:00:00Z&X-Amz-Expires=3600")]
    [InlineData("https://b/a?X-Amz-Date=20270115T080000Z&X-Amz-Expires=-1")]
    [InlineData("https://b/a?X-Amz-Date=20270115T080000Z&X-Amz-Expires=3600.5")]
    [InlineData("https://b/a?X-Amz-Date=20270115T080000Z&X-Amz-Expires=")]
    [InlineData("https://b/a?X-Amz-Date=20270115T080000Z&X-Amz-Expires=9223372036854775807")]
    [InlineData("https://b/a?X-Amz-Date=20270115T080000Z&X-Amz-Expires=99999999999999999999999")]
    [InlineData("https://b/a?X-Amz-Date=99991231T235959Z&X-Amz-Expires=1")]
    [InlineData("https://b/a?X-Amz-Date=20270115T080000Z&X-Amz-Expires=3600&X-Amz-Expires=7200")]
    [InlineData("https://b/a?X-Amz-Date=20270115T080000Z&X-Amz-Expires=%ZZ")]
    // A parameter of that name means something else in URLs that are not signed.
    [InlineData("https://b/a?Expires=1800003600")]
    [InlineData("https://b/a?Expires=1800003600&Signature=s")]
    [InlineData("https://b/a?expires=5&token=t")]
    [InlineData("https://b/a?Expires=99999999999999&Signature=s&AWSAccessKeyId=k")]
    [InlineData("https://b/a?Expires=Fri&Signature=s&AWSAccessKeyId=k")]
    [InlineData("\ud800?\ud800=\udfff&X-Amz-Date=\ud800&X-Amz-Expires=\udfff%ud8")]
    public void What_is_no_presigned_URL_has_no_end(string? url) => Assert.Null(PresignedUrl.ExpiryOf(url));

    [Fact]
    public void No_text_makes_it_throw()
    {
        string[] words =
        [
            "?", "&", "=", "#", "%", "%2", "%ZZ", "%C3%28", "+", "X-Amz-Date", "X-Amz-Expires", "Expires", "Signature",
            "AWSAccessKeyId", "20270115T080000Z", "00000000T000000Z", "-1", "3600", "9223372036854775807", "\0", "\ud800",
            "\u0130", "https://b/a",
        ];
        var word = Gen.Int[0, words.Length - 1].Select(i => words[i]);
        var text = Gen.Frequency((9, word), (1, Gen.String)).Array[0, 30].Select(string.Concat);

        text.Sample(url => { PresignedUrl.ExpiryOf(url); });
        Assert.Null(PresignedUrl.ExpiryOf(new string('&', 1_000_000) + "?" + new string('=', 1_000_000)));
    }
}
