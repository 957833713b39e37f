using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Unicode;

namespace ConnectTasks.Client;

/// <summary>Client tokens: what makes a repeated task request a duplicate, so that it starts no second task.</summary>
public static class ClientToken
{
    /// <summary>
    /// The token of a business key: the same parts in the same order always give the same token, in every version of
    /// this library and in every process, so that a producer needs to store nothing to resend safely.
    /// </summary>
    /// <remarks>
    /// The token is <c>key-</c> and the SHA-256 of the parts in 64 lower-case hexadecimal digits. Each part goes in as
    /// its length in UTF-8 bytes (32 bits, big-endian) and its UTF-8 bytes, so <c>("a", "bc")</c> and
    /// <c>("ab", "c")</c> differ. Parts are taken exactly as they are: case, white space and Unicode normalisation
    /// matter. The parts must name one task: <c>("invoice", "4711", "second-reminder")</c>, not
    /// <c>("invoice", "4711")</c> when an invoice can have several.
    /// </remarks>
    /// <example><code>ClientToken = ClientToken.FromKey("billing", invoiceNumber, "overdue-call")</code></example>
    /// <param name="parts">At least one; none of them <c>null</c>, empty or white space.</param>
    /// <exception cref="ArgumentException">
    /// There is no part, or one is <c>null</c>, blank or not whole Unicode. A blank part is most often a value that is
    /// missing, and all tasks without it would be taken for one.
    /// </exception>
    public static string FromKey(params ReadOnlySpan<string> parts)
    {
        if (parts.IsEmpty)
            throw new ArgumentException("A key needs at least one part: give what names the task.", nameof(parts));
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> length = stackalloc byte[sizeof(int)];
        for (var i = 0; i < parts.Length; i++)
        {
            if (string.IsNullOrWhiteSpace(parts[i]))
            {
                throw new ArgumentException(
                    $"Part {i + 1} of the key (counted from 1) is null or blank: all tasks without it would be one.",
                    nameof(parts));
            }
            if (!TryEncode(parts[i], out var part))
            {
                throw new ArgumentException(
                    $"Part {i + 1} of the key (counted from 1) holds half of a surrogate pair: give whole characters.",
                    nameof(parts));
            }
            BinaryPrimitives.WriteInt32BigEndian(length, part.Length);
            hash.AppendData(length);
            hash.AppendData(part);
        }
        return "key-" + Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    // The encoding's own exception would name the character, and a key may be personal data.
    private static bool TryEncode(string part, out byte[] utf8)
    {
        utf8 = new byte[Encoding.UTF8.GetByteCount(part)];
        return Utf8.FromUtf16(part, utf8, out _, out _, replaceInvalidSequences: false) == OperationStatus.Done;
    }
}
