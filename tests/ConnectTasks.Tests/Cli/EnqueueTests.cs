using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Amazon.SQS;
using ConnectTasks.Cli;
using ConnectTasks.Tests.Client;

namespace ConnectTasks.Tests.Cli;

public sealed class EnqueueTests : IDisposable
{
    private readonly CliRig _rig = new();
    private readonly SqsQueueFake _sqs = new();
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory();

    public void Dispose()
    {
        _rig.Dispose();
        _sqs.Dispose();
        _folder.Delete(recursive: true);
    }

    [Theory]
    [InlineData("a.json", "[{0},\n {1} , {2}]")]
    [InlineData("a.json", "{0}\n{1}\n{2}\n")]
    [InlineData("a.json", "  {0}\n {1}\n\n{2}")]
    [InlineData("a.jsonl", "{0}\r\n\r\n{1}\r\n{2}")]
    [InlineData("a", "\uFEFF{0}\n{1}\n{2}")]
    public async Task Json_in_all_its_forms_is_sent_in_order(string name, string form)
    {
        var text = form;
        for (var i = 0; i < 3; i++)
            text = text.Replace($"{{{i}}}", Some.Body($"t-{i}", "{[\\\"]}"), StringComparison.Ordinal);

        Assert.Equal(0, await RunAsync(Write(name, text)));

        Assert.Equal(["t-0", "t-1", "t-2"], Tokens());
    }

    [Fact]
    public async Task An_object_over_several_lines_is_one_request()
    {
        var file = Write("a.json", Some.Body().Replace(",", ",\n  ", StringComparison.Ordinal) + "\n");

        Assert.Equal(0, await RunAsync(file));

        Assert.Equal(["t-1"], Tokens());
        Assert.Contains($"{file}:1: sent: t-1", _rig.Out, StringComparison.Ordinal);
        Assert.Contains("Sent: 1 request; invalid: 0; not sent: 0.", _rig.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(',')]
    [InlineData(';')]
    [InlineData('\t')]
    public async Task Csv_columns_are_properties_and_entries_of_maps(char delimiter)
    {
        var csv = """
            instanceid,Name,ContactFlowId,ClientToken,ScheduledTime,Attributes.order,References.link.Type,References.link.Value,SegmentAttributes
            i-1,"A ""b"",
            c",f-1,t-1,1800000000,7,URL,https://x,"{""connect:Subtype"":{""ValueString"":""s""}}"

            i-1,d,f-1,t-2,2027-01-15T08:00:00Z,,,,

            """;
        var file = Write("a.csv", csv.Replace(',', delimiter).Replace($"\"\"{delimiter}\n", "\"\",\n", StringComparison.Ordinal));

        Assert.Equal(0, await RunAsync(file));

        var first = TaskRequestJson.Read(_sqs.Entries.First().MessageBody).Request!;
        Assert.Equal("A \"b\",\nc", first.Name.ReplaceLineEndings("\n"));
        Assert.Equal("7", first.Attributes!["order"]);
        Assert.Equal(new TaskReference("URL", "https://x"), first.References!["link"]);
        Assert.Equal("s", first.SegmentAttributes!["connect:Subtype"].ValueString);
        var second = TaskRequestJson.Read(_sqs.Entries.Last().MessageBody).Request!;
        Assert.Equal(first.ScheduledTime, second.ScheduledTime);
        Assert.Null(second.Attributes);
        Assert.Contains($"{file}:5: sent: t-2", _rig.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_invalid_request_in_files_keeps_all_from_being_sent()
    {
        var good = Write("good.jsonl", Some.Body());
        var bad = Write("bad.jsonl", Some.Body("t-2") + "\n{\"InstanceId\":\"i\"}\n{\"open");

        Assert.Equal(1, await RunAsync(good, bad));

        Assert.Empty(_sqs.Batches);
        Assert.Contains($"{bad}:2: invalid: $.Name: ", _rig.Out, StringComparison.Ordinal);
        Assert.Contains($"{bad}:3: invalid: $", _rig.Out, StringComparison.Ordinal);
        Assert.Contains("Nothing was sent: 2 of 4 requests are invalid.", _rig.Error, StringComparison.Ordinal);

        Assert.Equal(1, await RunAsync(good, bad, "--skip-invalid"));

        Assert.Equal(["t-1", "t-2"], Tokens());
    }

    [Fact]
    public async Task A_dry_run_checks_all_and_sends_nothing()
    {
        var file = Write("a.jsonl", Some.Body());

        Assert.Equal(0, await RunAsync(file, "--dry-run"));

        Assert.Contains($"{file}:1: valid: t-1", _rig.Out, StringComparison.Ordinal);
        Assert.Empty(_sqs.Batches);
    }

    [Fact]
    public async Task Derived_tokens_stay_when_lines_are_sorted_removed_and_added_and_differ_for_equal_lines()
    {
        string Line(string name) => Some.Body(token: null, name);
        Assert.Equal(0, await RunAsync(Write("a.jsonl", string.Join('\n', Line("a"), Line("b"), Line("b"), Line("c")))));
        var first = Tokens();
        Assert.Equal(4, first.Distinct().Count());

        Assert.Equal(0, await RunAsync(Write("other.jsonl", string.Join('\n', Line("new"), Line("b"), Line("c"), Line("b")))));
        var second = Tokens().Skip(4).ToList();

        Assert.Equal(first.Skip(1).Order(), second.Skip(1).Order());
        Assert.DoesNotContain(second[0], first);
    }

    [Fact]
    public async Task Another_run_makes_other_tokens()
    {
        var file = Write("a.jsonl", Some.Body(token: null));

        Assert.Equal(0, await RunAsync(file));
        Assert.Equal(0, await RunAsync(file, "--run", "tuesday"));

        Assert.Equal(2, Tokens().Distinct().Count());
    }

    [Fact]
    public async Task Standard_input_is_sent_as_it_comes_and_invalid_lines_are_told()
    {
        _rig.In = Some.Body("t-1") + "\nnonsense\n" + Some.Body("t-2");

        Assert.Equal(1, await RunAsync("-"));

        Assert.Equal(["t-1", "t-2"], Tokens());
        Assert.Contains("standard input:2: invalid: ", _rig.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_queue_that_is_not_there_stops_the_reading_after_the_first_batch()
    {
        _sqs.Reply = (_, _) => throw new AmazonSQSException("No.")
        {
            ErrorCode = "QueueDoesNotExist",
            StatusCode = System.Net.HttpStatusCode.BadRequest,
        };
        var lines = Enumerable.Range(0, 1_000).Select(i => Some.Body("t-" + i.ToString(CultureInfo.InvariantCulture)));

        Assert.Equal(1, await RunAsync(Write("a.jsonl", string.Join('\n', lines))));

        Assert.InRange(_sqs.Batches.Count, 1, 2);
        Assert.Contains("There is no such queue", _rig.Out, StringComparison.Ordinal);
        Assert.Contains("Run the same command again", _rig.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_entry_that_fails_alone_is_told_and_the_others_are_sent()
    {
        _sqs.Reply = (_, request) => SqsQueueFake.Take(request, senderFault: true, "InvalidMessageContents", 1);
        var file = Write("a.jsonl", string.Join('\n', Some.Body("t-1"), Some.Body("t-2"), Some.Body("t-3")));

        Assert.Equal(1, await RunAsync(file, "--json"));

        var results = _rig.Out.TrimEnd().Split('\n').Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.Equal(["sent", "failed", "sent"], results.Select(r => r.GetProperty("status").GetString()));
        Assert.Equal([1, 2, 3], results.Select(r => r.GetProperty("line").GetInt32()));
    }

    [Fact]
    public async Task Only_failed_tells_nothing_of_what_was_sent()
    {
        Assert.Equal(0, await RunAsync(Write("a.jsonl", Some.Body()), "--only-failed"));

        Assert.Equal("", _rig.Out);
    }

    [Theory]
    [InlineData("empty.json", "", "is empty")]
    [InlineData("space.json", " \n ", "is empty")]
    [InlineData("binary.json", "PK\u0003\u0000\u0000", "is not text")]
    [InlineData("header.csv", "InstanceId,Name\n", "has a header and no rows")]
    [InlineData("wrong.csv", "InstanceId,Nmae,\n1,2,3\n", "Column 2 (\"Nmae\") is no property of a task request. Column 3 has no name.")]
    [InlineData("twice.csv", "Name,name\n1,2\n", "Column 2 is there twice")]
    public async Task Bad_files_are_wrong_usage_and_nothing_is_sent(string name, string text, string expected)
    {
        var good = Write("good.jsonl", Some.Body());

        Assert.Equal(2, await RunAsync(good, Write(name, text)));

        Assert.Contains(expected, _rig.Error, StringComparison.Ordinal);
        Assert.Single(_rig.Error.TrimEnd().Split('\n'));
        Assert.Empty(_sqs.Batches);
    }

    [Fact]
    public async Task Bytes_that_are_not_utf8_are_wrong_usage()
    {
        var path = Path.Combine(_folder.FullName, "latin1.jsonl");
        await File.WriteAllBytesAsync(path, Encoding.Latin1.GetBytes("{\"Name\":\"é\"}"));

        Assert.Equal(2, await RunAsync(path));

        Assert.Contains("are not UTF-8", _rig.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_file_a_directory_and_two_standard_inputs_are_wrong_usage()
    {
        Assert.Equal(2, await RunAsync("no-such-file.json"));
        Assert.Equal(2, await RunAsync(_folder.FullName));
        Assert.Equal(2, await RunAsync("-", "-"));

        Assert.Contains("There is no file no-such-file.json.", _rig.Error, StringComparison.Ordinal);
        Assert.Contains("is a directory", _rig.Error, StringComparison.Ordinal);
        Assert.Contains("can be given once", _rig.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("i,n,f\n", "The row has 3 cells and the header 2")]
    [InlineData("i,\"n\"x\n", "text after a closing quotation mark")]
    [InlineData("i,\"n\n", "left open")]
    public async Task Rows_that_do_not_fit_their_header_are_invalid(string row, string expected)
    {
        Assert.Equal(1, await RunAsync(Write("a.csv", "InstanceId,Name\n" + row)));

        Assert.Contains("a.csv:2: invalid: ", _rig.Out, StringComparison.Ordinal);
        Assert.Contains(expected, _rig.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_record_without_end_is_given_up_before_it_fills_the_memory()
    {
        var file = Write("a.json", "[" + Some.Body() + ",{\"Name\":\"" + new string('x', 5_000_000));

        Assert.Equal(2, await RunAsync(file));

        Assert.Contains("has more than 4194304 characters", _rig.Error, StringComparison.Ordinal);
        Assert.Empty(_sqs.Batches);
    }

    [Theory]
    [InlineData("[{0} {0}]", "no comma")]
    [InlineData("[{0},", "")]
    [InlineData("[{0}", "does not end")]
    [InlineData("[{0}] x", "text after the end of the array")]
    public async Task A_broken_array_sends_nothing(string form, string expected)
    {
        var text = form.Replace("{0}", Some.Body(), StringComparison.Ordinal);

        Assert.Equal(1, await RunAsync(Write("a.json", text)));

        Assert.Contains(expected, _rig.Out, StringComparison.Ordinal);
        Assert.Empty(_sqs.Batches);
    }

    private string[] Tokens() =>
        [.. _sqs.Entries.Select(e => TaskRequestJson.Read(e.MessageBody).Request!.ClientToken!)];

    private string Write(string name, string text)
    {
        var path = Path.Combine(_folder.FullName, name);
        File.WriteAllText(path, text);
        return path;
    }

    private async Task<int> RunAsync(params string[] args)
    {
        Task<IAmazonSQS> Connect(ParseResult result, Uri url) => Task.FromResult<IAmazonSQS>(_sqs);
        var root = new RootCommand { EnqueueCommand.Create(_rig.Terminal, Connect) };
        return await CommandLine.RunAsync(root, ["enqueue", .. args, "--queue-url", DlqFake.TaskUrl], _rig.Terminal);
    }
}
