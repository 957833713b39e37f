using Amazon.Connect.Internal;
using Amazon.Connect.Model;
using Amazon.Connect.Model.Internal.MarshallTransformations;
using Amazon.Runtime;
using Amazon.Runtime.Internal;

namespace Amazon.Connect;

/// <summary>
/// A client of Amazon Connect, on the SDK's own pipeline: its credentials, Region, endpoints, time-outs, retries and
/// Signature V4. It is safe to share between threads, and meant to be kept for the life of the process.
/// </summary>
/// <remarks>
/// Every operation throws <see cref="AmazonConnectException"/> or a subclass if the service answers with an error, and
/// <see cref="AmazonClientException"/>, <see cref="HttpRequestException"/> or
/// <see cref="OperationCanceledException"/> if there is no answer; then the service may have done the work.
/// </remarks>
public class AmazonConnectClient : AmazonServiceClient, IAmazonConnect
{
    private static readonly IServiceMetadata Metadata = new AmazonConnectMetadata();

    /// <summary>Takes credentials and Region from the environment.</summary>
    public AmazonConnectClient()
        : this(new AmazonConnectConfig())
    {
    }

    /// <summary>Takes credentials from the environment.</summary>
    public AmazonConnectClient(RegionEndpoint region)
        : this(new AmazonConnectConfig { RegionEndpoint = region })
    {
    }

    /// <summary>Takes credentials from the environment.</summary>
    public AmazonConnectClient(AmazonConnectConfig config)
        : base(config)
    {
    }

    /// <summary>Takes the Region from the environment.</summary>
    public AmazonConnectClient(AWSCredentials credentials)
        : this(credentials, new AmazonConnectConfig())
    {
    }

    /// <summary>Uses these credentials in this Region.</summary>
    public AmazonConnectClient(AWSCredentials credentials, RegionEndpoint region)
        : this(credentials, new AmazonConnectConfig { RegionEndpoint = region })
    {
    }

    /// <summary>Uses these credentials and this configuration.</summary>
    public AmazonConnectClient(AWSCredentials credentials, AmazonConnectConfig clientConfig)
        : base(credentials, clientConfig)
    {
    }

    /// <inheritdoc/>
    protected override IServiceMetadata ServiceMetadata => Metadata;

    /// <summary>
    /// Starts a task contact, now or at a time to come (<c>PUT /contact/task</c>). If
    /// <see cref="StartTaskContactRequest.ClientToken"/> is null, every call sends a new random one, so that a repeated
    /// call starts a second contact.
    /// </summary>
    /// <exception cref="InternalServiceException">500.</exception>
    /// <exception cref="InvalidParameterException">400: a parameter is wrong.</exception>
    /// <exception cref="InvalidRequestException">400: the request is wrong as a whole.</exception>
    /// <exception cref="ResourceNotFoundException">404: the instance, flow, template or contact does not exist.
    /// </exception>
    /// <exception cref="ServiceQuotaExceededException">402: too many active tasks, or too many linked to one contact.
    /// </exception>
    /// <exception cref="ThrottlingException">429: too many requests for the account.</exception>
    public virtual Task<StartTaskContactResponse> StartTaskContactAsync(
        StartTaskContactRequest request, CancellationToken cancellationToken = default) =>
        CallAsync(
            request,
            StartTaskContactMarshaller.Instance,
            StartTaskContactUnmarshaller.Instance,
            cancellationToken);

    /// <summary>Ends a contact, whatever its state (<c>POST /contact/stop</c>).</summary>
    /// <exception cref="ContactNotFoundException">410: the contact is over or never was.</exception>
    /// <exception cref="InternalServiceException">500.</exception>
    /// <exception cref="InvalidActiveRegionException">400: the instance is active in another Region.</exception>
    /// <exception cref="InvalidParameterException">400: a parameter is wrong.</exception>
    /// <exception cref="InvalidRequestException">400: the request is wrong as a whole.</exception>
    /// <exception cref="ResourceNotFoundException">404: the instance does not exist.</exception>
    public virtual Task<StopContactResponse> StopContactAsync(
        StopContactRequest request, CancellationToken cancellationToken = default) =>
        CallAsync(request, StopContactMarshaller.Instance, StopContactUnmarshaller.Instance, cancellationToken);

    /// <summary>
    /// Moves a scheduled task contact to another time, at most 20 times (<c>POST /contact/schedule</c>).
    /// </summary>
    /// <exception cref="InternalServiceException">500.</exception>
    /// <exception cref="InvalidParameterException">400: a parameter is wrong.</exception>
    /// <exception cref="InvalidRequestException">400: the request is wrong as a whole.</exception>
    /// <exception cref="LimitExceededException">429: the contact was moved too often.</exception>
    /// <exception cref="ResourceNotFoundException">404: the instance or contact does not exist.</exception>
    /// <exception cref="ThrottlingException">429: too many requests for the account.</exception>
    public virtual Task<UpdateContactScheduleResponse> UpdateContactScheduleAsync(
        UpdateContactScheduleRequest request, CancellationToken cancellationToken = default) =>
        CallAsync(
            request,
            UpdateContactScheduleMarshaller.Instance,
            UpdateContactScheduleUnmarshaller.Instance,
            cancellationToken);

    /// <summary>Describes a contact (<c>GET /contacts/{InstanceId}/{ContactId}</c>).</summary>
    /// <exception cref="InternalServiceException">500.</exception>
    /// <exception cref="InvalidParameterException">400: a parameter is wrong.</exception>
    /// <exception cref="InvalidRequestException">400: the request is wrong as a whole.</exception>
    /// <exception cref="ResourceNotFoundException">404: the instance or contact does not exist.</exception>
    /// <exception cref="ThrottlingException">429: too many requests for the account.</exception>
    public virtual Task<DescribeContactResponse> DescribeContactAsync(
        DescribeContactRequest request, CancellationToken cancellationToken = default) =>
        CallAsync(request, DescribeContactMarshaller.Instance, DescribeContactUnmarshaller.Instance, cancellationToken);

    /// <inheritdoc/>
    protected override void CustomizeRuntimePipeline(RuntimePipeline pipeline)
    {
        ArgumentNullException.ThrowIfNull(pipeline);
        pipeline.RemoveHandler<EndpointResolver>();
        pipeline.AddHandlerAfter<Marshaller>(new AmazonConnectEndpointResolver());
        pipeline.AddHandlerAfter<Marshaller>(new AmazonConnectAuthSchemeHandler());
    }

    private Task<TResponse> CallAsync<TRequest, TResponse>(
        TRequest request,
        ConnectMarshaller<TRequest> marshaller,
        ConnectUnmarshaller<TResponse> unmarshaller,
        CancellationToken cancellationToken)
        where TRequest : AmazonConnectRequest
        where TResponse : AmazonWebServiceResponse, new()
    {
        var options = new InvokeOptions { RequestMarshaller = marshaller, ResponseUnmarshaller = unmarshaller };
        return InvokeAsync<TResponse>(request, options, cancellationToken);
    }
}
