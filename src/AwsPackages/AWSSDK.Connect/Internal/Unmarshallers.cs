using System.Globalization;
using System.Net;
using System.Text.Json;
using Amazon.Runtime;
using Amazon.Runtime.Internal;
using Amazon.Runtime.Internal.Transform;
using Amazon.Runtime.Internal.Util;
using Amazon.Util;

namespace Amazon.Connect.Model.Internal.MarshallTransformations;

/// <summary>Turns an answer into a response, or into the exception that the operation lists for its code.</summary>
internal abstract class ConnectUnmarshaller<TResponse> : JsonResponseUnmarshaller
    where TResponse : AmazonWebServiceResponse, new()
{
    public override AmazonWebServiceResponse Unmarshall(JsonUnmarshallerContext input)
    {
        var response = new TResponse();
        Unmarshall(input, response);
        return response;
    }

    public override AmazonServiceException UnmarshallException(
        JsonUnmarshallerContext input, Exception innerException, HttpStatusCode statusCode)
    {
        // The code comes from the header x-amzn-errortype or from the body's __type or code, without what surrounds it.
        var reader = new StreamingUtf8JsonReader(input.Stream);
        var error = JsonErrorResponseUnmarshaller.GetInstance().Unmarshall(input, ref reader);
        error.InnerException = innerException;
        error.StatusCode = statusCode;
        // The official package reads more of this one than the code and the message, and fails where that is cut off.
        if (error.Code is nameof(InvalidRequestException) && input.GetResponseBodyBytes() is { Length: > 0 } body)
            JsonDocument.Parse(body).Dispose();
        return Listed(error.Code, error)
            ?? new AmazonConnectException(
                error.Message, error.InnerException, error.Type, error.Code, error.RequestId, error.StatusCode);
    }

    /// <summary>Reads the body into the response. Operations without a response body leave it as it is.</summary>
    protected virtual void Unmarshall(JsonUnmarshallerContext input, TResponse response)
    {
    }

    /// <summary>
    /// The first JSON value of the body. What follows it is not looked at: it does not undo what the service did.
    /// </summary>
    protected static JsonDocument Body(JsonUnmarshallerContext input)
    {
        using var bytes = new MemoryStream();
        input.Stream.CopyTo(bytes);
        var reader = new Utf8JsonReader(bytes.GetBuffer().AsSpan(0, (int)bytes.Length));
        return JsonDocument.ParseValue(ref reader);
    }

    /// <summary>The exception that the operation lists for this code; null if it lists none.</summary>
    protected virtual AmazonConnectException? Listed(string? code, ErrorResponse e) => code switch
    {
        nameof(InternalServiceException) =>
            new InternalServiceException(e.Message, e.InnerException, e.Type, e.Code, e.RequestId, e.StatusCode),
        nameof(InvalidParameterException) =>
            new InvalidParameterException(e.Message, e.InnerException, e.Type, e.Code, e.RequestId, e.StatusCode),
        nameof(InvalidRequestException) =>
            new InvalidRequestException(e.Message, e.InnerException, e.Type, e.Code, e.RequestId, e.StatusCode),
        nameof(ResourceNotFoundException) =>
            new ResourceNotFoundException(e.Message, e.InnerException, e.Type, e.Code, e.RequestId, e.StatusCode),
        _ => null,
    };

    /// <summary>For the operations that list it.</summary>
    protected static ThrottlingException Throttling(ErrorResponse e) =>
        new(e.Message, e.InnerException, e.Type, e.Code, e.RequestId, e.StatusCode);
}

internal sealed class StartTaskContactUnmarshaller : ConnectUnmarshaller<StartTaskContactResponse>
{
    public static readonly StartTaskContactUnmarshaller Instance = new();

    protected override void Unmarshall(JsonUnmarshallerContext input, StartTaskContactResponse response)
    {
        using var body = Body(input);
        response.ContactId = body.RootElement.Text("ContactId");
    }

    protected override AmazonConnectException? Listed(string? code, ErrorResponse e) => code switch
    {
        nameof(ServiceQuotaExceededException) =>
            new ServiceQuotaExceededException(e.Message, e.InnerException, e.Type, e.Code, e.RequestId, e.StatusCode),
        nameof(ThrottlingException) => Throttling(e),
        _ => base.Listed(code, e),
    };
}

internal sealed class StopContactUnmarshaller : ConnectUnmarshaller<StopContactResponse>
{
    public static readonly StopContactUnmarshaller Instance = new();

    protected override AmazonConnectException? Listed(string? code, ErrorResponse e) => code switch
    {
        nameof(ContactNotFoundException) =>
            new ContactNotFoundException(e.Message, e.InnerException, e.Type, e.Code, e.RequestId, e.StatusCode),
        nameof(InvalidActiveRegionException) =>
            new InvalidActiveRegionException(e.Message, e.InnerException, e.Type, e.Code, e.RequestId, e.StatusCode),
        _ => base.Listed(code, e),
    };
}

internal sealed class UpdateContactScheduleUnmarshaller : ConnectUnmarshaller<UpdateContactScheduleResponse>
{
    public static readonly UpdateContactScheduleUnmarshaller Instance = new();

    protected override AmazonConnectException? Listed(string? code, ErrorResponse e) => code switch
    {
        nameof(LimitExceededException) =>
            new LimitExceededException(e.Message, e.InnerException, e.Type, e.Code, e.RequestId, e.StatusCode),
        nameof(ThrottlingException) => Throttling(e),
        _ => base.Listed(code, e),
    };
}

internal sealed class DescribeContactUnmarshaller : ConnectUnmarshaller<DescribeContactResponse>
{
    public static readonly DescribeContactUnmarshaller Instance = new();

    protected override void Unmarshall(JsonUnmarshallerContext input, DescribeContactResponse response)
    {
        using var body = Body(input);
        if (body.RootElement.Property("Contact") is not { ValueKind: JsonValueKind.Object } contact)
            return;
        response.Contact = new Contact
        {
            Arn = contact.Text("Arn"),
            DisconnectReason = contact.Text("DisconnectReason"),
            DisconnectTimestamp = contact.Time("DisconnectTimestamp"),
            Id = contact.Text("Id"),
            InitiationTimestamp = contact.Time("InitiationTimestamp"),
            LastUpdateTimestamp = contact.Time("LastUpdateTimestamp"),
            ScheduledTimestamp = contact.Time("ScheduledTimestamp"),
        };
    }

    protected override AmazonConnectException? Listed(string? code, ErrorResponse e) =>
        code is nameof(ThrottlingException) ? Throttling(e) : base.Listed(code, e);
}

/// <summary>Reads what is there, and null for what is not.</summary>
file static class JsonElementExtensions
{
    /// <summary>Of anything but an object there is none.</summary>
    public static JsonElement? Property(this JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var property) ? property : null;

    public static string? Text(this JsonElement element, string name) => element.Property(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Number } number => number.GetRawText(),
        { } property => property.GetString(),
    };

    /// <exception cref="FormatException">It is there, but no time.</exception>
    public static DateTime? Time(this JsonElement element, string name)
    {
        if (element.Property(name) is not { ValueKind: not JsonValueKind.Null } property)
            return null;
        var text = property.ValueKind == JsonValueKind.String ? property.GetString()! : property.GetRawText();
        return decimal.TryParse(text, NumberStyles.Any, CultureInfo.InvariantCulture, out var seconds)
            ? AWSSDKUtils.ConvertFromUnixDecimalEpochSeconds(seconds)
            : DateTime.Parse(
                text,
                CultureInfo.InvariantCulture,
                DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal);
    }
}
