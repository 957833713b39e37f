using Amazon.Connect.Internal;
using Amazon.Runtime;
using Amazon.Runtime.Endpoints;
using Amazon.Runtime.Internal;
using Amazon.Util.Internal;

namespace Amazon.Connect;

/// <summary>
/// Configuration of an <see cref="AmazonConnectClient"/>. The endpoint is, in this order: the
/// <see cref="ClientConfig.ServiceURL"/> set here, the environment variables <c>AWS_ENDPOINT_URL_CONNECT</c> and
/// <c>AWS_ENDPOINT_URL</c>, the profile's, and else that of the Region.
/// </summary>
public class AmazonConnectConfig : ClientConfig
{
    private static readonly AmazonConnectEndpointResolver EndpointResolver = new();

    /// <summary>A configuration with the SDK's defaults.</summary>
    public AmazonConnectConfig()
        : base(new DefaultConfigurationProvider(AmazonConnectDefaultConfiguration.GetAllConfigurations()))
    {
        base.ServiceId = ServiceId;
        AuthenticationServiceName = "connect";
        EndpointProvider = new AmazonConnectEndpointProvider();
    }

    /// <summary>The service's id.</summary>
    public static new string ServiceId => "Connect";

    /// <inheritdoc/>
    public override string RegionEndpointServiceName => "connect";

    /// <inheritdoc/>
    public override string ServiceVersion => "2017-08-08";

    /// <inheritdoc/>
    public override string UserAgent { get; } = InternalSDKUtils.BuildUserAgentString(
        ServiceId, typeof(AmazonConnectConfig).Assembly.GetName().Version?.ToString() ?? "0");

    /// <inheritdoc/>
    public override Endpoint DetermineServiceOperationEndpoint(ServiceOperationEndpointParameters parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        var requestContext = new RequestContext(false)
        {
            ClientConfig = this,
            OriginalRequest = parameters.Request,
            Request = new DefaultRequest(parameters.Request, ServiceId)
            {
                AlternateEndpoint = parameters.AlternateEndpoint,
            },
        };
        return EndpointResolver.GetEndpoint(new Amazon.Runtime.Internal.ExecutionContext(requestContext, null));
    }
}
