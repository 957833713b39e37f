using System.CommandLine;
using System.Text;
using Amazon.Lambda.Serialization.SystemTextJson;
using Amazon.Lambda.SQSEvents;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using ConnectTasks.Lambda;

namespace ConnectTasks.Benchmarks;

/// <summary><c>parts</c>: BenchmarkDotNet's time and allocations of each part of the work on a record.</summary>
public class Parts
{
    private readonly string _body = Encoding.UTF8.GetString(Sample.Body(1));
    private readonly TaskRequest _request = TaskRequestJson.Read(Sample.Body(1)).Request!;
    private readonly Claim _claim = new(
        TaskKey.For(Sample.Instance, "invoice-4711-reminder-1"),
        "00000000-0000-4000-8000-00000000b001/00000000000040008000000000000001",
        new string('0', 64),
        ScheduledTime: null,
        Copy: null,
        LeaseEnd: Now.AddMinutes(1));

    private readonly SourceGeneratorLambdaJsonSerializer<LambdaJson> _json = new();
    private readonly SQSBatchResponse _response = new(
        Enumerable.Range(0, 10).Select(_ => new SQSBatchResponse.BatchItemFailure
        {
            ItemIdentifier = "00000000-0000-4000-8000-000000000001",
        }).ToList());

    private readonly ITaskLedger _ledger = Handlers.Ledger(Clients.WithoutSdk());
    private readonly ITaskLedger _ledgerThroughSdk = Handlers.Ledger(Clients.ThroughSdk(new AnswerAtOnce()));
    private readonly ContactCentre _contactCentre = new(Clients.WithoutSdk().Connect, Handlers.Unpaced(), TimeProvider.System);
    private readonly ContactCentre _contactCentreThroughSdk = new(Clients.ThroughSdk(new AnswerAtOnce()).Connect, Handlers.Unpaced(), TimeProvider.System);

    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);

    internal static Command Command()
    {
        var command = new Command("parts", "Measures parsing, fingerprint, requests and response with BenchmarkDotNet.");
        command.SetAction(_ =>
        {
            var config = new ManualConfig()
                .AddJob(Job.Default.WithToolchain(new InProcessEmitToolchain(TimeSpan.FromMinutes(5), logOutput: false)))
                .AddDiagnoser(MemoryDiagnoser.Default)
                .AddColumnProvider(DefaultColumnProviders.Instance)
                .AddLogger(ConsoleLogger.Default);
            BenchmarkRunner.Run<Parts>(config);
        });
        return command;
    }

    [Benchmark(Description = "Read and check a body")]
    public object ReadBody() => TaskRequestJson.Read(_body);

    [Benchmark(Description = "Fingerprint")]
    public string Fingerprint() => RequestFingerprint.Compute(_request);

    [Benchmark(Description = "Claim request")]
    public Task Claim() => _ledger.ClaimAsync(_claim, Now, CancellationToken.None);

    [Benchmark(Description = "Claim request, through the SDK")]
    public Task ClaimThroughSdk() => _ledgerThroughSdk.ClaimAsync(_claim, Now, CancellationToken.None);

    [Benchmark(Description = "Connect request")]
    public Task Start() => _contactCentre.StartAsync(_request, "invoice-4711-reminder-1", scheduledTime: null, CancellationToken.None);

    [Benchmark(Description = "Connect request, through the SDK")]
    public Task StartThroughSdk() =>
        _contactCentreThroughSdk.StartAsync(_request, "invoice-4711-reminder-1", scheduledTime: null, CancellationToken.None);

    [Benchmark(Description = "Batch response, ten failures")]
    public void BatchResponse() => _json.Serialize(_response, Stream.Null);
}
