using Amazon.SQS;
using Amazon.SQS.Model;

namespace ConnectTasks.Tests.Client;

/// <summary>SQS: records the batches that it was sent and answers by a function, at first by taking all.</summary>
internal sealed class SqsQueueFake() : AmazonSQSClient(
    "local", "local", new AmazonSQSConfig { ServiceURL = "http://127.0.0.1:1" })
{
    public List<SendMessageBatchRequest> Batches { get; } = [];

    /// <summary>The bodies of the messages that were taken.</summary>
    public List<string> Taken { get; } = [];

    /// <summary>Answers the n-th request, counted from 1.</summary>
    public Func<int, SendMessageBatchRequest, SendMessageBatchResponse> Reply { get; set; } =
        (_, request) => Take(request);

    public IEnumerable<SendMessageBatchRequestEntry> Entries => Batches.SelectMany(b => b.Entries);

    public SendMessageBatchRequestEntry Only => Assert.Single(Entries);

    /// <summary>Takes all but the entries at some positions, which fail with a code.</summary>
    public static SendMessageBatchResponse Take(
        SendMessageBatchRequest request, bool senderFault = false, string code = "InternalError", params int[] except)
    {
        // As version 4 of the SDK leaves it: no list rather than an empty one.
        var response = new SendMessageBatchResponse { Successful = null, Failed = null };
        for (var i = 0; i < request.Entries.Count; i++)
        {
            var id = request.Entries[i].Id;
            if (except.Contains(i))
                (response.Failed ??= []).Add(new() { Id = id, Code = code, SenderFault = senderFault });
            else
                (response.Successful ??= []).Add(new() { Id = id, MessageId = "message-" + id });
        }
        return response;
    }

    public override Task<SendMessageBatchResponse> SendMessageBatchAsync(
        SendMessageBatchRequest request, CancellationToken cancellationToken = default)
    {
        Batches.Add(request);
        try
        {
            var response = Reply(Batches.Count, request);
            Taken.AddRange(request.Entries
                .Where(e => response.Successful?.Exists(s => s.Id == e.Id) == true).Select(e => e.MessageBody));
            return Task.FromResult(response);
        }
        catch (Exception e)
        {
            return Task.FromException<SendMessageBatchResponse>(e);
        }
    }
}
