using System.Diagnostics.CodeAnalysis;
using Amazon.Connect.Model;
using Amazon.Runtime;

namespace Amazon.Connect;

/// <summary>Amazon Connect: task contacts.</summary>
public interface IAmazonConnect : IAmazonService, IDisposable
{
    /// <summary>Starts a task contact, now or at a time to come.</summary>
    Task<StartTaskContactResponse> StartTaskContactAsync(
        StartTaskContactRequest request, CancellationToken cancellationToken = default);

    /// <summary>Ends a contact, whatever its state.</summary>
    Task<StopContactResponse> StopContactAsync(
        StopContactRequest request, CancellationToken cancellationToken = default);

    /// <summary>Moves a scheduled task contact to another time.</summary>
    Task<UpdateContactScheduleResponse> UpdateContactScheduleAsync(
        UpdateContactScheduleRequest request, CancellationToken cancellationToken = default);

    /// <summary>Describes a contact.</summary>
    Task<DescribeContactResponse> DescribeContactAsync(
        DescribeContactRequest request, CancellationToken cancellationToken = default);

    /// <inheritdoc/>
    static ClientConfig IAmazonService.CreateDefaultClientConfig() => new AmazonConnectConfig();

    /// <inheritdoc/>
    [UnconditionalSuppressMessage(
        "AssemblyLoadTrimming",
        "IL2026",
        Justification = "The declaration carries the same suppression; this client is safe.")]
    static IAmazonService IAmazonService.CreateDefaultServiceClient(
        AWSCredentials awsCredentials, ClientConfig clientConfig)
    {
        if (clientConfig is not AmazonConnectConfig config)
            throw new AmazonClientException("The client's configuration must be an AmazonConnectConfig.");
        return awsCredentials is null
            ? new AmazonConnectClient(config)
            : new AmazonConnectClient(awsCredentials, config);
    }
}
