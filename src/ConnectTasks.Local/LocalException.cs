namespace ConnectTasks.Local;

/// <summary>Something on this machine is not as it must be. The message tells a person what, and what to do.</summary>
internal sealed class LocalException(string message) : Exception(message);
