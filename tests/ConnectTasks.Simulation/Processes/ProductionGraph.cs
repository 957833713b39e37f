using Amazon.Lambda.Core;
using ConnectTasks.Lambda;

namespace ConnectTasks.Simulation;

/// <summary>The production code of one process, as Program.cs builds it, on the simulated services.</summary>
internal static class ProductionGraph
{
    public static BatchHandler Handler(World world, SimulatedProcess process, Settings given, bool isNewer)
    {
        var settings = world.Mutant.Settings(world, given);
        var processor = new TaskProcessor(
            Ledger(world, process, settings, isNewer),
            new ContactCentre(world.Mutant.Connect(world, world.Connect), settings, process.Clock),
            new Pacer(settings.PacePerSecond, settings.PaceBurst, process.Clock),
            settings,
            process.Clock);
        return new BatchHandler(
            processor, Queues(world, settings), settings, process.Clock, world.NewGuid, world.Random, new TraceLogger(world));
    }

    public static ReleaseHandler Releaser(World world, SimulatedProcess process, Settings settings, bool isNewer) =>
        new(Ledger(world, process, settings, isNewer), Queues(world, settings), process.Clock, new TraceLogger(world));

    private static ITaskLedger Ledger(World world, SimulatedProcess process, Settings settings, bool isNewer) =>
        world.Mutant.Ledger(world, new DynamoDbTaskLedger(
            new SimulatedDynamoDb(world, world.Store, isNewer) { Rewrite = world.Mutant.LedgerRequest },
            settings.TaskTable,
            settings.LedgerRetention,
            process.Clock));

    private static Queues Queues(World world, Settings settings) => new(world.Mutant.Sqs(world, world.Sqs), settings);
}

internal sealed class InvocationContext(TimeSpan remaining) : ILambdaContext
{
    public string AwsRequestId => "request";
    public IClientContext ClientContext => null!;
    public string FunctionName => "dispatch";
    public string FunctionVersion => "$LATEST";
    public ICognitoIdentity Identity => null!;
    public string InvokedFunctionArn => "arn:aws:lambda:us-east-1:000000000000:function:dispatch";
    public ILambdaLogger Logger => null!;
    public string LogGroupName => "";
    public string LogStreamName => "";
    public int MemoryLimitInMB => 512;
    public TimeSpan RemainingTime => remaining;
}
