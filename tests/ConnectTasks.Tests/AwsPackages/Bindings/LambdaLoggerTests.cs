using System.Text.Json;
using Amazon.Lambda.Core;
using Amazon.Lambda.RuntimeSupport;
using Microsoft.Extensions.Time.Testing;

namespace ConnectTasks.Tests.AwsPackages.Bindings;

public sealed class LambdaLoggerTests : IDisposable
{
    private static readonly Invocation Invocation = new()
    {
        RequestId = "request-1",
        Event = [],
        DeadlineMs = 0,
        InvokedFunctionArn = null,
        TraceId = "Root=1",
        ClientContext = null,
        CognitoIdentity = null,
        TenantId = null,
    };

    private readonly StringWriter _output = new();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2027, 1, 15, 8, 0, 0, 123, TimeSpan.Zero));

    public void Dispose() => _output.Dispose();

    [Fact]
    public void A_JSON_entry_carries_the_invocation_and_the_arguments_by_name()
    {
        Logger("JSON").LogWarning("{Count} messages wait {Why}, {Missing}", 3, "for 'pace'");

        Assert.Equal(
            """
            {"timestamp":"2027-01-15T08:00:00.123Z","level":"Warning","requestId":"request-1","traceId":"Root=1",
            "message":"3 messages wait for 'pace', {Missing}","Count":3,"Why":"for 'pace'"}
            """.ReplaceLineEndings(""),
            _output.ToString().TrimEnd());
    }

    [Fact]
    public void A_JSON_entry_keeps_the_kinds_of_its_arguments()
    {
        Logger("JSON").LogInformation(
            "{a}{b}{c}{d}{e}{f}{g}", true, 1L, 1.5, 2.5m, null, double.NaN, new Version(1, 2));

        using var entry = JsonDocument.Parse(_output.ToString());
        Assert.Equal(
            ["True", "Number", "Number", "Number", "Null", "String", "String"],
            "abcdefg".Select(name => entry.RootElement.GetProperty($"{name}").ValueKind.ToString()));
    }

    [Fact]
    public void A_JSON_entry_of_an_exception_is_one_line_with_its_type_and_stack()
    {
        Logger("JSON").LogError(new InvalidDataException("two\nlines"), "failed");

        var line = Assert.Single(_output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries));
        using var entry = JsonDocument.Parse(line);
        Assert.Equal("System.IO.InvalidDataException", entry.RootElement.GetProperty("errorType").GetString());
        Assert.Equal("two\nlines", entry.RootElement.GetProperty("errorMessage").GetString());
        Assert.Equal("System.IO.InvalidDataException: two", entry.RootElement.GetProperty("stackTrace")[0].GetString());
    }

    [Fact]
    public void A_text_entry_is_one_line()
    {
        Logger(format: null).LogInformation("{Count} of\ntwo", 1);

        Assert.Equal("2027-01-15T08:00:00.123Z\trequest-1\tinfo\t1 of\rtwo", _output.ToString().TrimEnd('\n'));
    }

    [Theory]
    [InlineData(null, "info,warn,fail,crit")]
    [InlineData("DEBUG", "dbug,info,warn,fail,crit")]
    [InlineData("WARN", "warn,fail,crit")]
    [InlineData("FATAL", "crit")]
    [InlineData("Critical", "crit")]
    [InlineData("nonsense", "info,warn,fail,crit")]
    [InlineData("7", "info,warn,fail,crit")]
    public void Entries_below_the_functions_log_level_are_left_out(string? level, string written)
    {
        var logger = Logger(format: null, level);

        logger.LogTrace("x");
        logger.LogDebug("x");
        logger.LogInformation("x");
        logger.LogWarning("x");
        logger.LogError("x");
        logger.LogCritical("x");

        var lines = _output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(written, string.Join(',', lines.Select(line => line.Split('\t')[2])));
    }

    [Fact]
    public void A_message_without_arguments_may_contain_braces()
    {
        Logger(format: null).LogLine("{\"a\":{}} }{");

        Assert.EndsWith("\t{\"a\":{}} }{\n", _output.ToString());
    }

    private ILambdaLogger Logger(string? format, string? level = null)
    {
        _output.NewLine = "\n";
        var settings = LogSettings.Read(name => name switch
        {
            "AWS_LAMBDA_LOG_FORMAT" => format,
            "AWS_LAMBDA_LOG_LEVEL" => level,
            _ => null,
        });
        return new LambdaConsoleLogger(_output, settings, _time) { Invocation = Invocation };
    }
}
