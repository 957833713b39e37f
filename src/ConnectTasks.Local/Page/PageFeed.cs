using System.Text.Json;
using Amazon.DynamoDBv2;
using Amazon.Runtime;
using Amazon.SQS;

namespace ConnectTasks.Local;

/// <summary>
/// What a page is told: what happened, from <see cref="Activity"/>, and what lies on the queues, in the ledger and in
/// Connect, which is looked at only while a page is open. An update holds what changed since the one before, at most
/// <see cref="RowsMaxCount"/> rows of each kind.
/// </summary>
internal sealed class PageFeed : IAsyncDisposable
{
    public const int RowsMaxCount = 200;

    /// <summary>Held tasks beyond this are not read: the page says that there are more.</summary>
    public const int HeldMaxCount = 2_000;

    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(400);

    private static readonly TimeSpan LettersInterval = TimeSpan.FromSeconds(1);

    /// <summary>The ledger and the dead letters are looked at so often even if nothing seems to happen.</summary>
    private static readonly TimeSpan LongestInterval = TimeSpan.FromSeconds(5);

    private readonly PageSystem _system;
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _wake = new(0, 1);
    private readonly SemaphoreSlim _letters = new(1);
    private readonly Task _looking;
    private int _viewers;
    private long _looks;
    private volatile PageView _view = new();
    private volatile bool _looksAtLetters;

    public PageFeed(PageSystem system)
    {
        _system = system;
        _looking = LookAsync(_stop.Token);
    }

    /// <summary>Begins to look for someone who watches, until that is disposed.</summary>
    public IDisposable Enter()
    {
        Interlocked.Increment(ref _viewers);
        Wake();
        return new Viewer(this);
    }

    /// <summary>
    /// Does something with the dead letters, while no look hides them for a moment; then they are looked at anew.
    /// </summary>
    public async Task WithLettersAsync(Func<Task> work, CancellationToken cancellation)
    {
        await _letters.WaitAsync(cancellation);
        try
        {
            await work();
        }
        finally
        {
            _letters.Release();
            _looksAtLetters = true;
        }
    }

    public LetterBody? FindLetter(string id) =>
        _view.Letters.FirstOrDefault(letter => letter.MessageId == id) is { } letter
            ? new LetterBody(letter.MessageId, letter.Body)
            : null;

    public ContactRequest? FindContact(string id) =>
        _system.Connect?.Look(1, contact => contact.ContactId == id).Newest is [var contact]
            ? new ContactRequest(contact.ContactId, contact.Request)
            : null;

    /// <summary>What changed since the last update that went out through this cursor; null if nothing.</summary>
    public PageUpdate? Update(Cursor cursor)
    {
        var (version, rows, kept) = _system.Activity.Since(cursor.Activity, RowsMaxCount);
        var view = _view;
        var isFirst = cursor.Activity < 0;
        if (!isFirst && version == cursor.Activity && view.Look == cursor.Look)
            return null;
        var now = _system.Time.GetUtcNow();
        var seconds = _system.Activity.Seconds.Since(isFirst ? 0 : cursor.Second);
        var contacts = view.Contacts.Where(cursor.IsNew).ToList();
        var update = new PageUpdate
        {
            Now = now,
            IsFirst = isFirst,
            Totals = _system.Activity.Totals,
            Messages = rows,
            MessagesKept = kept,
            Seconds = seconds,
            Counts = view.Counts,
            Contacts = contacts.ConvertAll(ContactRow.From),
            Waiting = view.WaitingVersion == cursor.Waiting ? null : view.Waiting,
            Letters = view.LettersVersion == cursor.Letters ? null : view.LetterRows,
            Quota = _system.Connect?.Options.RatePerSecond,
            HasConnect = _system.Connect is not null,
        };
        (cursor.Activity, cursor.Look) = (version, view.Look);
        (cursor.Waiting, cursor.Letters) = (view.WaitingVersion, view.LettersVersion);
        // The second that runs is told again until it is over.
        cursor.Second = now.ToUnixTimeSeconds() - 1;
        cursor.Remember(view.Contacts);
        return update;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _looking;
        _stop.Dispose();
        _wake.Dispose();
        _letters.Dispose();
    }

    private void Wake()
    {
        try
        {
            _wake.Release();
        }
        catch (SemaphoreFullException)
        {
            // It is awake already.
        }
    }

    private async Task LookAsync(CancellationToken stop)
    {
        // Not on the thread that starts the page.
        await Task.Yield();
        try
        {
            while (!stop.IsCancellationRequested)
            {
                if (Volatile.Read(ref _viewers) == 0)
                    await _wake.WaitAsync(stop);
                try
                {
                    _view = await LookOnceAsync(_view, stop);
                }
                catch (Exception e) when (e is AmazonSQSException or AmazonDynamoDBException or AmazonClientException
                    or HttpRequestException)
                {
                    _view = _view with { Look = ++_looks, Counts = _view.Counts with { Trouble = e.Message } };
                }

                await Task.Delay(LookInterval, _system.Time, stop);
            }
        }
        catch (Exception) when (stop.IsCancellationRequested)
        {
            // Whatever a look was at, it is over.
        }
    }

    private async Task<PageView> LookOnceAsync(PageView before, CancellationToken stop)
    {
        string[] attributes =
        [
            "ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible",
            "ApproximateNumberOfMessagesDelayed",
        ];
        var now = _system.Time.GetUtcNow();
        var queue = await _system.Sqs.GetQueueAttributesAsync(_system.QueueUrl, [.. attributes], stop);
        var letters = await _system.DeadLetters.CountAsync(stop);
        var version = _system.Activity.Version;
        var contacts = _system.Connect?.Look(RowsMaxCount, _ => true);
        var view = before with
        {
            Look = ++_looks,
            Contacts = contacts?.Newest ?? [],
            Counts = before.Counts with
            {
                Visible = queue.ApproximateNumberOfMessages,
                NotVisible = queue.ApproximateNumberOfMessagesNotVisible,
                Delayed = queue.ApproximateNumberOfMessagesDelayed,
                Letters = letters,
                Contacts = contacts?.Count ?? 0,
                FaultsLeft = _system.Connect?.Totals.FaultsLeft ?? 0,
                LastingFaults = PageFaults.Lasting(_system.Connect?.LastingFaults ?? []),
                Trouble = null,
            },
        };
        // Of many that come one after the other, not each is worth a look.
        var age = now - before.LettersAt;
        var hasChanged = letters != before.LettersCount && age > LettersInterval;
        if (_looksAtLetters || hasChanged || age > LongestInterval * 6)
        {
            _looksAtLetters = false;
            view = await ReadLettersAsync(view, letters, now, stop);
        }

        var isDue = version != before.HeldAtVersion || now - before.HeldAt > LongestInterval;
        if (isDue && now - before.HeldAt > before.HeldTook * 10)
            view = await ReadHeldAsync(view, version, now, stop);
        var waiting = WaitingTask.Merge(view.Held, contacts?.Scheduled ?? [], _system.Activity);
        return waiting.SequenceEqual(view.Waiting)
            ? view
            : view with { Waiting = waiting, WaitingVersion = view.WaitingVersion + 1 };
    }

    private async Task<PageView> ReadLettersAsync(
        PageView view, long count, DateTimeOffset now, CancellationToken stop)
    {
        var read = new List<DeadLetter>();
        await _letters.WaitAsync(stop);
        try
        {
            if (count > 0)
                await _system.DeadLetters.LookAsync(RowsMaxCount, read.Add, () => read.Count >= count, stop);
        }
        finally
        {
            _letters.Release();
        }

        // Those that someone else has in hand are still there: what was known of them stays.
        var known = view.Letters.Where(old => read.All(letter => letter.MessageId != old.MessageId));
        IReadOnlyList<DeadLetter> all = [.. read, .. known.Take((int)Math.Max(0, count - read.Count))];
        return view with
        {
            Letters = all,
            LettersAt = now,
            LettersCount = count,
            LettersVersion = view.LettersVersion + 1,
            LetterRows = [.. all.OrderByDescending(letter => letter.SentAt).Select(LetterRow.From)],
        };
    }

    private async Task<PageView> ReadHeldAsync(
        PageView view, long version, DateTimeOffset now, CancellationToken stop)
    {
        var began = _system.Time.GetTimestamp();
        var held = new List<TaskRecord>();
        await foreach (var task in _system.Ledger.HeldAsync(stop))
        {
            held.Add(task);
            if (held.Count == HeldMaxCount)
                break;
        }

        return view with
        {
            Held = [.. held.OrderBy(task => task.ScheduledTime).Take(RowsMaxCount)],
            HeldAt = now,
            HeldAtVersion = version,
            HeldTook = _system.Time.GetElapsedTime(began),
            Counts = view.Counts with { Held = held.Count, HasMoreHeld = held.Count == HeldMaxCount },
        };
    }

    /// <summary>Where one page is in the stream.</summary>
    internal sealed class Cursor
    {
        private Dictionary<string, (ContactState, int, DateTimeOffset)> _contacts = [];

        public long Activity { get; set; } = -1;

        public long Look { get; set; } = -1;

        public long Second { get; set; }

        public long Waiting { get; set; } = -1;

        public long Letters { get; set; } = -1;

        public bool IsNew(StartedContact contact) =>
            !_contacts.TryGetValue(contact.ContactId, out var told) || told != Mark(contact);

        public void Remember(IReadOnlyList<StartedContact> contacts) =>
            _contacts = contacts.ToDictionary(contact => contact.ContactId, Mark);

        private static (ContactState, int, DateTimeOffset) Mark(StartedContact contact) =>
            (contact.State, contact.Calls, contact.UpdatedAt);
    }

    private sealed class Viewer(PageFeed feed) : IDisposable
    {
        public void Dispose() => Interlocked.Decrement(ref feed._viewers);
    }
}

/// <summary>A dead letter's body, for an editor.</summary>
internal sealed record LetterBody(string MessageId, string Body);

/// <summary>What a contact was started with.</summary>
internal sealed record ContactRequest(string ContactId, JsonElement Request);
