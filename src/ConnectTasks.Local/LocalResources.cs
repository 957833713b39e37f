using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Amazon.Runtime;
using Amazon.SQS;
using Amazon.SQS.Model;
using QueueAttribute = Amazon.SQS.QueueAttributeName;

namespace ConnectTasks.Local;

/// <summary>Makes a template's queues and tables in the services that are running.</summary>
internal static class LocalResources
{
    private static readonly TimeSpan TablePollInterval = TimeSpan.FromMilliseconds(100);

    /// <summary>Makes them, or takes those that are there already and alike; gives what stands for each.</summary>
    /// <param name="sqsServer">Where SQS is behind its front, for a message about it.</param>
    /// <exception cref="LocalException">A service does not answer or refuses.</exception>
    public static async Task<IReadOnlyDictionary<string, PhysicalResource>> CreateAsync(
        SamTemplate template, IAmazonSQS sqs, Uri sqsServer, IAmazonDynamoDB dynamoDb, TimeProvider time,
        CancellationToken cancellationToken)
    {
        var created = new Dictionary<string, PhysicalResource>();
        var tables = Task.WhenAll(template.Tables.Select(table =>
            GuardAsync("DynamoDB", dynamoDb.Config.ServiceURL, "--dynamodb-url",
                () => CreateTableAsync(table, dynamoDb, time, cancellationToken))));
        // A queue's redrive policy needs its dead-letter queue's ARN.
        var left = template.Queues.ToList();
        while (left.Count > 0)
        {
            var next = left.Find(queue => queue.RedriveTarget is null || created.ContainsKey(queue.RedriveTarget))
                ?? throw new LocalException(
                    $"The redrive policies of {string.Join(" and ", left.Select(q => q.LogicalId))} form a circle.");
            created[next.LogicalId] = await GuardAsync("SQS", sqsServer.ToString(), "--sqs-url",
                () => CreateQueueAsync(next, created, sqs, cancellationToken));
            left.Remove(next);
        }

        foreach (var (table, physical) in template.Tables.Zip(await tables))
            created[table.LogicalId] = physical;
        return created;
    }

    private static async Task<PhysicalResource> CreateQueueAsync(
        TemplateQueue queue, Dictionary<string, PhysicalResource> created, IAmazonSQS sqs,
        CancellationToken cancellationToken)
    {
        var attributes = queue.Attributes.ToDictionary();
        if (queue.RedriveTarget is { } target)
        {
            attributes[QueueAttribute.RedrivePolicy] = new JsonObject
            {
                ["deadLetterTargetArn"] = created[target].Arn,
                ["maxReceiveCount"] = queue.MaxReceiveCount ?? 10,
            }.ToJsonString();
        }

        var request = new CreateQueueRequest { QueueName = queue.Name, Attributes = attributes };
        var url = (await sqs.CreateQueueAsync(request, cancellationToken)).QueueUrl;
        var read = await sqs.GetQueueAttributesAsync(url, [QueueAttribute.QueueArn], cancellationToken);
        return new PhysicalResource(url, read.QueueARN);
    }

    private static async Task<PhysicalResource> CreateTableAsync(
        TemplateTable table, IAmazonDynamoDB dynamoDb, TimeProvider time, CancellationToken cancellationToken)
    {
        var request = new CreateTableRequest
        {
            TableName = table.Name,
            BillingMode = BillingMode.PAY_PER_REQUEST,
            KeySchema = Key(table.Key),
            AttributeDefinitions =
                [.. table.AttributeTypes.Select(a => new AttributeDefinition(a.Key, new ScalarAttributeType(a.Value)))],
            GlobalSecondaryIndexes = table.Indexes.Count == 0 ? null :
            [
                .. table.Indexes.Select(index => new GlobalSecondaryIndex
                {
                    IndexName = index.Name,
                    KeySchema = Key(index.Key),
                    Projection = new Projection
                    {
                        ProjectionType = new ProjectionType(index.Projection),
                        NonKeyAttributes = index.IncludedAttributes.Count == 0 ? null : [.. index.IncludedAttributes],
                    },
                }),
            ],
        };
        try
        {
            await dynamoDb.CreateTableAsync(request, cancellationToken);
        }
        catch (ResourceInUseException)
        {
            // It is there already, as on a server that keeps its data.
        }

        var description = (await dynamoDb.DescribeTableAsync(table.Name, cancellationToken)).Table;
        while (description.TableStatus == TableStatus.CREATING)
        {
            await Task.Delay(TablePollInterval, time, cancellationToken);
            description = (await dynamoDb.DescribeTableAsync(table.Name, cancellationToken)).Table;
        }

        if (table.TimeToLiveAttribute is { } attribute)
            await EnableTimeToLiveAsync(table.Name, attribute, dynamoDb, cancellationToken);
        return new PhysicalResource(table.Name, description.TableArn);

        static List<KeySchemaElement> Key(IEnumerable<TemplateKey> key) =>
            [.. key.Select(part => new KeySchemaElement(part.AttributeName, new KeyType(part.KeyType)))];
    }

    private static async Task EnableTimeToLiveAsync(
        string table, string attribute, IAmazonDynamoDB dynamoDb, CancellationToken cancellationToken)
    {
        try
        {
            await dynamoDb.UpdateTimeToLiveAsync(
                new UpdateTimeToLiveRequest
                {
                    TableName = table,
                    TimeToLiveSpecification = new TimeToLiveSpecification { AttributeName = attribute, Enabled = true },
                },
                cancellationToken);
        }
        catch (AmazonDynamoDBException)
        {
            // The emulator has no expiry, and another server may have it on already. It is housekeeping only.
        }
    }

    private static async Task<T> GuardAsync<T>(string service, string url, string option, Func<Task<T>> call)
    {
        try
        {
            return await call();
        }
        catch (Exception e) when (e is AmazonClientException or AmazonServiceException or HttpRequestException)
        {
            var status = (e as AmazonServiceException)?.StatusCode ?? 0;
            var cause = e is AmazonServiceException && status != default
                ? string.Create(CultureInfo.InvariantCulture, $"refused ({(int)status}): {e.Message}")
                : $"does not answer: {e.GetBaseException().Message}";
            var remedy = status == HttpStatusCode.BadRequest
                ? "Remove what an earlier run left there, or use another server."
                : $"Check that the server runs, and the URL in {option} if it was given.";
            throw new LocalException($"{service} at {url} {cause.TrimEnd('.')}. {remedy}");
        }
    }
}
