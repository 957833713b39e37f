namespace Amazon.Lambda.Core;

/// <summary>Turns the event's JSON into a function's input, and its output into JSON.</summary>
public interface ILambdaSerializer
{
    /// <summary>Reads one value from the event.</summary>
    T Deserialize<T>(Stream requestStream);

    /// <summary>Writes one value as the response.</summary>
    void Serialize<T>(T response, Stream responseStream);
}
