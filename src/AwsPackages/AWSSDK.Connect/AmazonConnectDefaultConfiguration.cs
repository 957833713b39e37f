using System.Collections.ObjectModel;
using Amazon.Runtime;

namespace Amazon.Connect;

/// <summary>
/// The SDK's default modes (<c>AWS_DEFAULTS_MODE</c>), which differ in how long a connection may take.
/// </summary>
public static class AmazonConnectDefaultConfiguration
{
    private static readonly ReadOnlyCollection<IDefaultConfiguration> All = new(
    [
        Mode(DefaultConfigurationMode.Standard, connectMs: 3100),
        Mode(DefaultConfigurationMode.InRegion, connectMs: 1100),
        Mode(DefaultConfigurationMode.CrossRegion, connectMs: 3100),
        Mode(DefaultConfigurationMode.Mobile, connectMs: 30000),
        Mode(DefaultConfigurationMode.Auto, connectMs: 1100),
    ]);

    /// <summary>Every mode.</summary>
    public static ReadOnlyCollection<IDefaultConfiguration> GetAllConfigurations() => All;

    private static DefaultConfiguration Mode(DefaultConfigurationMode name, int connectMs) => new()
    {
        Name = name,
        RetryMode = RequestRetryMode.Standard,
        S3UsEast1RegionalEndpoint = S3UsEast1RegionalEndpointValue.Regional,
        ConnectTimeout = TimeSpan.FromMilliseconds(connectMs),
        TlsNegotiationTimeout = TimeSpan.FromMilliseconds(connectMs),
    };
}
