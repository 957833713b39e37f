using Amazon.Lambda.Core;
using ConnectTasks.Lambda;

namespace ConnectTasks.Simulation;

/// <summary>The sizes of one seed's world. Those that the template sets are the template's.</summary>
internal sealed record WorldConfig
{
    public const int Concurrency = 2;
    public const int MaxReceiveCount = 400;
    public static readonly TimeSpan Visibility = TimeSpan.FromSeconds(360);
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);

    public required Settings Settings { get; init; }

    /// <summary>How long things go wrong; after it all is calm.</summary>
    public required TimeSpan Storm { get; init; }

    public required int Messages { get; init; }

    /// <summary>Connect's real quota; the function may be told another one.</summary>
    public required double Quota { get; init; }

    public required int QuotaBurst { get; init; }

    /// <summary>How long Connect remembers a client token.</summary>
    public required TimeSpan TokenMemory { get; init; }

    public required bool Fifo { get; init; }

    /// <summary>How often the release function ticks.</summary>
    public required TimeSpan Tick { get; init; }

    /// <summary>How far ahead Connect really takes a time; the function may be told more.</summary>
    public required TimeSpan ConnectHorizon { get; init; }

    /// <summary>All messages come at once, more than the quota takes for a while.</summary>
    public required bool IsBurst { get; init; }

    public static WorldConfig Draw(Random random)
    {
        var quota = random.Next(4) == 0 ? 1 : 2;
        // Follow-ups of an hour, of a month, or of a year; the storm is then as long as the work.
        var (horizon, tick) = random.Next(6) switch
        {
            0 => (TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(1)),
            1 => (TimeSpan.FromDays(1), TimeSpan.FromHours(1)),
            2 => (TimeSpan.FromDays(6), TimeSpan.FromHours(6)),
            _ => (TimeSpan.FromDays(6), TimeSpan.Zero),
        };
        return new WorldConfig
        {
            Settings = new Settings
            {
                TaskQueueUrl = "https://sqs/tasks",
                DeadLetterQueueUrl = "https://sqs/dead",
                TaskTable = "tasks",
                ConnectRatePerSecond = 2,
                ConnectBurst = 5,
                MaximumConcurrency = Concurrency,
                ScheduleHorizon = horizon,
            },
            Storm = TimeSpan.FromMinutes(random.Next(10) == 0 ? random.Next(60, 1500) : random.Next(5, 60)),
            Messages = random.Next(5, 40),
            Quota = quota,
            QuotaBurst = quota == 2 ? 5 : 1,
            TokenMemory = random.Next(2) == 0 ? TimeSpan.FromHours(2) : TimeSpan.FromDays(7),
            Fifo = random.Next(5) == 0,
            IsBurst = random.Next(3) == 0,
            Tick = tick,
            ConnectHorizon = horizon * (random.Next(4) == 0 ? 0.95 : 1),
        };
    }
}

internal enum MessageKind
{
    Plain,
    Tokenless,
    Duplicate,
    Reuse,
    Malformed,
    NeverWorks,

    /// <summary>A follow-up, often further ahead than Connect takes.</summary>
    Scheduled,
    Cancel,
    Reschedule,
}

/// <summary>One message that a producer sends.</summary>
/// <param name="Task">The identity of the task: the request's name.</param>
internal sealed record MessagePlan(MessageKind Kind, string Body, string Task, string? Token, string? Group, TimeSpan At)
{
    /// <summary>When the task is to start, or is to start instead.</summary>
    public DateTimeOffset? Time { get; init; }

    public bool IsCommand => Kind is MessageKind.Cancel or MessageKind.Reschedule;

    public const string Instance = "00000000-0000-4000-8000-00000000a001";

    /// <summary>The ledger's key of it.</summary>
    public string Key(string messageId) => Kind == MessageKind.Malformed
        ? messageId
        : TaskKey.For(Instance, Token ?? TaskKey.DeriveToken(QueuedMessage.QueueArn, messageId));

    public static List<MessagePlan> Draw(World world)
    {
        var (random, config) = (world.Random, world.Config);
        var plans = new List<MessagePlan>();
        for (var i = 0; i < config.Messages; i++)
        {
            var at = config.IsBurst
                ? TimeSpan.FromSeconds(10 * random.NextDouble())
                : config.Storm * (random.NextDouble() * random.NextDouble());
            var group = config.Fifo ? $"g{random.Next(4)}" : null;
            var followUps = config.Tick > TimeSpan.Zero;
            var kind = followUps ? (MessageKind)random.Next(2, 9) : (MessageKind)Math.Max(0, random.Next(-6, 6));
            kind = followUps && kind <= MessageKind.NeverWorks ? MessageKind.Scheduled : kind;
            if (followUps)
            {
                plans.AddRange(FollowUp(kind, i, at, group, world, plans));
                continue;
            }

            var earlier = plans.FindAll(p => p.Kind == MessageKind.Plain);
            if (kind is MessageKind.Duplicate or MessageKind.Reuse && earlier.Count == 0)
            {
                kind = MessageKind.Plain;
            }

            var first = earlier.Count > 0 ? earlier[random.Next(earlier.Count)] : null;
            // Duplicates come at once, or late, even after Connect has forgotten the token.
            var later = first is null ? at : first.At + (config.Storm * random.NextDouble());
            var task = $"task-{i}";
            plans.Add(kind switch
            {
                MessageKind.Plain => new(kind, Json(task, $"t-{i}"), task, $"t-{i}", group, at),
                MessageKind.Tokenless => new(kind, Json(task, null), task, null, group, at),
                MessageKind.Duplicate => first! with { Kind = kind, At = later, Group = group },
                MessageKind.Reuse => new(kind, Json(task, first!.Token), task, first.Token, group, later),
                MessageKind.Malformed => new(kind, "{not json", task, null, group, at),
                _ => new(
                    MessageKind.NeverWorks, Json(SimulatedConnect.NeverWorks + i, $"t-{i}"), SimulatedConnect.NeverWorks + i, $"t-{i}", group, at),
            });
        }

        return plans;
    }

    /// <summary>A scheduled task, perhaps sent twice; or a command about one, which may overtake it.</summary>
    private static IEnumerable<MessagePlan> FollowUp(
        MessageKind kind, int i, TimeSpan at, string? group, World world, List<MessagePlan> plans)
    {
        var (random, config) = (world.Random, world.Config);
        DateTimeOffset Time(TimeSpan sentAt) => DateTimeOffset.FromUnixTimeSeconds(
            (World.Start + sentAt + (config.Settings.ScheduleHorizon * (0.1 + (5 * random.NextDouble())))).ToUnixTimeSeconds());
        var tasks = plans.FindAll(p => p.Kind == MessageKind.Scheduled);
        if (kind is MessageKind.Cancel or MessageKind.Reschedule && tasks.Count > 0)
        {
            var task = tasks[random.Next(tasks.Count)];
            // Soon after the request, or before it, or days later.
            var sentAt = random.Next(4) switch
            {
                0 => (task.Time!.Value - World.Start) * random.NextDouble(),
                1 => task.At * random.NextDouble(),
                _ => task.At + TimeSpan.FromSeconds(random.Next(-30, 300)),
            };
            sentAt = sentAt > TimeSpan.Zero ? sentAt : TimeSpan.Zero;
            var time = Time(sentAt);
            var command = new TaskCommand
            {
                Kind = kind == MessageKind.Cancel ? TaskCommandKind.Cancel : TaskCommandKind.Reschedule,
                InstanceId = Instance,
                ClientToken = task.Token!,
                ScheduledTime = kind == MessageKind.Cancel ? null : time,
            };
            var body = System.Text.Encoding.UTF8.GetString(TaskCommandJson.Write(command));
            yield return new(kind, body, task.Task, task.Token, group, sentAt) { Time = command.ScheduledTime };
            yield break;
        }

        var (name, token, scheduled) = ($"task-{i}", $"t-{i}", Time(at));
        var plan = new MessagePlan(MessageKind.Scheduled, Json(name, token, scheduled), name, token, group, at)
        {
            Time = scheduled,
        };
        yield return plan;
        if (random.Next(3) == 0)
        {
            yield return plan with { At = at + ((scheduled - World.Start - at) * random.NextDouble()) };
        }
    }

    private static string Json(string name, string? token, DateTimeOffset? time = null) =>
        System.Text.Encoding.UTF8.GetString(TaskRequestJson.Write(new TaskRequest
        {
            InstanceId = Instance,
            ContactFlowId = "flow",
            Name = name,
            ClientToken = token,
            ScheduledTime = time,
        }));
}

internal sealed record Sent(string MessageId, MessagePlan Plan, DateTimeOffset At);

internal sealed class Counts
{
    public int Crashes { get; set; }
    public int LostReplies { get; set; }
    public int Throttles { get; set; }
    public int TimeOuts { get; set; }
    public int FunctionErrors { get; set; }
}

internal sealed class InvocationContext(TimeSpan remaining) : ILambdaContext
{
    public string AwsRequestId => "request";
    public IClientContext ClientContext => null!;
    public string FunctionName => "dispatch";
    public string FunctionVersion => "$LATEST";
    public ICognitoIdentity Identity => null!;
    public string InvokedFunctionArn => "arn:aws:lambda:us-east-1:000000000000:function:dispatch";
    public ILambdaLogger Logger => null!;
    public string LogGroupName => "";
    public string LogStreamName => "";
    public int MemoryLimitInMB => 512;
    public TimeSpan RemainingTime => remaining;
}
