using System.Net;
using Amazon.Connect;
using Amazon.Connect.Model;
using Amazon.Runtime;
using ConnectTasks.Lambda;

namespace ConnectTasks.Simulation;

/// <summary>
/// Connect: its quotas, its memory of client tokens, its refusals, its bad days, and that it is not consistent at once.
/// </summary>
internal sealed class SimulatedConnect(World world) : AmazonConnectClient(
    new BasicAWSCredentials("local", "local"), new AmazonConnectConfig { ServiceURL = "http://127.0.0.1:1" })
{
    private const int MaxMoves = 20;

    private readonly Dictionary<string, (string Contact, DateTimeOffset At)> _tokens = [];
    private readonly Bucket _start = new(world.Config.Quota, world.Config.QuotaBurst);
    private readonly Bucket _describe = new(10, 15);
    private readonly Bucket _stop = new(10, 15);
    private readonly Bucket _update = new(2, 5);

    public List<Contact> Contacts { get; } = [];

    /// <summary>What Connect refused for good, by contact: no matter of a moment.</summary>
    public List<(string Contact, string Code, DateTimeOffset At)> Refusals { get; } = [];

    public override async Task<StartTaskContactResponse> StartTaskContactAsync(
        StartTaskContactRequest request, CancellationToken cancellationToken = default)
    {
        var key = TaskKey.For(request.InstanceId!, request.ClientToken!);
        var call = world.Facts.OnStartCalled(key);
        try
        {
            var response = await CallAsync("start", _start, key, () => Start(request), cancellationToken);
            // Whatever came of earlier ones is this contact.
            world.Facts.OnContactKnown(key);
            return response;
        }
        catch (AmazonConnectException e) when ((int)e.StatusCode < 500)
        {
            world.Facts.OnStartRefused(key, call);
            throw;
        }
    }

    public override Task<DescribeContactResponse> DescribeContactAsync(
        DescribeContactRequest request, CancellationToken cancellationToken = default) =>
        CallAsync("describe", _describe, request.ContactId!, () => Describe(Visible(request.ContactId!)), cancellationToken);

    public override Task<StopContactResponse> StopContactAsync(
        StopContactRequest request, CancellationToken cancellationToken = default) =>
        CallAsync("stop", _stop, request.ContactId!, () => Stop(Visible(request.ContactId!)), cancellationToken);

    public override Task<UpdateContactScheduleResponse> UpdateContactScheduleAsync(
        UpdateContactScheduleRequest request, CancellationToken cancellationToken = default) =>
        CallAsync("move", _update, request.ContactId!, () => Move(Visible(request.ContactId!), request), cancellationToken);

    private Task<T> CallAsync<T>(
        string what, Bucket bucket, string key, Func<T> effect, CancellationToken cancellation) =>
        Network.CallAsync(
            world,
            what,
            Settings.ConnectTimeout,
            () =>
            {
                Fail(bucket, key, what);
                var result = effect();
                return world.StretchOf(Service.Connect) == StretchKind.Unanswered
                    || world.Random.NextDouble() < world.Rates.ServerError * world.Rates.FailsAfter
                    ? throw Error(key, 500, "InternalServiceException")
                    : result;
            },
            cancellation);

    /// <summary>What may happen to any call, before it has any effect.</summary>
    private void Fail(Bucket bucket, string key, string what)
    {
        var (random, rates) = (world.Random, world.Rates);
        switch (world.StretchOf(Service.Connect))
        {
            case StretchKind.Denied when random.Next(2) == 0: throw Error(key, 403, "AccessDeniedException");
            case StretchKind.Denied: throw Error(key, 400, "AccessDeniedException");
            case StretchKind.OverQuota when what == "start": throw Error(key, 402, "ServiceQuotaExceededException");
            case StretchKind.Out: throw Error(key, random.Next(2) == 0 ? 500 : 503, "InternalServiceException");
        }

        if (random.NextDouble() < rates.ServerError)
        {
            throw Error(key, 500, "InternalServiceException");
        }

        if (!bucket.Take(world.Loop.Now))
        {
            world.Counts.Throttles++;
            world.Facts.OnThrottledByQuota(what, key);
            throw Error(key, 429, "TooManyRequestsException");
        }

        if (random.NextDouble() < rates.Throttle)
        {
            world.Counts.Throttles++;
            throw Error(key, 429, "ThrottlingException");
        }

        if (random.NextDouble() < rates.OddError)
        {
            throw random.Next(6) switch
            {
                0 => Error(key, 400, "ThrottlingException"),
                // It belongs to UpdateContactSchedule; from another call it is a throttle like any other.
                1 when what != "move" => Error(key, 429, "LimitExceededException"),
                2 => Error(key, 403, "ExpiredTokenException"),
                3 => Error(key, 403, "RequestExpired"),
                4 => Error(key, 400, "InvalidSignatureException"),
                _ => Error(key, 400, "AccessDeniedException"),
            };
        }
    }

    private StartTaskContactResponse Start(StartTaskContactRequest request)
    {
        var key = TaskKey.For(request.InstanceId!, request.ClientToken!);
        var now = world.Loop.Now;
        RefuseWhatCantBeStarted(request, key, now);
        if (_tokens.TryGetValue(request.ClientToken!, out var known) && now - known.At < world.Config.TokenMemory)
        {
            world.Trace(key, $"connect: the same contact {known.Contact}");
            return new StartTaskContactResponse { ContactId = known.Contact };
        }

        var runs = world.Random.Next(2) == 0 ? world.Random.NextDouble() * TimeSpan.FromHours(2) : TimeSpan.FromDays(30);
        var contact = new Contact($"contact-{Contacts.Count + 1}", request.ClientToken!, request.Name!, now, runs);
        contact.MoveTo(request.ScheduledTime is { } at ? new DateTimeOffset(at, TimeSpan.Zero) : now, now);
        _tokens[request.ClientToken!] = (contact.Id, now);
        Contacts.Add(contact);
        HideForAWhile(contact, isNew: true);
        world.Trace(key, $"connect: new contact {contact.Id}, to start at {(contact.StartsAt - World.Start).TotalSeconds:0} s");
        world.Audit.OnContact(key, request.ClientToken!);
        return new StartTaskContactResponse { ContactId = IsEmpty() ? null : contact.Id };
    }

    private void RefuseWhatCantBeStarted(StartTaskContactRequest request, string key, DateTimeOffset now)
    {
        if (request.Name!.StartsWith(Some.NeverWorks, StringComparison.Ordinal))
        {
            throw Error(key, 400, "InvalidParameterException");
        }

        if (request.Name.StartsWith(Some.Sick, StringComparison.Ordinal))
        {
            throw Error(key, 500, "InternalServiceException");
        }

        if (!world.Facts.IsFlowThere(request.ContactFlowId, now))
        {
            world.Counts.InconsistentAnswers++;
            throw Error(key, 404, "ResourceNotFoundException");
        }

        if (request.Attachments?.Exists(a => Some.HasExpired(a.S3Url!, now)) == true)
        {
            throw Error(key, 400, "InvalidParameterException");
        }

        if (request.ScheduledTime is { } time
            && (time < now.UtcDateTime || time > (now + world.Config.ConnectHorizon).UtcDateTime))
        {
            throw Error(key, 400, "InvalidParameterException");
        }
    }

    private DescribeContactResponse Describe(Contact contact)
    {
        var now = world.Loop.Now;
        if (IsEmpty())
        {
            return new DescribeContactResponse();
        }

        var isStale = IsUnseen(contact, now);
        if (isStale)
        {
            world.Counts.InconsistentAnswers++;
            world.Trace(contact.Id, "connect: described as it was before");
        }

        var startsAt = isStale ? contact.StartsAtAsOf(contact.ChangedAt - TimeSpan.FromTicks(1)) : contact.StartsAt;
        return new DescribeContactResponse
        {
            Contact = new Amazon.Connect.Model.Contact
            {
                ScheduledTimestamp = startsAt.UtcDateTime,
                DisconnectTimestamp = !isStale && contact.IsOver(now) ? contact.EndsAt.UtcDateTime : null,
            },
        };
    }

    private StopContactResponse Stop(Contact contact)
    {
        if (contact.IsOver(world.Loop.Now))
        {
            throw Error(contact.Id, 410, "ContactNotFoundException");
        }

        contact.Stop(world.Loop.Now);
        HideForAWhile(contact, isNew: false);
        return new StopContactResponse();
    }

    private UpdateContactScheduleResponse Move(Contact contact, UpdateContactScheduleRequest request)
    {
        var now = world.Loop.Now;
        var time = new DateTimeOffset(request.ScheduledTime!.Value.ToUniversalTime(), TimeSpan.Zero);
        var refusal = contact.IsOver(now) || contact.HasBegun(now) ? (400, "InvalidRequestException")
            : time < now || time > now + world.Config.ConnectHorizon ? (400, "InvalidParameterException")
            : contact.Moves >= MaxMoves ? (429, "LimitExceededException")
            : default;
        if (refusal.Item2 is { } code)
        {
            Refusals.Add((contact.Id, code, now));
            throw Error(contact.Id, refusal.Item1, code);
        }

        contact.Moves++;
        contact.MoveTo(time, now);
        contact.WasMovedByPeople = false;
        HideForAWhile(contact, isNew: false);
        world.Trace(world.Facts.KeyOfContact(contact), $"connect: {contact.Id} moved to {(time - World.Start).TotalSeconds:0} s");
        return new UpdateContactScheduleResponse();
    }

    /// <summary>The contact, unless Connect does not know it everywhere yet.</summary>
    private Contact Visible(string id)
    {
        var contact = Contacts.Find(c => c.Id == id) ?? throw Error(id, 404, "ResourceNotFoundException");
        if (contact.UnseenAs is { } code && IsUnseen(contact, world.Loop.Now))
        {
            world.Counts.InconsistentAnswers++;
            throw Error(id, code[0] == 'R' ? 404 : 400, code);
        }

        return contact;
    }

    /// <summary>Some of what answers knows the change already.</summary>
    private bool IsUnseen(Contact contact, DateTimeOffset now) =>
        now < contact.SeenFrom && world.Random.NextDouble() < 0.8;

    /// <summary>Mostly for seconds, in some cases for minutes; always less than the function's patience.</summary>
    /// <param name="isNew">Whether it was made just now: then there is no state of before.</param>
    /// <param name="isOurs">
    /// Whether the function changed it. A contact that others changed after long is never unknown, only shown as before.
    /// </param>
    public void HideForAWhile(Contact contact, bool isNew, bool isOurs = true)
    {
        var (random, now) = (world.Random, world.Loop.Now);
        if (random.NextDouble() >= world.Rates.Inconsistent)
        {
            return;
        }

        var code = (isNew ? random.Next(2) : isOurs ? random.Next(4) : 2) switch
        {
            0 => "ResourceNotFoundException",
            1 => "InvalidRequestException",
            _ => null,
        };
        var seconds = random.Next(4) == 0 ? random.Next(30, 240) : random.Next(1, 30);
        contact.Hide(code, now, now + TimeSpan.FromSeconds(Math.Min(seconds, world.LongestInconsistency.TotalSeconds)));
    }

    private bool IsEmpty() => world.Random.NextDouble() < world.Rates.Empty;

    private AmazonConnectException Error(string key, int status, string code)
    {
        world.Trace(Contacts.Find(c => c.Id == key) is { } contact ? world.Facts.KeyOfContact(contact) : key, $"connect: {status} {code}");
        return new AmazonConnectException("text", null, ErrorType.Unknown, code, "id", (HttpStatusCode)status);
    }

    /// <summary>A quota: so many calls a second, and so many at once.</summary>
    private sealed class Bucket(double perSecond, int burst)
    {
        private DateTimeOffset _fullAt = DateTimeOffset.MinValue;

        public bool Take(DateTimeOffset now)
        {
            var interval = TimeSpan.FromSeconds(1 / perSecond);
            if (_fullAt - now > interval * (burst - 1))
            {
                return false;
            }

            _fullAt = (_fullAt > now ? _fullAt : now) + interval;
            return true;
        }
    }
}
