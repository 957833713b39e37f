namespace Amazon.Lambda.Serialization.SystemTextJson;

/// <summary>A function's input or output could not be read or written as JSON.</summary>
public class JsonSerializerException : Exception
{
    /// <summary>An error with a message.</summary>
    public JsonSerializerException(string message)
        : base(message)
    {
    }

    /// <summary>An error with a message and its cause.</summary>
    public JsonSerializerException(string message, Exception exception)
        : base(message, exception)
    {
    }
}
