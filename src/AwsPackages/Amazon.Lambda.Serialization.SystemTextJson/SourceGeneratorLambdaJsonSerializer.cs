using System.Diagnostics.CodeAnalysis;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Amazon.Lambda.Core;
using Amazon.Lambda.Serialization.SystemTextJson.Converters;

namespace Amazon.Lambda.Serialization.SystemTextJson;

/// <summary>
/// A serializer that works without reflection: <typeparamref name="TSGContext"/> is a source-generated context that
/// names the function's input and output types. Property names are read in any case and written as they are in C#.
/// </summary>
public class SourceGeneratorLambdaJsonSerializer<
    [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TSGContext> : ILambdaSerializer
    where TSGContext : JsonSerializerContext
{
    private readonly TSGContext _context;

    /// <summary>A serializer with the default options.</summary>
    /// <exception cref="InvalidOperationException">The context lacks a constructor that takes options.</exception>
    public SourceGeneratorLambdaJsonSerializer()
        : this(null)
    {
    }

    /// <summary>A serializer whose options <paramref name="customizer"/> may change.</summary>
    /// <exception cref="InvalidOperationException">The context lacks a constructor that takes options.</exception>
    public SourceGeneratorLambdaJsonSerializer(Action<JsonSerializerOptions>? customizer)
    {
        SerializerOptions = new JsonSerializerOptions
        {
            DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
            PropertyNameCaseInsensitive = true,
            Converters = { new MemoryStreamConverter() },
        };
        customizer?.Invoke(SerializerOptions);

        // The generated context has no other way to take options that is known for every TSGContext.
        var constructor = typeof(TSGContext).GetConstructor([typeof(JsonSerializerOptions)])
            ?? throw new InvalidOperationException(
                $"{typeof(TSGContext).FullName} lacks a constructor that takes a JsonSerializerOptions.");
        _context = (TSGContext)constructor.Invoke([SerializerOptions]);
    }

    /// <summary>The options of every read and write.</summary>
    protected JsonSerializerOptions SerializerOptions { get; }

    /// <inheritdoc/>
    /// <exception cref="JsonSerializerException">The event is not JSON of this type.</exception>
    public T Deserialize<T>(Stream requestStream)
    {
        try
        {
            return JsonSerializer.Deserialize(requestStream, TypeInfo<T>())!;
        }
        catch (Exception e) when (e is not JsonSerializerException)
        {
            throw new JsonSerializerException(
                $"The event is not JSON of type {typeof(T).FullName}: {e.Message}", e);
        }
    }

    /// <inheritdoc/>
    /// <exception cref="JsonSerializerException">The response cannot be written as JSON.</exception>
    public void Serialize<T>(T response, Stream responseStream)
    {
        try
        {
            using var writer = new Utf8JsonWriter(responseStream, WriterOptions);
            JsonSerializer.Serialize(writer, response, TypeInfo<T>());
        }
        catch (Exception e) when (e is not JsonSerializerException)
        {
            throw new JsonSerializerException(
                $"The response of type {typeof(T).FullName} cannot be written as JSON: {e.Message}", e);
        }
    }

    // Lambda's JSON goes to no web page, so nothing but what JSON itself asks for is escaped.
    private static readonly JsonWriterOptions WriterOptions =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private JsonTypeInfo<T> TypeInfo<T>() =>
        _context.GetTypeInfo(typeof(T)) as JsonTypeInfo<T>
            ?? throw new JsonSerializerException(
                $"{typeof(TSGContext).FullName} does not name {typeof(T).FullName}: " +
                $"add [JsonSerializable(typeof({typeof(T).Name}))] to it.");
}
