using System.CommandLine;
using Amazon.Connect;
using Amazon.Connect.Model;
using Amazon.DynamoDBv2;
using Amazon.Lambda.SQSEvents;
using Amazon.Runtime;
using ConnectTasks.Simulation;

namespace ConnectTasks.Benchmarks;

/// <summary>
/// <c>pace</c>: a backlog of 10,000 tasks drained on virtual time at Connect's quota, by this function and by a plain
/// handler. The same on every run.
/// </summary>
internal static class Pace
{
    private const int Tasks = 10_000;

    /// <summary>What AWS's documentation advises at least for a queue of a function.</summary>
    private const int PlainMaxReceiveCount = 5;

    private static readonly (string Name, PaceScenario Scenario)[] Scenarios =
    [
        ("2/s", new(Tasks, Quota: 2, Burst: 5, Concurrency: 2)),
        ("20/s", new(Tasks, Quota: 20, Burst: 25, Concurrency: 10)),
        ("2/s, half taken", new(Tasks, Quota: 2, Burst: 5, Concurrency: 2, OthersShare: 0.5)),
        ("20/s, half taken", new(Tasks, Quota: 20, Burst: 25, Concurrency: 10, OthersShare: 0.5)),
        ("2/s, half taken at random", new(Tasks, 2, 5, 2, OthersShare: 0.5, OthersAreErratic: true)),
        ("20/s, half taken at random", new(Tasks, 20, 25, 10, OthersShare: 0.5, OthersAreErratic: true)),
    ];

    public static Command Command()
    {
        var seeds = new Option<int>("--seeds") { Description = "Runs, each with another seed.", DefaultValueFactory = _ => 3 };
        var json = new Option<bool>("--json") { Description = "The result is one JSON object on stdout." };
        var command = new Command("pace", "Drains a backlog at Connect's quota on virtual time, beside a plain handler.")
        {
            seeds, json,
        };
        command.SetAction(async parsed =>
        {
            var report = new Report("pace");
            foreach (var (name, scenario) in Scenarios)
            {
                for (var seed = 1; seed <= parsed.GetValue(seeds); seed++)
                {
                    await Console.Error.WriteLineAsync($"{name}, seed {seed}");
                    Add(report, $"{name}: this", PaceWorld.OfProduction(scenario, seed));
                    Add(report, $"{name}: plain", OfPlain(scenario, seed));
                }

                report.Compare($"{name}: this", $"{name}: plain");
            }

            report.WriteTo(Console.Out, parsed.GetValue(json));
            return 0;
        });
        return command;
    }

    private static void Add(Report report, string variant, PaceResult result)
    {
        report.Add(variant, "shareOfQuota", result.ShareOfQuota);
        report.Add(variant, "throttledCallsPerTask", result.ThrottledPerTask);
        report.Add(variant, "healthyDeadLettered", result.DeadLettered);
        report.Add(variant, "drainTimeToIdeal", result.DrainToIdeal);
        report.Add(variant, "doubled", result.Doubled);
        report.Add(variant, "othersThrottledShare", result.OthersThrottled);
        report.Add(variant, "mostReceives", result.MostReceives);
    }

    /// <summary>
    /// The plain handler, one record after the other, with the SDK's retries. Its table takes every claim: what it does
    /// to itself by claiming for ever what it then fails to start is not counted here.
    /// </summary>
    private static PaceResult OfPlain(PaceScenario scenario, int seed)
    {
        var world = new PaceWorld(scenario, PlainMaxReceiveCount, seed);
        var clients = Clients.WithoutSdk();
        return world.Run(() => Environment(clients.DynamoDb, new RetryingConnect(world)));

        static PacedHandler Environment(IAmazonDynamoDB dynamoDb, IAmazonConnect connect)
        {
            var handler = new PlainHandler(dynamoDb, connect, checks: false);
            var context = new Handlers.Context();
            return async (sqsEvent, _) =>
            {
                var response = await handler.HandleAsync(Read(sqsEvent), context);
                return new SQSBatchResponse
                {
                    BatchItemFailures = response.batchItemFailures
                        .ConvertAll(f => new SQSBatchResponse.BatchItemFailure { ItemIdentifier = f.itemIdentifier }),
                };
            };
        }
    }

    private static PlainHandler.Event Read(SQSEvent sqsEvent) => new()
    {
        Records = sqsEvent.Records!.ConvertAll(
            record => new PlainHandler.Record { MessageId = record.MessageId!, Body = record.Body! }),
    };

    /// <summary>
    /// The retries of the .NET SDK's standard mode, which is its default: three attempts, and before the second and the
    /// third a random part of one and of two seconds.
    /// </summary>
    private sealed class RetryingConnect(PaceWorld world) : AmazonConnectClient(
        new BasicAWSCredentials("local", "local"), new AmazonConnectConfig { ServiceURL = "http://127.0.0.1:1" })
    {
        private const int MaxAttempts = 3;

        public override async Task<StartTaskContactResponse> StartTaskContactAsync(
            StartTaskContactRequest request, CancellationToken cancellationToken = default)
        {
            for (var attempt = 1; ; attempt++)
            {
                try
                {
                    return await world.Connect.StartTaskContactAsync(request, cancellationToken);
                }
                catch (AmazonConnectException) when (attempt < MaxAttempts)
                {
                    var delay = world.Random.NextDouble() * Math.Pow(2, attempt - 1);
                    await Task.Delay(TimeSpan.FromSeconds(delay), world.Loop, cancellationToken);
                }
            }
        }
    }
}
