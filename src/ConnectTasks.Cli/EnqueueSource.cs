using System.Text;

namespace ConnectTasks.Cli;

/// <summary>The forms that a file of requests may have.</summary>
internal enum EnqueueFormat
{
    /// <summary>Told by the file's name and first line.</summary>
    Auto,

    /// <summary>One object, an array of objects, or objects one after the other.</summary>
    Json,

    /// <summary>One object on each line.</summary>
    JsonLines,

    /// <summary>A header with the names of properties, and a request on each row.</summary>
    Csv,
}

/// <summary>A record of a file, before it is read as a request.</summary>
/// <param name="Line">The line on which it begins, counted from 1.</param>
/// <param name="Body">It as JSON, or null if it has no form that could be.</param>
/// <param name="Fault">What is wrong with its form, or null.</param>
internal sealed record EnqueueRecord(long Line, string? Body, string? Fault = null);

/// <summary>
/// A file or standard input as a stream of characters with line numbers. No more than a record and a buffer of it is
/// ever in memory.
/// </summary>
internal sealed class EnqueueSource : IDisposable
{
    /// <summary>
    /// The longest record, in characters: four times what SQS takes, so that one with spaces still fits.
    /// </summary>
    public const int RecordMaxCharacters = 4_194_304;

    private const int BufferCharacters = 65_536;

    private static readonly UTF8Encoding Strict =
        new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly TextReader _reader;
    private readonly FileStream? _file;
    private readonly char[] _buffer = new char[BufferCharacters];
    private int _at;
    private int _length;

    private EnqueueSource(string name, TextReader reader, FileStream? file) =>
        (Name, _reader, _file) = (name, reader, file);

    public string Name { get; }

    /// <summary>The current line, counted from 1.</summary>
    public long Line { get; private set; } = 1;

    /// <summary>The current character, or -1 at the end.</summary>
    public int Current => _at < _length ? _buffer[_at] : -1;

    /// <summary>Bytes of the file that have been read.</summary>
    public long BytesRead => _file?.Position ?? 0;

    /// <summary>What of the text is in memory, from the current character on.</summary>
    public ReadOnlySpan<char> Ahead => _buffer.AsSpan(_at, _length - _at);

    /// <summary>Opens a file, or <c>-</c> for standard input, and looks at its beginning.</summary>
    /// <exception cref="UsageException">It cannot be read, is empty, or is not text.</exception>
    public static async Task<EnqueueSource> OpenAsync(string path, Terminal terminal, CancellationToken cancellation)
    {
        var name = path == "-" ? "standard input" : path;
        EnqueueSource source;
        if (path == "-")
        {
            source = new EnqueueSource(name, terminal.In, null);
        }
        else
        {
            if (Directory.Exists(path))
                throw new UsageException($"{name} is a directory: give the files in it, for example {path}/*.json.");
            try
            {
                var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
                source = new EnqueueSource(name, new StreamReader(file, Strict), file);
            }
            catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
            {
                throw new UsageException($"There is no file {name}.");
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
            {
                throw new UsageException($"{name} cannot be read: {AwsFailure.OneLine(e.Message)}");
            }
        }

        try
        {
            await source.FillAsync(cancellation);
            source.CheckBeginning();
            return source;
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }

    /// <summary>Goes to the next character.</summary>
    public ValueTask NextAsync(CancellationToken cancellation)
    {
        if (Current == '\n')
            Line++;
        _at++;
        return _at < _length ? ValueTask.CompletedTask : new ValueTask(FillAsync(cancellation));
    }

    /// <exception cref="UsageException">A record that is as long as this is most likely no record.</exception>
    public void CheckLength(StringBuilder record, long line)
    {
        if (record.Length >= RecordMaxCharacters)
        {
            throw new UsageException(
                $"{Name}:{line}: the record that begins here has more than {RecordMaxCharacters} characters; SQS takes "
                + "1,048,576 bytes. Is a quotation mark or a bracket left open?");
        }
    }

    public void Dispose() => _file?.Dispose();

    private async Task FillAsync(CancellationToken cancellation)
    {
        _at = _length = 0;
        try
        {
            _length = await _reader.ReadAsync(_buffer, cancellation);
        }
        catch (DecoderFallbackException)
        {
            throw new UsageException($"{Name}:{Line}: after this line there are bytes that are not UTF-8: is it text? "
                + "Save it as UTF-8.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"{Name} cannot be read: {AwsFailure.OneLine(e.Message)}");
        }
    }

    private void CheckBeginning()
    {
        // Standard input leaves it in.
        if (Current == '\uFEFF')
            _at++;
        var binary = Ahead[..Math.Min(Ahead.Length, 4_096)].IndexOf('\0');
        if (binary >= 0)
        {
            throw new UsageException(
                $"{Name} is not text: character {binary + 1} is a zero byte. Give JSON, JSON lines or CSV.");
        }

        if (Ahead.IsWhiteSpace() && _length < BufferCharacters)
            throw new UsageException($"{Name} is empty: give JSON, JSON lines or CSV with a header.");
    }
}
