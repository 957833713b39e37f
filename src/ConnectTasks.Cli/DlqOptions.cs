using System.CommandLine;
using System.Text.Json;
using Amazon.SQS;
using ConnectTasks.Local;

namespace ConnectTasks.Cli;

/// <summary>Which dead letters a command is about.</summary>
internal sealed record DlqSelection(
    bool All, IReadOnlyList<string> Reasons, IReadOnlyList<string> Tokens, IReadOnlyList<string> MessageIds)
{
    public bool IsGiven => All || Reasons.Count + Tokens.Count + MessageIds.Count > 0;

    /// <summary>Whether a letter has one of the reasons (or parts of them), tokens or ids.</summary>
    public bool Matches(DeadLetter letter) =>
        All || Reasons.Any(reason => HasReason(letter, reason))
        || MessageIds.Contains(letter.MessageId)
        || (letter.Origin is { } origin && MessageIds.Contains(origin.MessageId))
        || (Tokens.Count > 0 && TokenOf(letter) is { } token && Tokens.Contains(token));

    /// <summary>The token that the request was processed with, or the one in its body.</summary>
    public static string? TokenOf(DeadLetter letter)
    {
        if (letter.Origin?.ClientToken is { } known)
            return known;
        try
        {
            using var body = JsonDocument.Parse(letter.Body);
            if (body.RootElement.ValueKind != JsonValueKind.Object)
                return null;
            foreach (var property in body.RootElement.EnumerateObject())
            {
                var isToken = property.Name.Equals(nameof(TaskRequest.ClientToken), StringComparison.OrdinalIgnoreCase);
                if (isToken && property.Value.ValueKind == JsonValueKind.String)
                    return property.Value.GetString();
            }

            return null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static bool HasReason(DeadLetter letter, string reason) =>
        letter.ReasonOrNone.Equals(reason, StringComparison.OrdinalIgnoreCase)
        || letter.ReasonOrNone.StartsWith(reason + ".", StringComparison.OrdinalIgnoreCase);
}

/// <summary>Makes the SQS client of a command; tests put a fake in its place.</summary>
internal delegate Task<IAmazonSQS> SqsConnection(ParseResult result, Uri queueUrl);

/// <summary>The options of every <c>dlq</c> command.</summary>
internal sealed class DlqOptions
{
    public const long DefaultLimit = 10_000;

    private readonly AwsOptions _aws = new();
    private readonly Terminal _terminal;
    private readonly SqsConnection _connect;

    private readonly Option<Uri?> _url = AwsOptions.UrlOption(
        "--dead-letter-queue-url", "The dead-letter queue. Default: DEAD_LETTER_QUEUE_URL.");

    private readonly Option<bool> _all = new("--all") { Description = "All dead letters." };

    private readonly Option<string[]> _reasons = new("--reason")
    {
        Description = "Those with this reason, or one that begins with it and a dot. May be repeated.",
        HelpName = "code",
    };

    private readonly Option<string[]> _tokens = new("--token")
    {
        Description = "The one of the task with this client token. May be repeated.",
        HelpName = "token",
    };

    private readonly Option<string[]> _ids = new("--message-id")
    {
        Description = "The one with this message id, as `dlq show` has it. May be repeated.",
        HelpName = "id",
    };

    private readonly Option<long> _limit = new("--limit")
    {
        Description = "The most messages to look at, 1 to 100000.",
        HelpName = "number",
        DefaultValueFactory = _ => DefaultLimit,
    };

    public DlqOptions(Terminal terminal, SqsConnection? connect)
    {
        (_terminal, _connect) = (terminal, connect ?? _aws.SqsAsync);
        _limit.Validators.Add(result =>
        {
            // One whose text is no number has an error already.
            if (result.Tokens is [{ Value: var text }]
                && long.TryParse(text, out var limit) && limit is < 1 or > 100_000)
                result.AddError("--limit must be a whole number from 1 to 100000.");
        });
    }

    public void AddTo(Command command, bool selects)
    {
        command.Options.Add(_url);
        if (selects)
        {
            foreach (var option in (Option[])[_all, _reasons, _tokens, _ids])
                command.Options.Add(option);
        }

        command.Options.Add(_limit);
        _aws.AddWithLocalTo(command);
    }

    /// <summary>The queue that tasks are sent to.</summary>
    public Task<Uri> TaskQueueAsync(ParseResult result, Option<Uri?> option, CancellationToken cancellation) =>
        _aws.QueueAsync(result, address => address.QueueUrl, option, "TASK_QUEUE_URL", cancellation);

    public long Limit(ParseResult result) => result.GetValue(_limit);

    public DlqSelection Selection(ParseResult result) => new(
        result.GetValue(_all), result.GetValue(_reasons) ?? [], result.GetValue(_tokens) ?? [],
        result.GetValue(_ids) ?? []);

    /// <exception cref="UsageException">Nothing is selected, or all and some of it.</exception>
    public DlqSelection RequiredSelection(ParseResult result)
    {
        var selection = Selection(result);
        if (!selection.IsGiven)
            throw new UsageException("Which dead letters? Give --reason, --token, --message-id or --all.");
        if (selection.All && (selection with { All = false }).IsGiven)
            throw new UsageException("--all goes with none of --reason, --token and --message-id.");
        return selection;
    }

    /// <summary>The dead-letter queue. The client is the caller's to dispose.</summary>
    public async Task<(IAmazonSQS Sqs, DlqQueue Queue)> OpenAsync(ParseResult result, CancellationToken cancellation)
    {
        var url = await _aws.QueueAsync(
            result, address => address.DeadLetterQueueUrl, _url, "DEAD_LETTER_QUEUE_URL", cancellation);
        var sqs = await _connect(result, url);
        return (sqs, new DlqQueue(sqs, url.ToString(), _terminal.Time, _terminal.NewId));
    }

    /// <summary>Tells what a scan did not reach.</summary>
    public void SayMissed(DlqScan scan, DlqQueue queue)
    {
        if (scan.Missed == 0)
            return;
        var missed = Printable.Count(scan.Missed, "more message");
        _terminal.Say(queue.IsFifo
            ? $"About {missed} could not be looked at: SQS shows the first {DlqQueue.BatchMaxCount} of a FIFO group "
                + "and the others when those are gone; or over --limit, or received by someone else. Run this again "
                + "then."
            : $"About {missed} could not be looked at: over --limit, or received by someone else and hidden for now. "
                + "Run this again later.");
    }

    /// <summary>Asks before something that cannot be taken back.</summary>
    public static async Task<bool> ConfirmAsync(Terminal terminal, bool isConfirmed, CancellationToken cancellation)
    {
        if (isConfirmed)
            return true;
        var answer = await terminal.AskAsync("Type yes to go on, anything else to leave all as it is:", cancellation);
        if (answer?.Trim().Equals("yes", StringComparison.OrdinalIgnoreCase) == true)
            return true;
        terminal.Say(answer is null
            ? "There is nobody to answer: nothing was changed. Give --yes to go on without the question."
            : "Nothing was changed.");
        return false;
    }
}
