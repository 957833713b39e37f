using System.Text.Json.Nodes;
using Amazon.SQS;
using ConnectTasks.Local;

namespace ConnectTasks.Cli;

/// <summary>What a redrive is to do: which dead letters, with which bodies.</summary>
internal sealed record DlqPlan
{
    /// <summary>The message ids. What arrives later is not part of it.</summary>
    public HashSet<string> MessageIds { get; } = [];

    public DlqGroups Groups { get; } = new();

    /// <summary>Bodies from the editor, by message id.</summary>
    public Dictionary<string, string> Edited { get; init; } = [];

    public JsonObject? Patch { get; init; }

    /// <summary>Letters whose bodies the patch cannot be applied to.</summary>
    public List<string> NotPatched { get; } = [];

    /// <summary>What is still wrong with bodies, each with its message id: they will most likely come back.</summary>
    public List<string> StillInvalid { get; } = [];

    /// <summary>Letters whose bodies differ from what they were.</summary>
    public int Mended { get; private set; }

    public void Add(DeadLetter letter)
    {
        if (!MessageIds.Add(letter.MessageId))
            return;
        Groups.Add(letter);
        if (BodyOf(letter) is not { } body)
        {
            NotPatched.Add(letter.MessageId);
            return;
        }

        var isMended = body != letter.Body;
        Mended += isMended ? 1 : 0;
        var mayBeWrong = isMended || letter.ReasonOrNone.StartsWith("Rejected", StringComparison.Ordinal);
        // Read as the function reads it: in envelopes and as a command too.
        if (mayBeWrong && TaskMessage.Read(body).Violations is [var fault, ..])
            StillInvalid.Add($"{letter.MessageId}: {fault.Path}: {fault.Message}");
    }

    /// <summary>The body to send, or null if the patch cannot be applied to it.</summary>
    public string? BodyOf(DeadLetter letter) =>
        Edited.TryGetValue(letter.MessageId, out var edited) ? edited
        : Patch is null ? letter.Body
        : DlqMend.Patch(letter.Body, Patch);
}

/// <summary>
/// Sends dead letters to the task queue again, then deletes them: an end in between leaves a message in both, and the
/// task ledger lets only one of them start a task, because the origin goes along and with it the token.
/// </summary>
internal sealed class DlqRedrive(
    IAmazonSQS sqs, DlqQueue queue, string taskQueueUrl, double perSecond, Terminal terminal)
{
    private readonly Redrive _redrive = new(sqs, taskQueueUrl, terminal.NewId());

    public int Done { get; private set; }

    public int Failed { get; private set; }

    public async Task RunAsync(DlqPlan plan, CancellationToken cancellation)
    {
        var left = new HashSet<string>(plan.MessageIds);
        var pause = TimeSpan.FromSeconds(1 / perSecond);
        await queue.ScanAsync(long.MaxValue, pause, async letter =>
        {
            if (!left.Remove(letter.MessageId))
                return false;
            var isGone = await MoveAsync(letter, plan.BodyOf(letter)!, cancellation);
            if (left.Count > 0)
                await Task.Delay(pause, terminal.Time, cancellation);
            return isGone;
        }, () => left.Count == 0, cancellation);
        foreach (var id in left)
        {
            Failed++;
            terminal.Out.WriteLine($"{id}: left: someone else has received or deleted it.");
        }
    }

    /// <summary>Sends and deletes one. Throws only for what would happen to every other one too.</summary>
    private async Task<bool> MoveAsync(DeadLetter letter, string body, CancellationToken cancellation)
    {
        try
        {
            var newId = await _redrive.SendAsync(letter, body, terminal.Time.GetUtcNow(), cancellation);
            terminal.Out.WriteLine($"{letter.MessageId}: redriven as {newId}");
        }
        catch (AmazonSQSException e) when (!AwsFailure.IsOfTheQueue(e.ErrorCode))
        {
            Failed++;
            terminal.Out.WriteLine($"{letter.MessageId}: left: {AwsFailure.Sentence(e)}");
            return false;
        }

        try
        {
            // Once it is sent, Ctrl+C must not come between.
            await queue.DeleteAsync(letter, CancellationToken.None);
            Done++;
            return true;
        }
        catch (Exception e) when (AwsFailure.Sentence(e) is { } sentence)
        {
            Failed++;
            terminal.Out.WriteLine($"{letter.MessageId}: sent, but still in the dead-letter queue too: {sentence} It "
                + "may be redriven again or purged: no second task starts.");
            return false;
        }
    }
}
