using Amazon.Connect;
using Amazon.Connect.Model;
using Amazon.Runtime;

namespace ConnectTasks.Simulation;

internal enum Call
{
    Start,
    Describe,
    Stop,
    Move,
}

internal sealed class ConnectDecorator(IAmazonConnect inner) : AmazonConnectClient(
    new BasicAWSCredentials("local", "local"), new AmazonConnectConfig { ServiceURL = "http://127.0.0.1:1" })
{
    public Func<StartTaskContactRequest, StartTaskContactRequest> OnRequest { get; init; } = r => r;

    public Func<Call, AmazonServiceException, AmazonServiceException> OnError { get; init; } = (_, e) => e;

    public Func<StartTaskContactResponse>? OnNoAnswer { get; init; }

    public Func<DescribeContactResponse, DescribeContactResponse> OnDescribed { get; init; } = r => r;

    public bool TakesUnknownForStopped { get; init; }

    public override async Task<DescribeContactResponse> DescribeContactAsync(
        DescribeContactRequest request, CancellationToken cancellationToken = default) =>
        OnDescribed(await CallAsync(Call.Describe, () => inner.DescribeContactAsync(request, cancellationToken)));

    public override async Task<StopContactResponse> StopContactAsync(
        StopContactRequest request, CancellationToken cancellationToken = default)
    {
        try
        {
            return await CallAsync(Call.Stop, () => inner.StopContactAsync(request, cancellationToken));
        }
        catch (AmazonServiceException e) when (
            TakesUnknownForStopped && e.ErrorCode is "ResourceNotFoundException" or "InvalidRequestException")
        {
            return new StopContactResponse();
        }
    }

    public override Task<UpdateContactScheduleResponse> UpdateContactScheduleAsync(
        UpdateContactScheduleRequest request, CancellationToken cancellationToken = default) =>
        CallAsync(Call.Move, () => inner.UpdateContactScheduleAsync(request, cancellationToken));

    public override async Task<StartTaskContactResponse> StartTaskContactAsync(
        StartTaskContactRequest request, CancellationToken cancellationToken = default)
    {
        try
        {
            return await CallAsync(Call.Start, () => inner.StartTaskContactAsync(OnRequest(request), cancellationToken));
        }
        catch (Exception e) when (OnNoAnswer is not null && e is not AmazonServiceException)
        {
            return OnNoAnswer();
        }
    }

    private async Task<T> CallAsync<T>(Call call, Func<Task<T>> make)
    {
        try
        {
            return await make();
        }
        catch (AmazonServiceException e) when (OnError(call, e) is var other && other != e)
        {
            throw OnError(call, e);
        }
    }
}
