using Amazon.DynamoDBv2;
using Amazon.Runtime;

namespace ConnectTasks.Lambda;

/// <summary>What DynamoDB's errors mean: which pass, and which last until somebody acts.</summary>
/// <remarks>
/// <list type="table">
/// <item><term>an item of more than 400 KB</term><description>lasts: the request can't be held</description></item>
/// <item><term>everything else</term><description>
/// is retried. Throttling, contention, 5xx and broken connections pass by themselves; AccessDeniedException, a missing
/// table, a disabled key and an expression that the table refuses last until somebody acts, and are no fault of the
/// message: it waits for that for as long as the queue keeps it.
/// </description></item>
/// </list>
/// </remarks>
internal static class LedgerErrors
{
    /// <summary>
    /// Whatever the store or the way to it threw counts as its failure, by default a passing one: SDKs have changed
    /// the exceptions of throttling before. A cancellation counts too: it is the end of this record's time.
    /// </summary>
    public static bool IsOfTheStore(Exception e, CancellationToken cancellation) =>
        e is AmazonClientException or AmazonServiceException or HttpRequestException or IOException or TimeoutException
        || e is OperationCanceledException
        || cancellation.IsCancellationRequested;

    /// <summary>DynamoDB has one code for all that is invalid, and tells the item's size in the text.</summary>
    public static bool IsTooLarge(Exception e) =>
        e is AmazonDynamoDBException { ErrorCode: "ValidationException" }
        && e.Message.Contains("Item size", StringComparison.OrdinalIgnoreCase);

    public static string CodeOf(Exception e) => e switch
    {
        AmazonServiceException { ErrorCode: { Length: > 0 } code } => code,
        OperationCanceledException => "TimedOut",
        _ => e.GetType().Name,
    };
}
