using System.Diagnostics;
using System.Text;
using ConnectTasks.Local;
using ConnectTasks.Tests;

namespace ConnectTasks.EndToEnd;

/// <summary>The system as it is deployed: queue, event source mapping, function, ledger, Connect.</summary>
public sealed class DeployedWorld : World
{
    private protected override LocalSystemOptions Options => DefaultOptions with { CountsCalls = true };
}

/// <summary>The main job, over the wire and with the function as a process.</summary>
public sealed class MainJobTests(DeployedWorld world) : IClassFixture<DeployedWorld>
{
    [Fact]
    public async Task A_task_request_becomes_one_contact_with_three_AWS_calls()
    {
        var counts = new List<int>();
        // A slow call, as a new process's first one may be on a busy machine, is repeated by its client.
        for (var i = 1; i <= 5 && !counts.Contains(3); i++)
        {
            var token = $"main-plain-{i}";
            await world.AtRestAsync();
            var before = world.System.Calls!.Counts.Values.Sum();
            await world.SendAsync(Some.Request(token, "Call Ada back"));

            var contact = await world.ContactAsync(token);
            await world.AtRestAsync();
            counts.Add(world.System.Calls.Counts.Values.Sum() - before);
            Assert.Equal((Some.Instance, "Call Ada back"), (contact.InstanceId, contact.Name));
            var item = await world.LedgerItemAsync(token);
            Assert.Equal(("Started", contact.ContactId), (item?.State, item?.ContactId));
            Assert.Single(world.ContactsOf(token));
        }

        Assert.Equal(3, counts.Min());
    }

    [Fact]
    public async Task A_request_sent_and_delivered_several_times_becomes_one_contact()
    {
        var body = Some.Body("main-thrice");
        var first = await world.SendAsync(body);
        await world.SendAsync(body);
        await world.SendAsync(body);
        var contact = await world.ContactAsync("main-thrice");
        await world.AtRestAsync();

        var again = await world.Dispatch.InvokeAsync(world.EventOf(first, body), TestContext.Current.CancellationToken);

        Assert.Equal("""{"batchItemFailures":[]}""", TextOf(again));
        Assert.Equal(contact.ContactId, Assert.Single(world.ContactsOf("main-thrice")).ContactId);
        Assert.Equal(1, world.ContactsOf("main-thrice")[0].Calls);
    }

    [Fact]
    public async Task What_can_never_work_is_dead_lettered_with_its_reason_and_its_neighbours_are_untouched()
    {
        await world.SendAsync(Some.Body("main-owner"));
        await world.ContactAsync("main-owner");
        (string Body, string Reason)[] bad =
        [
            ("""{"InstanceId":"12345678","Name":"Call b""", "Rejected.MalformedJson"),
            ("""{"InstanceId":"i","ContactFlowId":"f","Nmae":"Call back"}""", "Rejected.UnknownProperty"),
            (Some.Body("main-long", new string('x', 1025)), "Rejected.TooLong"),
            (Some.Body("main-owner", "Another task"), "TokenReused"),
            (Some.Body("main-refused").Replace(Some.Flow, FakeConnectOptions.UnknownFlowId, StringComparison.Ordinal),
                "Refused.ResourceNotFoundException"),
        ];

        await world.SendAsync(Some.Body("main-neighbour-1"));
        var ids = new List<string>();
        foreach (var (body, _) in bad)
        {
            ids.Add(await world.SendAsync(body));
        }

        await world.SendAsync(Some.Body("main-neighbour-2"));

        foreach (var (id, (body, reason)) in ids.Zip(bad))
        {
            var letter = await world.DeadLetterAsync(id);
            Assert.Equal((reason, body), (letter.Reason, letter.Body));
            Assert.False(string.IsNullOrWhiteSpace(letter.Detail));
            Assert.Equal(world.QueueArn, letter.Origin!.QueueArn);
            // Connect's "not found" is final only after a patience, with three calls at most.
            Assert.InRange(
                letter.Origin.ReceiveCount, 1, reason.StartsWith("Refused", StringComparison.Ordinal) ? 3 : 1);
        }

        await world.ContactAsync("main-neighbour-1");
        await world.ContactAsync("main-neighbour-2");
        await world.AtRestAsync();
        Assert.Equal("case", Assert.Single(world.ContactsOf("main-owner")).Name);
        Assert.Empty(world.ContactsOf("main-long"));
        var ours = (await world.DeadLettersAsync()).Where(l => ids.Contains(l.Origin!.MessageId));
        Assert.Equal(ids.Count, ours.Count());
    }

    [Fact]
    public async Task A_scheduled_request_reaches_Connect_with_its_time_in_epoch_seconds()
    {
        var time = World.In(TimeSpan.FromDays(2));
        await world.SendAsync(Some.Request("main-scheduled") with { ScheduledTime = time });

        var contact = await world.ContactAsync("main-scheduled");
        Assert.Equal(time, contact.ScheduledTime);
        Assert.Equal(time.ToUnixTimeSeconds(), contact.Request.GetProperty("ScheduledTime").GetInt64());
    }

    [Fact]
    public async Task Requests_without_a_token_are_tasks_of_their_own()
    {
        var body = Some.Body(token: null, "Welcome call");
        var ids = new[] { await world.SendAsync(body), await world.SendAsync(body) };

        var contacts = new List<string>();
        foreach (var id in ids)
        {
            contacts.Add((await world.ContactAsync(TaskKey.DeriveToken(world.QueueArn, id))).ContactId);
        }

        Assert.NotEqual(contacts[0], contacts[1]);
    }

    [Fact]
    public async Task Throttled_requests_are_all_started_in_the_end_and_none_is_dead_lettered()
    {
        await world.AtRestAsync();
        world.Connect.AddFaults(Enumerable.Repeat(
            new Fault { Name = "429", Status = 429, Code = "ThrottlingException" }, 16));
        var tokens = Enumerable.Range(1, 12).Select(i => $"main-burst-{i}").ToList();
        foreach (var token in tokens)
        {
            await world.SendAsync(Some.Body(token));
        }

        foreach (var token in tokens)
        {
            await world.ContactAsync(token);
        }

        await world.AtRestAsync();
        Assert.All(tokens, token => Assert.Single(world.ContactsOf(token)));
        Assert.Equal(0, world.Connect.Totals.FaultsLeft);
        Assert.DoesNotContain(await world.DeadLettersAsync(), l => tokens.Contains(l.Origin!.ClientToken ?? ""));
    }

    [Fact]
    public async Task The_AWS_CLI_sends_requests_and_starts_tasks()
    {
        await world.SendAsync(Some.Body("main-before-cli"));
        string[] send =
        [
            "sqs", "send-message", "--endpoint-url", world.System.SqsUrl.ToString(),
            "--queue-url", world.System.QueueUrl, "--message-body", Some.Body("main-cli"),
        ];
        var sent = await RunAwsAsync(send);
        Assert.SkipWhen(sent is null, "The AWS CLI is not installed: an extra check only.");
        Assert.Contains("MessageId", sent, StringComparison.Ordinal);
        await world.ContactAsync("main-cli");

        var started = await RunAwsAsync(
        [
            "connect", "start-task-contact", "--endpoint-url", world.System.ConnectUrl.ToString(),
            "--instance-id", Some.Instance, "--contact-flow-id", Some.Flow, "--name", "by hand",
            "--client-token", "main-cli-connect",
        ]);
        Assert.Contains(
            Assert.Single(world.ContactsOf("main-cli-connect")).ContactId, started, StringComparison.Ordinal);
    }

    private static string TextOf(InvocationResult result) =>
        Encoding.UTF8.GetString(Assert.IsType<InvocationResult.Success>(result).Payload.Span);

    /// <summary>What the AWS CLI wrote to its standard output; null if it is not installed.</summary>
    private static async Task<string?> RunAwsAsync(string[] arguments)
    {
        var start = new ProcessStartInfo("aws", arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment =
            {
                ["AWS_ACCESS_KEY_ID"] = "local",
                ["AWS_SECRET_ACCESS_KEY"] = "local",
                ["AWS_DEFAULT_REGION"] = "us-east-1",
                ["AWS_EC2_METADATA_DISABLED"] = "true",
                ["AWS_PAGER"] = "",
            },
        };
        Process? process;
        try
        {
            process = Process.Start(start);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }

        using (process)
        {
            var error = process!.StandardError.ReadToEndAsync();
            var output = await process.StandardOutput.ReadToEndAsync();
            await process.WaitForExitAsync();
            // 127: a version manager's stand-in for a program that is not there.
            return process.ExitCode == 127 ? null
                : process.ExitCode == 0 ? output
                : throw new InvalidOperationException($"aws ended with {process.ExitCode}: {await error}");
        }
    }
}
