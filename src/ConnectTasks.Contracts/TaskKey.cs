using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace ConnectTasks;

/// <summary>The identity of a task: the instance and the client token.</summary>
public static class TaskKey
{
    /// <summary>The longest key, in UTF-8 bytes: DynamoDB's limit for a partition key.</summary>
    public const int MaxBytes = 2_048;

    /// <summary>
    /// The key of a task: <c>instance#token</c>; or, where that would be longer than <see cref="MaxBytes"/> or could be
    /// mistaken for another task's, <c>#sha256-</c> and 64 hexadecimal digits. A key of the first form never starts
    /// with <c>#</c>, so the two cannot collide.
    /// </summary>
    /// <param name="instanceId">The id of the instance. Of an ARN the id is taken.</param>
    /// <param name="clientToken">The token, not blank.</param>
    /// <exception cref="ArgumentException">Either is empty.</exception>
    public static string For(string instanceId, string clientToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(instanceId);
        ArgumentException.ThrowIfNullOrEmpty(clientToken);
        var id = ConnectArn.IdOf(instanceId, type: null);
        var plain = $"{id}#{clientToken}";
        var isPlain = !id.Contains('#', StringComparison.Ordinal) && FitsKey(plain);
        return isPlain ? plain : "#sha256-" + Hash(id, clientToken);
    }

    /// <summary>
    /// The token of a request without one: <c>sqs-</c> and 64 hexadecimal digits. It stays the same however often the
    /// message is delivered; a message sent or redriven anew has another id and so another token.
    /// </summary>
    /// <param name="queueArn">The ARN of the queue that the message came from.</param>
    /// <param name="messageId">The id that SQS gave the message.</param>
    /// <exception cref="ArgumentException">Either is empty.</exception>
    public static string DeriveToken(string queueArn, string messageId)
    {
        ArgumentException.ThrowIfNullOrEmpty(queueArn);
        ArgumentException.ThrowIfNullOrEmpty(messageId);
        return "sqs-" + Hash(queueArn, messageId);
    }

    // No UTF-16 unit takes more than three bytes, so most keys need no counting.
    private static bool FitsKey(string key) =>
        key.Length <= MaxBytes / 3 || Encoding.UTF8.GetByteCount(key) <= MaxBytes;

    // The first text goes in with its length, so that no other pair of texts gives the same bytes.
    private static string Hash(string first, string second)
    {
        var firstLength = Encoding.UTF8.GetByteCount(first);
        var bytes = new byte[sizeof(int) + firstLength + Encoding.UTF8.GetByteCount(second)];
        BinaryPrimitives.WriteInt32BigEndian(bytes, firstLength);
        Encoding.UTF8.GetBytes(first, bytes.AsSpan(sizeof(int)));
        Encoding.UTF8.GetBytes(second, bytes.AsSpan(sizeof(int) + firstLength));
        return Convert.ToHexStringLower(SHA256.HashData(bytes));
    }
}
