using System.Net;
using Amazon.Runtime;

namespace Amazon.Connect;

/// <summary>
/// An error that Amazon Connect answered with. <see cref="AmazonServiceException.ErrorCode"/> and
/// <see cref="AmazonServiceException.StatusCode"/> tell which; an error that the operation does not list has this type
/// and no other.
/// </summary>
public class AmazonConnectException : AmazonServiceException
{
    /// <summary>An error with a message.</summary>
    public AmazonConnectException(string message)
        : base(message)
    {
    }

    /// <summary>An error with a message and its cause.</summary>
    public AmazonConnectException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>An error as the service sent it.</summary>
    public AmazonConnectException(
        string message, ErrorType errorType, string? errorCode, string? requestId, HttpStatusCode statusCode)
        : base(message, errorType, errorCode, requestId, statusCode)
    {
    }

    /// <summary>An error as the service sent it, and its cause.</summary>
    public AmazonConnectException(
        string message,
        Exception? innerException,
        ErrorType errorType,
        string? errorCode,
        string? requestId,
        HttpStatusCode statusCode)
        : base(message, innerException, errorType, errorCode, requestId, statusCode)
    {
    }
}
