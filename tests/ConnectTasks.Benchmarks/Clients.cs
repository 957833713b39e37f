using Amazon;
using Amazon.Connect;
using Amazon.Connect.Model;
using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Amazon.Runtime;
using Amazon.SQS;

namespace ConnectTasks.Benchmarks;

/// <summary>The three clients of a handler.</summary>
internal sealed record Clients(IAmazonDynamoDB DynamoDb, IAmazonConnect Connect, IAmazonSQS Sqs)
{
    private static readonly AWSCredentials Credentials = new SessionAWSCredentials("local", "local", "local");

    /// <summary>The SDK's own, whose calls are answered behind the SDK.</summary>
    public static Clients ThroughSdk(AnswerAtOnce http) => new(
        new AmazonDynamoDBClient(Credentials, With(new AmazonDynamoDBConfig(), http)),
        new AmazonConnectClient(Credentials, With(new AmazonConnectConfig(), http)),
        new AmazonSQSClient(Credentials, With(new AmazonSQSConfig(), http)));

    /// <summary>Clients whose calls are answered before the SDK: what is left is the handler's own work.</summary>
    public static Clients WithoutSdk() => new(
        new InstantDynamoDb(), new InstantConnect(), new AmazonSQSClient(Credentials, RegionEndpoint.USEast1));

    private static T With<T>(T config, AnswerAtOnce http)
        where T : ClientConfig
    {
        config.RegionEndpoint = RegionEndpoint.USEast1;
        config.HttpClientFactory = http;
        return config;
    }

    private sealed class InstantDynamoDb() : AmazonDynamoDBClient(Credentials, RegionEndpoint.USEast1)
    {
        private static readonly Task<UpdateItemResponse> Updated = Task.FromResult(new UpdateItemResponse());
        private static readonly Task<PutItemResponse> Put = Task.FromResult(new PutItemResponse());

        public override Task<UpdateItemResponse> UpdateItemAsync(
            UpdateItemRequest request, CancellationToken cancellationToken = default) => Updated;

        public override Task<PutItemResponse> PutItemAsync(
            PutItemRequest request, CancellationToken cancellationToken = default) => Put;
    }

    private sealed class InstantConnect() : AmazonConnectClient(Credentials, RegionEndpoint.USEast1)
    {
        private static readonly Task<StartTaskContactResponse> Started = Task.FromResult(
            new StartTaskContactResponse { ContactId = "00000000-0000-4000-8000-0000000c0001" });

        public override Task<StartTaskContactResponse> StartTaskContactAsync(
            StartTaskContactRequest request, CancellationToken cancellationToken = default) => Started;
    }
}
