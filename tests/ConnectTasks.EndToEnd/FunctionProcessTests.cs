using System.Text;
using ConnectTasks.Local;
using ConnectTasks.Tests;

namespace ConnectTasks.EndToEnd;

/// <summary>What the function's process says to Lambda.</summary>
public sealed class FunctionProcessTests(FaultWorld world)
{
    [Fact]
    public async Task The_response_names_what_failed_in_exactly_these_bytes()
    {
        await using var lane = await FaultLane.StartAsync(world, "bytes");
        var payload = world.EventOf("m-1", Some.Body("bytes"));
        // 1 is the claim, 2 is Connect.
        lane.Arm(2, CallFault.Error);
        Assert.Equal("""{"batchItemFailures":[{"itemIdentifier":"m-1"}]}""", TextOf(await lane.InvokeAsync(payload)));

        await lane.Proxy.DisarmAsync();
        Assert.Equal("""{"batchItemFailures":[]}""", TextOf(await lane.InvokeAsync(payload)));
    }

    [Fact]
    public async Task A_body_that_can_never_work_is_no_error_of_the_function()
    {
        var result = await world.Dispatch.InvokeAsync(
            world.EventOf("m-2", "{not json"), TestContext.Current.CancellationToken);

        Assert.Equal("""{"batchItemFailures":[]}""", TextOf(result));
        Assert.Equal("Rejected.MalformedJson", (await world.DeadLetterAsync("m-2")).Reason);
    }

    [Fact]
    public async Task An_event_of_something_else_than_a_queue_is_an_error_that_says_so()
    {
        var result = await world.Dispatch.InvokeAsync(
            Encoding.UTF8.GetBytes("""{"source":"aws.events"}"""), TestContext.Current.CancellationToken);

        var error = Assert.IsType<InvocationResult.FunctionError>(result);
        Assert.Equal("ArgumentException", error.Type);
        Assert.Contains("events of an SQS queue", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_bad_settings_the_function_does_not_start_and_names_them_all()
    {
        await using var function = new Function(
            new FunctionSettings
            {
                Name = "Bad",
                Executable = FunctionExecutable.Find(null),
                Environment = new Dictionary<string, string>
                {
                    ["FUNCTION"] = "dispatch",
                    ["TASK_QUEUE_URL"] = "no-url",
                    ["TASK_TABLE"] = "tasks",
                    ["CONNECT_RATE_PER_SECOND"] = "0",
                    ["MAXIMUM_CONCURRENCY"] = "two",
                },
            },
            TimeProvider.System,
            Guid.NewGuid,
            _ => { });

        var result = await function.InvokeAsync(
            world.EventOf("m-3", Some.Body()), TestContext.Current.CancellationToken);

        var reason = Assert.IsType<InvocationResult.InitFailed>(result).Reason;
        foreach (var name in (string[])[
            "TASK_QUEUE_URL", "DEAD_LETTER_QUEUE_URL", "CONNECT_RATE_PER_SECOND", "MAXIMUM_CONCURRENCY"])
        {
            Assert.Contains(name, reason, StringComparison.Ordinal);
        }

        Assert.DoesNotContain("TASK_TABLE", reason, StringComparison.Ordinal);
    }

    private static string TextOf(InvocationResult result) =>
        Encoding.UTF8.GetString(Assert.IsType<InvocationResult.Success>(result).Payload.Span);
}
