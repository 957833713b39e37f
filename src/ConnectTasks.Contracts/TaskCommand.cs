using System.Buffers;
using System.Text;
using System.Text.Json;

namespace ConnectTasks;

/// <summary>
/// A message that changes a task that was requested before: it goes through the same queue as the requests, and can't
/// be
/// mistaken for one, because its property <c>ConnectTasks</c> is none of a request's.
/// </summary>
public sealed record TaskCommand
{
    /// <summary>What is to be done.</summary>
    public required TaskCommandKind Kind { get; init; }

    /// <summary>The Connect instance of the task: its id or its ARN.</summary>
    public required string InstanceId { get; init; }

    /// <summary>The token of the task.</summary>
    public required string ClientToken { get; init; }

    /// <summary>
    /// Of a cancellation: whether a task that agents already work on is ended too. By default it is left alone.
    /// </summary>
    public bool EndIfRunning { get; init; }

    /// <summary>Of a reschedule: the new time, to the second.</summary>
    public DateTimeOffset? ScheduledTime { get; init; }
}

/// <summary>What a <see cref="TaskCommand"/> does.</summary>
public enum TaskCommandKind
{
    /// <summary>The task is not to start, or, if it waits in Connect, to be ended.</summary>
    Cancel,

    /// <summary>The task is to start at another time.</summary>
    Reschedule,
}

/// <summary>What became of reading a command.</summary>
public sealed record CommandReadResult
{
    /// <summary>The command, or <c>null</c> if anything is wrong with it.</summary>
    public TaskCommand? Command { get; init; }

    /// <summary>What is wrong with it; empty if nothing is.</summary>
    public required IReadOnlyList<Violation> Violations { get; init; }
}

/// <summary>The JSON form of a command. Strict, as that of a request.</summary>
/// <remarks>
/// <c>{"ConnectTasks":"cancel/1","InstanceId":"…","ClientToken":"…","EndIfRunning":false}</c> or
/// <c>{"ConnectTasks":"reschedule/1","InstanceId":"…","ClientToken":"…","ScheduledTime":1800000000}</c>; the number is
/// the version of the form.
/// </remarks>
public static class TaskCommandJson
{
    internal const string Marker = "ConnectTasks";
    private const string Cancel = "cancel/1";
    private const string Reschedule = "reschedule/1";

    private static readonly PropertyNames Names =
        new([Marker, nameof(TaskCommand.InstanceId), nameof(TaskCommand.ClientToken), nameof(TaskCommand.EndIfRunning),
            nameof(TaskCommand.ScheduledTime)]);

    /// <summary>Reads a body that may be a command.</summary>
    /// <param name="body">The body of a message.</param>
    /// <returns>The command, or what is wrong with it; <c>null</c> if the body is no command at all.</returns>
    public static CommandReadResult? Read(string body)
    {
        ArgumentNullException.ThrowIfNull(body);
        if (!body.Contains('"' + Marker + '"', StringComparison.Ordinal))
            return null;
        var findings = new Findings();
        try
        {
            var command = Read(Encoding.UTF8.GetBytes(body), findings);
            return command is null && findings.IsEmpty ? null : Result(command, findings);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Checks a command before it is sent.</summary>
    public static CommandReadResult Check(TaskCommand command)
    {
        ArgumentNullException.ThrowIfNull(command);
        var findings = new Findings();
        return Result(Check(command, findings), findings);
    }

    /// <summary>Writes a command as the body of a message.</summary>
    /// <param name="command">The command. It is not checked: see <see cref="Check(TaskCommand)"/>.</param>
    public static byte[] Write(TaskCommand command)
    {
        ArgumentNullException.ThrowIfNull(command);
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString(Marker, command.Kind == TaskCommandKind.Cancel ? Cancel : Reschedule);
            json.WriteString(nameof(command.InstanceId), command.InstanceId);
            json.WriteString(nameof(command.ClientToken), command.ClientToken);
            if (command.EndIfRunning)
                json.WriteBoolean(nameof(command.EndIfRunning), true);
            if (command.ScheduledTime is { } time)
                json.WriteNumber(nameof(command.ScheduledTime), ScheduledTimes.CeilingSeconds(time));
            json.WriteEndObject();
        }
        return buffer.WrittenSpan.ToArray();
    }

    private static CommandReadResult Result(TaskCommand? command, Findings findings) =>
        new() { Command = findings.IsEmpty ? command : null, Violations = findings.ToList() };

    private static TaskCommand? Read(ReadOnlySpan<byte> utf8, Findings findings)
    {
        var json = new JsonTokens(utf8, findings);
        json.Read();
        if (json.TokenType != JsonTokenType.StartObject)
            return null;
        string? kind = null, instanceId = null, token = null;
        var endIfRunning = false;
        DateTimeOffset? time = null;
        var cursor = new JsonTokens.Cursor(Names);
        while (json.NextProperty(ref cursor))
        {
            switch (cursor.Index)
            {
                case 0: kind = json.ReadText(); break;
                case 1: instanceId = json.ReadText(); break;
                case 2: token = json.ReadText(); break;
                case 3: endIfRunning = ReadBoolean(ref json); break;
                case 4: time = BodyReader.ReadTime(ref json); break;
            }
            findings.Leave();
        }
        json.Read();
        if (kind is null)
        {
            // The marker stood somewhere deeper: this is no command.
            findings.Clear();
            return null;
        }
        if (kind is not (Cancel or Reschedule))
        {
            findings.Add(
                ViolationCodes.InvalidValue,
                $"{Marker} is no kind of command that is known here: send \"{Cancel}\" or \"{Reschedule}\".");
        }
        return Check(
            new TaskCommand
            {
                Kind = kind == Reschedule ? TaskCommandKind.Reschedule : TaskCommandKind.Cancel,
                InstanceId = instanceId!,
                ClientToken = token!,
                EndIfRunning = endIfRunning,
                ScheduledTime = time,
            },
            findings);
    }

    private static bool ReadBoolean(scoped ref JsonTokens json)
    {
        if (json.TokenType is JsonTokenType.True or JsonTokenType.False)
            return json.TokenType == JsonTokenType.True;
        json.ReportWrongType("a boolean");
        return false;
    }

    private static TaskCommand Check(TaskCommand command, Findings findings)
    {
        var instanceId = TaskRequestValidator.CheckId(TaskProperty.InstanceId, command.InstanceId, null, findings);
        if (string.IsNullOrWhiteSpace(command.ClientToken))
            findings.Add(ViolationCodes.Missing, "ClientToken is required: it names the task that the command is for.");
        else
            TaskRequestValidator.CheckText(TaskProperty.ClientToken, command.ClientToken, findings);
        if (command.Kind == TaskCommandKind.Reschedule && command.ScheduledTime is null && findings.IsEmpty)
            findings.Add(ViolationCodes.Missing, "ScheduledTime is required: a reschedule needs the new time.");
        else if (command.Kind == TaskCommandKind.Cancel && command.ScheduledTime is not null)
            findings.Add(ViolationCodes.Contradictory, "ScheduledTime does not belong in a cancellation: remove it.");
        if (command.Kind == TaskCommandKind.Reschedule && command.EndIfRunning)
            findings.Add(ViolationCodes.Contradictory, "EndIfRunning does not belong in a reschedule: remove it.");
        var time = TaskRequestValidator.CheckTime(command.ScheduledTime, findings);
        return command with { InstanceId = instanceId!, ScheduledTime = time };
    }
}
