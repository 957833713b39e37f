using System.Globalization;
using System.Text;
using ConnectTasks.Lambda;
using ConnectTasks.Local;
using SqsMessage = Amazon.SQS.Model.Message;

namespace ConnectTasks.Benchmarks;

/// <summary>What is measured with: a request as producers send it, and the deployment that serves it.</summary>
internal static class Sample
{
    public const string Region = "us-east-1";
    public const string QueueUrl = "http://sqs.us-east-1.amazonaws.com/000000000000/tasks";
    public const string Instance = "00000000-0000-4000-8000-00000000a001";
    private const string QueueArn = "arn:aws:sqs:us-east-1:000000000000:tasks";

    /// <summary>No pace: the work is measured, and not the waiting.</summary>
    private const int Unpaced = 1_000;

    // Ids of the length of real ones, and the texts of a usual task.
    private static readonly TaskRequest Request = new()
    {
        InstanceId = Instance,
        ContactFlowId = "00000000-0000-4000-8000-00000000f001",
        Name = "Call back about invoice 4711",
        Description = "The customer asked for a call after two, about the second line of the invoice of March.",
        Attributes = new Dictionary<string, string>
        {
            ["customerId"] = "c-00918273",
            ["language"] = "de",
            ["priority"] = "3",
        },
        References = new Dictionary<string, TaskReference>
        {
            ["Case"] = new("URL", "https://crm.example.com/cases/4711"),
        },
    };

    public static IReadOnlyDictionary<string, string> Variables { get; } = new Dictionary<string, string>
    {
        ["FUNCTION"] = "dispatch",
        ["CONNECT_INSTANCE_ID"] = Instance,
        ["TASK_QUEUE_URL"] = QueueUrl,
        ["DEAD_LETTER_QUEUE_URL"] = QueueUrl + "-dead",
        ["TASK_TABLE"] = "tasks",
        ["CONNECT_RATE_PER_SECOND"] = Unpaced.ToString(CultureInfo.InvariantCulture),
        ["CONNECT_BURST"] = Unpaced.ToString(CultureInfo.InvariantCulture),
        ["MAXIMUM_CONCURRENCY"] = "1",
    };

    public static Settings Settings() => ConnectTasks.Lambda.Settings.Read(Variables.GetValueOrDefault);

    /// <summary>The body of one message; the number makes its token.</summary>
    public static byte[] Body(int number) => TaskRequestJson.Write(
        Request with { ClientToken = string.Create(CultureInfo.InvariantCulture, $"invoice-4711-reminder-{number}") });

    /// <summary>The event of a batch, as Lambda writes it.</summary>
    public static ReadOnlyMemory<byte> Event(int records) =>
        SqsEventWriter.Write(Enumerable.Range(0, records).Select(Message), QueueArn);

    private static SqsMessage Message(int number) => new()
    {
        MessageId = string.Create(CultureInfo.InvariantCulture, $"00000000-0000-4000-8000-{number:x12}"),
        // As long as SQS's own.
        ReceiptHandle = new string('A', 180),
        Body = Encoding.UTF8.GetString(Body(number)),
        MD5OfBody = "00000000000000000000000000000000",
        Attributes = new()
        {
            ["ApproximateReceiveCount"] = "1",
            ["AWSTraceHeader"] = "Root=1-00000000-000000000000000000000000",
            ["SentTimestamp"] = "1800000000000",
            ["SenderId"] = "AROA00000000000000000:producer",
            ["ApproximateFirstReceiveTimestamp"] = "1800000000000",
        },
    };
}
