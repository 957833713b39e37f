namespace Amazon.Lambda.RuntimeSupport;

/// <summary>The Runtime API refused a request, or gave an event that breaks its own protocol.</summary>
public class RuntimeApiClientException : Exception
{
    internal RuntimeApiClientException(string message, int statusCode, string response)
        : base(message)
    {
        StatusCode = statusCode;
        Response = response;
    }

    /// <summary>The HTTP status.</summary>
    public int StatusCode { get; }

    /// <summary>The body of the answer.</summary>
    public string Response { get; }
}
