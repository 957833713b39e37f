using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Amazon.Connect;
using Amazon.Connect.Model;
using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Amazon.Lambda.Core;
using Amazon.Lambda.RuntimeSupport;

namespace ConnectTasks.Benchmarks;

/// <summary>
/// What a team would otherwise write, in the manner of AWS's samples: models read by reflection, and for one record
/// after the other a conditional put against duplicates, the call to Connect, and an update with the contact. It tells
/// no cause from another, has no leases, and does not pace itself.
/// </summary>
/// <param name="checks">
/// Whether it validates the request, with data annotations, and keeps a hash of it beside the token. Samples do not;
/// with it the steps are the same as ours.
/// </param>
internal sealed class PlainHandler(IAmazonDynamoDB dynamoDb, IAmazonConnect connect, bool checks)
{
    private static readonly string[] ReferenceTypes = ["URL", "NUMBER", "STRING", "DATE", "EMAIL"];

    private static readonly JsonSerializerOptions Json = new() { PropertyNameCaseInsensitive = true };

    /// <summary>Runs it as a function of its own: <c>plain-function</c>, for <c>cold</c> to start.</summary>
    public static async Task RunAsync()
    {
        var handler = new PlainHandler(new AmazonDynamoDBClient(), new AmazonConnectClient(), checks: false);
        using var bootstrap = LambdaBootstrapBuilder
            .Create<Event, BatchResponse>(handler.HandleAsync, new ReflectionSerializer())
            .Build();
        await bootstrap.RunAsync();
    }

    public async Task<BatchResponse> HandleAsync(Event sqsEvent, ILambdaContext context)
    {
        var failures = new List<ItemFailure>();
        foreach (var record in sqsEvent.Records)
        {
            try
            {
                await ProcessAsync(record, context);
            }
            catch (Exception e)
            {
                context.Logger.LogLine($"Error processing message {record.MessageId}: {e}");
                failures.Add(new ItemFailure { itemIdentifier = record.MessageId });
            }
        }

        return new BatchResponse { batchItemFailures = failures };
    }

    private async Task ProcessAsync(Record record, ILambdaContext context)
    {
        context.Logger.LogLine($"Processing message {record.MessageId}");
        var task = JsonSerializer.Deserialize<TaskModel>(record.Body, Json)!;
        var now = DateTimeOffset.UtcNow;
        var item = new Dictionary<string, AttributeValue>
        {
            ["pk"] = new AttributeValue { S = task.ClientToken },
            ["status"] = new AttributeValue { S = "IN_PROGRESS" },
            ["created"] = new AttributeValue { S = now.ToString("o", CultureInfo.InvariantCulture) },
            ["ttl"] = new AttributeValue
            {
                N = now.AddDays(35).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
            },
        };
        if (checks)
        {
            Validate(task);
            item["hash"] = new AttributeValue
            {
                S = Convert.ToHexString(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(task, Json))),
            };
        }

        await dynamoDb.PutItemAsync(new PutItemRequest
        {
            TableName = "tasks",
            Item = item,
            ConditionExpression = "attribute_not_exists(pk)",
        });
        var contact = await connect.StartTaskContactAsync(new StartTaskContactRequest
        {
            InstanceId = task.InstanceId,
            ContactFlowId = task.ContactFlowId,
            Name = task.Name,
            Description = task.Description,
            ClientToken = task.ClientToken,
            Attributes = task.Attributes,
            References = task.References?.ToDictionary(
                r => r.Key, r => new Reference { Type = r.Value.Type, Value = r.Value.Value }),
        });
        await dynamoDb.UpdateItemAsync(new UpdateItemRequest
        {
            TableName = "tasks",
            Key = new() { ["pk"] = new AttributeValue { S = task.ClientToken } },
            UpdateExpression = "SET #status = :status, contactId = :contact",
            ExpressionAttributeNames = new() { ["#status"] = "status" },
            ExpressionAttributeValues = new()
            {
                [":status"] = new AttributeValue { S = "COMPLETED" },
                [":contact"] = new AttributeValue { S = contact.ContactId },
            },
        });
        context.Logger.LogLine($"Started contact {contact.ContactId} for message {record.MessageId}");
    }

    private static void Validate(TaskModel task)
    {
        Validator.ValidateObject(task, new ValidationContext(task), validateAllProperties: true);
        if (task.Attributes?.Sum(a => a.Key.Length + a.Value.Length) > 32_768)
        {
            throw new ValidationException("Attributes is too long.");
        }

        if (task.References?.Values.Any(r => !ReferenceTypes.Contains(r.Type)) == true)
        {
            throw new ValidationException("A reference has an unknown type.");
        }
    }

    /// <summary>As the default serializer of the Lambda packages works.</summary>
    internal sealed class ReflectionSerializer : ILambdaSerializer
    {
        public T Deserialize<T>(Stream requestStream) => JsonSerializer.Deserialize<T>(requestStream, Json)!;

        public void Serialize<T>(T response, Stream responseStream) => JsonSerializer.Serialize(responseStream, response);
    }

#pragma warning disable CA1812, IDE1006 // Made by reflection, and named as on the wire.
    internal sealed class Event
    {
        public List<Record> Records { get; set; } = [];
    }

    internal sealed class Record
    {
        public string MessageId { get; set; } = "";

        public string ReceiptHandle { get; set; } = "";

        public string Body { get; set; } = "";

        public string Md5OfBody { get; set; } = "";

        public string EventSource { get; set; } = "";

        public string EventSourceArn { get; set; } = "";

        public string AwsRegion { get; set; } = "";

        public Dictionary<string, string> Attributes { get; set; } = [];

        public Dictionary<string, object> MessageAttributes { get; set; } = [];
    }

    private sealed class TaskModel
    {
        [Required, StringLength(100, MinimumLength = 1)]
        public string InstanceId { get; set; } = "";

        [Required(AllowEmptyStrings = true), StringLength(1_024)]
        public string Name { get; set; } = "";

        [StringLength(4_096)]
        public string? Description { get; set; }

        [StringLength(500, MinimumLength = 1)]
        public string? ContactFlowId { get; set; }

        [StringLength(500)]
        public string? ClientToken { get; set; }

        public Dictionary<string, string>? Attributes { get; set; }

        public Dictionary<string, ReferenceModel>? References { get; set; }
    }

    private sealed class ReferenceModel
    {
        public string Type { get; set; } = "";

        public string Value { get; set; } = "";
    }

    internal sealed class BatchResponse
    {
        public List<ItemFailure> batchItemFailures { get; set; } = [];
    }

    internal sealed class ItemFailure
    {
        public string itemIdentifier { get; set; } = "";
    }
#pragma warning restore CA1812, IDE1006
}
