namespace ConnectTasks;

/// <summary>What tells whether two requests are the same.</summary>
public static class RequestFingerprint
{
    /// <summary>Computes the fingerprint: 64 lower-case hexadecimal digits.</summary>
    public static string Compute(TaskRequest request) => throw new NotImplementedException();
}
