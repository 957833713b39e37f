using System.Net;
using Amazon.Runtime;

namespace Amazon.Connect.Model;

/// <summary>410: the contact is over or never was.</summary>
public class ContactNotFoundException : AmazonConnectException
{
    /// <summary>An error with a message.</summary>
    public ContactNotFoundException(string message)
        : base(message)
    {
    }

    /// <summary>An error as the service sent it.</summary>
    public ContactNotFoundException(
        string message, ErrorType errorType, string? errorCode, string? requestId, HttpStatusCode statusCode)
        : base(message, errorType, errorCode, requestId, statusCode)
    {
    }

    /// <summary>An error as the service sent it, and its cause.</summary>
    public ContactNotFoundException(
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

/// <summary>500: the service failed. The work may be done nevertheless.</summary>
public class InternalServiceException : AmazonConnectException
{
    /// <summary>An error with a message.</summary>
    public InternalServiceException(string message)
        : base(message)
    {
    }

    /// <summary>An error as the service sent it.</summary>
    public InternalServiceException(
        string message, ErrorType errorType, string? errorCode, string? requestId, HttpStatusCode statusCode)
        : base(message, errorType, errorCode, requestId, statusCode)
    {
    }

    /// <summary>An error as the service sent it, and its cause.</summary>
    public InternalServiceException(
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

/// <summary>400: the instance is active in another Region.</summary>
public class InvalidActiveRegionException : AmazonConnectException
{
    /// <summary>An error with a message.</summary>
    public InvalidActiveRegionException(string message)
        : base(message)
    {
    }

    /// <summary>An error as the service sent it.</summary>
    public InvalidActiveRegionException(
        string message, ErrorType errorType, string? errorCode, string? requestId, HttpStatusCode statusCode)
        : base(message, errorType, errorCode, requestId, statusCode)
    {
    }

    /// <summary>An error as the service sent it, and its cause.</summary>
    public InvalidActiveRegionException(
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

/// <summary>400: a parameter is wrong. Repeating the request does not help.</summary>
public class InvalidParameterException : AmazonConnectException
{
    /// <summary>An error with a message.</summary>
    public InvalidParameterException(string message)
        : base(message)
    {
    }

    /// <summary>An error as the service sent it.</summary>
    public InvalidParameterException(
        string message, ErrorType errorType, string? errorCode, string? requestId, HttpStatusCode statusCode)
        : base(message, errorType, errorCode, requestId, statusCode)
    {
    }

    /// <summary>An error as the service sent it, and its cause.</summary>
    public InvalidParameterException(
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

/// <summary>400: the request is wrong as a whole. Repeating it does not help.</summary>
public class InvalidRequestException : AmazonConnectException
{
    /// <summary>An error with a message.</summary>
    public InvalidRequestException(string message)
        : base(message)
    {
    }

    /// <summary>An error as the service sent it.</summary>
    public InvalidRequestException(
        string message, ErrorType errorType, string? errorCode, string? requestId, HttpStatusCode statusCode)
        : base(message, errorType, errorCode, requestId, statusCode)
    {
    }

    /// <summary>An error as the service sent it, and its cause.</summary>
    public InvalidRequestException(
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

/// <summary>429: the contact's own limit is reached.</summary>
public class LimitExceededException : AmazonConnectException
{
    /// <summary>An error with a message.</summary>
    public LimitExceededException(string message)
        : base(message)
    {
    }

    /// <summary>An error as the service sent it.</summary>
    public LimitExceededException(
        string message, ErrorType errorType, string? errorCode, string? requestId, HttpStatusCode statusCode)
        : base(message, errorType, errorCode, requestId, statusCode)
    {
    }

    /// <summary>An error as the service sent it, and its cause.</summary>
    public LimitExceededException(
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

/// <summary>404: something that the request names does not exist.</summary>
public class ResourceNotFoundException : AmazonConnectException
{
    /// <summary>An error with a message.</summary>
    public ResourceNotFoundException(string message)
        : base(message)
    {
    }

    /// <summary>An error as the service sent it.</summary>
    public ResourceNotFoundException(
        string message, ErrorType errorType, string? errorCode, string? requestId, HttpStatusCode statusCode)
        : base(message, errorType, errorCode, requestId, statusCode)
    {
    }

    /// <summary>An error as the service sent it, and its cause.</summary>
    public ResourceNotFoundException(
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

/// <summary>402: a quota of the instance or of a contact is used up.</summary>
public class ServiceQuotaExceededException : AmazonConnectException
{
    /// <summary>An error with a message.</summary>
    public ServiceQuotaExceededException(string message)
        : base(message)
    {
    }

    /// <summary>An error as the service sent it.</summary>
    public ServiceQuotaExceededException(
        string message, ErrorType errorType, string? errorCode, string? requestId, HttpStatusCode statusCode)
        : base(message, errorType, errorCode, requestId, statusCode)
    {
    }

    /// <summary>An error as the service sent it, and its cause.</summary>
    public ServiceQuotaExceededException(
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

/// <summary>429: too many requests for the account and Region.</summary>
public class ThrottlingException : AmazonConnectException
{
    /// <summary>An error with a message.</summary>
    public ThrottlingException(string message)
        : base(message)
    {
    }

    /// <summary>An error as the service sent it.</summary>
    public ThrottlingException(
        string message, ErrorType errorType, string? errorCode, string? requestId, HttpStatusCode statusCode)
        : base(message, errorType, errorCode, requestId, statusCode)
    {
    }

    /// <summary>An error as the service sent it, and its cause.</summary>
    public ThrottlingException(
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
