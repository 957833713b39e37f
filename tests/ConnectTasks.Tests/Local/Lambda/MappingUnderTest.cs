using System.Text.Json;
using ConnectTasks.Local;
using Microsoft.Extensions.Time.Testing;

namespace ConnectTasks.Tests.Local;

/// <summary>An event source mapping between a queue and a function that are both the test's.</summary>
internal sealed class MappingUnderTest : IAsyncDisposable
{
    public static readonly EventSourceMappingSettings SomeSettings = new()
    {
        QueueUrl = FakeQueue.Url,
        QueueArn = FakeQueue.Arn,
        MaximumConcurrency = 2,
        ReportBatchItemFailures = true,
    };

    private readonly CancellationTokenSource _stop = new();
    private EventSourceMapping? _mapping;

    public MappingUnderTest() => Queue = new FakeQueue(Time);

    public FakeTimeProvider Time { get; } = new();

    public Observations Seen { get; } = new();

    public FakeQueue Queue { get; }

    /// <summary>Given the ids of the batch's messages; lets all of them succeed unless a test says otherwise.</summary>
    public Func<string[], CancellationToken, Task<InvocationResult>> Function { get; set; } =
        (_, _) => Task.FromResult<InvocationResult>(Answer("""{"batchItemFailures":[]}"""));

    public MappingCounters Counters => _mapping!.Counters;

    public string OnlyWarning => Seen.Of<LambdaEvent.Warning>().Single().Text;

    public Task Running { get; private set; } = Task.CompletedTask;

    public static InvocationResult.Success Answer(string payload) => new(SomeFunction.Utf8(payload));

    public void AnswerWith(InvocationResult result) => Function = (_, _) => Task.FromResult(result);

    public EventSourceMapping Make(EventSourceMappingSettings settings) => new(
        settings,
        Queue,
        async (payload, cancellation) =>
        {
            using var sqsEvent = JsonDocument.Parse(payload);
            string[] ids = [.. sqsEvent.RootElement.GetProperty("Records").EnumerateArray()
                .Select(record => record.GetProperty("messageId").GetString()!)];
            return await Function(ids, cancellation);
        },
        Time,
        Seen.Observe);

    public void Run(EventSourceMappingSettings? settings = null)
    {
        _mapping = Make(settings ?? SomeSettings);
        Running = _mapping.RunAsync(_stop.Token);
    }

    public async Task<T> RunUntilAsync<T>(EventSourceMappingSettings? settings = null)
        where T : LambdaEvent
    {
        Run(settings);
        return await Seen.FirstAsync<T>();
    }

    public Task BeginStopAsync() => _stop.CancelAsync();

    public async Task StopAsync()
    {
        await BeginStopAsync();
        await Running.WaitAsync(SomeFunction.Deadline, TestContext.Current.CancellationToken);
    }

    public Task AdvanceUntilAsync(Func<bool> isSo) => SomeFunction.WaitUntilAsync(isSo, Time);

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
        Queue.Dispose();
    }
}
