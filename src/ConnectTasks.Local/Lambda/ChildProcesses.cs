using System.ComponentModel;
using System.Diagnostics;

namespace ConnectTasks.Local;

/// <summary>
/// The processes that this one has started, so that none outlives it: they are killed when this process ends in any
/// way that runs its exit handlers (a return from Main, SIGTERM). A function that survives a SIGKILL of this process
/// finds its Runtime API gone at the next poll, and exits by itself.
/// </summary>
internal static class ChildProcesses
{
    private static readonly Lock Gate = new();
    private static readonly HashSet<Process> Running = [];
    private static bool _isExiting;

    static ChildProcesses() => AppDomain.CurrentDomain.ProcessExit += (_, _) => KillAll();

    public static void Add(Process process)
    {
        bool isTooLate;
        lock (Gate)
        {
            Running.Add(process);
            isTooLate = _isExiting;
        }
        if (isTooLate)
            Kill(process);
    }

    public static void Remove(Process process)
    {
        lock (Gate)
        {
            Running.Remove(process);
        }
    }

    /// <summary>Kills a process and its descendants. Does nothing if it has ended.</summary>
    public static void Kill(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (Exception exception) when (exception is InvalidOperationException or Win32Exception or AggregateException)
        {
            // It was ending by itself.
        }
    }

    private static void KillAll()
    {
        Process[] running;
        lock (Gate)
        {
            _isExiting = true;
            running = [.. Running];
        }
        foreach (var process in running)
            Kill(process);
    }
}
