using Amazon.Runtime;

namespace Amazon.Connect.Model;

/// <summary>A request to Amazon Connect.</summary>
public class AmazonConnectRequest : AmazonWebServiceRequest
{
}

/// <summary>A contact to end.</summary>
public class StopContactRequest : AmazonConnectRequest
{
    /// <summary>The contact (required). 1 to 256 characters.</summary>
    public string? ContactId { get; set; }

    /// <summary>The instance (required). 1 to 100 characters.</summary>
    public string? InstanceId { get; set; }
}

/// <summary>The contact is ended.</summary>
public class StopContactResponse : AmazonWebServiceResponse
{
}

/// <summary>A scheduled contact to move.</summary>
public class UpdateContactScheduleRequest : AmazonConnectRequest
{
    /// <summary>The contact (required). 1 to 256 characters.</summary>
    public string? ContactId { get; set; }

    /// <summary>The instance (required). 1 to 100 characters.</summary>
    public string? InstanceId { get; set; }

    /// <summary>The new time (required); not in the past. Sent as seconds since 1970.</summary>
    public DateTime? ScheduledTime { get; set; }
}

/// <summary>The contact is moved.</summary>
public class UpdateContactScheduleResponse : AmazonWebServiceResponse
{
}

/// <summary>A contact to describe.</summary>
public class DescribeContactRequest : AmazonConnectRequest
{
    /// <summary>The contact (required). 1 to 256 characters.</summary>
    public string? ContactId { get; set; }

    /// <summary>The instance (required). 1 to 100 characters.</summary>
    public string? InstanceId { get; set; }
}

/// <summary>A description of a contact.</summary>
public class DescribeContactResponse : AmazonWebServiceResponse
{
    /// <summary>The contact.</summary>
    public Contact? Contact { get; set; }
}

/// <summary>What is known about a contact. Times are in UTC.</summary>
public class Contact
{
    /// <summary>The contact's ARN.</summary>
    public string? Arn { get; set; }

    /// <summary>When it ended; null until then.</summary>
    public DateTime? DisconnectTimestamp { get; set; }

    /// <summary>Why it ended; null until then.</summary>
    public string? DisconnectReason { get; set; }

    /// <summary>The contact's id.</summary>
    public string? Id { get; set; }

    /// <summary>When it was started.</summary>
    public DateTime? InitiationTimestamp { get; set; }

    /// <summary>When it was changed last.</summary>
    public DateTime? LastUpdateTimestamp { get; set; }

    /// <summary>When its flow is to run, or was; null if it ran at once.</summary>
    public DateTime? ScheduledTimestamp { get; set; }
}
