using Amazon.Connect;
using Amazon.Connect.Model;

namespace ConnectTasks.Cli;

/// <summary>What Connect says of a contact (DescribeContact).</summary>
internal sealed record ContactView
{
    public const string Waiting = nameof(Waiting);
    public const string Running = nameof(Running);
    public const string Over = nameof(Over);

    /// <summary>
    /// Connect does not know the contact: any more, or, minutes after it was made, not yet.
    /// </summary>
    public const string NotFound = nameof(NotFound);

    /// <summary>Connect answered without the contact.</summary>
    public const string Unclear = nameof(Unclear);

    public required string State { get; init; }

    public DateTimeOffset? ScheduledTime { get; init; }

    public DateTimeOffset? Initiated { get; init; }

    public DateTimeOffset? Ended { get; init; }

    public string? EndReason { get; init; }

    public static async Task<ContactView> DescribeAsync(
        IAmazonConnect connect, string instanceId, string contactId, DateTimeOffset now, CancellationToken cancellation)
    {
        try
        {
            var response = await connect.DescribeContactAsync(
                new DescribeContactRequest { InstanceId = instanceId, ContactId = contactId }, cancellation);
            if (response.Contact is not { } contact)
                return new ContactView { State = Unclear };
            var scheduled = Utc(contact.ScheduledTimestamp);
            return new ContactView
            {
                State = contact.DisconnectTimestamp is not null ? Over : scheduled > now ? Waiting : Running,
                ScheduledTime = scheduled,
                Initiated = Utc(contact.InitiationTimestamp),
                Ended = Utc(contact.DisconnectTimestamp),
                EndReason = contact.DisconnectReason,
            };
        }
        catch (ContactNotFoundException)
        {
            return new ContactView { State = Over };
        }
        catch (Exception e) when (e is ResourceNotFoundException or InvalidRequestException)
        {
            return new ContactView { State = NotFound };
        }
    }

    private static DateTimeOffset? Utc(DateTime? time) =>
        time is { } given ? new DateTimeOffset(given.ToUniversalTime()) : null;
}
