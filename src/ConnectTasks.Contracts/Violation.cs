namespace ConnectTasks;

/// <summary>One thing that is wrong with a request. It never holds a value of the request: values can be personal data.</summary>
/// <param name="Code">A code to group by: see <see cref="ViolationCodes"/>.</param>
/// <param name="Path">Where, as a JSON path such as <c>$.References.callback.Type</c>.</param>
/// <param name="Message">A sentence that names the property, the limit, and what to change.</param>
public sealed record Violation(string Code, string Path, string Message);

/// <summary>The codes of violations.</summary>
public static class ViolationCodes
{
    /// <summary>The body is empty.</summary>
    public const string EmptyBody = nameof(EmptyBody);

    /// <summary>The body is not JSON.</summary>
    public const string MalformedJson = nameof(MalformedJson);

    /// <summary>The body is JSON, but no object.</summary>
    public const string NotAnObject = nameof(NotAnObject);

    /// <summary>A property that requests do not have.</summary>
    public const string UnknownProperty = nameof(UnknownProperty);

    /// <summary>A property that is there twice, perhaps in two spellings.</summary>
    public const string DuplicateProperty = nameof(DuplicateProperty);

    /// <summary>A value of the wrong JSON type.</summary>
    public const string WrongType = nameof(WrongType);

    /// <summary>A required property is missing or empty.</summary>
    public const string Missing = nameof(Missing);

    /// <summary>Longer than the limit.</summary>
    public const string TooLong = nameof(TooLong);

    /// <summary>Fewer or more entries than the limits.</summary>
    public const string WrongCount = nameof(WrongCount);

    /// <summary>A character that is not allowed there.</summary>
    public const string InvalidCharacter = nameof(InvalidCharacter);

    /// <summary>A value that is not one of those allowed there.</summary>
    public const string InvalidValue = nameof(InvalidValue);

    /// <summary>A time that is not given as a certain instant.</summary>
    public const string InvalidTime = nameof(InvalidTime);

    /// <summary>An ARN of the wrong kind.</summary>
    public const string InvalidArn = nameof(InvalidArn);

    /// <summary>Properties that contradict each other.</summary>
    public const string Contradictory = nameof(Contradictory);
}
