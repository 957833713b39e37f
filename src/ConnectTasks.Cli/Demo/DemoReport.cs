using System.Globalization;
using System.Text.Json;
using ConnectTasks.Local;
using Spectre.Console;

namespace ConnectTasks.Cli.Demo;

/// <summary>What the demo shows at its end.</summary>
internal sealed record DemoReport
{
    /// <summary>Contacts of a kind of message that are shown one by one.</summary>
    private const int ContactsShownOfAKind = 3;

    public required string Scenario { get; init; }

    public required Accounts Accounts { get; init; }

    public required IReadOnlyList<StartedContact> Contacts { get; init; }

    public required DemoRun Run { get; init; }

    public required int Redelivered { get; init; }

    public required long Throttled { get; init; }

    public required TimeSpan Duration { get; init; }

    public required long PeakMemoryBytes { get; init; }

    public bool IsGood => Accounts.IsBalanced && Run.IsAtRest && Run.Checks.All(check => check.Holds);

    private double PeakMemoryMiB => Math.Round(PeakMemoryBytes / 1024.0 / 1024.0, 1);

    public string ToJson()
    {
        var all = new Dictionary<string, object>
        {
            ["scenario"] = Scenario,
            ["sent"] = Accounts.Sent,
            ["started"] = Accounts.Started,
            ["duplicates"] = Accounts.Duplicates,
            ["cancelled"] = Accounts.Cancelled,
            ["deadLettered"] = Accounts.DeadLettered,
            ["contacts"] = Accounts.Contacts,
            ["lost"] = Accounts.Lost,
            ["doubled"] = Accounts.Doubled,
            ["unrecorded"] = Accounts.Unrecorded,
            ["unexpected"] = Accounts.Unexpected,
            ["redelivered"] = Redelivered,
            ["throttled"] = Throttled,
        };
        foreach (var figure in Run.Figures)
            all[figure.Name] = figure.Value;
        all["peakMemoryMiB"] = PeakMemoryMiB;
        all["seconds"] = Math.Round(Duration.TotalSeconds, 1);
        all["good"] = IsGood;
        return JsonSerializer.Serialize(all);
    }

    public void Write(IAnsiConsole console)
    {
        WriteMessages(console);
        WriteContacts(console);
        WriteDeadLetters(console);
        WriteTotals(console);
    }

    private void WriteMessages(IAnsiConsole console)
    {
        var table = Table("What was sent", "Messages", "What happened to them");
        foreach (var kind in Accounts.Fates.GroupBy(fate => fate.Message.Kind))
        {
            var fates = kind.GroupBy(fate => fate.Fate).OrderBy(fate => fate.Key)
                .Select(fate => $"{fate.Count()} {Words(fate.Key)}");
            var surprise = kind.All(fate => fate.IsAsExpected) ? "" : "  <- not as it should be";
            Row(table, kind.Key, Number(kind.Count()), string.Join(", ", fates) + surprise);
        }

        if (Redelivered > 0)
        {
            Row(table, "done messages, delivered once more", Number(Redelivered),
                "see below");
        }

        console.Write(table);
        foreach (var check in Run.Checks)
            console.WriteLine($"{(check.Holds ? "Yes" : "NO ")}  {check.Sentence}");
    }

    private void WriteContacts(IAnsiConsole console)
    {
        var contacts = Contacts.ToDictionary(contact => contact.ContactId);
        var table = Table("Contact in Connect", "Name", "ClientToken", "Scheduled for", "Calls");
        foreach (var kind in Accounts.Fates.Where(fate => fate.Fate == Fate.Started).GroupBy(fate => fate.Message.Kind))
        {
            foreach (var fate in kind.Take(ContactsShownOfAKind))
            {
                var contact = contacts[fate.ContactId!];
                Row(table, contact.ContactId, contact.Name ?? "", Short(contact.ClientToken ?? ""),
                    contact.ScheduledTime is { } time ? LocalTimes.Iso(time) : "at once",
                    Number(contact.Calls));
            }

            if (kind.Count() > ContactsShownOfAKind)
                Row(table, $"... and {kind.Count() - ContactsShownOfAKind} more", "", "", "", "");
        }

        console.Write(table);
    }

    private void WriteDeadLetters(IAnsiConsole console)
    {
        if (Accounts.DeadLettered == 0)
            return;
        var table = Table("Dead letter", "Reason", "What its producer is told");
        foreach (var fate in Accounts.Fates.Where(fate => fate.DeadLetter is not null))
        {
            Row(table, fate.Message.Kind, fate.DeadLetter!.Reason ?? "none: moved by the redrive policy",
                fate.DeadLetter.Detail ?? "");
        }

        console.Write(table);
    }

    private void WriteTotals(IAnsiConsole console)
    {
        console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{Accounts.Sent} sent = {Accounts.Started} started + {Accounts.Duplicates} duplicates + "
            + $"{Accounts.Cancelled} cancelled + {Accounts.DeadLettered} dead-lettered + {Accounts.Lost} lost. "
            + $"{Accounts.Contacts} contacts, "
            + $"{Accounts.Doubled} doubled."));
        console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{Throttled} calls were throttled by Connect. The function's peak memory was {PeakMemoryMiB:0.0} MiB. "
            + $"At rest after {Duration.TotalSeconds:0.0} s."));
        foreach (var figure in Run.Figures)
            console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{figure.Words}: {figure.Value}."));
        if (IsGood)
            console.MarkupLine("[green]Every message is accounted for.[/]");
        else
            console.MarkupLine("[red]Not every message is accounted for as it should be.[/]");
    }

    private static Table Table(params string[] names)
    {
        var columns = names.Select(name => new TableColumn(new Text(name)));
        return new Table { Border = TableBorder.Rounded }.AddColumns([.. columns]);
    }

    private static void Row(Table table, params string[] cells) => table.AddRow(cells.Select(cell => new Text(cell)));

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Short(string token) => token.Length <= 20 ? token : token[..17] + "...";

    private static string Words(Fate fate) => fate switch
    {
        Fate.Started => "started",
        Fate.Duplicate => "suppressed as duplicates",
        Fate.DeadLettered => "dead-lettered",
        Fate.Cancelled => "cancelled, never started",
        Fate.Lost => "lost",
    };
}
