using ConnectTasks.Lambda;
using ConnectTasks.Local;
using static ConnectTasks.Tests.Template.ProjectText;

namespace ConnectTasks.Tests.Template;

/// <summary>Rules about the queues, the table and the event source.</summary>
internal static class ResourceRules
{
    private const string Key = "arn:aws:kms:us-east-1:000000000000:key/00000000-0000-4000-8000-00000000c001";

    public static IEnumerable<string> Every_queue_event_reports_batch_item_failures(ProjectText project) =>
        QueueEvents(project).Where(e => !e.ReportsBatchItemFailures)
            .Select(e => $"{e.Name}: without ReportBatchItemFailures Lambda deletes what is reported as failed.");

    public static IEnumerable<string> No_queue_event_has_a_filter(ProjectText project) =>
        QueueEvents(project).Where(e => e.HasFilter)
            .Select(e => $"{e.Name}: Lambda deletes the messages that a filter does not match.");

    public static IEnumerable<string> The_task_queue_feeds_the_dispatch_function(ProjectText project)
    {
        var template = project.With();
        if (Tasks(template) is not { Queue: "TaskQueue", IsEnabled: true })
            yield return "The event source is not the task queue, or is off.";
        var environment = Dispatch(template).Environment;
        if (environment["TASK_QUEUE_URL"] != TaskQueue(template).Name)
            yield return "TASK_QUEUE_URL is not the queue that the function reads.";
        if (environment["DEAD_LETTER_QUEUE_URL"] != DeadLetterQueue(template).Name)
            yield return "DEAD_LETTER_QUEUE_URL is not the dead-letter queue.";
        if (TaskQueue(template).RedriveTarget != "DeadLetterQueue")
            yield return "The task queue's redrive policy does not lead to the dead-letter queue.";
        if (DeadLetterQueue(template).RedriveTarget is not null)
            yield return "Dead letters are moved on.";
    }

    public static IEnumerable<string> Both_queues_are_of_one_type(ProjectText project)
    {
        foreach (var fifo in (bool[])[false, true])
        {
            foreach (var queue in project.With(("Fifo", fifo ? "true" : "false")).Queues)
            {
                if (queue.IsFifo != fifo || queue.Name.EndsWith(".fifo", StringComparison.Ordinal) != fifo)
                    yield return $"With Fifo {fifo}, {queue.LogicalId} is {queue.Name}.";
                if ((queue.Attributes.GetValueOrDefault("ContentBasedDeduplication") == "true") != fifo)
                    yield return $"With Fifo {fifo}, {queue.LogicalId}'s ContentBasedDeduplication is wrong.";
            }
        }
    }

    public static IEnumerable<string> A_fifo_queue_has_no_batching_window(ProjectText project)
    {
        var tasks = Tasks(project.With(("Fifo", "true")));
        if (tasks.BatchingWindow != TimeSpan.Zero || tasks.BatchSize > 10)
            yield return "Lambda refuses a FIFO event source with a window, or with more than 10 messages.";
    }

    public static IEnumerable<string> Queues_are_encrypted(ProjectText project)
    {
        foreach (var queue in project.With().Queues)
        {
            if (queue.Attributes.GetValueOrDefault("SqsManagedSseEnabled") != "true"
                || queue.Attributes.ContainsKey("KmsMasterKeyId"))
                yield return $"{queue.LogicalId} has no encryption of SQS's own.";
        }

        foreach (var queue in project.With(("KmsKeyArn", Key)).Queues)
        {
            if (queue.Attributes.GetValueOrDefault("KmsMasterKeyId") != Key
                || queue.Attributes.ContainsKey("SqsManagedSseEnabled"))
                yield return $"{queue.LogicalId} does not have the given key, or SQS's own encryption beside it.";
        }
    }

    public static IEnumerable<string> Queues_take_tls_only(ProjectText project)
    {
        var template = project.With();
        foreach (var queue in template.Queues)
        {
            var policies = template.ResourcesOf("AWS::SQS::QueuePolicy").Where(
                id => Items(Properties(template, id)["Queues"]).Any(q => q.ToString() == queue.Name)).ToArray();
            if (policies.Length != 1)
            {
                yield return $"{queue.LogicalId} has {policies.Length} queue policies; only one takes effect.";
                continue;
            }

            var denials = Items(Properties(template, policies[0])["PolicyDocument"]?["Statement"]).Where(s =>
                s["Effect"]?.ToString() == "Deny"
                && s["Principal"]?.ToString() == "*"
                && s["Action"]?.ToString() == "sqs:*"
                && s["Resource"]?.ToString() == $"arn:aws:sqs:us-east-1:{SamTemplate.AccountId}:{queue.Name}"
                && s["Condition"]?["Bool"]?["aws:SecureTransport"]?.ToString() == "false");
            if (denials.Count() != 1)
                yield return $"{queue.LogicalId} takes requests without TLS.";
        }
    }

    public static IEnumerable<string> Only_named_producers_are_let_in(ProjectText project)
    {
        const string topic = "arn:aws:sns:us-east-1:000000000000:follow-ups";
        if (Allowed(project.With()).Any())
            yield return "The queue policy lets someone in, though no producer was named.";
        var allowed = Allowed(project.With(("ProducerSourceArns", topic))).ToArray();
        if (allowed is not [{ } statement]
            || statement["Action"]?.ToString() != "sqs:SendMessage"
            || statement["Principal"]?["Service"] is null
            || Items(statement["Condition"]?["ArnEquals"]?["aws:SourceArn"]).SingleOrDefault()?.ToString() != topic)
            yield return "A named topic may not send, or something else may too.";

        static IEnumerable<System.Text.Json.Nodes.JsonNode> Allowed(SamTemplate template) =>
            template.ResourcesOf("AWS::SQS::QueuePolicy")
                .SelectMany(id => Items(Properties(template, id)["PolicyDocument"]?["Statement"]))
                .Where(s => s["Effect"]?.ToString() == "Allow");
    }

    public static IEnumerable<string> What_holds_tasks_outlives_the_stack(ProjectText project)
    {
        var template = project.With();
        foreach (var id in template.Queues.Select(q => q.LogicalId).Concat(template.Tables.Select(t => t.LogicalId)))
        {
            var resource = template.Resource(id)!;
            if (resource["DeletionPolicy"]?.ToString() is not ("Retain" or "RetainExceptOnCreate"))
                yield return $"{id} is deleted with the stack.";
            if (resource["UpdateReplacePolicy"]?.ToString() != "Retain")
                yield return $"{id} is deleted when an update replaces it.";
        }

        if (Properties(template, "TaskTable")["DeletionProtectionEnabled"]?.ToString() != "true")
            yield return "The table is not protected from deletion.";
    }

    public static IEnumerable<string> The_table_is_the_ledgers(ProjectText project)
    {
        var template = project.With();
        if (template.Tables is not [{ LogicalId: "TaskTable" } table])
        {
            yield return "There is not one table, TaskTable.";
            yield break;
        }

        if (!table.Key.SequenceEqual([new TemplateKey("pk", "HASH")]) || table.AttributeTypes["pk"] != "S")
            yield return "The table's key is not the text pk.";
        if (table.TimeToLiveAttribute != "ttlEpochSeconds")
            yield return "The attribute of the time to live is not ttlEpochSeconds.";
        if (Properties(template, "TaskTable")["BillingMode"]?.ToString() != "PAY_PER_REQUEST")
            yield return "The table's throughput is provisioned, so a burst is throttled.";
        var recovery = Properties(template, "TaskTable")["PointInTimeRecoverySpecification"];
        if (recovery?["PointInTimeRecoveryEnabled"]?.ToString() != "true")
            yield return "The table has no point-in-time recovery.";
        foreach (var key in (string?[])[null, Key])
        {
            var encrypted = Properties(project.With([.. key is null ? [] : new[] { ("KmsKeyArn", key) }]), "TaskTable");
            if (encrypted["SSESpecification"]?["SSEEnabled"]?.ToString() != "true"
                || encrypted["SSESpecification"]?["KMSMasterKeyId"]?.ToString() != key)
                yield return $"The table is not encrypted with {key ?? "DynamoDB's own key"}.";
        }
    }

    public static IEnumerable<string> Due_tasks_are_found_by_a_sharded_sparse_index(ProjectText project)
    {
        var table = project.With().Tables.Single();
        if (table.Indexes is not [{ Name: LedgerItem.DueIndex, Projection: "KEYS_ONLY" } index])
        {
            yield return $"There is not one index, {LedgerItem.DueIndex}, of keys only.";
            yield break;
        }

        if (!index.Key.SequenceEqual([new TemplateKey("dueShard", "HASH"), new TemplateKey("releaseAtMs", "RANGE")])
            || (table.AttributeTypes["dueShard"], table.AttributeTypes["releaseAtMs"]) != ("S", "N"))
            yield return "The index is not keyed by the text dueShard, then the number releaseAtMs.";
        if (index.Key.Any(k => k.AttributeName == table.TimeToLiveAttribute))
            yield return "The time to live is the clock of the release, and it may fire days late.";
    }

    private static IEnumerable<TemplateQueueEvent> QueueEvents(ProjectText project) =>
        project.With().Functions.SelectMany(f => f.QueueEvents);
}
