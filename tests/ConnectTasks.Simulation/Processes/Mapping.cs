using Amazon.Lambda.SQSEvents;
using ConnectTasks.Lambda;

namespace ConnectTasks.Simulation;

/// <summary>
/// The event source mapping and the function's environments: polls, invokes now or much later or not at all, and deletes
/// what did not fail.
/// </summary>
internal sealed class Mapping
{
    private readonly World _world;
    private readonly List<FunctionEnvironment> _idle = [];
    private int _environments;

    public Mapping(World world)
    {
        _world = world;
        world.Tasks.WasSent += _ => WakeAll();
        for (var i = 0; i < WorldConfig.Concurrency; i++)
        {
            world.Loop.After(TimeSpan.Zero, () => Poll(NewEnvironment()));
        }
    }

    private EventLoop Loop => _world.Loop;

    /// <summary>An execution environment: a process with a clock of its own and the production graph.</summary>
    private FunctionEnvironment NewEnvironment()
    {
        var process = _world.NewProcess();
        var isNewer = _world.Deployment.DrawNewer();
        var settings = _world.Deployment.Settings;
        return new(++_environments, process, ProductionGraph.Handler(_world, process, settings, isNewer), isNewer, settings);
    }

    /// <summary>The loop of one concurrent invocation.</summary>
    private void Poll(FunctionEnvironment environment)
    {
        if (!_world.Deployment.IsCurrent(environment.IsNewer, environment.Settings)
            || _world.Random.NextDouble() < _world.Rates.Recycle)
        {
            environment = NewEnvironment();
        }

        var state = _world.StretchOf(Service.Function);
        if (state == StretchKind.Disabled)
        {
            Loop.After(TimeSpan.FromMinutes(1), () => Poll(environment));
            return;
        }

        var batch = _world.Tasks.Receive(10);
        if (batch.Count == 0)
        {
            WaitForMessages(environment);
            return;
        }

        foreach (var message in batch)
        {
            _world.TraceMessage(message.Id, $"received {message.Id}, {message.ReceiveCount}. time, by environment {environment.Number}{(environment.IsNewer ? " (newer version)" : "")}");
            Redeliver(message);
        }

        if (state is not null || _world.Random.NextDouble() < _world.Rates.NotInvoked)
        {
            // The function did not start, or the account throttled it: a receive, and nobody saw the messages.
            Loop.After(_world.Latency(), () => Poll(environment));
        }
        else if (_world.Random.NextDouble() < _world.Rates.Late)
        {
            Loop.After(WorldConfig.Visibility * _world.Random.NextDouble(), () => Invoke(environment, batch));
        }
        else
        {
            Invoke(environment, batch);
        }
    }

    /// <summary>Long polling: woken by the next message that becomes visible, or by one that is sent.</summary>
    private void WaitForMessages(FunctionEnvironment environment)
    {
        _idle.Add(environment);
        if (_world.Tasks.NextVisible() is { } at)
        {
            // One that is visible but not to be had, behind others of its group, is looked for again and again.
            var wait = at > Loop.Now ? at - Loop.Now : TimeSpan.FromSeconds(5);
            Loop.After(wait + TimeSpan.FromMilliseconds(_world.Random.Next(1000)), () => Wake(environment));
        }
    }

    /// <summary>A message has come: whoever waits for one looks.</summary>
    private void WakeAll()
    {
        foreach (var environment in _idle.ToList())
        {
            Loop.After(TimeSpan.FromMilliseconds(_world.Random.Next(1000)), () => Wake(environment));
        }
    }

    private void Wake(FunctionEnvironment environment)
    {
        if (_idle.Remove(environment))
        {
            Poll(environment);
        }
    }

    /// <summary>At least once: SQS may give a message that is in flight to another receiver.</summary>
    private void Redeliver(QueuedMessage message)
    {
        if (!_world.Config.Fifo && _world.Random.NextDouble() < _world.Rates.DuplicateDelivery)
        {
            // At about the same time, or while the first is still at work.
            var after = _world.Random.NextDouble() * (_world.Random.Next(2) == 0 ? 0.3 : 120);
            Loop.After(TimeSpan.FromSeconds(after), () =>
            {
                if (_world.Tasks.Messages.Contains(message))
                {
                    message.VisibleAt = Loop.Now;
                    WakeAll();
                }
            });
        }
    }

    private void Invoke(FunctionEnvironment environment, List<QueuedMessage> batch)
    {
        var (process, ended) = (environment.Process, false);
        void End(FunctionEnvironment next)
        {
            if (!ended)
            {
                ended = true;
                Loop.After(_world.Latency(), () => Poll(next));
            }
        }

        process.Died += () => End(NewEnvironment());
        Trouble(process);
        Loop.After(WorldConfig.Timeout, () =>
        {
            if (ended)
            {
                return;
            }

            _world.Counts.TimeOuts++;
            if (process.IsFrozen)
            {
                // Lambda has given it up; thawed, it does what it was about to do, and then dies.
                process.KillAfter(_world.Random.Next(1, 12));
                End(NewEnvironment());
            }
            else
            {
                process.Kill();
            }
        });
        process.Run(async () =>
        {
            var sqsEvent = new SQSEvent { Records = batch.ConvertAll(message => message.ToRecord(_world.Tasks.Arn)) };
            try
            {
                var response = await _world.Mutant.Handle(environment.Handler, sqsEvent, new InvocationContext(WorldConfig.Timeout));
                if (ended)
                {
                    return;
                }

                // The answer is on its way: from here on it is the service that acts.
                var failed = response.BatchItemFailures!.Select(f => f.ItemIdentifier!).ToHashSet();
                Loop.After(_world.Latency(), () => DeleteAllBut(failed, batch));
                End(environment);
            }
            catch (Exception e) when (e is not ViolationException)
            {
                _world.Counts.FunctionErrors++;
                End(environment);
            }
        });
    }

    private void Trouble(SimulatedProcess process)
    {
        if (_world.Random.NextDouble() < _world.Rates.Crash)
        {
            _world.Counts.Crashes++;
            process.KillAfter(_world.Random.Next(1, 60));
        }
        else if (_world.Random.NextDouble() < _world.Rates.Freeze)
        {
            process.FreezeAfter(_world.Random.Next(1, 40), TimeSpan.FromSeconds(_world.Random.Next(1, 240)));
        }
    }

    private void DeleteAllBut(HashSet<string> failed, List<QueuedMessage> batch)
    {
        foreach (var message in batch.Where(m => !failed.Contains(m.Id)))
        {
            _world.Tasks.Delete(message.Id);
            _world.TraceMessage(message.Id, $"deleted {message.Id}");
        }
    }

    private sealed record FunctionEnvironment(
        int Number, SimulatedProcess Process, BatchHandler Handler, bool IsNewer, Settings Settings);
}
