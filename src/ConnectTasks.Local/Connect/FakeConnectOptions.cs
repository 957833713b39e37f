namespace ConnectTasks.Local;

/// <summary>The limits the fake Connect keeps. The defaults are an account's own before anything is raised.</summary>
internal sealed record FakeConnectOptions
{
    /// <summary>A flow id that is unknown in every instance: a request with it gets 404.</summary>
    public const string UnknownFlowId = "00000000-0000-4000-8000-000000000404";

    /// <summary>Connect's quota of StopContact and of DescribeContact, each: requests a second.</summary>
    public const double OtherRatePerSecond = 10;

    /// <summary>Connect's quota of StopContact and of DescribeContact, each: requests at once.</summary>
    public const int OtherBurst = 15;

    /// <summary>Connect's quota of UpdateContactSchedule: requests a second.</summary>
    public const double MoveRatePerSecond = 2;

    /// <summary>Connect's quota of UpdateContactSchedule: requests at once.</summary>
    public const int MoveBurst = 5;

    /// <summary>
    /// StartTaskContact requests a second; 0 means no limit for any call. Default 2, Connect's default quota.
    /// </summary>
    public double RatePerSecond { get; init; } = 2;

    /// <summary>Such requests that may come at once. Default 5, Connect's default quota.</summary>
    public int Burst { get; init; } = 5;

    /// <summary>How far ahead ScheduledTime may lie. Default 6 days, which every AWS document accepts.</summary>
    public TimeSpan Horizon { get; init; } = TimeSpan.FromDays(6);

    /// <summary>
    /// How long a ClientToken is remembered. Undocumented for StartTaskContact; default 7 days, as documented for
    /// the sibling calls.
    /// </summary>
    public TimeSpan ClientTokenLifetime { get; init; } = TimeSpan.FromDays(7);

    /// <summary>Flow ids that get 404 ResourceNotFoundException.</summary>
    public IReadOnlySet<string> UnknownFlows { get; init; } = new HashSet<string> { UnknownFlowId };
}
