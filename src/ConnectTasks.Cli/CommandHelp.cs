using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace ConnectTasks.Cli;

/// <summary>A command whose own help says more than the line that its parent's help has for it.</summary>
/// <param name="details">Notes and examples, in lines of up to 78 characters.</param>
internal sealed class DetailedCommand(string name, string summary, string details) : Command(name, summary)
{
    public string Details => details;
}

/// <summary>The library's help in 80 columns, and a command's details after it.</summary>
internal sealed class CommandHelp(HelpAction inner) : SynchronousCommandLineAction
{
    private const int MaxWidth = 80;

    // A help that is asked for is all that is wanted, however wrong the rest.
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        var code = inner.Invoke(parseResult);
        if (parseResult.CommandResult.Command is DetailedCommand { Details: var details })
        {
            var output = parseResult.InvocationConfiguration.Output;
            foreach (var line in details.Split('\n'))
                output.WriteLine(line.Length == 0 ? line : "  " + line.TrimEnd('\r'));
        }

        return code;
    }

    public static RootCommand AddTo(RootCommand root)
    {
        var help = root.Options.OfType<HelpOption>().Single();
        if (help.Action is HelpAction action)
        {
            action.MaxWidth = MaxWidth;
            help.Action = new CommandHelp(action);
        }

        return root;
    }
}
