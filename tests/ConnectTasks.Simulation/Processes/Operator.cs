using System.Globalization;

namespace ConnectTasks.Simulation;

/// <summary>
/// Who looks after the dead-letter queue: redrives what is healthy when all works again, with our tool or, where SQS
/// moved the message, in the console.
/// </summary>
internal sealed class Operator
{
    private static readonly TimeSpan Round = TimeSpan.FromHours(6);

    private readonly World _world;
    private readonly bool _usesConsole;
    private int _redrives;

    public Operator(World world)
    {
        _world = world;
        _usesConsole = world.Random.Next(2) == 0;
        world.Loop.After(world.Config.Storm + TimeSpan.FromHours(48 * world.Random.NextDouble()), Look);
    }

    public bool IsDone => !_world.Facts.Letters.Any(IsToBeRedriven);

    /// <summary>Why it lies there has passed; what Connect or we refused needs another request.</summary>
    private static bool IsToBeRedriven(Letter letter) =>
        !letter.IsRedriven && letter.Sent is { Plan.Kind: not MessageKind.Sick }
        && (letter.WasMoved || letter.Reason?.StartsWith("Exhausted.", StringComparison.Ordinal) == true);

    private void Look()
    {
        var letters = _world.Facts.Letters.Where(IsToBeRedriven).ToList();
        if (letters.Count > 0 && _world.Config.ReplacesQueue)
        {
            _world.Tasks.Arn = QueuedMessage.QueueArn + "-of-another-kind";
        }

        letters.ForEach(Redrive);
        _world.Loop.After(Round, Look);
    }

    private void Redrive(Letter letter)
    {
        letter.RedrivenAt = _world.Loop.Now;
        _world.Counts.Redrives++;
        var message = letter.Message;
        var attributes = new Dictionary<string, string>(message.Attributes);
        if (!letter.WasMoved || !_usesConsole)
        {
            attributes.Remove(DeadLetterAttributes.Reason);
            attributes.Remove(DeadLetterAttributes.Detail);
            // The tool says where a message came from that SQS moved.
            attributes.TryAdd(DeadLetterAttributes.Origin, new DeadLetterOrigin
            {
                MessageId = message.Id,
                QueueArn = QueuedMessage.QueueArn,
                SentAtMs = message.SentAt.ToUnixTimeMilliseconds(),
                ReceiveCount = message.ReceiveCount,
            }.ToJson());
        }

        var id = _world.Config.Fifo ? "redrive-" + (++_redrives).ToString(CultureInfo.InvariantCulture) : null;
        _world.SendRedriven(letter, attributes, id);
        _world.Dead.Delete(message.Id);
    }
}
