using ConnectTasks.Cli.Demo;
using ConnectTasks.Lambda;

namespace ConnectTasks.Tests.Cli;

/// <summary>The demo's short invocations, held against what the function keeps in reserve.</summary>
public sealed class ChaosScenarioTests
{
    [Fact]
    public void An_invocation_has_seconds_to_work_and_a_killed_ones_messages_return_after_its_lease()
    {
        var work = ChaosScenario.FunctionTimeout - Settings.SettlementReserve - Settings.AttemptReserve;
        Assert.InRange(work.TotalSeconds, 3, 10);
        Assert.True(ChaosScenario.VisibilityTimeout > ChaosScenario.FunctionTimeout + Settings.LeaseMargin);
    }
}
