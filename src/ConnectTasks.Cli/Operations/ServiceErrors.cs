using Amazon.Connect;
using Amazon.DynamoDBv2;
using Amazon.Runtime;
using Amazon.SQS;
using ConnectTasks.Client;
using ConnectTasks.Local;

namespace ConnectTasks.Cli;

/// <summary>Says in a sentence why a service did not do what a command asked it for.</summary>
internal static class ServiceErrors
{
    /// <summary>Runs a command's work; what AWS or the way to it throws becomes a sentence.</summary>
    /// <exception cref="LocalException">A service refused, or does not answer.</exception>
    public static async Task<int> GuardAsync(Func<Task<int>> work, CancellationToken cancellation)
    {
        try
        {
            return await work();
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested && Sentence(e) is not null)
        {
            throw new LocalException(Sentence(e)!);
        }
    }

    /// <summary>Null for what is not a service's failure.</summary>
    public static string? Sentence(Exception exception) => exception switch
    {
        TaskNotSentException e => Line(e.Message)
            + (e.InnerException is { } cause ? " " + (Sentence(cause) ?? Line(cause.Message)) : ""),
        Amazon.DynamoDBv2.Model.ResourceNotFoundException =>
            "There is no such table in this account and Region: check --table, --region and --profile.",
        Amazon.SQS.Model.QueueDoesNotExistException =>
            "There is no such queue in this account and Region: check --queue-url, --region and --profile.",
        AmazonServiceException { StatusCode: not 0 } e when IsDenial(e) =>
            $"{Service(e)} does not let these credentials do this ({e.ErrorCode}): {Line(e.Message)}",
        AmazonServiceException { StatusCode: not 0 } e => $"{Service(e)} answered {e.ErrorCode}: {Line(e.Message)}",
        AmazonClientException { InnerException: null } e =>
            $"{Line(e.Message)} Set the credentials and the Region as for any AWS tool: --profile and --region, or the "
            + "environment variables.",
        AmazonClientException or HttpRequestException or TimeoutException =>
            $"The service does not answer: {Line(exception.GetBaseException().Message)} Check --region, "
            + "--endpoint-url and the network.",
        TaskCanceledException => "The service did not answer in time: check --region, --endpoint-url and the network.",
        _ => null,
    };

    private static bool IsDenial(AmazonServiceException e) =>
        (int)e.StatusCode is 401 or 403
        || e.ErrorCode is "AccessDeniedException" or "UnrecognizedClientException" or "ExpiredTokenException";

    private static string Service(AmazonServiceException e) => e switch
    {
        AmazonDynamoDBException => "DynamoDB",
        AmazonSQSException => "SQS",
        AmazonConnectException => "Connect",
        _ => "AWS",
    };

    /// <summary>The first line, ended as a sentence.</summary>
    private static string Line(string text) => text.Split('\n')[0].Trim().TrimEnd('.') + ".";
}
