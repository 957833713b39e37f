using System.CommandLine;
using System.Net;
using System.Text.RegularExpressions;
using Amazon;
using Amazon.Runtime;
using Amazon.Runtime.CredentialManagement;
using Amazon.Runtime.Credentials;
using Amazon.SQS;
using ConnectTasks.Local;

namespace ConnectTasks.Cli;

/// <summary>
/// The options of every command that talks to AWS, with the names and the meaning that AWS's tools give them.
/// </summary>
internal sealed partial class AwsOptions
{
    private const string DefaultRegion = "us-east-1";

    private readonly Option<string?> _profile = new("--profile")
    {
        Description = "The profile of the AWS configuration. Default: AWS_PROFILE.",
        HelpName = "name",
    };

    private readonly Option<string?> _region = new("--region")
    {
        Description = "The AWS Region. Default: the queue URL's, AWS_REGION, AWS_DEFAULT_REGION, the profile's.",
        HelpName = "region",
    };

    private readonly Option<Uri?> _endpoint = UrlOption(
        "--endpoint-url", "The endpoint of the service. Default: AWS_ENDPOINT_URL_SQS, AWS_ENDPOINT_URL, AWS's own.");

    private readonly LocalOption _local = new();

    /// <summary>Adds those of a command that needs no more than a queue.</summary>
    public void AddWithLocalTo(Command command)
    {
        _local.AddTo(command);
        AddTo(command);
    }

    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[_profile, _region, _endpoint])
            command.Options.Add(option);
    }

    /// <summary>An option that takes an absolute http or https URL.</summary>
    public static Option<Uri?> UrlOption(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "url",
        CustomParser = argument =>
        {
            if (ToUrl(argument.Tokens.Single().Value) is { } url)
                return url;
            argument.AddError($"{name} must be a URL that starts with https:// or http://.");
            return null;
        },
    };

    /// <summary>The queue of the system on this machine if that is meant, or the option's, or the variable's.</summary>
    /// <exception cref="UsageException">None is given, or the variable holds no URL.</exception>
    /// <exception cref="LocalException">Nothing runs on this machine.</exception>
    public async Task<Uri> QueueAsync(
        ParseResult result, Func<SystemAddress, string> local, Option<Uri?> option, string variable,
        CancellationToken cancellation) =>
        await _local.FindAsync(result, cancellation) is { } address
            ? new Uri(local(address))
            : Required(result, option, variable);

    /// <summary>The option's URL, or the environment variable's.</summary>
    /// <exception cref="UsageException">Neither is given, or the variable holds no URL.</exception>
    public static Uri Required(ParseResult result, Option<Uri?> option, string variable)
    {
        if (result.GetValue(option) is { } given)
            return given;
        var text = SystemOptions.Variable(variable) ?? throw new UsageException(
            $"Which queue? Give {option.Name}, or set the environment variable {variable} (the stack's outputs "
                + "have it); or give --local for the system that runs on this machine.");
        return ToUrl(text) ?? throw new UsageException(
            $"The environment variable {variable} must be a URL that starts with https:// or http://.");
    }

    /// <summary>A client for a queue. The credentials have been found, but nothing has been sent.</summary>
    /// <exception cref="LocalException">There is no such profile, or there are no credentials.</exception>
    /// <exception cref="UsageException">The region is not known.</exception>
    public async Task<IAmazonSQS> SqsAsync(ParseResult result, Uri queueUrl)
    {
        var region = OfQueue().Match(queueUrl.Host);
        var endpoint = result.GetValue(_endpoint) ?? FromEnvironment("SQS")
            ?? (region.Success ? null : new Uri(queueUrl.GetLeftPart(UriPartial.Authority)));
        var config = new AmazonSQSConfig();
        Configure(config, result, endpoint, region.Success ? region.Groups["region"].Value : null);
        return new AmazonSQSClient(await CredentialsAsync(result, endpoint), config);
    }

    /// <summary>Another endpoint of a service than AWS's own, if one is given; null if not.</summary>
    /// <param name="service">As in AWS_ENDPOINT_URL_SERVICE.</param>
    public Uri? EndpointOf(ParseResult result, string service) =>
        result.GetValue(_endpoint) ?? FromEnvironment(service);

    /// <summary>Sets endpoint and region of any service's client.</summary>
    /// <param name="endpoint">Another endpoint than AWS's own, or null.</param>
    /// <param name="knownRegion">The region that follows from what is called, or null.</param>
    public void Configure(ClientConfig config, ParseResult result, Uri? endpoint, string? knownRegion)
    {
        var region = result.GetValue(_region) ?? knownRegion ?? SystemOptions.Variable("AWS_REGION")
            ?? SystemOptions.Variable("AWS_DEFAULT_REGION") ?? RegionOf(Profile(result) ?? "default");
        if (endpoint is not null)
        {
            config.ServiceURL = SystemOptions.Text(endpoint);
            config.AuthenticationRegion = region ?? DefaultRegion;
            return;
        }

        config.RegionEndpoint = RegionEndpoint.GetBySystemName(region ?? throw new UsageException(
            "Which Region? Give --region, or set AWS_REGION, or a region in the AWS profile."));
    }

    /// <summary>Finds credentials as AWS's tools do; a server on this machine takes any.</summary>
    public async Task<AWSCredentials> CredentialsAsync(ParseResult result, Uri? endpoint)
    {
        var profile = Profile(result);
        try
        {
            if (profile is not null)
            {
                if (!new CredentialProfileStoreChain().TryGetAWSCredentials(profile, out var ofProfile))
                {
                    throw new LocalException(
                        $"The AWS configuration has no profile \"{profile}\" with credentials: `aws configure "
                        + "list-profiles` names those that there are.");
                }

                await ofProfile.GetCredentialsAsync();
                return ofProfile;
            }

            // The search would ask the network for a machine's role, in vain and for seconds.
            if (endpoint is { IsLoopback: true } && SystemOptions.Variable("AWS_ACCESS_KEY_ID") is null)
                return new BasicAWSCredentials("local", "local");
            var found = DefaultAWSCredentialsIdentityResolver.GetCredentials();
            await found.GetCredentialsAsync();
            return found;
        }
        catch (Exception e) when (e is AmazonClientException or AmazonServiceException or InvalidOperationException
            or WebException or HttpRequestException)
        {
            throw new LocalException(profile is null
                ? "No AWS credentials were found: log in (`aws sso login`, `aws configure`), give --profile, or set "
                    + "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."
                : $"The profile \"{profile}\" gives no credentials: {AwsFailure.OneLine(e.Message)} Log in again, for "
                    + $"example with `aws sso login --profile {profile}`.");
        }
    }

    private string? Profile(ParseResult result) => result.GetValue(_profile) ?? SystemOptions.Variable("AWS_PROFILE");

    private static string? RegionOf(string profile) =>
        new CredentialProfileStoreChain().TryGetProfile(profile, out var found) ? found.Region?.SystemName : null;

    /// <summary>The SDKs' own variables for a service's endpoint.</summary>
    private static Uri? FromEnvironment(string service)
    {
        foreach (var name in (string[])[$"AWS_ENDPOINT_URL_{service}", "AWS_ENDPOINT_URL"])
        {
            if (SystemOptions.Variable(name) is { } text)
            {
                return ToUrl(text) ?? throw new UsageException(
                    $"The environment variable {name} must be a URL such as http://localhost:4566.");
            }
        }

        return null;
    }

    private static Uri? ToUrl(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" ? url : null;

    /// <summary>
    /// The hosts of AWS's own queues. A queue is served by its URL's host; any other one is an endpoint.
    /// </summary>
    [GeneratedRegex(@"^sqs\.(?<region>[a-z0-9-]+)\.(amazonaws\.com(\.cn)?|api\.aws)$")]
    private static partial Regex OfQueue();
}
