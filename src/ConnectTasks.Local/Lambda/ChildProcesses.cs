using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace ConnectTasks.Local;

/// <summary>
/// The processes that this one has started, so that none outlives it: they are killed when this process exits, and when
/// SIGTERM, SIGINT, SIGQUIT or SIGHUP is about to end it. Nobody hears a SIGKILL, but a function that survives one
/// finds its Runtime API gone when it posts its answer or polls, and exits by itself.
/// </summary>
internal static class ChildProcesses
{
    private static readonly Lock Gate = new();
    private static readonly HashSet<Process> Running = [];
    private static readonly PosixSignalRegistration[] Signals;
    private static bool _isExiting;

    static ChildProcesses()
    {
        AppDomain.CurrentDomain.ProcessExit += (_, _) => KillAll();
        // Since .NET 10 a signal that nobody handles ends a process without its exit handlers.
        PosixSignal[] fatal = [PosixSignal.SIGTERM, PosixSignal.SIGINT, PosixSignal.SIGQUIT, PosixSignal.SIGHUP];
        Signals = Array.ConvertAll(fatal, signal => PosixSignalRegistration.Create(signal, context =>
        {
            // Cancelled: the program has taken the signal and stops in its own way.
            if (!context.Cancel)
                KillAll();
        }));
    }

    /// <summary>
    /// To be called first by a program that handles signals itself. Of several handlers the one registered last is
    /// asked first, and only one that is asked after the program's own can know that the program does not end yet.
    /// </summary>
    public static void WatchSignals() => GC.KeepAlive(Signals);

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
        catch (Exception exception)
            when (exception is InvalidOperationException or Win32Exception or AggregateException)
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
