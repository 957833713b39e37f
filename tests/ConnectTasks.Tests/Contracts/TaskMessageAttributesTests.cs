namespace ConnectTasks.Tests.Contracts;

public sealed class TaskMessageAttributesTests
{
    [Fact]
    public void The_time_of_a_command_reads_back_to_the_millisecond()
    {
        var time = Some.Now.AddMilliseconds(7);

        Assert.Equal("1800000000007", TaskMessageAttributes.FormatSentAt(time));
        Assert.Equal(time, TaskMessageAttributes.ParseSentAt("1800000000007"));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData(" 1")]
    [InlineData("1.5")]
    [InlineData("1e12")]
    [InlineData("253402300800000")]
    [InlineData("99999999999999999999")]
    [InlineData("2027-01-15T08:00:00Z")]
    public void What_is_no_time_is_null(string? value) => Assert.Null(TaskMessageAttributes.ParseSentAt(value));
}
