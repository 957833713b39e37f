using ConnectTasks.Local;

namespace ConnectTasks.Tests.Local;

public sealed class SamTemplateTests
{
    private const string Sample = """
        Parameters:
          Fifo: { Type: String, Default: "false", AllowedValues: ["true", "false"] }
          Concurrency: { Type: Number, Default: 2, MinValue: 2, MaxValue: 1000 }
          Instance: { Type: String, AllowedPattern: "[a-z-]+" }
          Colours: { Type: CommaDelimitedList, Default: "red, green" }
        Mappings:
          Sizes:
            small: { memory: 256 }
        Conditions:
          IsFifo: !Equals [!Ref Fifo, "true"]
          IsStandard: !Not [!Condition IsFifo]
          Both: !And [!Condition IsFifo, !Condition IsStandard]
          Either:
            Fn::Or: [Condition: IsFifo, !Condition IsStandard]
        Globals:
          Function:
            Timeout: 20
            MemorySize: !FindInMap [Sizes, small, memory]
            Environment: { Variables: { SHARED: yes, OVERRIDDEN: globally } }
            LoggingConfig: { LogFormat: JSON }
        Resources:
          Work:
            Type: AWS::SQS::Queue
            Properties:
              FifoQueue: !If [IsFifo, true, !Ref AWS::NoValue]
              VisibilityTimeout: 120
              RedrivePolicy: { deadLetterTargetArn: !GetAtt Dead.Arn, maxReceiveCount: 7 }
          Dead:
            Type: AWS::SQS::Queue
            Properties:
              QueueName: { "Fn::Sub": "${AWS::StackName}-dead${!x}" }
          Never:
            Type: AWS::SQS::Queue
            Condition: Both
          Ledger:
            Type: AWS::DynamoDB::Table
            Properties:
              AttributeDefinitions:
                - { AttributeName: pk, AttributeType: S }
                - { AttributeName: due, AttributeType: N }
              KeySchema: [{ AttributeName: pk, KeyType: HASH }]
              GlobalSecondaryIndexes:
                - IndexName: byDue
                  KeySchema: [{ AttributeName: due, KeyType: HASH }]
                  Projection: { ProjectionType: KEYS_ONLY }
              TimeToLiveSpecification: { AttributeName: ttl, Enabled: true }
          Worker:
            Type: AWS::Serverless::Function
            Properties:
              Environment:
                Variables:
                  OVERRIDDEN: here
                  QUEUE: !Ref Work
                  TABLE: !Ref Ledger
                  INSTANCE: !Ref Instance
                  ARN: !Sub ["${Prefix}:${Dead.Arn}/${Concurrency}", { Prefix: !Join ["-", [a, b]] }]
                  SECOND: !Select [1, !Split [",", "x,y"]]
                  COLOUR: !Select [0, !Ref Colours]
                  NOTHING: !If [Either, "", "set"]
              Events:
                Tasks:
                  Type: SQS
                  Properties:
                    Queue: { Fn::GetAtt: [Work, Arn] }
                    BatchSize: 5
                    MaximumBatchingWindowInSeconds: 1
                    FunctionResponseTypes: [ReportBatchItemFailures]
                    ScalingConfig: { MaximumConcurrency: !Ref Concurrency }
                Tick: { Type: Schedule, Properties: { Schedule: rate(5 minutes) } }
                Nightly: { Type: ScheduleV2, Properties: { ScheduleExpression: "cron(0 3 * * ? *)", State: DISABLED } }
                Api: { Type: HttpApi }
        """;

    [Fact]
    public void Queues_have_their_attributes_and_redrive_policy()
    {
        var template = Parse(Sample, ("Fifo", "true"));

        Assert.Equal(["Work", "Dead"], template.Queues.Select(q => q.LogicalId));
        var work = template.Queues[0];
        Assert.Equal(("Work.fifo", true, "120"), (work.Name, work.IsFifo, work.Attributes["VisibilityTimeout"]));
        Assert.Equal(("Dead", 7), (work.RedriveTarget, work.MaxReceiveCount));
        Assert.Equal("connect-tasks-dead${x}", template.Queues[1].Name);
    }

    [Fact]
    public void No_value_takes_a_property_away()
    {
        var work = Parse(Sample).Queues[0];

        Assert.Equal(("Work", false), (work.Name, work.IsFifo));
        Assert.DoesNotContain("FifoQueue", work.Attributes.Keys);
    }

    [Fact]
    public void Tables_have_their_keys_indexes_and_time_to_live()
    {
        var table = Assert.Single(Parse(Sample).Tables);

        Assert.Equal([new TemplateKey("pk", "HASH")], table.Key);
        Assert.Equal("N", table.AttributeTypes["due"]);
        var index = Assert.Single(table.Indexes);
        Assert.Equal(("byDue", "KEYS_ONLY"), (index.Name, index.Projection));
        Assert.Equal("ttl", table.TimeToLiveAttribute);
    }

    [Fact]
    public void Functions_have_the_globals_merged_and_their_environment_resolved()
    {
        var function = Assert.Single(Parse(Sample, ("Instance", "abc")).With(new Dictionary<string, PhysicalResource>
        {
            ["Work"] = new("http://localhost/work", "arn:work"),
            ["Dead"] = new("http://localhost/dead", "arn:dead"),
        }).Functions);

        Assert.Equal((TimeSpan.FromSeconds(20), 256, "JSON"),
            (function.Timeout, function.MemoryMebibytes, function.LogFormat));
        Assert.Equal(
            new Dictionary<string, string>
            {
                ["SHARED"] = "yes",
                ["OVERRIDDEN"] = "here",
                ["QUEUE"] = "http://localhost/work",
                ["TABLE"] = "Ledger",
                ["INSTANCE"] = "abc",
                ["ARN"] = "a-b:arn:dead/2",
                ["SECOND"] = "y",
                ["COLOUR"] = "red",
                ["NOTHING"] = "",
            },
            function.Environment);
    }

    [Fact]
    public void Functions_have_their_events()
    {
        var function = Assert.Single(Parse(Sample).Functions);

        var tasks = Assert.Single(function.QueueEvents);
        Assert.Equal(("Work", 5, 2, true), (tasks.Queue, tasks.BatchSize, tasks.MaximumConcurrency, tasks.IsEnabled));
        Assert.True(tasks.ReportsBatchItemFailures);
        Assert.Equal(TimeSpan.FromSeconds(1), tasks.BatchingWindow);
        Assert.Equal([TimeSpan.FromMinutes(5), null], function.Schedules.Select(s => s.Period));
        Assert.Equal([true, false], function.Schedules.Select(s => s.IsEnabled));
        Assert.Equal(["Api"], function.OtherEvents);
    }

    [Theory]
    [InlineData("Concurrency", "1", "Concurrency must be at least 2")]
    [InlineData("Concurrency", "many", "Concurrency must be a number")]
    [InlineData("Fifo", "maybe", "Fifo must be one of true, false")]
    [InlineData("Instance", "UPPER", "Instance must match")]
    [InlineData("Speed", "1", "has no parameter Speed")]
    public void A_parameter_that_breaks_its_constraint_is_named(string name, string value, string expected)
    {
        var error = Assert.Throws<LocalException>(() => Parse(Sample, (name, value)));

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("BatchSize: 5", "BatchSize: five", "Resources.Worker.Properties.Events.Tasks.Properties.BatchSize")]
    [InlineData("!Ref Ledger", "!Ref Leger", "Resources.Worker.Properties.Environment.Variables.TABLE: there is no")]
    [InlineData("!GetAtt Dead.Arn", "arn:elsewhere", "Resources.Work.Properties.RedrivePolicy.deadLetterTargetArn")]
    [InlineData("[IsFifo, true", "[IsLifo, true", "there is no condition IsLifo")]
    [InlineData("!Ref Work", "!ImportValue Work", "ImportValue")]
    [InlineData("!Not [!Condition IsFifo]", "!Condition IsStandard", "Conditions.IsStandard depends on itself")]
    [InlineData("Resources:", "Resources: [", "Not YAML")]
    public void An_error_names_the_place(string text, string replacement, string expected)
    {
        var broken = Sample.Replace(text, replacement, StringComparison.Ordinal);
        var error = Assert.Throws<LocalException>(() => Parse(broken, ("Fifo", "true")));

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_parameter_without_a_value_is_an_error_where_it_is_used()
    {
        var error = Assert.Throws<LocalException>(() => SamTemplate.Parse(Sample, new Dictionary<string, string>()));

        Assert.Contains("the parameter Instance has no default", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_preferred_value_is_for_a_parameter_that_the_template_has_and_nobody_gave()
    {
        var given = new Dictionary<string, string> { ["Instance"] = "i" };
        var preferred = new Dictionary<string, string> { ["Fifo"] = "true", ["Instance"] = "other", ["Absent"] = "1" };
        var template = SamTemplate.Parse(Sample, given, preferred: preferred);

        Assert.True(template.Queues.Single(queue => queue.LogicalId == "Work").IsFifo);
        Assert.Contains(template.Functions.Single().Environment.Values, value => value == "i");
        Assert.Equal(("false", null, null),
            (template.DefaultOf("Fifo"), template.DefaultOf("Instance"), template.DefaultOf("Absent")));
        given["Fifo"] = "false";
        Assert.False(SamTemplate.Parse(Sample, given, preferred: preferred).Queues[0].IsFifo);
    }

    [Fact]
    public void The_projects_own_template_is_read()
    {
        var template = SamTemplate.Load(
            Path.Combine(AppContext.BaseDirectory, "template.yaml"),
            new Dictionary<string, string> { ["ConnectInstanceId"] = "abc" });

        var dispatch = template.Functions.Single(f => f.Environment.GetValueOrDefault("FUNCTION") == "dispatch");
        var tasks = Assert.Single(dispatch.QueueEvents);
        Assert.True(tasks.ReportsBatchItemFailures);
        Assert.Contains(template.Queues, q => q.LogicalId == tasks.Queue && q.RedriveTarget is not null);
        Assert.Contains(template.Tables, t => t.Name == dispatch.Environment["TASK_TABLE"]);
    }

    private static SamTemplate Parse(string yaml, params (string Name, string Value)[] parameters)
    {
        var values = parameters.ToDictionary(p => p.Name, p => p.Value);
        values.TryAdd("Instance", "abc");
        return SamTemplate.Parse(yaml, values);
    }
}
