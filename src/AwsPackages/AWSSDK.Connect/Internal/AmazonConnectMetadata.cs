using Amazon.Runtime.Internal;

namespace Amazon.Connect.Internal;

/// <summary>The service's name in the SDK's metrics.</summary>
internal sealed class AmazonConnectMetadata : IServiceMetadata
{
    public string ServiceId => AmazonConnectConfig.ServiceId;

    public IDictionary<string, string> OperationNameMapping { get; } = new Dictionary<string, string>();
}
