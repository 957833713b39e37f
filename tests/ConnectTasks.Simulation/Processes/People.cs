namespace ConnectTasks.Simulation;

/// <summary>Agents and other programs: they end and move contacts as they like.</summary>
internal sealed class People
{
    private readonly World _world;

    public People(World world)
    {
        _world = world;
        if (world.Rates.PeopleADay > 0)
        {
            Wait();
        }
    }

    private void Wait()
    {
        if (_world.Rates.PeopleADay > 0)
        {
            _world.Loop.After(TimeSpan.FromDays(2 * _world.Random.NextDouble() / _world.Rates.PeopleADay), Act);
        }
    }

    private void Act()
    {
        var (random, now) = (_world.Random, _world.Loop.Now);
        var contacts = _world.Connect.Contacts.FindAll(c => !c.IsOver(now));
        if (contacts.Count > 0)
        {
            var contact = contacts[random.Next(contacts.Count)];
            if (random.Next(2) == 0 && !contact.HasBegun(now))
            {
                contact.MoveTo(now + ((contact.StartsAt - now) * (0.5 + random.NextDouble())), now);
                contact.WasMovedByPeople = true;
                _world.Trace(_world.Facts.KeyOfContact(contact), $"people moved {contact.Id} to {(contact.StartsAt - World.Start).TotalSeconds:0} s");
            }
            else
            {
                contact.Stop(now);
                contact.WasStoppedByPeople = true;
                _world.Trace(_world.Facts.KeyOfContact(contact), $"people ended {contact.Id}");
            }

            _world.Connect.HideForAWhile(contact, isNew: false, isOurs: false);
        }

        Wait();
    }
}
