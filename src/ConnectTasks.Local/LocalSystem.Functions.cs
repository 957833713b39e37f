namespace ConnectTasks.Local;

/// <content>The functions, and the queues and schedules that invoke them.</content>
internal sealed partial class LocalSystem
{
    private void StartFunctions(IReadOnlyDictionary<string, PhysicalResource> physical)
    {
        foreach (var template in Template.Functions)
        {
            var settings = Settings(template);
            var function = new Function(settings, _time, _newId, _observe);
            _functions[template.LogicalId] = function;
            foreach (var name in template.OtherEvents)
                _progress($"The event {name} of {template.LogicalId} is of a type that is not played on this machine.");
            if (!_options.RunsEvents)
                continue;
            foreach (var queue in template.QueueEvents.Where(e => e.IsEnabled))
                StartMapping(queue, physical[queue.Queue], function);
            foreach (var schedule in template.Schedules.Where(s => s.IsEnabled))
                StartSchedule(schedule, settings, function);
        }
    }

    private FunctionSettings Settings(TemplateFunction template)
    {
        var environment = template.Environment.ToDictionary();
        if (environment.ContainsKey(InstanceVariable) && !_options.Parameters.ContainsKey(InstanceParameter))
            environment[InstanceVariable] = "";
        environment["AWS_ENDPOINT_URL_SQS"] = (Calls?.SqsUrl ?? SqsUrl).ToString();
        environment["AWS_ENDPOINT_URL_DYNAMODB"] = (Calls?.DynamoDbUrl ?? DynamoDbUrl).ToString();
        environment["AWS_ENDPOINT_URL_CONNECT"] = (Calls?.ConnectUrl ?? ConnectUrl).ToString();
        foreach (var name in (string[])["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"])
        {
            if (Environment.GetEnvironmentVariable(name) is { Length: > 0 } value)
                environment[name] = value;
        }

        foreach (var (name, value) in _options.Environment)
            environment[name] = value;
        return new FunctionSettings
        {
            Name = template.Name,
            Executable = _options.FunctionExecutable,
            Environment = environment,
            Handler = template.Handler,
            Timeout = _options.FunctionTimeout ?? template.Timeout,
            MemoryMebibytes = template.MemoryMebibytes,
            MaximumConcurrency = Math.Max(1, template.QueueEvents.Sum(e => e.MaximumConcurrency ?? 5))
                + template.Schedules.Count,
            Region = _options.Region,
            LogFormat = template.LogFormat,
            LogLevel = template.LogLevel,
        };
    }

    private void StartMapping(TemplateQueueEvent template, PhysicalResource queue, Function function)
    {
        if (template.HasFilter)
            _progress($"The filter of the event {template.Name} is not played on this machine: all messages pass.");
        var settings = new EventSourceMappingSettings
        {
            QueueUrl = queue.Ref,
            QueueArn = queue.Arn,
            BatchSize = template.BatchSize,
            BatchingWindow = template.BatchingWindow,
            MaximumConcurrency = template.MaximumConcurrency ?? 5,
            ReportBatchItemFailures = template.ReportsBatchItemFailures,
            StopGrace = StopGrace,
        };
        if (settings.FindViolations() is { Count: > 0 } violations)
            throw new LocalException($"The event {template.Name}: {string.Join(' ', violations)}");
        var mapping = new EventSourceMapping(settings, Sqs, function.InvokeAsync, _time, _observe);
        _mappings.Add(mapping);
        _running.Add(mapping.RunAsync(_stop.Token));
    }

    private void StartSchedule(TemplateSchedule schedule, FunctionSettings settings, Function function)
    {
        if ((_options.ScheduleEvery ?? schedule.Period) is not { } period)
        {
            _progress($"The schedule {schedule.Name} is not played on this machine: it is no rate(...).");
            return;
        }

        var ticks = new FunctionSchedule(
            schedule.Name, period, settings, function.InvokeAsync, _time, _newId, _observe);
        _running.Add(ticks.RunAsync(_stop.Token));
    }
}
