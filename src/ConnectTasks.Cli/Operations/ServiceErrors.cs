using Amazon.Connect;
using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Amazon.Runtime;
using ConnectTasks.Client;
using ConnectTasks.Local;

namespace ConnectTasks.Cli;

/// <summary>Says in a sentence why the table, Connect or the queue did not do what a command asked it for.</summary>
internal static class ServiceErrors
{
    /// <summary>Runs a command's work; what these services answer becomes a sentence.</summary>
    /// <exception cref="LocalException">A service refused.</exception>
    public static async Task<int> GuardAsync(Func<Task<int>> work)
    {
        try
        {
            return await work();
        }
        catch (Exception e) when (Sentence(e) is { } sentence)
        {
            throw new LocalException(sentence);
        }
    }

    /// <summary>Null for what is none of these services' failures.</summary>
    public static string? Sentence(Exception exception) => exception switch
    {
        TaskNotSentException { Result.ErrorCode: { } code } e => AwsFailure.Sentence(code, e.Result.ErrorMessage),
        TaskNotSentException e => e.Message,
        ResourceNotFoundException =>
            "There is no such table for these credentials in this Region: check --table, --region and --profile.",
        AmazonDynamoDBException { StatusCode: not 0 } e => Sentence("DynamoDB", e),
        AmazonConnectException { StatusCode: not 0 } e => Sentence("Connect", e),
        _ => null,
    };

    private static string Sentence(string service, AmazonServiceException e)
    {
        var isDenial = (int)e.StatusCode is 401 or 403
            || e.ErrorCode is "AccessDeniedException" or "UnrecognizedClientException" or "ExpiredTokenException";
        return isDenial
            ? $"{service} does not let these credentials do this ({e.ErrorCode}): check --profile and its permissions."
            : $"{service} answered {e.ErrorCode}: {AwsFailure.OneLine(e.Message)}";
    }
}
