using System.Security.Cryptography;
using System.Text;

namespace ConnectTasks;

/// <summary>The identity of a task.</summary>
public static class TaskKey
{
    /// <summary>DynamoDB's limit of a partition key, in UTF-8 bytes.</summary>
    internal const int MaxBytes = 2048;

    /// <summary>The ledger's key of a task.</summary>
    /// <param name="instanceId">The instance's id (no ARN).</param>
    /// <param name="clientToken">The token.</param>
    /// <returns><c>instance#token</c>, or a hash of it if that would pass DynamoDB's 2,048 bytes.</returns>
    public static string For(string instanceId, string clientToken)
    {
        var key = $"{instanceId}#{clientToken}";
        // No instance id is empty, so no readable key begins with the separator.
        return Encoding.UTF8.GetByteCount(key) <= MaxBytes ? key : "#sha256#" + Hash(key);
    }

    /// <summary>
    /// A token for a request without one: the same for every delivery of one message, another for any other message.
    /// </summary>
    /// <param name="queueArn">The queue that the message came from.</param>
    /// <param name="messageId">The message's id there, or its first one if it was redriven.</param>
    public static string DeriveToken(string queueArn, string messageId) => "sqs-" + Hash($"{queueArn}/{messageId}");

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
