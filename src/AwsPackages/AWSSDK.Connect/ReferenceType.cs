using Amazon.Runtime;

namespace Amazon.Connect;

/// <summary>What the value of a reference is.</summary>
public class ReferenceType : ConstantClass
{
    /// <summary>A file; not allowed when a task is created.</summary>
    public static readonly ReferenceType ATTACHMENT = new("ATTACHMENT");

    /// <summary>A time in seconds since 1970.</summary>
    public static readonly ReferenceType DATE = new("DATE");

    /// <summary>An e-mail address.</summary>
    public static readonly ReferenceType EMAIL = new("EMAIL");

    /// <summary>A number.</summary>
    public static readonly ReferenceType NUMBER = new("NUMBER");

    /// <summary>A text.</summary>
    public static readonly ReferenceType STRING = new("STRING");

    /// <summary>A web address.</summary>
    public static readonly ReferenceType URL = new("URL");

    /// <summary>A type by its name; one that is not listed here is sent as it is.</summary>
    public ReferenceType(string value)
        : base(value)
    {
    }

    /// <summary>The type of this name.</summary>
    public static ReferenceType FindValue(string value) => FindValue<ReferenceType>(value);

    /// <summary>The type of this name.</summary>
    public static implicit operator ReferenceType(string value) => FindValue(value);
}
