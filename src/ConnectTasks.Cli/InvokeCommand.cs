using System.CommandLine;
using System.Text;
using System.Text.Json;
using ConnectTasks.Local;

namespace ConnectTasks.Cli;

/// <summary><c>connect-tasks invoke</c>: one invocation of a function with an event from a file.</summary>
internal static class InvokeCommand
{
    public static Command Create(Terminal terminal)
    {
        var command = new Command("invoke", "Run a function once with an event, and print its response.");
        var file = new Argument<string>("event")
        {
            Description = "A file with the event as JSON, or - for standard input.",
        };
        var function = new Option<string>("--function")
        {
            Description = "The function: its logical id in the template, or the value of its FUNCTION variable.",
            HelpName = "name",
            DefaultValueFactory = _ => "dispatch",
        };
        var system = new SystemOptions();
        command.Arguments.Add(file);
        command.Options.Add(function);
        system.AddTo(command);
        command.SetAction((result, cancellation) => CommandLine.GuardAsync(terminal, async () =>
        {
            var payload = await ReadAsync(result.GetValue(file)!, terminal, cancellation);
            var options = system.Read(result);
            options = options with
            {
                RunsEvents = false,
                SqsUrl = options.SqsUrl ?? Endpoint("SQS"),
                DynamoDbUrl = options.DynamoDbUrl ?? Endpoint("DYNAMODB"),
                ConnectUrl = options.ConnectUrl ?? Endpoint("CONNECT"),
                // One invocation is far below any quota; a throttle here would only be a surprise.
                Connect = new FakeConnectOptions { RatePerSecond = 0 },
            };
            return await RunAsync(options, result.GetValue(function)!, payload, terminal, cancellation);
        }, cancellation));
        return command;
    }

    private static async Task<int> RunAsync(
        LocalSystemOptions options, string name, ReadOnlyMemory<byte> payload, Terminal terminal,
        CancellationToken cancellation)
    {
        var log = FunctionLog.To(terminal);
        void Observe(LambdaEvent seen)
        {
            // The one invocation's end is told below.
            if (seen is not LambdaEvent.InvocationFinished)
                log(seen);
        }

        await using var system = await LocalSystem.StartAsync(
            options, terminal.Time, terminal.NewId, terminal.Say, Observe, cancellation);
        var function = system.Functions[system.FindFunction(name).LogicalId];
        switch (await function.InvokeAsync(payload, cancellation))
        {
            case InvocationResult.Success success:
                await WriteEffectsAsync(system, terminal, cancellation);
                await terminal.Out.WriteLineAsync(Encoding.UTF8.GetString(success.Payload.Span));
                return ExitCode.Success;
            case var failure:
                throw new LocalException(failure.Text);
        }
    }

    /// <summary>What the response does not show: it says only which records come back.</summary>
    private static async Task WriteEffectsAsync(LocalSystem system, Terminal terminal, CancellationToken cancellation)
    {
        foreach (var contact in system.Connect?.State.Contacts ?? [])
            terminal.Say($"Contact {contact.ContactId} for ClientToken {contact.ClientToken}");
        // On a server that others use, reading would hide their dead letters for a while.
        if (!system.OwnsQueues)
            return;
        var letters = await new DlqQueue(system.Sqs, system.DeadLetterQueueUrl, terminal.Time, terminal.NewId)
            .ReadAllAsync(cancellation);
        foreach (var letter in letters)
            terminal.Say($"Dead letter {letter.Origin?.MessageId}: {letter.Reason}. {letter.Detail}");
    }

    private static async Task<ReadOnlyMemory<byte>> ReadAsync(
        string path, Terminal terminal, CancellationToken cancellation)
    {
        byte[] bytes;
        try
        {
            bytes = path == "-"
                ? Encoding.UTF8.GetBytes(await terminal.In.ReadToEndAsync(cancellation))
                : await File.ReadAllBytesAsync(path, cancellation);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new UsageException($"The event cannot be read: {e.Message}");
        }

        try
        {
            using var _ = JsonDocument.Parse(bytes);
            return bytes;
        }
        catch (JsonException e)
        {
            var place = path == "-" ? "on standard input" : $"in {path}";
            throw new UsageException(
                $"The event {place} is not JSON (line {e.LineNumber + 1}). It must be one JSON value, as in "
                + "tests/events.");
        }
    }

    /// <summary>The SDKs' own variables for a service's endpoint.</summary>
    private static Uri? Endpoint(string service)
    {
        foreach (var name in (string[])[$"AWS_ENDPOINT_URL_{service}", "AWS_ENDPOINT_URL"])
        {
            if (SystemOptions.Variable(name) is not { } text)
                continue;
            return Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"
                ? url
                : throw new UsageException(
                    $"The environment variable {name} must be a URL such as http://localhost:4566.");
        }

        return null;
    }
}
