namespace ConnectTasks.Local;

/// <summary>A fault that can be asked for: what it does, and which calls it can meet.</summary>
internal sealed record FaultKind
{
    private const ConnectOperations Start = ConnectOperations.StartTaskContact;

    /// <summary>All of them, in the order in which they are told.</summary>
    public static IReadOnlyList<FaultKind> All { get; } =
    [
        new() { Name = "ok", Words = "nothing goes wrong with this call" },
        Error(429, "ThrottlingException", "throttled"),
        Error(500, "InternalServiceException", "an error of the service"),
        Error(400, "InvalidParameterException", "refused"),
        Error(402, "ServiceQuotaExceededException", "over a quota"),
        Error(403, "AccessDeniedException", "not allowed"),
        Error(404, "ResourceNotFoundException", "not there"),
        new()
        {
            Name = "access-denied",
            Words = "not allowed: 403, or 400 with the same code, as Connect sometimes answers",
            Errors = [(403, "AccessDeniedException"), (400, "AccessDeniedException")],
        },
        new()
        {
            Name = FaultScript.NotThereYet,
            Words = "Connect is not consistent yet: for so many seconds after each start, move or stop (and after the "
                + "first request that names a flow) calls that name it answer 404, or 400 InvalidRequestException; "
                + "with \"times\", the next calls do. \"seconds\" lasts until the faults are cleared",
            Errors = [(404, "ResourceNotFoundException"), (400, "InvalidRequestException")],
            Default = ConnectOperations.Any,
            TakesSeconds = true,
            IsWindow = true,
        },
        new()
        {
            Name = FaultScript.Stale,
            Words = "for so many seconds after each move or stop DescribeContact shows the contact as it was before; "
                + "until the faults are cleared",
            Default = ConnectOperations.DescribeContact,
            Allowed = ConnectOperations.DescribeContact,
            TakesSeconds = true,
            IsWindow = true,
        },
        new()
        {
            Name = "gone",
            Words = "410: the contact is over",
            Errors = [(410, "ContactNotFoundException")],
            Default = ConnectOperations.OfContacts,
            Allowed = ConnectOperations.OfContacts,
        },
        new() { Name = FaultScript.LostReply, Words = "carried out, and the connection breaks before the answer" },
        new()
        {
            Name = FaultScript.StalledBody,
            Words = "carried out; headers and half of the body come, then nothing more",
        },
        new()
        {
            Name = FaultScript.Empty,
            Words = "carried out; 200 with {}, without the ContactId or Contact",
            Allowed = Start | ConnectOperations.DescribeContact,
        },
        new() { Name = "slow", Words = "carried out; the answer takes so many seconds", TakesSeconds = true },
    ];

    public required string Name { get; init; }

    /// <summary>What it does, for a person.</summary>
    public required string Words { get; init; }

    /// <summary>The answers that it can have, the first by default; none if the call is carried out.</summary>
    public IReadOnlyList<(int Status, string Code)> Errors { get; init; } = [];

    /// <summary>The calls that it is for, if the script does not say.</summary>
    public ConnectOperations Default { get; init; } = Start;

    public ConnectOperations Allowed { get; init; } = ConnectOperations.Any;

    public bool TakesSeconds { get; init; }

    /// <summary>Whether the seconds are a time after each change, and not the time that one answer takes.</summary>
    public bool IsWindow { get; init; }

    /// <summary>The calls that it can be for.</summary>
    public List<ConnectOperations> Calls =>
    [
        .. new[]
        {
            Start, ConnectOperations.StopContact, ConnectOperations.UpdateContactSchedule,
            ConnectOperations.DescribeContact,
        }.Where(call => Allowed.HasFlag(call)),
    ];

    public static FaultKind? Find(string? name) => All.FirstOrDefault(kind => kind.Name == name);

    private static FaultKind Error(int status, string code, string words) =>
        new() { Name = $"{status}", Words = $"{words}: {status} {code}", Errors = [(status, code)] };
}
