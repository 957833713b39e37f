using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using ConnectTasks.Client;

namespace ConnectTasks.Cli;

/// <summary>
/// Client tokens for requests without one, so that the same input sent again starts no second task. A token follows
/// from what the request says, from how many equal ones came before it in this run, and from the run's name; not from
/// the file's name or the line, so that lines may be mended, removed, added and sorted between two runs.
/// </summary>
/// <param name="run">The run's name: another one makes other tokens, so that equal requests are new tasks.</param>
internal sealed class EnqueueTokens(string run)
{
    // Eight bytes of each request's hash, so that a million requests need some 20 MB; a chance hit only numbers one on.
    private readonly HashSet<ulong> _seen = [];
    private readonly Dictionary<ulong, int> _repeats = [];

    public TaskRequest WithToken(TaskRequest request)
    {
        if (!string.IsNullOrWhiteSpace(request.ClientToken))
            return request;
        var hash = SHA256.HashData(TaskRequestJson.Write(request));
        var key = BinaryPrimitives.ReadUInt64BigEndian(hash);
        var earlier = 0;
        if (!_seen.Add(key))
            _repeats[key] = earlier = _repeats.GetValueOrDefault(key) + 1;
        var number = earlier.ToString(CultureInfo.InvariantCulture);
        return request with
        {
            ClientToken = ClientToken.FromKey(
                "connect-tasks enqueue", "run " + run, Convert.ToHexStringLower(hash), number),
        };
    }
}
