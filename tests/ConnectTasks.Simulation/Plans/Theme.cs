namespace ConnectTasks.Simulation;

/// <summary>What one seed's world is about: what is sent, and for how long.</summary>
internal enum Theme
{
    /// <summary>Tasks to be started at once: duplicates soon and long after, reuses, what can never work.</summary>
    Requests,

    /// <summary>Tasks with a time, near and far, moved and cancelled soon and late.</summary>
    FollowUps,

    /// <summary>Tasks that wait in Connect, moved several times within seconds, there and back.</summary>
    Moves,

    /// <summary>Tasks cancelled soon after they were handed to Connect; people end and move them too.</summary>
    Cancels,

    /// <summary>Tasks that wait in the ledger, moved away and back around the moment of their release.</summary>
    ThereAndBack,

    /// <summary>Times further ahead than the ledger's memory reaches, and what is sent about them late.</summary>
    LongTimes,

    /// <summary>Nothing is processed for a while, or the ledger is out: commands and their requests come together.</summary>
    Backlog,

    /// <summary>A standard queue whose messages have groups, which mean no order there.</summary>
    Groups,

    /// <summary>What is refused is corrected and sent again with the same token within minutes.</summary>
    Corrections,

    /// <summary>Connect fails for longer than a message is retried; its letters are redriven.</summary>
    Outage,

    /// <summary>The function does not start for a day or a week.</summary>
    Starved,

    /// <summary>A FIFO group whose first message fails for ever.</summary>
    Blocked,

    /// <summary>Requests that are too large to be held, or whose links or times are over.</summary>
    Odd,

    /// <summary>An old and a new version side by side, there and back; settings change too.</summary>
    Versions,

    /// <summary>Nothing goes wrong, and many commands come at once.</summary>
    ManyCommands,
}

internal static class Themes
{
    /// <summary>One after the other, so that any few hundred seeds have each theme often.</summary>
    private static readonly Theme[] Slots =
    [
        Theme.Requests, Theme.FollowUps, Theme.Moves, Theme.Cancels, Theme.ThereAndBack, Theme.LongTimes,
        Theme.Backlog, Theme.Groups, Theme.Corrections, Theme.ThereAndBack, Theme.FollowUps, Theme.Outage,
        Theme.Moves, Theme.Versions, Theme.Starved, Theme.ThereAndBack, Theme.Blocked, Theme.LongTimes,
        Theme.Moves, Theme.Odd, Theme.Cancels, Theme.Versions, Theme.ManyCommands, Theme.ThereAndBack,
    ];

    public static Theme Of(int seed) => Slots[(int)((uint)seed % (uint)Slots.Length)];
}
