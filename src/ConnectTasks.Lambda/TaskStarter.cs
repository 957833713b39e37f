using System.Net;
using Amazon.Connect;
using Amazon.Connect.Model;
using Amazon.Runtime;

namespace ConnectTasks.Lambda;

/// <summary>Amazon Connect: one call, and what its answer means. Its oddities are named here and nowhere else.</summary>
internal sealed class TaskStarter(IAmazonConnect connect)
{
    public const string ResourceNotFound = "ResourceNotFoundException";

    /// <summary>Calls StartTaskContact once.</summary>
    /// <param name="request">The request.</param>
    /// <param name="clientToken">
    /// Always set: without one the client would invent a new one for each call, and nothing would be deduplicated.
    /// </param>
    /// <param name="cancellation">Ends the wait for the answer; the task may exist all the same.</param>
    public async Task<StartReply> StartAsync(TaskRequest request, string clientToken, CancellationToken cancellation)
    {
        try
        {
            var response = await connect.StartTaskContactAsync(Wire(request, clientToken), cancellation);
            return string.IsNullOrEmpty(response.ContactId)
                ? new StartReply(StartReplyKind.Unknown, "NoContactId")
                : new StartReply(StartReplyKind.Started, response.ContactId);
        }
        catch (AmazonServiceException e) when (e.StatusCode != 0)
        {
            var code = CodeOf(e);
            return new StartReply(Classify(e.StatusCode, code), code);
        }
        catch (OperationCanceledException)
        {
            return new StartReply(StartReplyKind.Unknown, "TimedOut");
        }
        catch (AmazonClientException e) when (e.InnerException is null)
        {
            // Thrown before anything was sent: no credentials, no Region.
            return new StartReply(StartReplyKind.Misconfigured, e.GetType().Name);
        }
        catch (Exception e) when (e is AmazonClientException or HttpRequestException or IOException or TimeoutException)
        {
            return new StartReply(StartReplyKind.Unknown, "NoAnswer");
        }
    }

    /// <summary>
    /// By the status first, because codes vary. Only what speaks of the request itself is for ever; what is not known
    /// is retried, because a retry is cheap and a lost task is not.
    /// </summary>
    private static StartReplyKind Classify(HttpStatusCode status, string code) => (int)status switch
    {
        429 => StartReplyKind.Throttled,
        402 => StartReplyKind.OverQuota,
        400 when code.Contains("Throttl", StringComparison.Ordinal) => StartReplyKind.Throttled,
        400 when code is "InvalidParameterException" or "InvalidRequestException" or "ValidationException"
            or "SerializationException" or "BadRequestException" or "PropertyValidationException"
            or "InvalidContactFlowException" => StartReplyKind.Refused,
        404 when code == ResourceNotFound => StartReplyKind.Refused,
        // A signature that waited too long, or a token that ran out: the next call is signed anew.
        400 or 401 or 403 when code.Contains("Expired", StringComparison.Ordinal)
            || code is "InvalidSignatureException" or "SignatureDoesNotMatch" or "RequestTimeTooSkewed" =>
            StartReplyKind.Unavailable,
        400 when code is "UnrecognizedClientException" or "MissingAuthenticationTokenException"
            or "IncompleteSignatureException" => StartReplyKind.Misconfigured,
        401 or 403 or 404 => StartReplyKind.Misconfigured,
        _ => StartReplyKind.Unavailable,
    };

    private static string CodeOf(AmazonServiceException e) =>
        string.IsNullOrEmpty(e.ErrorCode) ? $"Http{(int)e.StatusCode}" : e.ErrorCode;

    private static StartTaskContactRequest Wire(TaskRequest request, string clientToken) => new()
    {
        InstanceId = request.InstanceId,
        Name = request.Name,
        Description = request.Description,
        ContactFlowId = request.ContactFlowId,
        TaskTemplateId = request.TaskTemplateId,
        QuickConnectId = request.QuickConnectId,
        PreviousContactId = request.PreviousContactId,
        RelatedContactId = request.RelatedContactId,
        ClientToken = clientToken,
        ScheduledTime = request.ScheduledTime?.UtcDateTime,
        Attributes = request.Attributes is null ? null : new Dictionary<string, string>(request.Attributes),
        References = request.References?.ToDictionary(
            r => r.Key, r => new Reference { Type = new ReferenceType(r.Value.Type), Value = r.Value.Value }),
        SegmentAttributes = request.SegmentAttributes?.ToDictionary(a => a.Key, a => Wire(a.Value)),
        Attachments = request.Attachments?.Select(
            a => new TaskAttachment { FileName = a.FileName, S3Url = a.S3Url }).ToList(),
    };

    private static SegmentAttributeValue Wire(SegmentAttribute attribute) => new()
    {
        ValueString = attribute.ValueString,
        ValueInteger = attribute.ValueInteger,
        ValueMap = attribute.ValueMap?.ToDictionary(a => a.Key, a => Wire(a.Value)),
        ValueList = attribute.ValueList?.Select(Wire).ToList(),
        ValueArn = attribute.ValueArn,
    };
}

/// <summary>Connect's answer.</summary>
/// <param name="Kind">What it means.</param>
/// <param name="Text">The contact id if it was started, else the error code or the cause.</param>
internal readonly record struct StartReply(StartReplyKind Kind, string Text);

internal enum StartReplyKind
{
    Started,

    /// <summary>Never going to work as it is written.</summary>
    Refused,

    /// <summary>Too many requests a second.</summary>
    Throttled,

    /// <summary>Too many active tasks, or too long a chain of tasks: the answer does not tell which.</summary>
    OverQuota,

    Unavailable,

    /// <summary>No answer: the task may exist.</summary>
    Unknown,

    Misconfigured,
}
