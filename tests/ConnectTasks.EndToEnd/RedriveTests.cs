using System.Text;
using System.Text.Json;
using ConnectTasks.Local;
using ConnectTasks.Tests;

namespace ConnectTasks.EndToEnd;

/// <summary>The full circle of the person on call: dead letter, look, mend, redrive, contact.</summary>
public sealed class RedriveTests(PlainWorld world) : IClassFixture<PlainWorld>, IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory();

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_bad_message_is_seen_with_its_reason_mended_in_an_editor_and_becomes_a_contact()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The editor is a script for a shell.");
        const string Token = "redrive-edit";
        const string Reason = "Rejected.UnknownProperty";
        var good = Some.Body(Token, "Call Ada back");
        await world.SendAsync(good.Replace("\"Name\"", "\"Nmae\"", StringComparison.Ordinal));
        await LetterAsync(Token);
        var (_, listed) = await RunAsync("dlq", "list", "--json");
        using var list = JsonDocument.Parse(listed);
        var group = Assert.Single(
            list.RootElement.GetProperty("reasons").EnumerateArray(),
            group => group.GetProperty("reason").GetString() == Reason);
        Assert.Equal(1, group.GetProperty("count").GetInt32());

        var editor = Path.Combine(_folder.FullName, "editor");
        await File.WriteAllTextAsync(
            editor, """sed 's/"Nmae"/"Name"/' "$1" > "$1.new" && mv "$1.new" "$1" """, Encoding.ASCII);
        var (exitCode, output) = await RunAsync(
            [("VISUAL", $"sh '{editor}'")],
            "dlq", "redrive", "--reason", Reason, "--edit", "--yes", "--queue-url", world.System.QueueUrl);

        Assert.True(exitCode == 0, output);
        var contact = await world.ContactAsync(Token);
        Assert.Equal("Call Ada back", contact.Name);
        await world.AtRestAsync();
        Assert.Single(world.ContactsOf(Token));
        Assert.Null(await LookAsync(Token));
    }

    [Fact]
    public async Task A_dead_letter_that_is_patched_wrongly_comes_back_with_its_whole_history_and_then_runs()
    {
        const string Token = "redrive-patch";
        var firstId = await world.SendAsync(
            Some.Body(Token).Replace(Some.Flow, FakeConnectOptions.UnknownFlowId, StringComparison.Ordinal));
        var first = await LetterAsync(Token);
        Assert.Equal("Refused.ResourceNotFoundException", first.Reason);

        Assert.Equal(0, await PatchAsync(Token, $$"""{"ContactFlowId":"{{Some.Flow}}","Name":null}"""));
        var second = await LetterAsync(Token, not: first.MessageId);

        Assert.Equal("Rejected.Missing", second.Reason);
        Assert.Equal([first.Reason, second.Reason], second.Origin!.History!.Select(past => past.Reason));
        Assert.Equal(
            (firstId, first.Origin!.QueueArn, first.Origin.SentAtMs),
            (second.Origin.MessageId, second.Origin.QueueArn, second.Origin.SentAtMs));
        Assert.True(second.Origin.ReceiveCount > first.Origin.ReceiveCount);

        Assert.Equal(0, await PatchAsync(Token, """{"Name":"Call back at last"}"""));
        Assert.Equal("Call back at last", (await world.ContactAsync(Token)).Name);
        await world.AtRestAsync();
        Assert.Single(world.ContactsOf(Token));
        Assert.Null(await LookAsync(Token));
    }

    [Fact]
    public async Task A_message_keeps_its_group_through_dead_letter_and_redrive_on_a_standard_queue()
    {
        const string Token = "redrive-group";
        await world.SendAsync(
            Some.Body(Token).Replace("\"Name\"", "\"Nmae\"", StringComparison.Ordinal), group: "tenant-1");
        var first = await LetterAsync(Token);

        Assert.Equal(0, await PatchAsync(Token, """{"Nmae":null}"""));
        var second = await LetterAsync(Token, not: first.MessageId);
        Assert.Equal(0, await PatchAsync(Token, """{"Name":"At last"}"""));

        Assert.Equal(("Rejected.UnknownProperty", "tenant-1"), (first.Reason, first.GroupId));
        Assert.Equal(("Rejected.Missing", "tenant-1"), (second.Reason, second.GroupId));
        Assert.Equal("At last", (await world.ContactAsync(Token)).Name);
    }

    [Fact]
    public async Task A_letter_without_an_origin_becomes_the_task_that_its_message_was()
    {
        // As the queue's redrive policy leaves it: nothing beside the body, and the message's own id.
        var body = Some.Body(token: null, "moved by SQS");
        var sent = await world.System.Sqs.SendMessageAsync(world.System.DeadLetterQueueUrl, body);
        var token = TaskKey.DeriveToken(world.QueueArn, sent.MessageId);

        var (exitCode, output) = await RunAsync(
            "dlq", "redrive", "--message-id", sent.MessageId, "--yes", "--queue-url", world.System.QueueUrl);

        Assert.True(exitCode == 0, output);
        Assert.Equal("moved by SQS", (await world.ContactAsync(token)).Name);
        await world.AtRestAsync();
        Assert.Single(world.ContactsOf(token));
    }

    private async Task<int> PatchAsync(string token, string patch)
    {
        var file = Path.Combine(_folder.FullName, "patch.json");
        await File.WriteAllTextAsync(file, patch);
        return (await RunAsync(
            "dlq", "redrive", "--token", token, "--patch", file, "--yes", "--queue-url", world.System.QueueUrl)).Code;
    }

    private Task<Letter> LetterAsync(string token, string? not = null) => world.UntilAsync(
        $"a dead letter of {token}", async () => await LookAsync(token) is { } letter && letter.MessageId != not
            ? letter
            : null);

    /// <summary>The dead letter whose body has this token, as the command shows it; null if there is none.</summary>
    private async Task<Letter?> LookAsync(string token)
    {
        var (exitCode, output) = await RunAsync("dlq", "show", "--token", token, "--json");
        if (exitCode != 0)
            return null;
        using var shown = JsonDocument.Parse(output);
        string Text(string name) => shown.RootElement.GetProperty(name).GetString()!;
        var origin = shown.RootElement.GetProperty("origin").GetRawText();
        return new Letter(
            Text("messageId"), Text("reason"), Text("groupId"), DeadLetterOrigin.Parse(origin));
    }

    private Task<(int Code, string Output)> RunAsync(params IEnumerable<string> arguments) => RunAsync([], arguments);

    private async Task<(int Code, string Output)> RunAsync(
        IReadOnlyCollection<(string Name, string Value)> environment, params IEnumerable<string> arguments)
    {
        await using var command = CliProcess.StartWith(
            [("DEAD_LETTER_QUEUE_URL", world.System.DeadLetterQueueUrl), .. environment],
            [.. arguments, "--endpoint-url", world.System.SqsUrl.ToString()]);
        return await command.EndAsync();
    }

    private sealed record Letter(string MessageId, string Reason, string? GroupId, DeadLetterOrigin? Origin);
}
