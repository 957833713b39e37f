using Amazon.Runtime;
using Amazon.Runtime.Credentials.Internal;
using Amazon.Runtime.Endpoints;
using Amazon.Runtime.Internal;
using Amazon.Runtime.Internal.Auth;
using Amazon.Runtime.Internal.Endpoints.StandardLibrary;
using Amazon.Util;

namespace Amazon.Connect.Internal;

/// <summary>What decides the endpoint. The names are those of the service's endpoint rules.</summary>
internal sealed class ConnectEndpointParameters : EndpointParameters
{
    public string? Region
    {
        get => (string?)this[nameof(Region)];
        init => this[nameof(Region)] = value;
    }

    public bool UseDualStack
    {
        get => (bool?)this[nameof(UseDualStack)] ?? false;
        init => this[nameof(UseDualStack)] = value;
    }

    public bool UseFIPS
    {
        get => (bool?)this[nameof(UseFIPS)] ?? false;
        init => this[nameof(UseFIPS)] = value;
    }

    public string? Endpoint
    {
        get => (string?)this[nameof(Endpoint)];
        init => this[nameof(Endpoint)] = value;
    }
}

/// <summary>The service's endpoint rules, version 2017-08-08.</summary>
internal sealed class AmazonConnectEndpointProvider : IEndpointProvider
{
    public Endpoint ResolveEndpoint(EndpointParameters parameters)
    {
        var (region, fips, dualStack, custom) = (
            (string?)parameters[nameof(ConnectEndpointParameters.Region)],
            (bool?)parameters[nameof(ConnectEndpointParameters.UseFIPS)] ?? false,
            (bool?)parameters[nameof(ConnectEndpointParameters.UseDualStack)] ?? false,
            (string?)parameters[nameof(ConnectEndpointParameters.Endpoint)]);

        if (!string.IsNullOrEmpty(custom))
        {
            if (fips || dualStack)
            {
                throw new AmazonClientException(
                    $"Invalid configuration: {(fips ? "FIPS" : "dual stack")} and a service URL exclude each other.");
            }

            return new Endpoint(custom);
        }

        if (string.IsNullOrEmpty(region) || Fn.Partition(region) is not { } partition)
            throw new AmazonClientException("Invalid configuration: no Region. Set AWS_REGION.");
        if (fips && !partition.supportsFIPS)
            throw new AmazonClientException("FIPS is enabled, but this partition does not support it.");
        if (dualStack && !partition.supportsDualStack)
            throw new AmazonClientException("Dual stack is enabled, but this partition does not support it.");

        var suffix = dualStack ? partition.dualStackDnsSuffix : partition.dnsSuffix;
        // In the US Government partition, the ordinary endpoint is the FIPS endpoint.
        var host = fips && (dualStack || partition.name != "aws-us-gov") ? "connect-fips" : "connect";
        return new Endpoint($"https://{host}.{region}.{suffix}");
    }
}

/// <summary>The step of the pipeline that sets the request's endpoint.</summary>
internal sealed class AmazonConnectEndpointResolver : BaseEndpointResolver
{
    protected override EndpointParameters MapEndpointsParameters(IRequestContext requestContext)
    {
        var config = requestContext.ClientConfig;
        var region = requestContext.Request.AlternateEndpoint ?? config.RegionEndpoint;
        return new ConnectEndpointParameters
        {
            Region = region?.SystemName ?? RegionOfServiceUrl(config),
            UseDualStack = config.UseDualstackEndpoint,
            UseFIPS = config.UseFIPSEndpoint,
            Endpoint = config.ServiceURL,
        };
    }

    protected override void ServiceSpecificHandler(IExecutionContext executionContext, EndpointParameters parameters) =>
        InjectHostPrefix(executionContext.RequestContext);

    // A configuration with a service URL of its own names no Region, but the signature needs one.
    private static string? RegionOfServiceUrl(IClientConfig config)
    {
        if (!string.IsNullOrEmpty(config.AuthenticationRegion))
            return config.AuthenticationRegion;
        return string.IsNullOrEmpty(config.ServiceURL)
            ? null
            : RegionEndpoint.GetBySystemName(AWSSDKUtils.DetermineRegion(config.ServiceURL)).SystemName;
    }
}

/// <summary>The step of the pipeline that chooses the signature.</summary>
internal sealed class AmazonConnectAuthSchemeHandler : BaseAuthResolverHandler
{
    protected override List<IAuthSchemeOption> ResolveAuthOptions(IExecutionContext executionContext) =>
        AuthSchemeOption.DEFAULT_SIGV4;
}
