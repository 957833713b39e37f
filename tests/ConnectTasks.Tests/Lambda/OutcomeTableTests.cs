using ConnectTasks.Lambda;
using ConnectTasks.Local;

namespace ConnectTasks.Tests.Lambda;

/// <summary>
/// The contract, row by row, in order of precedence: the same table as in Outcome.cs and in the README.
/// </summary>
public sealed class OutcomeTableTests
{
    private const string Untouched = "untouched";
    private const string Nothing = "nothing";
    private const string Released = "Released";
    private const string ReleasedAndForgotten = "Released, forgotten";
    private const string Started = "Started";
    private const string LeaseKept = "Starting";
    private const string Held = "Held";
    private const string Cancelled = "Cancelled";

    private static string Cancel =>
        $$"""{"ConnectTasks":"cancel/1","InstanceId":"{{Some.Instance}}","ClientToken":"t-1"}""";

    private static readonly Row[] Table =
    [
        new("Rejected", "Rejected.MalformedJson", Settlement.DeadLetter, Nothing, _ => { }) { Body = "{not json" },
        new("TokenReused", "TokenReused", Settlement.DeadLetter, Untouched, r => Deliver(r, Some.Body(name: "other"))),
        new("Cancelled", "Cancelled", Settlement.Delete, Untouched, r => Deliver(r, Cancel)),
        new("AlreadyStarted", "AlreadyStarted", Settlement.Delete, Untouched, r => Deliver(r, Some.Body())),
        new("AlreadyHeld", "AlreadyHeld", Settlement.Delete, Untouched, r => Deliver(r, Scheduled(days: 7))) { Body = Scheduled(days: 7) },
        new("InFlight", "InFlight", Settlement.Retry, Untouched, r => Claim(r)),
        new("Held", "Held", Settlement.Delete, Held, _ => { }) { Body = Scheduled(days: 7) },
        new("Held", "Held", Settlement.Delete, Held, Connect(400, "InvalidParameterException")) { Body = Scheduled(days: 5.9) },
        new("Deferred", "Deferred.Time", Settlement.Retry, Nothing, _ => { }) { SecondsLeft = 0 },
        new("Started", "Started", Settlement.Delete, Started, _ => { }),
        new("Refused", "Refused.InvalidParameterException", Settlement.DeadLetter, ReleasedAndForgotten, Connect(400, "InvalidParameterException")),
        new("Refused", "Refused.ResourceNotFoundException", Settlement.DeadLetter, ReleasedAndForgotten, TriedBefore(minutes: 6, 404, "ResourceNotFoundException")),
        new("NotFoundYet", "NotFoundYet.ResourceNotFoundException", Settlement.Retry, Released, Connect(404, "ResourceNotFoundException")),
        new("NotFoundYet", "NotFoundYet.InvalidRequestException", Settlement.Retry, Released, TriedBefore(minutes: 4, 400, "InvalidRequestException")),
        new("Throttled", "Throttled.ThrottlingException", Settlement.Retry, Released, Connect(429, "ThrottlingException")),
        new("Throttled", "Throttled.TooManyRequestsException", Settlement.Retry, Released, Connect(429, "TooManyRequestsException")),
        new("Throttled", "Throttled.LimitExceededException", Settlement.Retry, Released, Connect(429, "LimitExceededException")),
        new("OverQuota", "OverQuota.ServiceQuotaExceededException", Settlement.Retry, Released, Connect(402, "ServiceQuotaExceededException")),
        new("Unavailable", "Unavailable.InternalServiceException", Settlement.Retry, Released, Connect(500, "InternalServiceException")),
        new("Unavailable", "Unavailable.ExpiredTokenException", Settlement.Retry, Released, Connect(403, "ExpiredTokenException")),
        new("Unavailable", "Unavailable.NoConnection", Settlement.Retry, Released, r => r.Connect.Reply = _ => throw new HttpRequestException(HttpRequestError.ConnectionError)),
        new("Unknown", "Unknown.NoAnswer", Settlement.Retry, LeaseKept, r => r.Connect.Reply = _ => throw new HttpRequestException()),
        new("Unknown", "Unknown.TimedOut", Settlement.Retry, LeaseKept, r => r.Connect.Reply = _ => throw new TaskCanceledException()),
        new("Misconfigured", "Misconfigured.AccessDeniedException", Settlement.Retry, Released, Connect(403, "AccessDeniedException")),
        new("Misconfigured", "Misconfigured.AccessDeniedException", Settlement.Retry, Released, Connect(400, "AccessDeniedException")),
        new("LedgerUnavailable", "LedgerUnavailable.ThrottlingException", Settlement.Retry, Nothing, _ => { }) { LedgerFails = true },
        new("Exhausted", "Exhausted.Throttled.ThrottlingException", Settlement.DeadLetter, Released, TriedBefore(minutes: 5 * 24 * 60, 429, "ThrottlingException")) { Age = TimeSpan.FromDays(5) },
        new("Commanded", "Commanded.Cancel.InLedger", Settlement.Delete, Cancelled, r => Deliver(r, Scheduled(days: 7))) { Body = Cancel },
        new("Commanded", "Commanded.Cancel.InLedger", Settlement.Delete, Cancelled, _ => { }) { Body = Cancel },
        new("Commanded", "Commanded.Reschedule.InLedger", Settlement.Delete, Held, r => Deliver(r, Scheduled(days: 7))) { Body = Reschedule(days: 9) },
        new("NotPossible", "NotPossible.UnknownTask", Settlement.DeadLetter, Untouched, LookedAt(minutes: 61)) { Body = Reschedule(days: 9), Age = TimeSpan.FromMinutes(61) },
        new("NotPossible", "NotPossible.Running", Settlement.DeadLetter, Untouched, r => { Deliver(r, Some.Body()); r.Connect.Described = new(); }) { Body = Cancel },
    ];

    public static TheoryData<int> Rows => [.. Enumerable.Range(0, Table.Length)];

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task Each_row_of_the_table_holds(int index)
    {
        var row = Table[index];
        var rig = new Rig();
        row.Arrange(rig);
        rig.DynamoDb.Failure = row.LedgerFails
            ? new Amazon.DynamoDBv2.AmazonDynamoDBException("text") { ErrorCode = "ThrottlingException" }
            : null;
        var before = rig.DynamoDb.Items.Values.SingleOrDefault();
        var record = Some.Record("m-2", row.Body, age: row.Age);

        var response = await rig.Handler.HandleAsync(
            Some.Event(record), new ContextFake(TimeSpan.FromSeconds(row.SecondsLeft)));

        var line = rig.LogText.Split('\n')[^2];
        Assert.Contains($"\"outcome\":\"{row.Outcome}\"", line, StringComparison.Ordinal);
        Assert.Contains($"\"reason\":\"{row.Reason}\"", line, StringComparison.Ordinal);
        Assert.Equal(row.Settlement == Settlement.Retry, response.BatchItemFailures.Count == 1);
        var sent = Assert.Single(rig.Sqs.Sent.DefaultIfEmpty());
        Assert.Equal(row.Settlement == Settlement.DeadLetter, sent is not null);
        if (sent is not null)
        {
            Assert.Equal(record.Body, sent.MessageBody);
            Assert.Equal(row.Reason, sent.MessageAttributes[DeadLetterAttributes.Reason].StringValue);
            Assert.NotEmpty(sent.MessageAttributes[DeadLetterAttributes.Detail].StringValue);
        }

        AssertLedger(row, before, rig.DynamoDb.Items.Values.SingleOrDefault());
    }

    [Fact]
    public void The_table_is_in_the_order_of_the_outcomes_and_has_each_of_them()
    {
        var inCode = typeof(Outcome).GetNestedTypes().Where(t => t.IsSubclassOf(typeof(Outcome))).Select(t => t.Name);
        Assert.Equal(inCode, Table.Select(r => r.Outcome).Distinct());
    }

    private static void AssertLedger(
        Row row,
        Dictionary<string, Amazon.DynamoDBv2.Model.AttributeValue>? before,
        Dictionary<string, Amazon.DynamoDBv2.Model.AttributeValue>? after)
    {
        switch (row.Ledger)
        {
            case Nothing:
                Assert.Null(after);
                break;
            case Untouched:
                Assert.Equal(before, after);
                break;
            case ReleasedAndForgotten:
                Assert.Equal("Released", after!["state"].S);
                Assert.DoesNotContain("fingerprint", after.Keys);
                break;
            case Cancelled:
                Assert.Equal(Cancelled, after!["state"].S);
                Assert.DoesNotContain("dueShard", after.Keys);
                break;
            case Held:
                Assert.Equal(Held, after!["state"].S);
                Assert.Contains("dueShard", after.Keys);
                Assert.DoesNotContain("ttlEpochSeconds", after.Keys);
                Assert.DoesNotContain("owner", after.Keys);
                break;
            default:
                Assert.Equal(row.Ledger, after!["state"].S);
                Assert.Contains("fingerprint", after.Keys);
                Assert.Equal(row.Ledger == LeaseKept, after.ContainsKey("owner"));
                Assert.Equal(row.Ledger == Started, after.ContainsKey("contactId"));
                break;
        }
    }

    private static void Deliver(Rig rig, string body) => rig.DeliverAsync(Some.Record("m-1", body)).Wait();

    private static string Scheduled(double days) =>
        Some.Body()[..^1] + $",\"ScheduledTime\":{Some.Now.AddDays(days).ToUnixTimeSeconds()}}}";

    private static string Reschedule(int days) =>
        $$"""{"ConnectTasks":"reschedule/1","InstanceId":"{{Some.Instance}}","ClientToken":"t-1","ScheduledTime":{{Some.Now.AddDays(days).ToUnixTimeSeconds()}}}""";

    private static void Claim(Rig rig) => rig.Ledger.ClaimAsync(
        new Claim(
            TaskKey.For(Some.Instance, "t-1"),
            "another",
            RequestFingerprint.Compute(Some.Request()),
            null,
            null,
            Some.Now.AddSeconds(75)),
        Some.Now,
        CancellationToken.None).Wait();

    /// <summary>The request was first tried so long ago; or, of a command, its task first looked for.</summary>
    private static Action<Rig> TriedBefore(double minutes, int status, string code) => rig =>
    {
        Connect(503, "Busy")(rig);
        Deliver(rig, Some.Body());
        rig.Time.Advance(TimeSpan.FromMinutes(minutes));
        Connect(status, code)(rig);
    };

    private static Action<Rig> LookedAt(double minutes) => rig =>
    {
        rig.DeliverAsync(Some.Record("m-2", Reschedule(days: 9))).Wait();
        rig.Time.Advance(TimeSpan.FromMinutes(minutes));
    };

    private static Action<Rig> Connect(int status, string code) =>
        rig => rig.Connect.Reply = ConnectFake.Error(status, code);

    [Fact]
    public void The_local_run_counts_as_dead_lettered_what_the_table_dead_letters() =>
        Assert.All(Table, row => Assert.Equal(
            row.Settlement == Settlement.DeadLetter,
            new LogEntry { At = Some.Now, Outcome = row.Outcome, Reason = "", Text = "", MessageId = "" }.IsDeadLettered));

    private sealed record Row(
        string Outcome, string Reason, Settlement Settlement, string Ledger, Action<Rig> Arrange)
    {
        public string Body { get; init; } = Some.Body();
        public TimeSpan Age { get; init; }
        public int SecondsLeft { get; init; } = 60;
        public bool LedgerFails { get; init; }
    }
}
