using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Amazon.Lambda.Serialization.SystemTextJson;
using Amazon.Lambda.SQSEvents;

namespace ConnectTasks.Lambda;

/// <summary>
/// The shapes on Lambda's wire, compiled in: reflection would cost start-up time and does not work in AOT.
/// </summary>
[JsonSerializable(typeof(SQSEvent))]
[JsonSerializable(typeof(SQSBatchResponse))]
[JsonSerializable(typeof(ScheduledEvent))]
[JsonSerializable(typeof(ReleaseResult))]
internal sealed partial class LambdaJson : JsonSerializerContext
{
    /// <summary>Reads events and writes responses.</summary>
    public static SourceGeneratorLambdaJsonSerializer<LambdaJson> Serializer() =>
        new((JsonSerializerOptions options) => options.Converters.Add(new ReadableAttributes()));

    /// <summary>
    /// Of a message's attributes those that can be read. One that can't (a null, a binary value that is not base64) is
    /// left out, because otherwise the event could not be read, and the whole batch would fail for it.
    /// </summary>
    private sealed class ReadableAttributes : JsonConverter<Dictionary<string, SQSEvent.MessageAttribute>>
    {
        public override Dictionary<string, SQSEvent.MessageAttribute> Read(
            ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            var attributes = new Dictionary<string, SQSEvent.MessageAttribute>();
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                reader.Skip();
                return attributes;
            }

            var type = (JsonTypeInfo<SQSEvent.MessageAttribute>)options.GetTypeInfo(typeof(SQSEvent.MessageAttribute));
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = reader.GetString()!;
                reader.Read();
                if (TryRead(ref reader, type) is { } attribute)
                {
                    attributes[name] = attribute;
                }
            }

            return attributes;
        }

        public override void Write(
            Utf8JsonWriter writer,
            Dictionary<string, SQSEvent.MessageAttribute> value,
            JsonSerializerOptions options) =>
            throw new NotSupportedException("Events are only read.");

        private static SQSEvent.MessageAttribute? TryRead(
            ref Utf8JsonReader reader, JsonTypeInfo<SQSEvent.MessageAttribute> type)
        {
            var begin = reader;
            try
            {
                return JsonSerializer.Deserialize(ref reader, type);
            }
            catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException)
            {
                reader = begin;
                reader.Skip();
                return null;
            }
        }
    }
}
