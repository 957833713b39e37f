namespace ConnectTasks.Local;

/// <summary>What the service answers to one call, and how the answer travels.</summary>
internal sealed record ConnectReply
{
    public required int Status { get; init; }

    /// <summary>The error code as it stands in <c>x-amzn-errortype</c>; null on success.</summary>
    public string? Code { get; init; }

    public string? Message { get; init; }

    public string? ContactId { get; init; }

    /// <summary>The service did its work, and the connection dies before the answer is out.</summary>
    public bool IsLost { get; init; }

    /// <summary>The service did its work; the headers come and half of the body, then nothing more.</summary>
    public bool IsStalled { get; init; }

    /// <summary>The service did its work, and says 200 with an empty object.</summary>
    public bool IsEmpty { get; init; }

    /// <summary>The fault that made this answer, if one that lasts did.</summary>
    public string? Fault { get; init; }

    /// <summary>How long the answer takes to come. The service's work is done before.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>The answer's body; null for an empty object.</summary>
    public object? Body { get; init; }

    public static ConnectReply Done(object? body = null) => new() { Status = 200, Body = body };

    public static ConnectReply Started(string contactId) => new()
    {
        Status = 200,
        ContactId = contactId,
        Body = new Dictionary<string, string> { ["ContactId"] = contactId },
    };

    public static ConnectReply Error(int status, string code, string message) =>
        new() { Status = status, Code = code, Message = message };

    public static ConnectReply InvalidParameter(string message) => Error(400, "InvalidParameterException", message);

    public static ConnectReply InvalidRequest(string message) => Error(400, "InvalidRequestException", message);
}

/// <summary>Where a contact is in its life.</summary>
internal enum ContactState
{
    /// <summary>Its time has not come.</summary>
    Scheduled,

    Running,

    Ended,
}

/// <summary>One task contact that was started.</summary>
internal sealed record StartedContact
{
    public required string ContactId { get; init; }

    public required string InstanceId { get; init; }

    /// <summary>Null when the caller sent none, in which case nothing can tell its repetition.</summary>
    public string? ClientToken { get; init; }

    public string? Name { get; init; }

    /// <summary>When Connect is to start it, if it was given a later time; the last one that it was given.</summary>
    public DateTimeOffset? ScheduledTime { get; init; }

    /// <summary>By the clock, when it was asked for.</summary>
    public ContactState State { get; init; }

    /// <summary>How often it was given another time.</summary>
    public int Moves { get; init; }

    /// <summary>When it was ended by StopContact.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>When it was started, moved or ended last.</summary>
    public DateTimeOffset UpdatedAt { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>How many accepted calls led to this one contact.</summary>
    public required int Calls { get; init; }

    /// <summary>The request as it came.</summary>
    public required System.Text.Json.JsonElement Request { get; init; }
}

/// <summary>One call as the service saw it.</summary>
internal sealed record ConnectCall
{
    public required DateTimeOffset At { get; init; }

    public required int Status { get; init; }

    public string? Code { get; init; }

    /// <summary>The operation's name.</summary>
    public required string Operation { get; init; }

    public string? ContactId { get; init; }

    public string? ClientToken { get; init; }

    /// <summary>The fault that was asked for and that this call met, if any.</summary>
    public string? Fault { get; init; }
}
