using System.Globalization;

namespace ConnectTasks.Lambda;

/// <summary>The function's settings: read once from the environment, checked together.</summary>
internal sealed record Settings
{
    /// <summary>
    /// One attempt to call Connect, to the last byte of its answer; none by then is <see cref="Outcome.Unknown"/>.
    /// </summary>
    public static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(6);

    /// <summary>One attempt of a ledger call, to the last byte of its answer.</summary>
    public static readonly TimeSpan LedgerTimeout = TimeSpan.FromSeconds(2.5);

    /// <summary>How often a ledger call is attempted.</summary>
    public const int LedgerAttempts = 3;

    /// <summary>One attempt of a queue call, to the last byte of its answer.</summary>
    public static readonly TimeSpan QueueTimeout = TimeSpan.FromSeconds(2);

    /// <summary>How often a queue call is attempted.</summary>
    public const int QueueAttempts = 2;

    /// <summary>
    /// What is left of an invocation for the answer to Lambda when nothing else is done any more, also on the smallest
    /// share of a processor.
    /// </summary>
    public static readonly TimeSpan AnswerReserve = TimeSpan.FromSeconds(1);

    /// <summary>
    /// What is left of an invocation when all work stops: for a dead letter, a visibility timeout, and the answer.
    /// </summary>
    public static readonly TimeSpan SettlementReserve = TimeSpan.FromSeconds(7);

    /// <summary>What a record needs before it is begun: one call to Connect and the write after it.</summary>
    public static readonly TimeSpan AttemptReserve = ConnectTimeout + (2 * LedgerTimeout);

    /// <summary>
    /// How far a lease outlives its invocation: the clocks of two environments may differ by this much.
    /// </summary>
    public static readonly TimeSpan LeaseMargin = TimeSpan.FromSeconds(15);

    /// <summary>The part of the queue's retention at whose end a message that still fails is dead-lettered.</summary>
    public const double LastResortShare = 0.9;

    /// <summary>FUNCTION: which of the two this process is, <c>dispatch</c> (the default) or <c>release</c>.</summary>
    public bool IsRelease { get; init; }

    /// <summary>TASK_QUEUE_URL: the queue whose messages this function reads.</summary>
    public required string TaskQueueUrl { get; init; }

    /// <summary>DEAD_LETTER_QUEUE_URL: where what can never work goes.</summary>
    public required string DeadLetterQueueUrl { get; init; }

    /// <summary>TASK_TABLE: the ledger's table.</summary>
    public required string TaskTable { get; init; }

    /// <summary>CONNECT_INSTANCE_ID: the only instance served; null (not set) for any.</summary>
    public string? InstanceId { get; init; }

    /// <summary>
    /// ALLOWED_TARGET_ARNS: the contact flows, task templates and transfer destinations that requests may name, as ARNs
    /// separated by commas; null (not set) for any.
    /// </summary>
    public AllowedTargets? AllowedTargets { get; init; }

    /// <summary>CONNECT_RATE_PER_SECOND: of the account, 0.01 to 1000; default 2, Connect's own default.</summary>
    public double ConnectRatePerSecond { get; init; } = 2;

    /// <summary>CONNECT_BURST: of the account, 1 to 1000 requests; default 5, Connect's own default.</summary>
    public int ConnectBurst { get; init; } = 5;

    /// <summary>MAXIMUM_CONCURRENCY: of the event source mapping, 1 to 1000; default 2.</summary>
    public int MaximumConcurrency { get; init; } = 2;

    /// <summary>
    /// MAX_RETRY_SECONDS: how long a message is retried from its first real try, 60 s to 13 days; default 3 days.
    /// </summary>
    public TimeSpan MaxRetryAge { get; init; } = TimeSpan.FromDays(3);

    /// <summary>QUEUE_RETENTION_SECONDS: the task queue's, 60 s to 14 days; default 10 days.</summary>
    public TimeSpan QueueRetention { get; init; } = TimeSpan.FromDays(10);

    /// <summary>LEDGER_RETENTION_DAYS: of an item after its last change, 29 to 3650; default 35.</summary>
    /// <remarks>29 covers the longest life of a message: 14 days in a queue, then 14 in a dead-letter queue.</remarks>
    public TimeSpan LedgerRetention { get; init; } = TimeSpan.FromDays(35);

    /// <summary>
    /// SCHEDULE_HORIZON_SECONDS: how far ahead Connect takes a time, 10 s to 90 days; default 6 days.
    /// </summary>
    public TimeSpan ScheduleHorizon { get; init; } = TimeSpan.FromDays(6);

    /// <summary>
    /// SCHEDULE_GRACE_SECONDS: how long past a time may be when it is sent, 0 to 30 days; default 28 days.
    /// </summary>
    /// <remarks>
    /// A message may have lain in the queue and in the dead-letter queue for 14 days each, and a redrive in the console
    /// makes it a new one: only a time that is further past was certainly past when the producer sent it.
    /// </remarks>
    public TimeSpan ScheduleGrace { get; init; } = TimeSpan.FromDays(28);

    /// <summary>SCHEDULE_MAX_AHEAD_SECONDS: how far ahead a time may be, 60 s to 10 years; default 400 days.</summary>
    public TimeSpan ScheduleMaxAhead { get; init; } = TimeSpan.FromDays(400);

    /// <summary>
    /// NOT_FOUND_PATIENCE_SECONDS: how long Connect's "not found" is not final, 0 to 3600 s; default 300 s. Connect is
    /// eventually consistent, "in some cases" for "several minutes" (API Reference).
    /// </summary>
    public TimeSpan NotFoundPatience { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Whether the task queue keeps the order of message groups.</summary>
    public bool IsFifo => Queues.IsFifo(TaskQueueUrl);

    public ScheduleRules ScheduleRules => new(ScheduleHorizon, ScheduleGrace, ScheduleMaxAhead);

    /// <summary>This environment's part of the account's rate.</summary>
    public double PacePerSecond => ConnectRatePerSecond / MaximumConcurrency;

    /// <summary>
    /// This environment's part of the account's burst, less one call for what the network bunches; at least one.
    /// </summary>
    public int PaceBurst => Math.Max(1, (ConnectBurst - 1) / MaximumConcurrency);

    public AgeLimits AgeLimits => new(MaxRetryAge, LastResortShare * QueueRetention);

    /// <summary>Reads the settings.</summary>
    /// <param name="variable">Gives the value of an environment variable.</param>
    /// <exception cref="SettingsException">One or more are wrong; the message names them all.</exception>
    public static Settings Read(Func<string, string?> variable)
    {
        var reader = new Reader(variable);
        var settings = new Settings
        {
            IsRelease = reader.Choice("FUNCTION", "dispatch", "release") == "release",
            TaskQueueUrl = reader.Url("TASK_QUEUE_URL"),
            DeadLetterQueueUrl = reader.Url("DEAD_LETTER_QUEUE_URL"),
            TaskTable = reader.Text("TASK_TABLE"),
            InstanceId = reader.Optional("CONNECT_INSTANCE_ID"),
            AllowedTargets = reader.Targets("ALLOWED_TARGET_ARNS"),
            ConnectRatePerSecond = reader.Number("CONNECT_RATE_PER_SECOND", 0.01, 1000, 2),
            ConnectBurst = (int)reader.Whole("CONNECT_BURST", 1, 1000, 5),
            MaximumConcurrency = (int)reader.Whole("MAXIMUM_CONCURRENCY", 1, 1000, 2),
            MaxRetryAge = reader.Seconds("MAX_RETRY_SECONDS", 60, 13 * 86_400, 3 * 86_400),
            QueueRetention = reader.Seconds("QUEUE_RETENTION_SECONDS", 60, 14 * 86_400, 10 * 86_400),
            ScheduleHorizon = reader.Seconds("SCHEDULE_HORIZON_SECONDS", 10, 90 * 86_400, 6 * 86_400),
            ScheduleGrace = reader.Seconds("SCHEDULE_GRACE_SECONDS", 0, 30 * 86_400, 28 * 86_400),
            NotFoundPatience = reader.Seconds("NOT_FOUND_PATIENCE_SECONDS", 0, 3600, 300),
            ScheduleMaxAhead = reader.Seconds("SCHEDULE_MAX_AHEAD_SECONDS", 60, 3650L * 86_400, 400 * 86_400),
            LedgerRetention = TimeSpan.FromDays(reader.Whole("LEDGER_RETENTION_DAYS", 29, 3650, 35)),
        };
        if (reader.IsClean)
        {
            CheckTogether(settings, reader);
        }

        reader.ThrowIfFaulty();
        return settings;
    }

    /// <summary>Settings that contradict each other.</summary>
    private static void CheckTogether(Settings settings, Reader reader)
    {
        if (settings.AgeLimits.LastResortAge <= settings.MaxRetryAge)
        {
            reader.Fault(
                "MAX_RETRY_SECONDS must be less than 90 % of QUEUE_RETENTION_SECONDS, so that no message "
                    + "expires unseen.");
        }

        if (settings.NotFoundPatience >= settings.MaxRetryAge)
        {
            reader.Fault("NOT_FOUND_PATIENCE_SECONDS must be less than MAX_RETRY_SECONDS, or it never ends.");
        }

        if (settings.ScheduleHorizon > settings.ScheduleMaxAhead)
        {
            reader.Fault(
                "SCHEDULE_HORIZON_SECONDS must be at most SCHEDULE_MAX_AHEAD_SECONDS: no time further ahead is taken.");
        }

        if (Queues.IsFifo(settings.TaskQueueUrl) != Queues.IsFifo(settings.DeadLetterQueueUrl))
        {
            reader.Fault("TASK_QUEUE_URL and DEAD_LETTER_QUEUE_URL must be of one kind: both FIFO, or both standard.");
        }
    }

    private sealed class Reader(Func<string, string?> variable)
    {
        private readonly List<string> _faults = [];

        public bool IsClean => _faults.Count == 0;

        public void Fault(string sentence) => _faults.Add(sentence);

        public string? Optional(string name) =>
            variable(name) is { } text && text.Trim().Length > 0 ? text.Trim() : null;

        public AllowedTargets? Targets(string name)
        {
            if (Optional(name) is not { } text)
            {
                return null;
            }

            var targets = Lambda.AllowedTargets.Parse(text);
            if (targets is null)
            {
                Fault($"{name} must be ARNs of contact flows, task templates or transfer destinations, with commas.");
            }

            return targets;
        }

        public string Text(string name)
        {
            if (Optional(name) is { } text)
            {
                return text;
            }

            Fault($"{name} is not set.");
            return "";
        }

        public string Choice(string name, string otherwise, string other)
        {
            var text = Optional(name) ?? otherwise;
            if (text != otherwise && text != other)
            {
                Fault($"{name} must be {otherwise} or {other}.");
            }

            return text;
        }

        public string Url(string name)
        {
            var text = Text(name);
            var isUrl = Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https";
            if (text.Length > 0 && !isUrl)
            {
                Fault($"{name} must be a queue URL that begins with https:// (or http://).");
            }

            return text;
        }

        public double Number(string name, double least, double most, double otherwise)
        {
            if (Optional(name) is not { } text)
            {
                return otherwise;
            }

            if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
                && number >= least && number <= most)
            {
                return number;
            }

            Fault(string.Create(CultureInfo.InvariantCulture, $"{name} must be a number from {least} to {most}."));
            return otherwise;
        }

        public long Whole(string name, long least, long most, long otherwise)
        {
            if (Optional(name) is not { } text)
            {
                return otherwise;
            }

            if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                && number >= least && number <= most)
            {
                return number;
            }

            Fault(string.Create(CultureInfo.InvariantCulture, $"{name} must be a whole number from {least} to "
                + $"{most}."));
            return otherwise;
        }

        public TimeSpan Seconds(string name, long least, long most, long otherwise) =>
            TimeSpan.FromSeconds(Whole(name, least, most, otherwise));

        public void ThrowIfFaulty()
        {
            if (!IsClean)
            {
                throw new SettingsException(
                    $"The function can't start: {string.Join(' ', _faults)} Correct the environment variables.");
            }
        }
    }
}

/// <summary>Settings that the function can't start with; the message names all that is wrong.</summary>
internal sealed class SettingsException(string message) : Exception(message);
