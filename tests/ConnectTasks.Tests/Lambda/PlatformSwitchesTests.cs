using ConnectTasks.Lambda;

namespace ConnectTasks.Tests.Lambda;

/// <summary>Environment variables that the official Lambda packages read.</summary>
public sealed class PlatformSwitchesTests
{
    [Theory]
    [InlineData("true")]
    [InlineData("TRUE")]
    [InlineData("0")]
    public void A_switch_that_would_print_bodies_is_taken_away_and_that_is_said(string value)
    {
        var variables = Environment(("LAMBDA_NET_SERIALIZER_DEBUG", value));

        var correction = Assert.Single(Correct(variables));

        Assert.DoesNotContain("LAMBDA_NET_SERIALIZER_DEBUG", variables.Keys);
        Assert.Contains("LAMBDA_NET_SERIALIZER_DEBUG is ignored", correction, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http_proxy", null, null, "127.0.0.1")]
    [InlineData("HTTP_PROXY", null, null, "127.0.0.1")]
    [InlineData("ALL_PROXY", "a.example", null, "a.example,127.0.0.1")]
    [InlineData("http_proxy", null, "b.example, c.example", "b.example, c.example,127.0.0.1")]
    public void A_proxy_is_kept_off_the_Runtime_API(string proxy, string? noProxy, string? capitals, string expected)
    {
        var variables = Environment(
            (proxy, "http://proxy:3128"), ("no_proxy", noProxy), ("NO_PROXY", capitals),
            ("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:9001"));

        Assert.Single(Correct(variables));

        Assert.Equal(expected, variables["no_proxy"]);
        Assert.Empty(Correct(variables));
    }

    [Fact]
    public void An_environment_without_them_stays_as_it_is()
    {
        var variables = Environment(("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:9001"), ("https_proxy", "http://proxy:3128"));

        Assert.Empty(Correct(variables));

        Assert.Equal(2, variables.Count);
    }

    private static Dictionary<string, string> Environment(params (string Name, string? Value)[] variables) =>
        variables.Where(v => v.Value is not null).ToDictionary(v => v.Name, v => v.Value!);

    private static IReadOnlyList<string> Correct(Dictionary<string, string> variables) => PlatformSwitches.Correct(
        variables.GetValueOrDefault,
        (name, value) =>
        {
            variables.Remove(name);
            if (value is not null)
            {
                variables[name] = value;
            }
        });
}
