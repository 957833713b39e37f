using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ConnectTasks;

/// <summary>What tells whether two requests with one token are the same request.</summary>
/// <remarks>
/// Fingerprints are kept for as long as tasks are remembered and held, so the canonical form stays as it is; a property
/// that the service adds gets a new mark, which leaves the fingerprints of requests without it as they are.
/// </remarks>
public static class RequestFingerprint
{
    /// <summary>The version of the canonical form, which the ledger keeps beside each fingerprint.</summary>
    /// <remarks>
    /// A change that gives any request another fingerprint must raise this number, and must keep the code of each
    /// earlier version: an item's fingerprint is compared with that of its own version, so that requests which are in
    /// flight or held during a deployment stay the same requests. The first release with the new form only reads it and
    /// goes on writing the old one; a later release writes it. So a roll-back by one release meets nothing that it does
    /// not know. An item whose version is greater than this number is another release's: it counts as in flight and is
    /// never overwritten.
    /// </remarks>
    public const int FormVersion = 1;

    private static readonly string Version =
        string.Create(CultureInfo.InvariantCulture, $"ConnectTasks.TaskRequest/{FormVersion}");

    /// <summary>Computes the fingerprint of a request: the SHA-256 of a canonical form.</summary>
    /// <remarks>
    /// Equal are: an id and the ARN that it was taken from; two spellings of an instant, which counts in whole seconds,
    /// rounded up; maps in another order; an absent property, <c>null</c> and, for a map or a list, an empty one. The
    /// query of an attachment's URL does not count, because a presigned URL has a new one each time it is signed; nor
    /// does the ClientToken, beside which the fingerprint is kept. Everything else does, case and white space included.
    /// </remarks>
    /// <param name="request">A valid request, or the normal form of one.</param>
    /// <returns>64 lower-case hexadecimal digits.</returns>
    public static string Compute(TaskRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var form = new CanonicalForm();
        try
        {
            form.Text(Version);
            Write(ref form, request);
            Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
            SHA256.HashData(form.Written, hash);
            return Convert.ToHexStringLower(hash);
        }
        finally
        {
            form.Dispose();
        }
    }

    private static void Write(scoped ref CanonicalForm form, TaskRequest request)
    {
        form.Property('i', IdOf(TaskProperty.InstanceId, request.InstanceId));
        form.Property('n', request.Name);
        form.Property('d', request.Description);
        form.Property('f', IdOf(TaskProperty.ContactFlowId, request.ContactFlowId));
        form.Property('t', IdOf(TaskProperty.TaskTemplateId, request.TaskTemplateId));
        form.Property('q', IdOf(TaskProperty.QuickConnectId, request.QuickConnectId));
        form.Property('p', IdOf(TaskProperty.PreviousContactId, request.PreviousContactId));
        form.Property('r', IdOf(TaskProperty.RelatedContactId, request.RelatedContactId));
        if (request.Attributes is { Count: > 0 } attributes)
        {
            form.Number('A', attributes.Count);
            foreach (var name in Sorted(attributes.Keys))
            {
                form.Text(name);
                form.Text(attributes[name]);
            }
        }
        if (request.References is { Count: > 0 } references)
        {
            form.Number('R', references.Count);
            foreach (var name in Sorted(references.Keys))
            {
                form.Text(name);
                form.Text(references[name].Type);
                form.Text(references[name].Value);
            }
        }
        if (request.ScheduledTime is { } time)
            form.Number('s', ScheduledTimes.CeilingSeconds(time));
        if (request.SegmentAttributes is { Count: > 0 } segments)
            WriteMap(ref form, 'S', segments);
        if (request.Attachments is { Count: > 0 } attachments)
        {
            form.Number('F', attachments.Count);
            foreach (var attachment in attachments)
            {
                form.Text(attachment.FileName);
                form.Text(WithoutQuery(attachment.S3Url));
            }
        }
    }

    private static void WriteMap(
        scoped ref CanonicalForm form, char mark, IReadOnlyDictionary<string, SegmentAttribute> segments)
    {
        form.Number(mark, segments.Count);
        foreach (var name in Sorted(segments.Keys))
        {
            form.Text(name);
            WriteSegment(ref form, segments[name]);
        }
    }

    private static void WriteSegment(scoped ref CanonicalForm form, SegmentAttribute segment)
    {
        form.Property('v', segment.ValueString);
        form.Property('a', segment.ValueArn);
        if (segment.ValueInteger is { } integer)
            form.Number('I', integer);
        if (segment.ValueMap is { } map)
            WriteMap(ref form, 'M', map);
        if (segment.ValueList is not { } list)
            return;
        form.Number('L', list.Count);
        foreach (var item in list)
            WriteSegment(ref form, item);
    }

    private static string? IdOf(TaskProperty property, string? idOrArn) =>
        idOrArn is null ? null : ConnectArn.IdOf(idOrArn, TaskProperties.Rule(property).ArnType);

    private static ReadOnlySpan<char> WithoutQuery(string url) =>
        url.AsSpan().IndexOfAny('?', '#') is >= 0 and var end ? url.AsSpan(0, end) : url;

    private static string[] Sorted(IEnumerable<string> names)
    {
        string[] sorted = [.. names];
        Array.Sort(sorted, string.CompareOrdinal);
        return sorted;
    }

    /// <summary>Marked and length-prefixed values, so that no two requests have the same bytes.</summary>
    private ref struct CanonicalForm() : IDisposable
    {
        private byte[] _bytes = ArrayPool<byte>.Shared.Rent(1_024);
        private int _length;

        public readonly ReadOnlySpan<byte> Written => _bytes.AsSpan(0, _length);

        /// <summary>A mark and a text, or nothing for <c>null</c>.</summary>
        public void Property(char mark, string? text)
        {
            if (text is null)
                return;
            Append(1)[0] = (byte)mark;
            Text(text);
        }

        public void Number(char mark, long number)
        {
            var space = Append(1 + sizeof(long));
            space[0] = (byte)mark;
            BinaryPrimitives.WriteInt64BigEndian(space[1..], number);
        }

        public void Text(ReadOnlySpan<char> text)
        {
            var length = Encoding.UTF8.GetByteCount(text);
            var space = Append(sizeof(int) + length);
            BinaryPrimitives.WriteInt32BigEndian(space, length);
            Encoding.UTF8.GetBytes(text, space[sizeof(int)..]);
        }

        public readonly void Dispose()
        {
            // The bytes are a customer's; the pool hands them to anybody.
            _bytes.AsSpan(0, _length).Clear();
            ArrayPool<byte>.Shared.Return(_bytes);
        }

        private Span<byte> Append(int count)
        {
            if (_bytes.Length - _length < count)
            {
                var larger = ArrayPool<byte>.Shared.Rent(Math.Max(2 * _bytes.Length, _length + count));
                Written.CopyTo(larger);
                Dispose();
                _bytes = larger;
            }
            _length += count;
            return _bytes.AsSpan(_length - count, count);
        }
    }
}
