using System.Text.Json.Nodes;

namespace ConnectTasks.Local;

internal sealed partial class SamTemplate
{
    private TemplateFunction ReadFunction(string logicalId)
    {
        var own = Properties(logicalId);
        var globals = _evaluator.EvaluateMap(Child(Child(_root, "Globals"), "Function"), "Globals.Function");
        var path = $"Resources.{logicalId}.Properties";
        var properties = new PropertyReader(Merge(globals, Raw(own)), path);
        var variables = properties.Section("Environment")?.Section("Variables");
        var logging = properties.Section("LoggingConfig");
        var events = Events(properties).ToArray();
        return new TemplateFunction
        {
            LogicalId = logicalId,
            Name = Name(logicalId),
            Handler = properties.Text("Handler") ?? "bootstrap",
            Timeout = TimeSpan.FromSeconds(properties.Integer("Timeout", 1, 900) ?? 3),
            MemoryMebibytes = properties.Integer("MemorySize", 128, 10_240) ?? 128,
            Environment = variables?.Names.ToDictionary(name => name, name => variables.Text(name) ?? "")
                ?? new Dictionary<string, string>(),
            LogFormat = logging?.Text("LogFormat") ?? "Text",
            LogLevel = logging?.Text("ApplicationLogLevel"),
            QueueEvents = [.. events.Where(e => e.Type == "SQS").Select(e => ReadQueueEvent(e.Name, e.Properties))],
            Schedules =
            [
                .. events.Where(e => e.Type is "Schedule" or "ScheduleV2")
                    .Select(e => ReadSchedule(e.Type, e.Name, e.Properties)),
            ],
            OtherEvents =
                [.. events.Where(e => e.Type is not ("SQS" or "Schedule" or "ScheduleV2")).Select(e => e.Name)],
        };
    }

    private static IEnumerable<(string Name, string Type, PropertyReader Properties)> Events(PropertyReader function)
    {
        if (function.Section("Events") is not { } events)
            yield break;
        foreach (var name in events.Names)
        {
            var @event = events.Section(name)!;
            yield return (name, @event.RequiredText("Type"),
                @event.Section("Properties") ?? new PropertyReader([], $"{@event.Path}.Properties"));
        }
    }

    private TemplateQueueEvent ReadQueueEvent(string name, PropertyReader properties)
    {
        var arn = properties.RequiredText("Queue");
        return new TemplateQueueEvent
        {
            Name = name,
            Queue = ResourcesOf(QueueType).FirstOrDefault(id => Attribute(id, "Arn") == arn)
                ?? throw properties.Wrong("Queue", "the ARN of a queue of this template"),
            BatchSize = properties.Integer("BatchSize", 1, 10_000) ?? 10,
            BatchingWindow = TimeSpan.FromSeconds(properties.Integer("MaximumBatchingWindowInSeconds", 0, 300) ?? 0),
            MaximumConcurrency = properties.Section("ScalingConfig")?.Integer("MaximumConcurrency", 2, 1000),
            ReportsBatchItemFailures = properties.Texts("FunctionResponseTypes").Contains("ReportBatchItemFailures"),
            HasFilter = properties.Has("FilterCriteria"),
            IsEnabled = properties.Boolean("Enabled") ?? true,
        };
    }

    private static TemplateSchedule ReadSchedule(string type, string name, PropertyReader properties)
    {
        var expression = properties.RequiredText(type == "Schedule" ? "Schedule" : "ScheduleExpression");
        return new TemplateSchedule
        {
            Name = name,
            Expression = expression,
            Period = Period(expression),
            IsEnabled = (properties.Boolean("Enabled") ?? true) && properties.Text("State") != "DISABLED",
        };
    }

    private static JsonObject Raw(PropertyReader properties)
    {
        var result = new JsonObject();
        foreach (var name in properties.Names)
            result[name] = properties.Raw(name)!.DeepClone();
        return result;
    }

    /// <summary>As SAM merges globals: maps are merged, lists are added, a single value of the function wins.</summary>
    private static JsonObject Merge(JsonObject globals, JsonObject own)
    {
        var result = (JsonObject)globals.DeepClone();
        foreach (var (name, value) in own)
        {
            result[name] = (result[name], value) switch
            {
                (JsonObject general, JsonObject particular) => Merge(general, particular),
                (JsonArray general, JsonArray particular) =>
                    new JsonArray([.. general.Concat(particular).Select(item => item?.DeepClone())]),
                _ => value?.DeepClone(),
            };
        }

        return result;
    }
}
