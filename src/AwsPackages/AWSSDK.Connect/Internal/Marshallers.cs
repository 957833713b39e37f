using System.Text.Json;
using Amazon.Runtime;
using Amazon.Runtime.Internal;
using Amazon.Runtime.Internal.Transform;
using Amazon.Util;

namespace Amazon.Connect.Model.Internal.MarshallTransformations;

/// <summary>Turns a request into HTTP: REST-JSON, API version 2017-08-08.</summary>
internal abstract class ConnectMarshaller<TRequest> : IMarshaller<IRequest, AmazonWebServiceRequest>
    where TRequest : AmazonConnectRequest
{
    public IRequest Marshall(AmazonWebServiceRequest input)
    {
        var request = new DefaultRequest(input, "Amazon.Connect");
        request.Headers[HeaderKeys.XAmzApiVersion] = "2017-08-08";
        Marshall((TRequest)input, request);
        return request;
    }

    protected abstract void Marshall(TRequest input, IRequest request);

    /// <summary>Makes the body one JSON object.</summary>
    protected static void WriteBody(IRequest request, Action<Utf8JsonWriter> properties)
    {
        request.Headers[HeaderKeys.ContentTypeHeader] = "application/json";
        var content = new PooledContentStream();
        request.ContentStream = content;
        using var writer = new Utf8JsonWriter(content.BufferWriter);
        writer.WriteStartObject();
        properties(writer);
        writer.WriteEndObject();
    }
}

internal sealed class StartTaskContactMarshaller : ConnectMarshaller<StartTaskContactRequest>
{
    public static readonly StartTaskContactMarshaller Instance = new();

    protected override void Marshall(StartTaskContactRequest input, IRequest request)
    {
        request.HttpMethod = "PUT";
        request.ResourcePath = "/contact/task";
        WriteBody(request, writer =>
        {
            writer.WriteIfSet("Attachments", input.Attachments, (attachment, w) =>
            {
                w.WriteIfSet("FileName", attachment.FileName);
                w.WriteIfSet("S3Url", attachment.S3Url);
            });
            if (input.Attributes.IsSet())
            {
                writer.WriteStartObject("Attributes");
                foreach (var (key, value) in input.Attributes!)
                    writer.WriteString(key, value);
                writer.WriteEndObject();
            }

#pragma warning disable RS0030 // The operation's contract in every AWS SDK: no token means a random one.
            writer.WriteString("ClientToken", input.ClientToken ?? Guid.NewGuid().ToString());
#pragma warning restore RS0030
            writer.WriteIfSet("ContactFlowId", input.ContactFlowId);
            writer.WriteIfSet("Description", input.Description);
            writer.WriteIfSet("InstanceId", input.InstanceId);
            writer.WriteIfSet("Name", input.Name);
            writer.WriteIfSet("PreviousContactId", input.PreviousContactId);
            writer.WriteIfSet("QuickConnectId", input.QuickConnectId);
            writer.WriteIfSet("References", input.References, (reference, w) =>
            {
                w.WriteIfSet("Type", reference.Type?.Value);
                w.WriteIfSet("Value", reference.Value);
            });
            writer.WriteIfSet("RelatedContactId", input.RelatedContactId);
            writer.WriteIfSet("ScheduledTime", input.ScheduledTime);
            writer.WriteIfSet("SegmentAttributes", input.SegmentAttributes, WriteSegmentAttribute);
            writer.WriteIfSet("TaskTemplateId", input.TaskTemplateId);
        });
    }

    private static void WriteSegmentAttribute(SegmentAttributeValue value, Utf8JsonWriter writer)
    {
        writer.WriteIfSet("ValueArn", value.ValueArn);
        if (value.ValueInteger is { } number)
            writer.WriteNumber("ValueInteger", number);
        writer.WriteIfSet("ValueList", value.ValueList, WriteSegmentAttribute);
        writer.WriteIfSet("ValueMap", value.ValueMap, WriteSegmentAttribute);
        writer.WriteIfSet("ValueString", value.ValueString);
    }
}

internal sealed class StopContactMarshaller : ConnectMarshaller<StopContactRequest>
{
    public static readonly StopContactMarshaller Instance = new();

    protected override void Marshall(StopContactRequest input, IRequest request)
    {
        request.HttpMethod = "POST";
        request.ResourcePath = "/contact/stop";
        WriteBody(request, writer =>
        {
            writer.WriteIfSet("ContactId", input.ContactId);
            writer.WriteIfSet("InstanceId", input.InstanceId);
        });
    }
}

internal sealed class UpdateContactScheduleMarshaller : ConnectMarshaller<UpdateContactScheduleRequest>
{
    public static readonly UpdateContactScheduleMarshaller Instance = new();

    protected override void Marshall(UpdateContactScheduleRequest input, IRequest request)
    {
        request.HttpMethod = "POST";
        request.ResourcePath = "/contact/schedule";
        WriteBody(request, writer =>
        {
            writer.WriteIfSet("ContactId", input.ContactId);
            writer.WriteIfSet("InstanceId", input.InstanceId);
            writer.WriteIfSet("ScheduledTime", input.ScheduledTime);
        });
    }
}

internal sealed class DescribeContactMarshaller : ConnectMarshaller<DescribeContactRequest>
{
    public static readonly DescribeContactMarshaller Instance = new();

    protected override void Marshall(DescribeContactRequest input, IRequest request)
    {
        request.HttpMethod = "GET";
        request.ResourcePath = "/contacts/{InstanceId}/{ContactId}";
        request.AddPathResource("{ContactId}", Required(input.ContactId, nameof(input.ContactId)));
        request.AddPathResource("{InstanceId}", Required(input.InstanceId, nameof(input.InstanceId)));
    }

    // An empty one would make a path of another operation.
    private static string Required(string? value, string name) =>
        string.IsNullOrEmpty(value)
            ? throw new AmazonConnectException($"DescribeContactRequest.{name} is required.")
            : value;
}

/// <summary>Writes what is set, and nothing for what is not.</summary>
file static class Utf8JsonWriterExtensions
{
    // With collections initialized by the SDK, an empty one says nothing; without, the caller means it.
    public static bool IsSet<T>(this ICollection<T>? collection) =>
        collection is not null && (collection.Count > 0 || !AWSConfigs.InitializeCollections);

    public static void WriteIfSet(this Utf8JsonWriter writer, string name, string? value)
    {
        if (value is not null)
            writer.WriteString(name, value);
    }

    public static void WriteIfSet(this Utf8JsonWriter writer, string name, DateTime? value)
    {
        if (value is { } time)
            writer.WriteNumber(name, AWSSDKUtils.ConvertToUnixEpochSecondsDecimal(time));
    }

    public static void WriteIfSet<T>(
        this Utf8JsonWriter writer, string name, Dictionary<string, T>? map, Action<T, Utf8JsonWriter> properties)
    {
        if (!map.IsSet())
            return;
        writer.WriteStartObject(name);
        foreach (var (key, value) in map!)
        {
            writer.WriteStartObject(key);
            // A null is an object without properties, as the official package sends it.
            if (value is not null)
                properties(value, writer);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    public static void WriteIfSet<T>(
        this Utf8JsonWriter writer, string name, List<T>? list, Action<T, Utf8JsonWriter> properties)
    {
        if (!list.IsSet())
            return;
        writer.WriteStartArray(name);
        foreach (var value in list!)
        {
            writer.WriteStartObject();
            if (value is not null)
                properties(value, writer);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}
