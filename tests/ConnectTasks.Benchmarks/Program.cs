using System.CommandLine;
using ConnectTasks.Benchmarks;

if (args is ["plain-function"])
{
    await PlainHandler.RunAsync();
    return 0;
}

// One file a subcommand: each makes its own command.
var root = new RootCommand("What the function costs, as ratios between variants that are measured in one run.")
{
    ColdStart.Command(),
    PerRecord.Command(),
    Parts.Command(),
    Held.Command(),
    Pace.Command(),
};
var parsed = root.Parse(args);
var exitCode = await parsed.InvokeAsync();
return parsed.Errors.Count > 0 ? 2 : exitCode;
