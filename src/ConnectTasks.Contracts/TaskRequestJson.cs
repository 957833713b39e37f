namespace ConnectTasks;

/// <summary>The JSON form of a task request.</summary>
public static class TaskRequestJson
{
    /// <summary>Reads a request.</summary>
    public static ReadResult Read(ReadOnlySpan<byte> utf8) => throw new NotImplementedException();

    /// <inheritdoc cref="Read(ReadOnlySpan{byte})"/>
    public static ReadResult Read(string text) => throw new NotImplementedException();

    /// <summary>Writes a request.</summary>
    public static byte[] Write(TaskRequest request) => throw new NotImplementedException();
}
