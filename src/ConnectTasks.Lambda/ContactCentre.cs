using System.Net;
using Amazon.Connect;
using Amazon.Connect.Model;
using Amazon.Runtime;

namespace ConnectTasks.Lambda;

/// <summary>
/// Amazon Connect: its calls, and what their answers mean. Its oddities are named here and nowhere else.
/// </summary>
internal sealed class ContactCentre(IAmazonConnect connect, TimeProvider time, Metrics? metrics = null)
{
    public const string ResourceNotFound = "ResourceNotFoundException";

    /// <summary>Starts a task.</summary>
    /// <param name="request">The request.</param>
    /// <param name="clientToken">
    /// Always set: without one the client would invent a new one for each call, and nothing would be deduplicated.
    /// </param>
    /// <param name="scheduledTime">When it is to start; null for at once.</param>
    /// <param name="cancellation">Ends the wait for the answer; the task may exist all the same.</param>
    public Task<Reply> StartAsync(
        TaskRequest request, string clientToken, DateTimeOffset? scheduledTime, CancellationToken cancellation) =>
        CallAsync(
            () => connect.StartTaskContactAsync(Wire(request, clientToken, scheduledTime), cancellation),
            response => string.IsNullOrEmpty(response.ContactId)
                ? new Reply(ReplyKind.Unknown, "NoContactId")
                : new Reply(ReplyKind.Done, response.ContactId));

    /// <summary>
    /// Ends a contact, whatever its state. One that is over already is <see cref="ReplyKind.Refused"/>.
    /// </summary>
    public Task<Reply> StopAsync(string instanceId, string contactId, CancellationToken cancellation) =>
        CallAsync(
            () => connect.StopContactAsync(
                new StopContactRequest { InstanceId = instanceId, ContactId = contactId }, cancellation),
            _ => new Reply(ReplyKind.Done, contactId));

    /// <summary>Gives a scheduled contact another time.</summary>
    public Task<Reply> MoveAsync(
        string instanceId, string contactId, DateTimeOffset scheduledTime, CancellationToken cancellation) =>
        CallAsync(
            () => connect.UpdateContactScheduleAsync(
                new UpdateContactScheduleRequest
                {
                    InstanceId = instanceId,
                    ContactId = contactId,
                    ScheduledTime = scheduledTime.UtcDateTime,
                },
                cancellation),
            _ => new Reply(ReplyKind.Done, contactId));

    /// <summary>Whether a contact is waiting for its time, is being worked on, or is over.</summary>
    /// <returns>With <see cref="ReplyKind.Done"/>, the text is the name of a <see cref="ContactPhase"/>.</returns>
    public Task<Reply> PhaseAsync(
        string instanceId, string contactId, DateTimeOffset now, CancellationToken cancellation) =>
        CallAsync(
            () => connect.DescribeContactAsync(
                new DescribeContactRequest { InstanceId = instanceId, ContactId = contactId }, cancellation),
            response => new Reply(ReplyKind.Done, PhaseOf(response.Contact, now).ToString()));

    private async Task<Reply> CallAsync<TResponse>(Func<Task<TResponse>> call, Func<TResponse, Reply> read)
    {
        var begun = time.GetTimestamp();
        try
        {
            return read(await call());
        }
        catch (AmazonServiceException e) when (e.StatusCode != 0)
        {
            var code = CodeOf(e);
            return new Reply(Classify(e.StatusCode, code), code);
        }
        catch (OperationCanceledException)
        {
            return new Reply(ReplyKind.Unknown, "TimedOut");
        }
        catch (AmazonClientException e) when (e.InnerException is null)
        {
            // Thrown before anything was sent: no credentials, no Region.
            return new Reply(ReplyKind.Misconfigured, e.GetType().Name);
        }
        catch (Exception e) when (e is AmazonClientException or HttpRequestException or IOException or TimeoutException)
        {
            return new Reply(ReplyKind.Unknown, "NoAnswer");
        }
        finally
        {
            metrics?.Observe("ConnectMilliseconds", time.GetElapsedTime(begun).TotalMilliseconds);
        }
    }

    /// <summary>
    /// By the status first, because codes vary. Only what speaks of the request itself is for ever; what is not known
    /// is retried, because a retry is cheap and a lost task is not.
    /// </summary>
    private static ReplyKind Classify(HttpStatusCode status, string code) => (int)status switch
    {
        // An answer that could not be read is none.
        < 300 => ReplyKind.Unknown,
        // A contact that was moved as often as it may be (UpdateContactSchedule): no time to come changes that.
        429 when code == "LimitExceededException" => ReplyKind.Refused,
        429 => ReplyKind.Throttled,
        402 => ReplyKind.OverQuota,
        400 when code.Contains("Throttl", StringComparison.Ordinal) => ReplyKind.Throttled,
        400 when code is "InvalidParameterException" or "InvalidRequestException" or "ValidationException"
            or "SerializationException" or "BadRequestException" or "PropertyValidationException"
            or "InvalidContactFlowException" => ReplyKind.Refused,
        404 when code == ResourceNotFound => ReplyKind.Refused,
        410 => ReplyKind.Refused,
        // A signature that waited too long, or a token that ran out: the next call is signed anew.
        400 or 401 or 403 when code.Contains("Expired", StringComparison.Ordinal)
            || code is "InvalidSignatureException" or "SignatureDoesNotMatch" or "RequestTimeTooSkewed" =>
            ReplyKind.Unavailable,
        400 when code is "UnrecognizedClientException" or "MissingAuthenticationTokenException"
            or "IncompleteSignatureException" => ReplyKind.Misconfigured,
        401 or 403 or 404 => ReplyKind.Misconfigured,
        _ => ReplyKind.Unavailable,
    };

    private static string CodeOf(AmazonServiceException e) =>
        string.IsNullOrEmpty(e.ErrorCode) ? $"Http{(int)e.StatusCode}" : e.ErrorCode;

    private static ContactPhase PhaseOf(Contact? contact, DateTimeOffset now) =>
        contact?.DisconnectTimestamp is not null ? ContactPhase.Over
        : contact?.ScheduledTimestamp is { } at && at.ToUniversalTime() > now.UtcDateTime ? ContactPhase.Waiting
        : ContactPhase.Running;

    private static StartTaskContactRequest Wire(
        TaskRequest request, string clientToken, DateTimeOffset? scheduledTime) => new()
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
            ScheduledTime = scheduledTime?.UtcDateTime,
            // A request that was read from a message has a Dictionary already, and the client only reads it.
            Attributes = request.Attributes is null ? null
                : request.Attributes as Dictionary<string, string> ?? new(request.Attributes),
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
/// <param name="Text">What was asked for if it was done, else the error code or the cause.</param>
internal readonly record struct Reply(ReplyKind Kind, string Text);

internal enum ReplyKind
{
    Done,

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

/// <summary>Where a contact is in its life.</summary>
internal enum ContactPhase
{
    Waiting,
    Running,
    Over,
}
