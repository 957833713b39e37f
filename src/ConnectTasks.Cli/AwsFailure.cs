using System.Net;
using Amazon.Runtime;

namespace ConnectTasks.Cli;

/// <summary>What AWS answers, as a sentence for the person who has to mend it.</summary>
internal static class AwsFailure
{
    /// <summary>The sentence, or null if the exception is not one of AWS or of the way to it.</summary>
    public static string? Sentence(Exception e) => e switch
    {
        AmazonServiceException { ErrorCode: { Length: > 0 } code } service => Sentence(code, service.Message),
        AmazonServiceException { StatusCode: HttpStatusCode.Forbidden } => Sentence("AccessDenied", null),
        AmazonServiceException or AmazonClientException when Network(e) is { } cause =>
            $"The endpoint does not answer: {OneLine(cause.Message)} Check the queue's URL, --endpoint-url and the "
            + "network.",
        AmazonServiceException or AmazonClientException => $"AWS cannot be called: {OneLine(e.Message)}",
        HttpRequestException => $"The endpoint does not answer: {OneLine(e.Message)} Check the queue's URL, "
            + "--endpoint-url and the network.",
        _ => null,
    };

    /// <summary>The sentence for an error code of SQS.</summary>
    public static string Sentence(string code, string? message) => code switch
    {
        _ when IsNoQueue(code) => "There is no such queue for these credentials: check the URL's account and name, and "
            + "--region.",
        _ when IsDenied(code) => $"These credentials may not do that with this queue ({code}): it may belong to "
            + "another account, or the policy lacks the action. Check the URL and --profile.",
        _ when IsBadCredential(code) => $"AWS does not take these credentials ({code}): log in again, or give another "
            + "--profile.",
        "HttpRequestException" => $"The endpoint does not answer: {OneLine(message)} Check the queue's URL, "
            + "--endpoint-url and the network.",
        _ => $"SQS refused ({code}): {OneLine(message)}",
    };

    /// <summary>Whether the error is the same for every message that could be sent.</summary>
    public static bool IsOfTheQueue(string? code) =>
        code is not null && (IsNoQueue(code) || IsDenied(code) || IsBadCredential(code)
            || code is "HttpRequestException" or "InvalidAddress" or "InvalidSecurity");

    /// <summary>A text of another program on one line, ended as a sentence.</summary>
    public static string OneLine(string? text)
    {
        var line = Printable.Text(text ?? "").Replace('\n', ' ').Trim();
        return line.Length == 0 || line[^1] is '.' or '!' or '?' ? line : line + ".";
    }

    private static bool IsNoQueue(string code) =>
        code.EndsWith("NonExistentQueue", StringComparison.Ordinal)
        || code is "QueueDoesNotExist" or "QueueDoesNotExistException";

    private static bool IsDenied(string code) =>
        code.Contains("AccessDenied", StringComparison.Ordinal) || code is "HTTP 403" or "KmsAccessDenied";

    private static bool IsBadCredential(string code) => code is "InvalidClientTokenId" or "UnrecognizedClientException"
        or "SignatureDoesNotMatch" or "ExpiredToken" or "ExpiredTokenException" or "InvalidAccessKeyId"
        or "IncompleteSignature" or "MissingAuthenticationToken";

    private static Exception? Network(Exception e)
    {
        for (var inner = e; inner is not null; inner = inner.InnerException)
        {
            if (inner is HttpRequestException or IOException or TimeoutException or WebException)
                return inner;
        }

        return null;
    }
}
