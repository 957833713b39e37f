using System.Globalization;
using Amazon.DynamoDBv2;
using Amazon.SQS;

namespace ConnectTasks.Local;

/// <summary>
/// The whole system on this machine, as its template says: SQS, DynamoDB and Connect (or other servers of them), the
/// queues and tables, and the functions with the event sources that invoke them. Disposing of it stops all that it
/// started.
/// </summary>
internal sealed partial class LocalSystem : IAsyncDisposable
{
    private const string InstanceParameter = "ConnectInstanceId";
    private const string InstanceVariable = "CONNECT_INSTANCE_ID";
    private const string PatienceParameter = "NotFoundPatienceSeconds";
    private const string PatienceVariable = "NOT_FOUND_PATIENCE_SECONDS";

    /// <summary>How long invocations may go on when the system stops. The queue keeps the rest.</summary>
    private static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(2);

    private readonly LocalSystemOptions _options;
    private readonly TimeProvider _time;
    private readonly Func<Guid> _newId;
    private readonly Action<string> _progress;
    private readonly Action<LambdaEvent> _observe;
    private readonly CancellationTokenSource _stop = new();
    private readonly Stack<IAsyncDisposable> _owned = [];
    private readonly List<Emulator> _emulators = [];
    private readonly List<Task> _running = [];
    private readonly Dictionary<string, Function> _functions = [];
    private readonly List<EventSourceMapping> _mappings = [];
    private EmulatorInstallation? _installation;

    private LocalSystem(
        LocalSystemOptions options, SamTemplate template, TimeProvider time, Func<Guid> newId, Action<string> progress,
        Action<LambdaEvent> observe)
    {
        (_options, Template, _time, _newId) = (options, template, time, newId);
        (_progress, _observe) = (progress, observe);
    }

    public SamTemplate Template { get; private set; }

    public Uri SqsUrl { get; private set; } = null!;

    public Uri DynamoDbUrl { get; private set; } = null!;

    public Uri ConnectUrl { get; private set; } = null!;

    public IAmazonSQS Sqs { get; private set; } = null!;

    public IAmazonDynamoDB DynamoDb { get; private set; } = null!;

    /// <summary>Whether the queues are on an emulator of our own, which nobody else relies on.</summary>
    public bool OwnsQueues => _options.SqsUrl is null;

    /// <summary>The fake Connect, unless another server was named.</summary>
    public FakeConnect? Connect { get; private set; }

    /// <summary>The page that shows what happens, if it was asked for.</summary>
    public PageServer? Page { get; private set; }

    /// <summary>Calls of the functions to the AWS services, if they are counted.</summary>
    public CountingProxy? Calls { get; private set; }

    /// <summary>The functions by logical id.</summary>
    public IReadOnlyDictionary<string, Function> Functions => _functions;

    public IReadOnlyList<EventSourceMapping> Mappings => _mappings;

    /// <summary>The function that starts tasks, with its settings as they are here.</summary>
    public TemplateFunction Dispatch => FindFunction("dispatch");

    public string QueueUrl => Variable("TASK_QUEUE_URL");

    public string DeadLetterQueueUrl => Variable("DEAD_LETTER_QUEUE_URL");

    public string Table => Variable("TASK_TABLE");

    /// <summary>Where all this is found, by other programs too.</summary>
    public SystemAddress Address => new()
    {
        Sqs = SqsUrl.ToString().TrimEnd('/'),
        DynamoDb = DynamoDbUrl.ToString().TrimEnd('/'),
        Connect = ConnectUrl.ToString().TrimEnd('/'),
        QueueUrl = QueueUrl,
        DeadLetterQueueUrl = DeadLetterQueueUrl,
        Table = Table,
        Page = Page?.Url.ToString(),
        Region = _options.Region,
    };

    /// <summary>Completes with a sentence when something that must run has ended by itself.</summary>
    public Task<string> Broken { get; private set; } = new TaskCompletionSource<string>().Task;

    /// <summary>Starts everything and waits until it is ready.</summary>
    /// <param name="newId">Makes contact ids, request ids and event ids.</param>
    /// <param name="progress">Takes a line about what goes on, for a person.</param>
    /// <param name="observe">Sees what the functions do; called on several threads.</param>
    /// <exception cref="LocalException">Something is missing or wrong; nothing is left running.</exception>
    public static async Task<LocalSystem> StartAsync(
        LocalSystemOptions options, TimeProvider time, Func<Guid> newId, Action<string> progress,
        Action<LambdaEvent> observe, CancellationToken cancellationToken)
    {
        var parameters = options.Parameters.ToDictionary();
        parameters.TryAdd(InstanceParameter, "any");
        var preferred = Preferred(options);
        var template = SamTemplate.Load(options.TemplatePath, parameters, options.Region, preferred);
        foreach (var (name, value) in preferred.Where(p => template.DefaultOf(p.Key) is not null))
        {
            progress($"{name} is {value} here (in the template: {template.DefaultOf(name)}): Connect's \"not found\" "
                + $"is final after {value} s.");
        }

        var activity = options.PagePort is null ? null : new Activity(time);
        var system = new LocalSystem(options, template, time, newId, progress, activity is null ? observe : seen =>
        {
            activity.Observe(seen);
            observe(seen);
        });
        try
        {
            await system.StartServicesAsync(cancellationToken);
            var physical = await LocalResources.CreateAsync(
                template, system.Sqs, options.SqsUrl ?? system.SqsUrl, system.DynamoDb, time, cancellationToken);
            system.Template = template.With(physical);
            system.StartFunctions(physical);
            if (activity is not null)
                await system.StartPageAsync(activity);
            if (system.Connect is { } connect)
                connect.SystemDescription = system.Address;
            return system;
        }
        catch
        {
            await system.DisposeAsync();
            throw;
        }
    }

    /// <summary>The function with this logical id, name, or value of its FUNCTION variable.</summary>
    /// <exception cref="LocalException">There is none.</exception>
    public TemplateFunction FindFunction(string name) =>
        Template.Functions.FirstOrDefault(function =>
            ((string?[])[function.LogicalId, function.Name, function.Environment.GetValueOrDefault("FUNCTION")])
                .Contains(name, StringComparer.OrdinalIgnoreCase))
        ?? throw new LocalException($"The template has no function {name}; it has "
            + $"{string.Join(", ", Template.Functions.Select(function => function.LogicalId))}.");

    public async ValueTask DisposeAsync()
    {
        if (Page is not null)
            await Page.DisposeAsync();
        await _stop.CancelAsync();
        await Task.WhenAll(_running);
        await Task.WhenAll(_functions.Values.Select(function => function.DisposeAsync().AsTask()));
        Sqs?.Dispose();
        DynamoDb?.Dispose();
        while (_owned.TryPop(out var owned))
            await owned.DisposeAsync();
        _stop.Dispose();
    }

    /// <summary>Parameters that nobody gave, for those templates that have them.</summary>
    private static Dictionary<string, string> Preferred(LocalSystemOptions options) =>
        options.NotFoundPatience is { } patience && !options.Parameters.ContainsKey(PatienceParameter)
            && !options.Environment.ContainsKey(PatienceVariable)
                ? new() { [PatienceParameter] = patience.TotalSeconds.ToString(CultureInfo.InvariantCulture) }
                : [];

    private async Task StartPageAsync(Activity activity)
    {
        if (Connect is { } connect)
            connect.State.Observe = activity.Observe;
        var random = new Random(_newId().GetHashCode());
        var page = new PageSystem
        {
            Sqs = Sqs,
            QueueUrl = QueueUrl,
            DeadLetterQueueUrl = DeadLetterQueueUrl,
            Ledger = new Ledger(DynamoDb, Table, _time),
            Connect = Connect?.State,
            KillOne = () => _functions[Dispatch.LogicalId].KillOne(random),
            InstanceId = _options.Parameters.GetValueOrDefault(InstanceParameter, "any"),
            Activity = activity,
            Time = _time,
            NewId = _newId,
            ChartDirectory = _installation?.ChartDirectory,
        };
        Page = await PageServer.StartAsync(page, PortFor(_options.PagePort!.Value, "the page"));
    }

    private string Variable(string name) => Dispatch.Environment.GetValueOrDefault(name)
        ?? throw new LocalException($"The template gives {Dispatch.LogicalId} no variable {name}.");
}
