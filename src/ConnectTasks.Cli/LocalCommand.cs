using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using ConnectTasks.Local;
using Spectre.Console;

namespace ConnectTasks.Cli;

/// <summary><c>connect-tasks local</c>: the system on this machine, until it is told to stop.</summary>
internal static class LocalCommand
{
    /// <summary>The preferred port of the fake Connect, which tells where the rest is.</summary>
    public const int ConnectPort = 4752;

    /// <summary>The preferred port of the page.</summary>
    public const int PagePort = 4753;

    /// <summary>The most that the template's ConnectRatePerSecond and ConnectBurst take.</summary>
    private const int MostOfParameter = 1_000;

    private const int SqsPort = 4750;
    private const int DynamoDbPort = 4751;

    public static Command Create(Terminal terminal)
    {
        var command = new DetailedCommand("local", "Run the whole system on this machine until Ctrl+C.", """
            Its page, in a browser on this machine, shows what happens to each message,
            and takes samples, faults, cancellations and redrives.

            Its SQS refuses what SQS refuses, such as a MessageDeduplicationId on a
            standard queue. Its Connect fails on demand: POST a script to
            CONNECT/_local/faults; GET tells what faults there are, DELETE ends them.
            A flow or contact that Connect does not know is asked for again for 5 s only;
            --parameter NotFoundPatienceSeconds=N changes it.

            Examples:
              connect-tasks local
              connect-tasks local --connect-rate 20 --connect-burst 25
              connect-tasks local --release-every 2 --parameter ScheduleHorizonSeconds=60
              connect-tasks local --json --sqs-port 0 --dynamodb-port 0 \
                --connect-port 0 --page-port 0
            """);
        var system = new SystemOptions();
        var json = new Option<bool>("--json") { Description = "Once ready, print the endpoints as one line of JSON." };
        var sqsPort = SystemOptions.PortOption("--sqs-port", "SQS", SqsPort);
        var dynamoDbPort = SystemOptions.PortOption("--dynamodb-port", "DynamoDB", DynamoDbPort);
        var connectPort = SystemOptions.PortOption("--connect-port", "the fake Connect", ConnectPort);
        var pagePort = SystemOptions.PortOption("--page-port", "the page", PagePort);
        var rate = new Option<double?>("--connect-rate")
        {
            Description = "StartTaskContact requests a second that the fake Connect allows, and the function's pace "
                + "unless --parameter ConnectRatePerSecond says otherwise; 0: no limit. Default: 2.",
            HelpName = "number",
            CustomParser = argument => SystemOptions.Number(argument, "--connect-rate", 0, 100_000),
        };
        var burst = new Option<double?>("--connect-burst")
        {
            Description = "StartTaskContact requests that the fake Connect allows at once, and the function's burst "
                + "unless --parameter ConnectBurst says otherwise. Default: 5.",
            HelpName = "number",
            CustomParser = argument => SystemOptions.Number(argument, "--connect-burst", 1, 100_000),
        };
        var every = new Option<double?>("--release-every")
        {
            Description = "Seconds between two looks for held tasks that are due. Default: as the template says.",
            HelpName = "seconds",
            CustomParser = argument => SystemOptions.Number(argument, "--release-every", 0.1, 86_400),
        };
        system.AddTo(command);
        foreach (var option in (Option[])[sqsPort, dynamoDbPort, connectPort, pagePort, rate, burst, every, json])
            command.Options.Add(option);

        command.SetAction((result, cancellation) => CommandLine.GuardAsync(terminal, () =>
        {
            var limits = new FakeConnectOptions();
            limits = limits with
            {
                RatePerSecond = result.GetValue(rate) ?? limits.RatePerSecond,
                Burst = (int)(result.GetValue(burst) ?? limits.Burst),
            };
            var asked = system.Read(result);
            var options = asked with
            {
                Parameters = Paced(asked.Parameters, limits),
                SqsPort = SystemOptions.Port(result.GetValue(sqsPort), SqsPort),
                DynamoDbPort = SystemOptions.Port(result.GetValue(dynamoDbPort), DynamoDbPort),
                ConnectPort = SystemOptions.Port(result.GetValue(connectPort), ConnectPort),
                PagePort = SystemOptions.Port(result.GetValue(pagePort), PagePort),
                ScheduleEvery = result.GetValue(every) is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
                Connect = limits,
                NotFoundPatience = LocalSystemOptions.ShortPatience,
            };
            return RunAsync(options, result.GetValue(json), terminal, cancellation);
        }, cancellation));
        return command;
    }

    /// <summary>The parameters with the pace that fits the quota, as whoever deploys is told to set it.</summary>
    private static Dictionary<string, string> Paced(
        IReadOnlyDictionary<string, string> parameters, FakeConnectOptions quota)
    {
        var paced = parameters.ToDictionary();
        var rate = quota.RatePerSecond <= 0 ? MostOfParameter : Math.Min(quota.RatePerSecond, MostOfParameter);
        paced.TryAdd("ConnectRatePerSecond", rate.ToString(CultureInfo.InvariantCulture));
        paced.TryAdd("ConnectBurst", Math.Min(quota.Burst, MostOfParameter).ToString(CultureInfo.InvariantCulture));
        return paced;
    }

    private static async Task<int> RunAsync(
        LocalSystemOptions options, bool isJson, Terminal terminal, CancellationToken cancellation)
    {
        var (log, progress) = (FunctionLog.To(terminal), new LocalProgress(terminal));
        await using var system = await LocalSystem.StartAsync(
            options,
            terminal.Time,
            terminal.NewId,
            terminal.Say,
            seen =>
            {
                log(seen);
                progress.Observe(seen);
            },
            cancellation);
        if (isJson)
            WriteJson(system, terminal);
        else
            WriteText(system, options.Region, terminal);

        var stopped = progress.RunAsync(system, cancellation);
        if (await Task.WhenAny(stopped, system.Broken) == stopped)
        {
            terminal.Say("Stopping ...");
            return ExitCode.Success;
        }

        throw new LocalException($"{await system.Broken} All is stopped; run this again.");
    }

    private static void WriteJson(LocalSystem system, Terminal terminal) =>
        terminal.Out.WriteLine(JsonSerializer.Serialize(system.Address));

    private static void WriteText(LocalSystem system, string region, Terminal terminal)
    {
        var grid = new Grid().AddColumn().AddColumn();
        void Row(string name, string value) => grid.AddRow(new Text(name), new Text(value));
        Row("SQS", SystemOptions.Text(system.SqsUrl));
        Row("DynamoDB", SystemOptions.Text(system.DynamoDbUrl));
        Row("Connect", SystemOptions.Text(system.ConnectUrl));
        Row("Task queue", system.QueueUrl);
        Row("Dead-letter queue", system.DeadLetterQueueUrl);
        Row("Task table", system.Table);
        Row("Page", system.Page!.Url.ToString());
        terminal.Console.Write(grid);

        // Written as they are, so that they can be copied in one piece.
        var body = """{"InstanceId":"any","ContactFlowId":"callback","Name":"Call back","ClientToken":"try-1"}""";
        terminal.Out.WriteLine($"""

            Try this (any credentials will do):
              export AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local AWS_REGION={region} AWS_DEFAULT_REGION={region}
              aws sqs send-message --endpoint-url {SystemOptions.Text(system.SqsUrl)} --queue-url {system.QueueUrl} \
                --message-body '{body}'
            """);
        if (system.Connect is not null)
        {
            var connect = SystemOptions.Text(system.ConnectUrl);
            terminal.Out.WriteLine($"  connect-tasks status --local {connect} --instance any --token try-1");
            terminal.Out.WriteLine($"  curl {connect}/_local/contacts");
            terminal.Out.WriteLine($"  curl {connect}/_local/faults -d '[\"429\", \"lost-reply\", \"500\"]'");
            terminal.Out.WriteLine($"  curl {connect}/_local/faults    # what faults there are");
        }

        terminal.Out.WriteLine("\nThe functions' log lines follow. Ctrl+C stops everything.");
    }
}
