using System.Text;
using ConnectTasks.Lambda;
using ConnectTasks.Local;
using ConnectTasks.Tests.Cli;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace ConnectTasks.Tests.Local;

/// <summary>A page on fakes, and the events that the functions would cause.</summary>
internal sealed class PageRig : IDisposable
{
    private readonly TableWithReads _table = new();
    private int _ids;

    public PageRig()
    {
        Activity = new Activity(Time);
        Connect = new FakeConnectState(new FakeConnectOptions(), Time, NewId) { Observe = Activity.Observe };
    }

    public FakeTimeProvider Time { get; } = new(Some.Now);

    public DlqFake Sqs { get; } = new();

    public Activity Activity { get; }

    public FakeConnectState Connect { get; }

    public PageSystem System => new()
    {
        Sqs = Sqs,
        QueueUrl = DlqFake.TaskUrl,
        DeadLetterQueueUrl = DlqFake.DeadUrl,
        Ledger = new Ledger(_table, "tasks", Time),
        Connect = Connect,
        KillOne = () => null,
        InstanceId = Some.Instance,
        Activity = Activity,
        Time = Time,
        NewId = NewId,
    };

    public void Dispose()
    {
        Sqs.Dispose();
        _table.Dispose();
    }

    public void Receive(string id, string? body = null, int count = 1) =>
        Activity.Observe(new LambdaEvent.BatchReceived("tasks",
        [
            new Amazon.SQS.Model.Message
            {
                MessageId = id,
                Body = body ?? Some.Body(),
                Attributes = new()
                {
                    ["SentTimestamp"] = $"{Some.Now.ToUnixTimeMilliseconds()}",
                    ["ApproximateReceiveCount"] = $"{count}",
                },
            },
        ]));

    /// <summary>The function's own line about how a message ended.</summary>
    public void End(string id, Outcome outcome, TimeSpan? returnIn = null)
    {
        using var output = new MemoryStream();
        var log = new JsonLinesLogger(new JsonLines(output), LogLevel.Information, Time);
        var message = ConnectTasks.Lambda.Message.From(Some.Record(id));
        log.Ended(outcome, message, returnIn, Time.GetUtcNow(), TimeSpan.FromMilliseconds(20));
        Activity.Observe(new LambdaEvent.LogLine(
            "DispatchFunction", 1, Encoding.UTF8.GetString(output.ToArray()).TrimEnd('\n')));
    }

    /// <summary>The call that a function makes for a task.</summary>
    public string Start(string body) =>
        Connect.StartTask(Encoding.UTF8.GetBytes(body), isSigned: true).ContactId ?? "";

    private Guid NewId() => new(++_ids, 0, 0, new byte[8]);
}
