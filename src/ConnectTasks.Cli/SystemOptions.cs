using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using ConnectTasks.Local;

namespace ConnectTasks.Cli;

/// <summary>The options of every command that runs the system on this machine.</summary>
internal sealed class SystemOptions
{
    private readonly Option<Uri?> _sqsUrl = Url("--sqs-url", "Use this SQS server instead of the emulator.");
    private readonly Option<Uri?> _dynamoDbUrl =
        Url("--dynamodb-url", "Use this DynamoDB server instead of the emulator.");

    private readonly Option<Uri?> _connectUrl =
        Url("--connect-url", "Use this Connect server instead of the fake one.");


    private readonly Option<string?> _template = new("--template")
    {
        Description = "The SAM template. Default: the one that this program was built with.",
        HelpName = "file",
    };

    private readonly Option<string?> _executable = ExecutableOption();

    private readonly Option<Dictionary<string, string>> _parameters =
        Pairs("--parameter", "A value for a parameter of the template. May be repeated.");

    private readonly Option<Dictionary<string, string>> _environment =
        Pairs("--env", "An environment variable for the functions. May be repeated.");

    /// <summary>The template that this program was built with.</summary>
    public static string DefaultTemplate => Path.Combine(AppContext.BaseDirectory, "template.yaml");

    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[
            _sqsUrl, _dynamoDbUrl, _connectUrl, _template, _executable, _parameters, _environment])
            command.Options.Add(option);
    }

    /// <exception cref="LocalException">The function's program was not found.</exception>
    public LocalSystemOptions Read(ParseResult result) => new()
    {
        TemplatePath = result.GetValue(_template) ?? DefaultTemplate,
        FunctionExecutable = FunctionExecutable.Find(result.GetValue(_executable)),
        Parameters = result.GetValue(_parameters) ?? [],
        Environment = result.GetValue(_environment) ?? [],
        Region = Variable("AWS_REGION") ?? Variable("AWS_DEFAULT_REGION") ?? "us-east-1",
        SqsUrl = result.GetValue(_sqsUrl),
        DynamoDbUrl = result.GetValue(_dynamoDbUrl),
        ConnectUrl = result.GetValue(_connectUrl),
    };

    public static string? Variable(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;

    /// <summary>An absolute http or https URL, as one line of text without the trailing slash.</summary>
    public static string Text(Uri url) => url.ToString().TrimEnd('/');

    public static Option<string?> ExecutableOption() => new("--executable")
    {
        Description = "The function's .dll or executable. Default: the environment variable "
            + $"{FunctionExecutable.Variable}, or else the one that this program was built with.",
        HelpName = "file",
    };

    public static Option<int?> PortOption(string name, string service, int preferred) => new(name)
    {
        Description = $"The port of {service}; 0 for a free one. Default: {preferred}, or a free one if it is in use.",
        HelpName = "port",
        CustomParser = argument => Number(argument, name, 0, 65_535) is { } number ? (int)number : null,
    };

    public static Port Port(int? given, int preferred) => new(given ?? preferred, IsRequired: given is > 0);

    /// <summary>The option's one value as a number in its range; on failure null and an error.</summary>
    public static double? Number(ArgumentResult argument, string name, double minimum, double maximum)
    {
        var text = argument.Tokens.Single().Value;
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            && number >= minimum && number <= maximum)
            return number;
        argument.AddError(string.Create(CultureInfo.InvariantCulture,
            $"{name} must be a number from {minimum} to {maximum}, not \"{text}\"."));
        return null;
    }

    private static Option<Uri?> Url(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "url",
        CustomParser = argument =>
        {
            var text = argument.Tokens.Single().Value;
            if (Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https")
                return url;
            argument.AddError($"{name} must be a URL such as http://localhost:4566, not \"{text}\".");
            return null;
        },
    };

    private static Option<Dictionary<string, string>> Pairs(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "name=value",
        Arity = ArgumentArity.ZeroOrMore,
        CustomParser = argument =>
        {
            var pairs = new Dictionary<string, string>();
            foreach (var text in argument.Tokens.Select(token => token.Value))
            {
                if (text.IndexOf('=', StringComparison.Ordinal) is var at and > 0)
                    pairs[text[..at]] = text[(at + 1)..];
                else
                    argument.AddError($"{name} needs NAME=VALUE, not \"{text}\".");
            }

            return pairs;
        },
    };
}
