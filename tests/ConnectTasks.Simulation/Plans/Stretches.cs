namespace ConnectTasks.Simulation;

/// <summary>Which services are out, and when.</summary>
internal static class Stretches
{
    public static List<Stretch> Draw(WorldConfig config, Random random)
    {
        var stretches = new List<Stretch>();
        void Add(Service service, StretchKind kind, TimeSpan from, TimeSpan until) =>
            stretches.Add(new(service, kind, World.Start + from, World.Start + (until < config.Storm ? until : config.Storm)));
        TimeSpan Hours(int least, int most) => TimeSpan.FromHours(least + ((most - least) * random.NextDouble()));
        TimeSpan Minutes(int least, int most) => TimeSpan.FromMinutes(least + ((most - least) * random.NextDouble()));
        switch (config.Theme)
        {
            case Theme.ManyCommands:
                break;
            case Theme.Outage:
                var kind = random.Next(6) switch
                {
                    0 => StretchKind.Denied,
                    1 => StretchKind.OverQuota,
                    2 => StretchKind.Out,
                    _ => StretchKind.Unanswered,
                };
                Add(Service.Connect, kind, Minutes(5, 100), config.Storm);
                break;
            case Theme.Starved when random.Next(2) == 0:
                // Longer than SQS receives a message: it moves them, and gives no reason.
                Add(Service.Function, StretchKind.NotStarting, TimeSpan.Zero, config.Storm);
                break;
            case Theme.Starved:
                var starts = Hours(20, 40);
                Add(Service.Function, StretchKind.NotStarting, TimeSpan.Zero, starts);
                Add(Service.Connect, StretchKind.Out, starts, starts + Hours(40, 60));
                break;
            case Theme.Backlog:
                var back = Minutes(17, 200);
                var (service, how) = random.Next(3) switch
                {
                    0 => (Service.Function, StretchKind.Disabled),
                    1 => (Service.Function, StretchKind.NotStarting),
                    _ => (Service.Ledger, random.Next(2) == 0 ? StretchKind.Denied : StretchKind.Out),
                };
                Add(service, how, TimeSpan.Zero, back);
                break;
            case Theme.Cancels when random.Next(2) == 0:
                // Tasks that are called off while nobody knows whether Connect has them.
                var begins = Minutes(0, 15);
                Add(
                    Service.Connect,
                    random.Next(3) == 0 ? StretchKind.Out : StretchKind.Unanswered,
                    begins,
                    begins + Minutes(5, 20));
                break;
            default:
                for (var i = random.Next(3); i > 0; i--)
                {
                    var from = config.Storm * random.NextDouble();
                    Add(
                        (Service)random.Next(3),
                        (StretchKind)random.Next(4),
                        from,
                        from + (config.Storm * 0.4 * random.NextDouble()));
                }

                break;
        }

        return stretches;
    }
}
