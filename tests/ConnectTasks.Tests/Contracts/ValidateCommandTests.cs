using System.Text;
using System.Text.Json;
using ConnectTasks.Cli;

namespace ConnectTasks.Tests.Contracts;

public sealed class ValidateCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("connect-tasks-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task The_samples_give_one_line_a_violation_and_the_functions_verdict()
    {
        var (code, output, error) = await RunAsync("validate", Samples.Folder);

        var expected = Samples.Names.SelectMany(name => TaskMessage.Read(Samples.Body(name)).Violations.Select(found =>
            $"{Path.Combine(Samples.Folder, name)}: {found.Path}: {found.Code}: {found.Message}"));
        Assert.Equal(expected, Lines(output));
        Assert.Equal(1, code);
        Assert.Contains("not read: 0", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Good_samples_alone_give_no_line_and_exit_0()
    {
        var good = Samples.Names.Where(name => name.StartsWith("good-", StringComparison.Ordinal));

        var (code, output, _) = await RunAsync(
            ["validate", .. good.Select(name => Path.Combine(Samples.Folder, name))]);

        Assert.Equal((0, ""), (code, output));
    }

    [Fact]
    public async Task A_machine_gets_a_line_of_JSON_a_file()
    {
        var (code, output, _) = await RunAsync("validate", Samples.Folder, "--json", Path.Combine(_folder, "missing"));

        var lines = Lines(output);
        Assert.Equal(2, code);
        Assert.Equal(Samples.Names.Length + 1, lines.Length);
        Assert.All(lines[..^1], line =>
        {
            using var json = JsonDocument.Parse(line);
            var name = Path.GetFileName(json.RootElement.GetProperty("file").GetString()!);
            var isValid = json.RootElement.GetProperty("valid").GetBoolean();
            Assert.Equal(name.StartsWith("good-", StringComparison.Ordinal), isValid);
            Assert.Equal(isValid, json.RootElement.GetProperty("violations").GetArrayLength() == 0);
        });
        Assert.Contains("no such file", lines[^1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("missing.json", "There is no such file.")]
    [InlineData("no-folder/missing.json", "its folder does not exist")]
    [InlineData(".", "The folder holds no .json file")]
    public async Task What_cannot_be_read_is_a_sentence_and_exit_2(string name, string part)
    {
        var (code, output, error) = await RunAsync("validate", Path.Combine(_folder, name));

        Assert.Equal((2, ""), (code, output));
        Assert.Contains(part, error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_no_text_is_named()
    {
        Assert.Contains("InvalidEncoding: The file is binary", await OutputAsync([0, 1, 2]), StringComparison.Ordinal);
        Assert.Contains(
            "InvalidEncoding: The file is text in UTF-16",
            await OutputAsync([0xFF, 0xFE, (byte)'{', 0]),
            StringComparison.Ordinal);
        Assert.Contains("not valid UTF-8 at byte 2", await OutputAsync([(byte)'{', 0xFF]), StringComparison.Ordinal);
        Assert.Contains("EmptyBody", await OutputAsync([]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_of_two_gigabytes_is_refused_by_its_size()
    {
        var file = Path.Combine(_folder, "huge.json");
        await using (var stream = File.Create(file))
            stream.SetLength(2L << 30);

        var (code, output, _) = await RunAsync("validate", file);

        Assert.Equal(1, code);
        Assert.Contains("$: TooLong: The body has 2,147,483,648 bytes", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("good", 0, "")]
    [InlineData("", 1, "standard input: $: EmptyBody: ")]
    [InlineData("{\"open", 1, "standard input: $: MalformedJson: ")]
    [InlineData("PK\u0003\u0000", 1, "standard input: $: InvalidEncoding: ")]
    public async Task Standard_input_is_checked_as_one_body(string input, int expected, string part)
    {
        using var reader = new StringReader(input == "good" ? Some.Body() : input);
        var (code, output, _) = await RunAsync(reader, "validate", "-");

        Assert.Equal(expected, code);
        Assert.StartsWith(part, output, StringComparison.Ordinal);
        Assert.Equal(expected, Lines(output).Length);
    }

    [Fact]
    public async Task Standard_input_that_is_too_long_or_no_text_is_refused_in_a_line()
    {
        using var huge = new StringReader(new string(' ', 2_000_000));
        var (_, refusal, _) = await RunAsync(huge, "validate", "-");
        Assert.Contains("TooLong: The body has more than", refusal, StringComparison.Ordinal);

        var bytes = new MemoryStream([(byte)'"', 0xE9, (byte)'"']);
        using var latin1 = new StreamReader(bytes, new UTF8Encoding(false, throwOnInvalidBytes: true));
        var (code, output, _) = await RunAsync(latin1, "validate", "-");
        Assert.Equal(1, code);
        Assert.Contains("InvalidEncoding: Standard input is not text in UTF-8", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Standard_input_can_be_given_once() => Assert.Equal(2, (await RunAsync("validate", "-", "-")).Code);

    [Fact]
    public async Task Without_a_path_it_says_so() => Assert.Equal(2, (await RunAsync("validate")).Code);

    [Theory]
    [InlineData("json-schema", "task-request.schema.json")]
    [InlineData("json-structure", "task-request.structure.json")]
    public async Task The_schema_that_is_printed_is_the_published_one(string format, string file)
    {
        var (code, output, _) = await RunAsync("schema", "--format", format);

        Assert.Equal((0, SchemaTests.Published(file)), (code, output));
    }

    [Fact]
    public async Task An_unknown_schema_format_is_wrong_usage() =>
        Assert.Equal(2, (await RunAsync("schema", "--format", "avro")).Code);

    private async Task<string> OutputAsync(byte[] content)
    {
        var file = Path.Combine(_folder, "file.json");
        await File.WriteAllBytesAsync(file, content);
        var (code, output, _) = await RunAsync("validate", file);
        Assert.Equal(1, code);
        return output;
    }

    private static string[] Lines(string output) => output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static Task<(int Code, string Out, string Error)> RunAsync(params string[] args) =>
        RunAsync(TextReader.Null, args);

    private static async Task<(int Code, string Out, string Error)> RunAsync(TextReader input, params string[] args)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        var code = await CommandLine.RunAsync(args, new Terminal
        {
            Out = output,
            Error = error,
            IsOutTerminal = false,
            In = input,
            Time = TimeProvider.System,
            NewId = Guid.NewGuid,
        });
        return (code, output.ToString(), error.ToString());
    }
}
