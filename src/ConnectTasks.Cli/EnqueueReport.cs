using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using ConnectTasks.Client;

namespace ConnectTasks.Cli;

/// <summary>A record whose place, token and result are to be told.</summary>
internal sealed record EnqueueItem(string File, long Line, TaskRequest? Request, IReadOnlyList<Violation> Violations);

/// <summary>Tells the result of each record, and how far the work is.</summary>
internal sealed class EnqueueReport(Terminal terminal, bool isJson, bool onlyFailed, long totalBytes)
{
    private const int BarCharacters = 30;
    private static readonly TimeSpan BarInterval = TimeSpan.FromMilliseconds(200);

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private readonly long _began = terminal.Time.GetTimestamp();
    private TimeSpan _shown;
    private bool _hasBar;

    public long Good { get; private set; }

    public long Invalid { get; private set; }

    public long Failed { get; private set; }

    public void Tell(EnqueueItem item, string status, SendResult? result = null)
    {
        var isGood = status is "sent" or "valid";
        if (isGood)
            Good++;
        else if (status == "invalid")
            Invalid++;
        else
            Failed++;
        if (isGood && onlyFailed)
            return;
        ClearBar();
        if (isJson)
        {
            WriteJson(item, status, result);
            return;
        }

        var place = $"{item.File}:{item.Line.ToString(CultureInfo.InvariantCulture)}";
        foreach (var violation in item.Violations)
            terminal.Out.WriteLine($"{place}: invalid: {violation.Path}: {violation.Message}");
        if (item.Violations.Count > 0)
            return;
        var text = result is { IsSent: false } ? Describe(result) : item.Request?.ClientToken;
        terminal.Out.WriteLine($"{place}: {status}: {text}");
    }

    /// <summary>Redraws the progress bar, if there is a terminal to see it and enough to wait for.</summary>
    public void Progress(long bytes)
    {
        var elapsed = terminal.Time.GetElapsedTime(_began);
        if (!terminal.IsErrorTerminal || totalBytes == 0 || elapsed - _shown < BarInterval)
            return;
        _shown = elapsed;
        _hasBar = true;
        var share = Math.Clamp((double)bytes / totalBytes, 0, 1);
        var full = (int)(share * BarCharacters);
        terminal.Error.Write(string.Create(CultureInfo.InvariantCulture,
            $"\r[{new string('#', full)}{new string('.', BarCharacters - full)}] {share,4:P0}  "
                + $"{Good + Failed + Invalid:N0} "
            + $"records  {Printable.Age(elapsed)} "));
    }

    public void ClearBar()
    {
        if (!_hasBar)
            return;
        terminal.Error.Write("\r\e[K");
        _hasBar = false;
    }

    private static string Describe(SendResult result) => result.Status switch
    {
        SendStatus.NotTried => "not tried, because others before it failed.",
        SendStatus.Unknown => $"SQS did not say whether it took it ({result.ErrorCode}). Run the same again: it "
            + "is safe.",
        _ => AwsFailure.Sentence(result.ErrorCode ?? "no code", result.ErrorMessage),
    };

    private void WriteJson(EnqueueItem item, string status, SendResult? result) =>
        terminal.Out.WriteLine(JsonSerializer.Serialize(new
        {
            file = item.File,
            line = item.Line,
            status,
            clientToken = item.Request?.ClientToken,
            messageId = result?.MessageId,
            errorCode = result?.ErrorCode,
            error = result is { IsSent: false } ? Describe(result) : null,
            violations = item.Violations.Count == 0 ? null : item.Violations,
        }, Json));
}
