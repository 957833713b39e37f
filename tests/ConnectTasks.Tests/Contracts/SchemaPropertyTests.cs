using CsCheck;

namespace ConnectTasks.Tests.Contracts;

/// <summary>Requests made and broken at random: both schemas and the reader agree about them.</summary>
public sealed class SchemaPropertyTests
{
    private const int Requests = 2_000;

    [Fact]
    public void A_valid_request_is_valid_for_the_reader_and_both_schemas() => Gen.Int.Sample(
        seed =>
        {
            var body = SomeRequests.Valid(new Random(seed)).ToJsonString();
            Assert.True(TaskRequestJson.Read(body).Violations.Count == 0, body);
            Assert.True(SchemaTests.IsValid(body), body);
            Assert.True(SchemaTests.IsValidStructure(body), body);
        },
        iter: Requests,
        threads: 1);

    [Fact]
    public void A_broken_request_is_invalid_for_the_schema_if_it_is_for_the_reader()
    {
        var invalid = 0;
        Gen.Int.Sample(
            seed =>
            {
                var body = SomeRequests.Broken(new Random(seed)).ToJsonString();
                var violations = TaskRequestJson.Read(body).Violations;
                var isValid = !violations.Any(IsSaid);
                Assert.True(
                    isValid == SchemaTests.IsValid(body),
                    $"{string.Join(' ', violations.Select(v => v.Message))} {body}");
                invalid += isValid ? 0 : 1;
            },
            iter: Requests,
            threads: 1);
        Assert.InRange(invalid, Requests / 4, Requests);
    }

    [Fact]
    public void A_broken_request_is_invalid_for_the_structure_as_far_as_that_can_say_it()
    {
        var invalid = 0;
        Gen.Int.Sample(
            seed =>
            {
                var body = SomeRequests.Broken(new Random(seed)).ToJsonString();
                if (!TaskRequestJson.Read(body).Violations.Any(found => IsSaid(found) && IsSaidInStructure(found)))
                    return;
                Assert.False(SchemaTests.IsValidStructure(body), body);
                invalid++;
            },
            iter: Requests,
            threads: 1);
        Assert.InRange(invalid, Requests / 8, Requests);
    }

    // An ARN of another instance; the bytes of all names and values.
    private static bool IsSaid(Violation violation) =>
        violation.Code != ViolationCodes.Contradictory
        && !(violation.Code == ViolationCodes.TooLong && violation.Path is "$.Attributes" or "$.References");

    // ARNs, the length and letters of ids; the range of a time; what a value of the type DATE is.
    private static bool IsSaidInStructure(Violation violation) =>
        !violation.Path.EndsWith("Id", StringComparison.Ordinal)
        && violation.Path != "$.ScheduledTime"
        && !(violation.Code == ViolationCodes.InvalidValue
            && violation.Path.EndsWith(".Value", StringComparison.Ordinal));
}
