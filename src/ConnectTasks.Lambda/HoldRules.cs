using System.Text;
using System.Text.Json;

namespace ConnectTasks.Lambda;

/// <summary>What a request must fulfil to wait in the ledger for its time.</summary>
internal static class HoldRules
{
    /// <summary>
    /// DynamoDB's limit of an item is 400 KB with its names; 8 KB are more than all that the ledger keeps beside it.
    /// </summary>
    public const int MaxRequestBytes = (400 - 8) * 1024;

    /// <summary>Says what is wrong; null if it may wait.</summary>
    /// <param name="request">The request.</param>
    /// <param name="hold">Its wait.</param>
    public static Violation? Check(TaskRequest request, Hold hold)
    {
        var bytes = Encoding.UTF8.GetByteCount(hold.Request);
        return bytes > MaxRequestBytes ? TooLarge(hold.Request, bytes) : FirstExpired(request, hold.ReleaseAt);
    }

    /// <summary>For a store that found it too large itself.</summary>
    public static Violation TooLarge(string request) => TooLarge(request, Encoding.UTF8.GetByteCount(request));

    private static Violation TooLarge(string request, int bytes)
    {
        using var json = JsonDocument.Parse(request);
        return Violations.TooLargeToHold(
            json.RootElement.EnumerateObject().MaxBy(p => p.Value.GetRawText().Length).Name, bytes);
    }

    private static Violation? FirstExpired(TaskRequest request, DateTimeOffset releaseAt)
    {
        for (var i = 0; i < request.Attachments?.Count; i++)
        {
            if (PresignedUrl.ExpiryOf(request.Attachments[i].S3Url) is { } expiry && expiry < releaseAt)
            {
                return Violations.AttachmentExpires(i, expiry, releaseAt);
            }
        }

        return null;
    }
}
