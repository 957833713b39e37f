using System.Text;
using Amazon.SQS.Model;
using ConnectTasks.Client;
using CsCheck;

namespace ConnectTasks.Tests.Client;

public class BatchTests
{
    private const int MaxBytes = 20_000;

    // From requests of a few bytes to some that fill a batch, some that are over the limit, and some that are invalid.
    private static readonly Gen<TaskRequest[]> SomeRequests =
        Gen.Select(Gen.Frequency((6, Gen.Int[0, 200]), (2, Gen.Int[0, 4_096]), (1, Gen.Const(4_097))), Gen.Int[0, 4])
            .Select((length, fill) => (length, fill))
            .Array[0, 60]
            .Select(shapes => shapes.Select((shape, i) => Some.Request($"t-{i}") with
            {
                Description = string.Concat(Enumerable.Repeat("é", shape.length)),
                Attributes = new Dictionary<string, string> { ["a"] = new('x', shape.fill * 4_000) },
            }).ToArray());

    [Fact]
    public Task Every_request_is_in_exactly_one_batch_in_order_and_no_batch_is_over_a_limit() =>
        SomeRequests.SampleAsync(async requests =>
        {
            var rig = new ClientRig(maxBytes: MaxBytes);

            var results = await rig.Client.SendManyAsync(requests);

            Assert.Equal(requests, results.Select(r => r.Request!));
            Assert.All(results, r => Assert.True(r.Status is SendStatus.Sent or SendStatus.Invalid));
            var sent = rig.Sqs.Entries.Select(e => TaskRequestJson.Read(e.MessageBody).Request!.ClientToken);
            Assert.Equal(results.Where(r => r.IsSent).Select(r => r.Request!.ClientToken), sent);
            Assert.All(rig.Sqs.Batches, batch =>
            {
                Assert.InRange(batch.Entries.Count, 1, 10);
                Assert.Equal(batch.Entries.Count, batch.Entries.Select(e => e.Id).Distinct().Count());
                Assert.True(batch.Entries.Sum(Bytes) <= MaxBytes);
            });
        }, iter: 200, seed: "0000KOIPe033", threads: 1);

    [Fact]
    public void A_batch_is_closed_only_when_the_next_message_does_not_fit() =>
        Gen.Int[0, 300].Array[0, 100].Sample(sizes =>
        {
            var batches = new List<Batch> { new(1_000) };
            foreach (var (size, index) in sizes.Select((s, i) => (s, i)))
            {
                var message = new OutgoingMessage { Index = index, Bytes = size };
                if (batches[^1].TryAdd(message))
                    continue;
                var last = batches[^1].Messages;
                Assert.True(last.Count == 10 || last.Sum(m => m.Bytes) + size > 1_000);
                batches.Add(new Batch(1_000));
                Assert.True(batches[^1].TryAdd(message));
            }
            Assert.Equal(Enumerable.Range(0, sizes.Length), batches.SelectMany(b => b.Messages).Select(m => m.Index));
            Assert.All(batches, b => Assert.True(b.Messages.Sum(m => m.Bytes) <= 1_000));
        }, iter: 1_000, seed: "0000KOIPe033", threads: 1);

    [Fact]
    public async Task Ten_large_messages_are_spread_over_batches()
    {
        // Ten of 65,000 bytes in requests of at most 256 KiB: four at a time.
        var rig = new ClientRig(maxBytes: 262_144);
        var attributes = new Dictionary<string, string> { ["padding"] = new('x', 65_000) };

        var results = await rig.Client.SendManyAsync(
            ClientRig.Requests(10), _ => new SendOptions { MessageAttributes = attributes });

        Assert.All(results, r => Assert.True(r.IsSent));
        Assert.Equal([4, 4, 2], rig.Sqs.Batches.Select(b => b.Entries.Count));
    }

    [Fact]
    public async Task A_message_over_the_limit_is_reported_and_its_neighbours_are_sent()
    {
        var rig = new ClientRig(maxBytes: 2_000);
        TaskRequest[] requests = [.. ClientRig.Requests(3)];
        requests[1] = requests[1] with { Description = new string('x', 2_000) };

        var results = await rig.Client.SendManyAsync(requests);

        Assert.Equal([SendStatus.Sent, SendStatus.Invalid, SendStatus.Sent], results.Select(r => r.Status));
        var violation = Assert.Single(results[1].Violations);
        Assert.Equal((ViolationCodes.TooLong, "$"), (violation.Code, violation.Path));
        Assert.Contains("limit is 2,000 bytes", violation.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, false)]
    public async Task Bytes_are_counted_not_characters_and_attributes_count(int over, bool isSent)
    {
        // The request's own bytes, three for each euro sign, and 1 + 6 + 6 for the attribute.
        var request = Some.Request() with { Description = new string('€', 600) };
        var limit = TaskRequestJson.Write(request).Length + 1 + "String".Length + "€€".Length * 3;
        var options = new SendOptions { MessageAttributes = new Dictionary<string, string> { ["a"] = "€€" } };

        var results = await new ClientRig(maxBytes: limit - over).Client.SendManyAsync([request], _ => options);

        Assert.Equal(isSent, results[0].IsSent);
    }

    private static int Bytes(SendMessageBatchRequestEntry entry) =>
        Encoding.UTF8.GetByteCount(entry.MessageBody)
        + (entry.MessageAttributes ?? []).Sum(
            a => Encoding.UTF8.GetByteCount(a.Key + a.Value.DataType + a.Value.StringValue));
}
