using System.Buffers;
using System.Globalization;
using System.Text.Json;

namespace ConnectTasks.Local;

/// <summary>Invokes a function at a fixed rate with EventBridge's scheduled event.</summary>
/// <param name="name">The rule's name.</param>
/// <param name="period">The time between invocations; the first comes after one period. Over zero.</param>
/// <param name="settings">The function.</param>
/// <param name="invoke">Invokes the function; <see cref="Function.InvokeAsync"/> as a rule.</param>
/// <param name="time">The clock.</param>
/// <param name="newEventId">Makes the event ids.</param>
/// <param name="observe">Sees failed invocations; called on several threads.</param>
internal sealed class FunctionSchedule(
    string name,
    TimeSpan period,
    FunctionSettings settings,
    Func<ReadOnlyMemory<byte>, CancellationToken, Task<InvocationResult>> invoke,
    TimeProvider time,
    Func<Guid> newEventId,
    Action<LambdaEvent> observe)
{
    /// <summary>
    /// Runs until it is told to stop. A tick that falls into a running invocation is merged with the next one; Lambda's
    /// two retries of a failed asynchronous invocation are left to the next tick.
    /// </summary>
    public async Task RunAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(period, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stop))
            {
                var result = await invoke(WriteEvent(time.GetUtcNow()), stop);
                if (result is not InvocationResult.Success)
                    observe(new LambdaEvent.Warning(name, result.Text));
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
        }
    }

    private ReadOnlyMemory<byte> WriteEvent(DateTimeOffset now)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("version", "0");
            writer.WriteString("id", newEventId());
            writer.WriteString("detail-type", "Scheduled Event");
            writer.WriteString("source", "aws.events");
            writer.WriteString("account", settings.AccountId);
            writer.WriteString(
                "time", now.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ssK", CultureInfo.InvariantCulture));
            writer.WriteString("region", settings.Region);
            writer.WriteStartArray("resources");
            writer.WriteStringValue($"arn:aws:events:{settings.Region}:{settings.AccountId}:rule/{name}");
            writer.WriteEndArray();
            writer.WriteStartObject("detail");
            writer.WriteEndObject();
            writer.WriteEndObject();
        }
        return buffer.WrittenMemory;
    }
}
