using Amazon.SQS;
using ConnectTasks.Client;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Puts the client into a service collection.</summary>
public static class ConnectTasksServiceCollectionExtensions
{
    /// <summary>
    /// Adds a singleton <see cref="TaskQueueClient"/>. It uses the collection's <see cref="IAmazonSQS"/> and
    /// <see cref="TimeProvider"/>; where there is none, an <see cref="AmazonSQSClient"/> with the credentials, region
    /// and endpoint of the environment, and the system's clock.
    /// </summary>
    /// <example><code>services.AddConnectTasks(options => options.QueueUrl = queueUrl);</code></example>
    /// <param name="services">The collection.</param>
    /// <param name="configure">Sets the options; it runs at once, so that a wrong one stops the start.</param>
    /// <returns>The collection.</returns>
    /// <exception cref="ArgumentException">Options are wrong; the message names all of them.</exception>
    public static IServiceCollection AddConnectTasks(
        this IServiceCollection services, Action<TaskQueueOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        var options = new TaskQueueOptions();
        configure(options);
        options.Validate(nameof(configure));
        services.TryAddSingleton<IAmazonSQS>(_ => new AmazonSQSClient());
        return services.AddSingleton(provider => new TaskQueueClient(
            provider.GetRequiredService<IAmazonSQS>(), options, provider.GetService<TimeProvider>()));
    }
}
