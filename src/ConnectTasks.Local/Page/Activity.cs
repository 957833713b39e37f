using System.Globalization;
using Amazon.SQS.Model;

namespace ConnectTasks.Local;

/// <summary>
/// What has happened since the start, as the page shows it. It is kept whether or not someone looks, so that one who
/// comes later sees what was; and it is bounded: at most about 30 MB, mostly bodies. Safe for use by several threads.
/// </summary>
internal sealed class Activity(TimeProvider time)
{
    /// <summary>The latest messages that are kept.</summary>
    public const int MessagesMaxCount = 2_000;

    /// <summary>Of each: its first two steps and the latest others.</summary>
    public const int StepsMaxCount = 32;

    /// <summary>Of each body. A token that is not in the part that is kept is still known.</summary>
    public const int BodyMaxCharacters = 4_096;

    /// <summary>Calls by which is judged whether Connect throttles now.</summary>
    public const int RecentCallsMaxCount = 60;

    /// <summary>How long ago a throttled call is not "now" any more.</summary>
    public static readonly TimeSpan RecentTime = TimeSpan.FromSeconds(15);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, MessageLife> _byId = [];
    private readonly Dictionary<string, List<MessageLife>> _byToken = [];
    private readonly LinkedList<MessageLife> _byAge = [];
    private readonly Queue<(DateTimeOffset At, bool IsThrottled)> _recentCalls = [];
    private readonly Dictionary<string, int> _outcomes = [];
    private readonly HashSet<int> _environments = [];
    private long _version;
    private int _crashes;

    public SecondSeries Seconds { get; } = new();

    /// <summary>Grows with everything that happens.</summary>
    public long Version
    {
        get
        {
            lock (_gate)
                return _version;
        }
    }

    public void Observe(LambdaEvent seen)
    {
        switch (seen)
        {
            case LambdaEvent.BatchReceived batch:
                Change(now => Received(batch, now));
                break;
            case LambdaEvent.LogLine line when LogEntry.Parse(line.Text) is { } entry:
                Change(_ => Ended(entry));
                break;
            case LambdaEvent.BatchFinished { Result: not InvocationResult.Success } batch:
                Change(now => Touch(batch.Failed, life => life.Died(now, batch.Result.Text)));
                break;
            case LambdaEvent.MessagesDeleted deleted:
                Change(now => Touch(deleted.MessageIds, life => life.Deleted(now)));
                break;
            case LambdaEvent.EnvironmentStarted started:
                Change(_ => _environments.Add(HashCode.Combine(started.Function, started.Environment)));
                break;
            case LambdaEvent.EnvironmentStopped stopped:
                Change(_ => _environments.Remove(HashCode.Combine(stopped.Function, stopped.Environment)));
                break;
            case LambdaEvent.InvocationFinished { Result: InvocationResult.Exited or InvocationResult.TimedOut }:
                Change(_ => _crashes++);
                break;
        }
    }

    /// <summary>A call that Connect answered.</summary>
    public void Observe(ConnectCall call)
    {
        if (call.Operation != "StartTaskContact")
            return;
        Change(_ =>
        {
            var isThrottled = call.Status == 429;
            _recentCalls.Enqueue((call.At, isThrottled));
            if (_recentCalls.Count > RecentCallsMaxCount)
                _recentCalls.Dequeue();
            Seconds.Count(call.At, s => s with
            {
                Calls = s.Calls + 1,
                Throttled = s.Throttled + (isThrottled ? 1 : 0),
                Failed = s.Failed + (call is { Status: not (200 or 429) }
                    or { Fault: FaultScript.LostReply or FaultScript.StalledBody or FaultScript.Empty } ? 1 : 0),
            });
            if (call.ClientToken is { } token && _byToken.TryGetValue(token, out var lives))
                lives.ForEach(life => life.Called(call));
        });
    }

    /// <summary>The newest messages that changed after a version, oldest first, and how many are kept.</summary>
    public (long Version, IReadOnlyList<MessageRow> Rows, int Kept) Since(long version, int most)
    {
        lock (_gate)
        {
            var rows = Newest().Take(most).Where(life => life.Version > version).Select(life => life.Row).ToList();
            rows.Reverse();
            return (_version, rows, _byAge.Count);
        }
    }

    /// <summary>The newest messages whose id, token, contact or name contains a text, newest first.</summary>
    public IReadOnlyList<MessageRow> Search(string text, int most)
    {
        lock (_gate)
            return [.. Newest().Where(life => life.Matches(text)).Take(most).Select(life => life.Row)];
    }

    public MessageDetails? Find(string id)
    {
        lock (_gate)
        {
            if (!_byId.TryGetValue(id, out var life))
                return null;
            var others = life.Token is { } token && _byToken.TryGetValue(token, out var all) ? all : [];
            return new MessageDetails
            {
                Row = life.Row,
                Body = life.Body,
                IsCut = life.Body.Length == BodyMaxCharacters,
                Steps = [.. life.Steps.OrderBy(step => step.At).ThenBy(step => step.Kind)],
                StepsDropped = life.StepsDropped,
                Others = [.. others.Where(other => other != life).TakeLast(50).Select(other => other.Row)],
            };
        }
    }

    /// <summary>The name of a task's request, if a message of it is still kept.</summary>
    public string? NameOf(string token)
    {
        lock (_gate)
        {
            return _byToken.TryGetValue(token, out var lives)
                ? lives.Select(life => life.Row.Name).FirstOrDefault(name => name is not null && name[0] != '(')
                : null;
        }
    }

    public ActivityTotals Totals
    {
        get
        {
            lock (_gate)
            {
                var since = time.GetUtcNow() - RecentTime;
                return new ActivityTotals
                {
                    Outcomes = new Dictionary<string, int>(_outcomes),
                    RecentCalls = _recentCalls.Count,
                    RecentThrottled = _recentCalls.Count(call => call.IsThrottled),
                    IsThrottledNow = _recentCalls.Any(call => call.IsThrottled && call.At > since),
                    Environments = _environments.Count,
                    Crashes = _crashes,
                };
            }
        }
    }

    private void Change(Action<DateTimeOffset> change)
    {
        lock (_gate)
        {
            _version++;
            change(time.GetUtcNow());
        }
    }

    private void Received(LambdaEvent.BatchReceived batch, DateTimeOffset now)
    {
        foreach (var message in batch.Messages)
        {
            if (!_byId.TryGetValue(message.MessageId, out var life))
                life = Add(message);
            life.Received(now, (int)(Number(message, "ApproximateReceiveCount") ?? 1), batch.Messages.Count);
            life.Version = _version;
        }

        Seconds.Count(now, s => s with { Received = s.Received + batch.Messages.Count });
    }

    private MessageLife Add(Message message)
    {
        var body = message.Body ?? "";
        var read = TaskMessage.Read(body);
        var life = new MessageLife(
            message.MessageId, body.Length > BodyMaxCharacters ? body[..BodyMaxCharacters] : body, read);
        if (DeadLetter.Time(Number(message, "SentTimestamp")) is { } sent)
        {
            var isRedriven = message.MessageAttributes?.ContainsKey(DeadLetterAttributes.Origin) is true;
            life.Sent(sent, isRedriven
                ? "Sent to the task queue once more, from the dead-letter queue."
                : "Sent to the task queue.");
        }

        _byId[life.Id] = life;
        _byAge.AddLast(life);
        Index(life, life.Token);
        if (_byAge.Count > MessagesMaxCount)
            Forget(_byAge.First!.Value);
        return life;
    }

    private void Ended(LogEntry entry)
    {
        _outcomes[entry.Outcome] = _outcomes.GetValueOrDefault(entry.Outcome) + 1;
        var isDone = entry.ReturnIn is null;
        Seconds.Count(entry.At, s => s with
        {
            Started = s.Started + (entry.Outcome == "Started" ? 1 : 0),
            Done = s.Done + (isDone ? 1 : 0),
            Retried = s.Retried + (isDone ? 0 : 1),
        });
        Touch([entry.MessageId], life =>
        {
            var before = life.Token;
            life.Ended(entry);
            if (life.Token != before)
                Index(life, life.Token);
        });
    }

    private void Touch(IReadOnlyList<string> ids, Action<MessageLife> change)
    {
        foreach (var id in ids)
        {
            if (!_byId.TryGetValue(id, out var life))
                continue;
            change(life);
            life.Version = _version;
        }
    }

    private void Index(MessageLife life, string? token)
    {
        if (token is null)
            return;
        if (!_byToken.TryGetValue(token, out var lives))
            _byToken[token] = lives = [];
        lives.Add(life);
    }

    private void Forget(MessageLife life)
    {
        _byAge.RemoveFirst();
        _byId.Remove(life.Id);
        if (life.Token is { } token && _byToken.TryGetValue(token, out var lives) && lives.Remove(life)
            && lives.Count == 0)
            _byToken.Remove(token);
    }

    private IEnumerable<MessageLife> Newest()
    {
        for (var node = _byAge.Last; node is not null; node = node.Previous)
            yield return node.Value;
    }

    private static long? Number(Message message, string attribute) =>
        long.TryParse(message.Attributes?.GetValueOrDefault(attribute), CultureInfo.InvariantCulture, out var number)
            ? number
            : null;
}

/// <summary>Sums since the start, and how Connect answers now.</summary>
internal sealed record ActivityTotals
{
    /// <summary>How often each outcome came, by its name.</summary>
    public required IReadOnlyDictionary<string, int> Outcomes { get; init; }

    public required int RecentCalls { get; init; }

    public required int RecentThrottled { get; init; }

    public required bool IsThrottledNow { get; init; }

    /// <summary>Execution environments of the functions that run.</summary>
    public required int Environments { get; init; }

    /// <summary>Invocations whose process died or was too slow.</summary>
    public required int Crashes { get; init; }
}
