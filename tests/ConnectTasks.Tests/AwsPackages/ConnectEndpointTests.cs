using Amazon;
using Amazon.Connect;
using Amazon.Connect.Model;
using Amazon.Runtime;
using Amazon.Runtime.Endpoints;

namespace ConnectTasks.Tests.AwsPackages;

/// <summary>Where requests to Amazon Connect go. Holds for the official package too.</summary>
public sealed class ConnectEndpointTests
{
    [Theory]
    [InlineData("eu-central-1", false, false, "https://connect.eu-central-1.amazonaws.com/")]
    [InlineData("eu-central-1", true, false, "https://connect-fips.eu-central-1.amazonaws.com/")]
    [InlineData("eu-central-1", false, true, "https://connect.eu-central-1.api.aws/")]
    [InlineData("eu-central-1", true, true, "https://connect-fips.eu-central-1.api.aws/")]
    [InlineData("us-gov-west-1", false, false, "https://connect.us-gov-west-1.amazonaws.com/")]
    [InlineData("us-gov-west-1", true, false, "https://connect.us-gov-west-1.amazonaws.com/")]
    [InlineData("cn-north-1", false, false, "https://connect.cn-north-1.amazonaws.com.cn/")]
    [InlineData("cn-north-1", false, true, "https://connect.cn-north-1.api.amazonwebservices.com.cn/")]
    [InlineData("xx-nowhere-9", false, false, "https://connect.xx-nowhere-9.amazonaws.com/")]
    public void A_Region_has_the_endpoint_of_its_partition(string region, bool fips, bool dualStack, string url)
    {
        var config = new AmazonConnectConfig
        {
            RegionEndpoint = RegionEndpoint.GetBySystemName(region),
            UseFIPSEndpoint = fips,
            UseDualstackEndpoint = dualStack,
        };

        Assert.Equal(url, Url(config));
    }

    [Fact]
    public void A_service_URL_takes_the_place_of_the_Regions_endpoint()
    {
        Assert.Equal(
            "http://127.0.0.1:4566/", Url(new AmazonConnectConfig { ServiceURL = "http://127.0.0.1:4566" }));
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void A_service_URL_excludes_the_other_kinds_of_endpoint(bool fips, bool dualStack)
    {
        var config = new AmazonConnectConfig
        {
            ServiceURL = "http://127.0.0.1:4566",
            UseFIPSEndpoint = fips,
            UseDualstackEndpoint = dualStack,
        };

        Assert.ThrowsAny<AmazonClientException>(() => Url(config));
    }

    [Theory]
    [InlineData("AWS_ENDPOINT_URL_CONNECT")]
    [InlineData("AWS_ENDPOINT_URL")]
    public void The_environment_can_name_the_endpoint(string variable)
    {
        try
        {
            Environment.SetEnvironmentVariable(variable, "http://127.0.0.1:4567");

            Assert.Equal(
                "http://127.0.0.1:4567/", Url(new AmazonConnectConfig { RegionEndpoint = RegionEndpoint.EUCentral1 }));
        }
        finally
        {
            Environment.SetEnvironmentVariable(variable, null);
        }
    }

    [Fact]
    public void A_client_is_an_AWS_service_like_any_other()
    {
        using var connect = new AmazonConnectClient(
            new BasicAWSCredentials("AKIDEXAMPLE", "secret"), RegionEndpoint.EUCentral1);

        Assert.IsAssignableFrom<IAmazonConnect>(connect);
        Assert.Equal("connect", connect.Config.AuthenticationServiceName);
        Assert.Equal("2017-08-08", connect.Config.ServiceVersion);
        Assert.Equal("Connect", AmazonConnectConfig.ServiceId);
    }

    private static string Url(AmazonConnectConfig config) => new Uri(config.DetermineServiceOperationEndpoint(
        new ServiceOperationEndpointParameters(new StopContactRequest())).URL).ToString();
}
