using System.Net;
using Amazon.Connect;
using Amazon.Connect.Model;
using Amazon.Runtime;

namespace ConnectTasks.Lambda;

/// <summary>
/// Amazon Connect: its calls, and what their answers mean. Its oddities are named here and nowhere else.
/// </summary>
internal sealed class ContactCentre(
    IAmazonConnect connect, Settings settings, TimeProvider time, Metrics? metrics = null)
{
    public const string ResourceNotFound = "ResourceNotFoundException";
    public const string NoContact = nameof(NoContact);

    // Connect's quotas of the calls that commands make, in calls a second and burst. Starts have the caller's pacer.
    private readonly Pacer _describePace = PaceOf(10, 15, settings, time);
    private readonly Pacer _stopPace = PaceOf(10, 15, settings, time);
    private readonly Pacer _movePace = PaceOf(2, 5, settings, time);

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
            Call.Start,
            () => connect.StartTaskContactAsync(Wire(request, clientToken, scheduledTime), cancellation),
            response => string.IsNullOrEmpty(response.ContactId)
                ? new Reply(ReplyKind.Unknown, "NoContactId")
                : new Reply(ReplyKind.Done, response.ContactId));

    /// <summary>Ends a contact, whatever its state.</summary>
    public Task<Reply> StopAsync(string instanceId, string contactId, Invocation invocation) =>
        PacedAsync(
            _stopPace,
            Call.Stop,
            () => connect.StopContactAsync(
                new StopContactRequest { InstanceId = instanceId, ContactId = contactId }, invocation.HardStop),
            _ => new Reply(ReplyKind.Done, contactId),
            invocation);

    /// <summary>Gives a scheduled contact another time.</summary>
    public Task<Reply> MoveAsync(
        string instanceId, string contactId, DateTimeOffset scheduledTime, Invocation invocation) =>
        PacedAsync(
            _movePace,
            Call.Move,
            () => connect.UpdateContactScheduleAsync(
                new UpdateContactScheduleRequest
                {
                    InstanceId = instanceId,
                    ContactId = contactId,
                    ScheduledTime = Wire(scheduledTime),
                },
                invocation.HardStop),
            _ => new Reply(ReplyKind.Done, contactId),
            invocation);

    /// <summary>Whether a contact is waiting for its time, is being worked on, or is over.</summary>
    /// <returns>With <see cref="ReplyKind.Done"/>, the text is the name of a <see cref="ContactPhase"/>.</returns>
    public Task<Reply> PhaseAsync(string instanceId, string contactId, DateTimeOffset now, Invocation invocation) =>
        PacedAsync(
            _describePace,
            Call.Describe,
            () => connect.DescribeContactAsync(
                new DescribeContactRequest { InstanceId = instanceId, ContactId = contactId }, invocation.HardStop),
            response => response.Contact is { } contact
                ? new Reply(ReplyKind.Done, PhaseOf(contact, now).ToString())
                : new Reply(ReplyKind.Unavailable, NoContact),
            invocation);

    private static Pacer PaceOf(double perSecond, int burst, Settings settings, TimeProvider time) => new(
        perSecond / settings.MaximumConcurrency, Math.Max(1, (burst - 1) / settings.MaximumConcurrency), time);

    private async Task<Reply> PacedAsync<TResponse>(
        Pacer pace, Call call, Func<Task<TResponse>> send, Func<TResponse, Reply> read, Invocation invocation)
    {
        if (!await pace.WaitAsync(invocation.LastStart - time.GetUtcNow(), invocation.HardStop))
        {
            return new Reply(ReplyKind.NotCalled, nameof(DeferralCause.Pace));
        }

        var reply = await CallAsync(call, send, read);
        if (reply.Kind == ReplyKind.Throttled)
        {
            pace.OnThrottled();
            metrics?.Count("ThrottledCommandCalls");
        }

        return reply;
    }

    private async Task<Reply> CallAsync<TResponse>(
        Call call, Func<Task<TResponse>> send, Func<TResponse, Reply> read)
    {
        var reply = await TryAsync(call, send, read);
        if (reply.Kind is ReplyKind.Unavailable or ReplyKind.Unknown)
        {
            metrics?.Count("UnansweredCalls");
        }

        return reply;
    }

    private async Task<Reply> TryAsync<TResponse>(
        Call call, Func<Task<TResponse>> send, Func<TResponse, Reply> read)
    {
        var begun = time.GetTimestamp();
        try
        {
            return read(await send());
        }
        catch (AmazonServiceException e) when (e.StatusCode != 0)
        {
            var code = CodeOf(e);
            return new Reply(Classify(e.StatusCode, code, call), code, e.RequestId);
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
            // Without a connection nothing was asked.
            return (e as HttpRequestException ?? e.InnerException as HttpRequestException)?.HttpRequestError is
                HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError
                or HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError
                ? new Reply(ReplyKind.Unavailable, "NoConnection")
                : new Reply(ReplyKind.Unknown, "NoAnswer");
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
    private static ReplyKind Classify(HttpStatusCode status, string code, Call call) => (int)status switch
    {
        // An answer that could not be read is none.
        < 300 => ReplyKind.Unknown,
        // A contact that was moved as often as it may be: no time to come changes that.
        429 when code == "LimitExceededException" && call == Call.Move => ReplyKind.Refused,
        429 => ReplyKind.Throttled,
        402 => ReplyKind.OverQuota,
        410 => ReplyKind.Over,
        400 when code.Contains("Throttl", StringComparison.Ordinal) || code == "TooManyRequestsException" =>
            ReplyKind.Throttled,
        // Also said of what was made, moved or stopped a moment ago (API Reference, "Eventual consistency").
        400 when code == "InvalidRequestException" => ReplyKind.NotFound,
        404 when code == ResourceNotFound => ReplyKind.NotFound,
        400 when code is "InvalidParameterException" or "ValidationException" or "SerializationException"
            or "BadRequestException" or "PropertyValidationException" or "InvalidContactFlowException" =>
            ReplyKind.Refused,
        // A signature that waited too long, or a token that ran out: the next call is signed anew.
        400 or 401 or 403 when code.Contains("Expired", StringComparison.Ordinal)
            || code is "InvalidSignatureException" or "SignatureDoesNotMatch" or "RequestTimeTooSkewed" =>
            ReplyKind.Unavailable,
        400 when code is "UnrecognizedClientException" or "MissingAuthenticationTokenException"
            or "IncompleteSignatureException" or "InvalidClientTokenId" or "OptInRequired"
            || code.StartsWith("AccessDenied", StringComparison.Ordinal) => ReplyKind.Misconfigured,
        401 or 403 or 404 => ReplyKind.Misconfigured,
        _ => ReplyKind.Unavailable,
    };

    private static string CodeOf(AmazonServiceException e) =>
        string.IsNullOrEmpty(e.ErrorCode) ? $"Http{(int)e.StatusCode}" : e.ErrorCode;

    private static ContactPhase PhaseOf(Contact contact, DateTimeOffset now) =>
        contact.DisconnectTimestamp is not null ? ContactPhase.Over
        : contact.ScheduledTimestamp is { } at && at.ToUniversalTime() > now.UtcDateTime ? ContactPhase.Waiting
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
            ScheduledTime = scheduledTime is { } at ? Wire(at) : null,
            // A request that was read from a message has a Dictionary already, and the client only reads it.
            Attributes = request.Attributes is null ? null
                : request.Attributes as Dictionary<string, string> ?? new(request.Attributes),
            References = request.References?.ToDictionary(
            r => r.Key, r => new Reference { Type = new ReferenceType(r.Value.Type), Value = r.Value.Value }),
            SegmentAttributes = request.SegmentAttributes?.ToDictionary(a => a.Key, a => Wire(a.Value)),
            Attachments = request.Attachments?.Select(
            a => new TaskAttachment { FileName = a.FileName, S3Url = a.S3Url }).ToList(),
        };

    /// <summary>
    /// Whole seconds, rounded up: clients round half a second as they like, and none may become early.
    /// </summary>
    private static DateTime Wire(DateTimeOffset time) =>
        new(((time.UtcTicks + TimeSpan.TicksPerSecond - 1) / TimeSpan.TicksPerSecond) * TimeSpan.TicksPerSecond,
            DateTimeKind.Utc);

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
/// <param name="RequestId">
/// Of a failure: Connect's id of the call (x-amzn-RequestId), which AWS's support asks for.
/// </param>
internal readonly record struct Reply(ReplyKind Kind, string Text, string? RequestId = null);

internal enum ReplyKind
{
    Done,

    /// <summary>No call was made: its turn does not come in this invocation.</summary>
    NotCalled,

    /// <summary>Never going to work as it is written.</summary>
    Refused,

    /// <summary>
    /// Something that the call names is not there, or not in the state for it; right after a change that is not final.
    /// </summary>
    NotFound,

    /// <summary>The contact has ended.</summary>
    Over,

    /// <summary>Too many requests a second.</summary>
    Throttled,

    /// <summary>Too many active tasks, or too long a chain of tasks: the answer does not tell which.</summary>
    OverQuota,

    Unavailable,

    /// <summary>No answer: the task may exist.</summary>
    Unknown,

    Misconfigured,
}

/// <summary>The calls.</summary>
internal enum Call
{
    Start,
    Stop,
    Move,
    Describe,
}

/// <summary>Where a contact is in its life.</summary>
internal enum ContactPhase
{
    Waiting,
    Running,
    Over,
}
