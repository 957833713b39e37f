namespace ConnectTasks.Simulation;

/// <summary>The invariants of dead letters: each has a reason that is true, its origin, its group and its body.</summary>
internal sealed class LetterAudit(World world, Action<string, string, string> violated)
{
    private const string HealthyStays = "no healthy message is dead-lettered";

    public void Check(Letter letter)
    {
        if (letter.Sent is not { } sent)
        {
            violated("every dead letter tells where it came from", letter.Message.Id, $"{letter.Message.Id} does not");
            return;
        }

        var key = sent.Plan.Key(sent.MessageId);
        if (letter.Message.Group != sent.Plan.Group)
        {
            violated(Audit.GroupIsKept, key, $"the letter has {letter.Message.Group ?? "none"} instead of {sent.Plan.Group ?? "none"}");
        }

        if (letter.WasMoved)
        {
            // Nobody but SQS saw it for so long: then SQS moves it, and the operator sends it back.
            if (TroubledBefore(letter.At) < world.Config.Settings.MaxRetryAge)
            {
                violated("every dead letter has a reason", key, $"{letter.Message.Id} was moved by the redrive policy");
            }
        }
        else if (letter.Reason is not { } reason)
        {
            violated("every dead letter has a reason", key, $"{letter.Message.Id} has none");
        }
        else if (!reason.StartsWith("NotPossible", StringComparison.Ordinal))
        {
            CheckReason(key, letter, sent, reason);
        }
    }

    private void CheckReason(string key, Letter letter, Sent sent, string reason)
    {
        var fits = sent.Plan.Expected.Any(e => reason.StartsWith(e, StringComparison.Ordinal))
            // Nobody can tell whether the other one was refused: its letter says what to do.
            || letter.IsLeftOpen
            || (reason == "TokenReused" && IsReuse(sent))
            // A message may be retried for its retry age, and no longer; it is redriven when the outage is over.
            || (reason.StartsWith("Exhausted.", StringComparison.Ordinal)
                && TroubledBefore(letter.At) >= world.Config.Settings.MaxRetryAge);
        if (!fits && sent.Plan.Expected.Length == 0)
        {
            violated(HealthyStays, key, $"{sent.MessageId} lies there as {reason}");
        }
        else if (!fits)
        {
            violated(Audit.ReasonFits, key, $"{reason} instead of {sent.Plan.Expected[0]}");
        }
        else if (sent.Plan.Kind == MessageKind.Sick
            // By clocks that differ.
            && letter.At - sent.At < world.Config.Settings.MaxRetryAge - (2 * world.MaxSkew))
        {
            violated(HealthyStays, key, $"{sent.MessageId} was given up after {(letter.At - sent.At).TotalHours:0} h");
        }
    }

    /// <summary>Another request of the token was there, and may work or was being tried.</summary>
    private bool IsReuse(Sent sent) => world.Facts.Sent.Exists(s =>
        s.Plan.Token == sent.Plan.Token && s.Plan.Token is not null && !s.Plan.IsCommand && s.Plan.Task != sent.Plan.Task
        && (s.Plan.Expected.Length == 0 || sent.Plan.Kind == MessageKind.Reuse));

    /// <summary>How long something was out before a moment, the longest of stretches that follow on each other.</summary>
    private TimeSpan TroubledBefore(DateTimeOffset moment)
    {
        var (longest, from, until) = (TimeSpan.Zero, DateTimeOffset.MinValue, DateTimeOffset.MinValue);
        // A retry may come the longest wait after the end of what it met.
        var slack = 2 * Lambda.RetryPolicy.LongestWait;
        foreach (var stretch in world.Outages.Where(o => o.From < moment).OrderBy(o => o.From))
        {
            from = stretch.From > until + slack ? stretch.From : from;
            until = stretch.Until > until ? stretch.Until : until;
            var length = (until < moment ? until : moment) - from;
            longest = length > longest ? length : longest;
        }

        return longest + slack;
    }
}
