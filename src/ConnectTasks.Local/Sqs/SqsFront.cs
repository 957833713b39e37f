using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace ConnectTasks.Local;

/// <summary>
/// SQS's endpoint on this machine: refuses what SQS refuses (<see cref="SqsRules"/>), and passes the rest on to the
/// server behind it. It reads the JSON protocol, which all SDKs of today speak; calls of the older query protocol go
/// through as they are.
/// </summary>
internal sealed class SqsFront : IAsyncDisposable
{
    private const string SendTarget = "AmazonSQS.SendMessage";
    private const string SendBatchTarget = "AmazonSQS.SendMessageBatch";
    private const string ContentType = "application/x-amz-json-1.0";

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    private readonly HttpRelay _relay = new();
    private readonly Uri _target;
    private LoopbackHttpServer? _server;

    private SqsFront(Uri target) => _target = target;

    public Uri Url => _server!.Address;

    /// <summary>Starts it in front of a server of SQS; port 0 takes a free one.</summary>
    /// <exception cref="LocalException">The port is in use.</exception>
    public static async Task<SqsFront> StartAsync(Uri target, int port = 0)
    {
        var front = new SqsFront(target);
        try
        {
            front._server = await LoopbackHttpServer.StartAsync(front.HandleAsync, port);
            return front;
        }
        catch (IOException)
        {
            front._relay.Dispose();
            throw new LocalException(
                $"SQS cannot be served on port {port}: something else listens there. Stop that, or choose another "
                + "port with --sqs-port (0 takes a free one).");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _server!.DisposeAsync();
        _relay.Dispose();
    }

    private async Task HandleAsync(HttpContext context)
    {
        var body = await HttpRelay.ReadBodyAsync(context);
        var target = context.Request.Headers["X-Amz-Target"].ToString();
        if (target is not (SendTarget or SendBatchTarget) || Parse(body) is not { } request)
        {
            await PassAsync(context, body);
            return;
        }

        var isFifo = SqsRules.IsFifo(SqsRules.Text(request, "QueueUrl"));
        if (target == SendBatchTarget)
            await SendBatchAsync(context, request, body, isFifo);
        else if (SqsRules.Check(request, isFifo) is { } refusal)
            await RefuseAsync(context, refusal);
        else
            await PassAsync(context, body);
    }

    /// <summary>
    /// A batch: SQS reports an entry that it refuses beside those that it takes (API reference, SendMessageBatch). For
    /// some mistakes it refuses the request as a whole.
    /// </summary>
    private async Task SendBatchAsync(HttpContext context, JsonObject request, byte[] body, bool isFifo)
    {
        var entries = Entries(request);
        var checks = entries.Select(entry => (Entry: entry, Refusal: SqsRules.Check(entry, isFifo))).ToList();
        var refused = checks.FindAll(check => check.Refusal is not null);
        var ids = entries.Select(entry => SqsRules.Text(entry, "Id")).ToList();
        // What is wrong with the batch itself is for the server to refuse.
        if (refused.Count == 0 || ids.Contains(null) || ids.Distinct().Count() < ids.Count)
        {
            await PassAsync(context, body);
            return;
        }

        if (refused.Find(check => check.Refusal!.IsOfTheWholeBatch).Refusal is { } whole)
        {
            await RefuseAsync(context, SqsRefusal.InvalidValue(whole.Message));
            return;
        }

        var failed = refused.Select(check => new JsonObject
        {
            ["Id"] = SqsRules.Text(check.Entry, "Id"),
            ["SenderFault"] = true,
            ["Code"] = check.Refusal!.Code,
            ["Message"] = check.Refusal.EntryMessage ?? check.Refusal.Message,
        });
        var answer = new JsonObject { ["Successful"] = new JsonArray(), ["Failed"] = new JsonArray() };
        if (refused.Count < entries.Count)
        {
            var taken = checks.Where(check => check.Refusal is null).Select(check => check.Entry.DeepClone());
            request["Entries"] = new JsonArray([.. taken]);
            var rest = JsonSerializer.SerializeToUtf8Bytes(request);
            if (await _relay.SendAsync(context, _target, rest, KeepsHost) is not { } relayed)
                return;
            if (relayed.Status != StatusCodes.Status200OK || Parse(relayed.Body) is not { } sent)
            {
                await relayed.WriteAsync(context);
                return;
            }

            answer = sent;
        }

        var all = answer["Failed"] as JsonArray ?? [];
        foreach (var entry in failed)
            all.Add(entry);
        answer["Failed"] = all.DeepClone();
        await WriteAsync(context, StatusCodes.Status200OK, answer);
    }

    /// <summary>Queue URLs are made of the name that the server was called by, which must be this front's.</summary>
    private bool KeepsHost => _target.Scheme == Uri.UriSchemeHttp;

    private async Task PassAsync(HttpContext context, byte[] body)
    {
        if (await _relay.SendAsync(context, _target, body, KeepsHost) is { } answer)
            await answer.WriteAsync(context);
    }

    /// <summary>SDKs show the header's code; the body names the error as the JSON protocol does.</summary>
    private static Task RefuseAsync(HttpContext context, SqsRefusal refusal)
    {
        context.Response.Headers["x-amzn-query-error"] = $"{refusal.Code};Sender";
        return WriteAsync(context, StatusCodes.Status400BadRequest, new JsonObject
        {
            ["__type"] = $"com.amazon.coral.service#{refusal.Shape}",
            ["message"] = refusal.Message,
        });
    }

    private static async Task WriteAsync(HttpContext context, int status, JsonObject value)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(value);
        context.Response.StatusCode = status;
        context.Response.ContentType = ContentType;
        context.Response.Headers["x-amzn-requestid"] = context.TraceIdentifier;
        context.Response.ContentLength = bytes.Length;
        await context.Response.Body.WriteAsync(bytes, context.RequestAborted);
    }

    private static IReadOnlyList<JsonObject> Entries(JsonObject request) =>
        request["Entries"] is JsonArray entries ? [.. entries.OfType<JsonObject>()] : [];

    /// <summary>The object in these bytes; null if they are no JSON object, which the server says better.</summary>
    private static JsonObject? Parse(byte[] body)
    {
        try
        {
            return JsonNode.Parse(body, documentOptions: Strict) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
