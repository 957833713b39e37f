using ConnectTasks.Client;

namespace ConnectTasks.Tests.Client;

public class ClientTokenTests
{
    // Producers resend with tokens derived long before: these values can never change.
    [Theory]
    [InlineData(
        "key-fd0a5e6747ca2c1543c96f23b25ce69a4931fdfe4db1b50823dfd4cb2a0d4489", "invoice")]
    [InlineData(
        "key-1f2ca251fc130cf89ec416ea1198f2468da6b9cc7cd2b980302a92f3de8b0703", "billing", "4711", "overdue-call")]
    [InlineData(
        "key-ecfc1af4f1470bee233c26ccdfdede28d766758c04494fb21f4f0fea243f8405", "Zoë", "\U0001F600", " a ")]
    public void Tokens_of_a_key_stay_the_same_for_ever(string token, params string[] parts) =>
        Assert.Equal(token, ClientToken.FromKey(parts));

    [Fact]
    public void Parts_are_joined_so_that_no_two_keys_run_together()
    {
        string[][] keys = [["a", "bc"], ["ab", "c"], ["abc"], ["a", "b", "c"], ["a bc"], ["A", "bc"], ["bc", "a"]];

        Assert.Equal(keys.Length, keys.Select(k => ClientToken.FromKey(k)).Distinct().Count());
    }

    [Fact]
    public void A_token_fits_the_service_however_long_the_key() =>
        Assert.Equal(68, ClientToken.FromKey(new string('x', 100_000), "y").Length);

    [Theory]
    [InlineData("null or blank", "crm", "")]
    [InlineData("null or blank", "crm", " \t")]
    [InlineData("null or blank", "crm", null)]
    public void A_part_that_tasks_could_share_by_mistake_is_refused(string reason, params string?[] parts)
    {
        var error = Assert.Throws<ArgumentException>(() => ClientToken.FromKey(parts!));

        Assert.Contains("Part 2", error.Message, StringComparison.Ordinal);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_part_that_is_not_whole_Unicode_is_refused_without_being_repeated()
    {
        var error = Assert.Throws<ArgumentException>(() => ClientToken.FromKey("crm", "MARK\ud800"));

        Assert.Contains("Part 2", error.Message, StringComparison.Ordinal);
        Assert.Contains("surrogate", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("MARK", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_without_parts_is_refused() => Assert.Throws<ArgumentException>(() => ClientToken.FromKey());
}
