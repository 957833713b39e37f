namespace ConnectTasks;

/// <summary>One rule that a request breaks.</summary>
/// <param name="Code">The kind of rule: one of the constants of <see cref="ViolationCodes"/>.</param>
/// <param name="Path">
/// Where: a JSON path such as <c>$.References.callback.Type</c> or <c>$.SegmentAttributes['connect:ContactExpiry']</c>.
/// A name chosen by the producer is part of it only if it starts with a letter and has at most 64 letters, digits,
/// <c>_</c>, <c>.</c>, <c>:</c> and <c>-</c>, because names may be personal data; another one is given by its position
/// among the names of its object, counted from 1: <c>$.Attributes[#3]</c>.
/// </param>
/// <param name="Message">
/// One sentence, or a few, for the producer's developer: the property, the limit with its unit, what was found as a
/// length or a type, and what to do. Never a value of the request.
/// </param>
public sealed record Violation(string Code, string Path, string Message);

/// <summary>What became of reading or checking a request.</summary>
public sealed record ReadResult
{
    /// <summary>
    /// The request in normal form (ids in place of ARNs, <see cref="TaskRequest.ScheduledTime"/> in UTC and whole
    /// seconds, blank tokens and empty maps as <c>null</c>), or <c>null</c> if there is any violation.
    /// </summary>
    public TaskRequest? Request { get; init; }

    /// <summary>
    /// Every violation in the order in which it was found, at most <see cref="TaskRequestLimits.ViolationsMaxCount"/>;
    /// if there are more, a last one of the code <see cref="ViolationCodes.MoreViolations"/> says how many. Empty if
    /// the request is valid.
    /// </summary>
    public required IReadOnlyList<Violation> Violations { get; init; }
}

/// <summary>The kinds of violations: a closed list, in the order in which a body meets the rules.</summary>
public static class ViolationCodes
{
    /// <summary>The body is empty or white space.</summary>
    public const string EmptyBody = nameof(EmptyBody);

    /// <summary>The body is not valid Unicode, so it cannot be read as JSON.</summary>
    public const string InvalidEncoding = nameof(InvalidEncoding);

    /// <summary>The body is not JSON (RFC 8259). Nothing else of it is reported.</summary>
    public const string MalformedJson = nameof(MalformedJson);

    /// <summary>There is text after the end of the JSON object. Nothing else is reported.</summary>
    public const string TrailingText = nameof(TrailingText);

    /// <summary>Objects and arrays are nested deeper than <see cref="TaskRequestLimits.NestingMaxDepth"/>.</summary>
    public const string TooDeep = nameof(TooDeep);

    /// <summary>The body is JSON, but not an object.</summary>
    public const string NotAnObject = nameof(NotAnObject);

    /// <summary>The body is JSON in Base64, perhaps compressed. It is not decoded.</summary>
    public const string Base64Body = nameof(Base64Body);

    /// <summary>The body is JSON whose quotes are HTML entities.</summary>
    public const string HtmlEscapedBody = nameof(HtmlEscapedBody);

    /// <summary>The body is a JSON string in a JSON string; one is decoded.</summary>
    public const string DoubleEncoded = nameof(DoubleEncoded);

    /// <summary>The body is a pointer to a payload in Amazon S3. It is not fetched.</summary>
    public const string OffloadedPayload = nameof(OffloadedPayload);

    /// <summary>The body asks to confirm, or tells the end of, a subscription to an SNS topic.</summary>
    public const string SnsConfirmation = nameof(SnsConfirmation);

    /// <summary>An envelope is in another one of its kind.</summary>
    public const string NestedEnvelope = nameof(NestedEnvelope);

    /// <summary>The property is not one of a task request's.</summary>
    public const string UnknownProperty = nameof(UnknownProperty);

    /// <summary>The same property, in whatever spelling, or the same name of a map occurs twice.</summary>
    public const string DuplicateProperty = nameof(DuplicateProperty);

    /// <summary>The value has another JSON type than the property takes.</summary>
    public const string WrongType = nameof(WrongType);

    /// <summary>A required property is absent, <c>null</c> or (an id) empty.</summary>
    public const string Missing = nameof(Missing);

    /// <summary>A text, or the sum of several, is longer than its limit.</summary>
    public const string TooLong = nameof(TooLong);

    /// <summary>A text is shorter than its limit.</summary>
    public const string TooShort = nameof(TooShort);

    /// <summary>A list has more entries than its limit.</summary>
    public const string TooMany = nameof(TooMany);

    /// <summary>A list has fewer entries than its limit.</summary>
    public const string TooFew = nameof(TooFew);

    /// <summary>A text holds a character that it may not hold.</summary>
    public const string InvalidCharacter = nameof(InvalidCharacter);

    /// <summary>The value has the right type but is not one that the property takes.</summary>
    public const string InvalidValue = nameof(InvalidValue);

    /// <summary>A time has no offset from UTC, so it could be several instants.</summary>
    public const string AmbiguousTime = nameof(AmbiguousTime);

    /// <summary>Properties that exclude one another are given together.</summary>
    public const string Exclusive = nameof(Exclusive);

    /// <summary>Two properties disagree, for example an ARN of another instance than InstanceId.</summary>
    public const string Contradictory = nameof(Contradictory);

    /// <summary>There are more violations than are listed.</summary>
    public const string MoreViolations = nameof(MoreViolations);
}
