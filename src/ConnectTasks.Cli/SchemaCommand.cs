using System.CommandLine;

namespace ConnectTasks.Cli;

/// <summary><c>connect-tasks schema</c>: the form of a task request, for other languages and tools.</summary>
internal static class SchemaCommand
{
    private const string JsonSchema = "json-schema";
    private const string JsonStructure = "json-structure";

    public static Command Create(Terminal terminal)
    {
        var command = new DetailedCommand("schema", "Print the schema of a task request.", """
            Examples:
              connect-tasks schema > task-request.schema.json
              connect-tasks schema --format json-structure
            """);
        var format = new Option<string>("--format")
        {
            Description = $"{JsonSchema} (draft 2020-12) or {JsonStructure} (version 0).",
            HelpName = "name",
            DefaultValueFactory = _ => JsonSchema,
        };
        format.AcceptOnlyFromAmong(JsonSchema, JsonStructure);
        command.Options.Add(format);
        command.SetAction((result, cancellation) => CommandLine.GuardAsync(terminal, async () =>
        {
            await terminal.Out.WriteAsync(result.GetValue(format) == JsonStructure
                ? TaskRequestSchema.JsonStructure()
                : TaskRequestSchema.JsonSchema());
            return ExitCode.Success;
        }, cancellation));
        return command;
    }
}
