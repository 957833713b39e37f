using System.Net;
using Amazon.Connect;
using Amazon.Connect.Model;
using Amazon.Runtime;

namespace ConnectTasks.Simulation;

/// <summary>Faults of what Connect's answers are taken for.</summary>
internal static class ConnectMutants
{
    public static readonly IReadOnlyList<Mutant> All =
    [
        new("new-token-on-retry", "each attempt has a ClientToken of its own")
        {
            Connect = (world, inner) => new ConnectDecorator(inner)
            {
                OnRequest = r =>
                {
                    r.ClientToken += "/" + world.Random.Next();
                    return r;
                },
            },
        },
        new("throttle-is-refusal", "a 429 is taken for a refusal and dead-lettered")
        {
            Connect = (_, inner) => new ConnectDecorator(inner)
            {
                OnError = (_, e) => e.StatusCode == HttpStatusCode.TooManyRequests ? Refusal : e,
            },
        },
        new("limit-exceeded-is-final", "a LimitExceededException is taken for final, whichever call it answers")
        {
            Connect = (_, inner) => new ConnectDecorator(inner)
            {
                OnError = (call, e) => call != Call.Move && e.ErrorCode == "LimitExceededException" ? Refusal : e,
            },
        },
        new("access-denied-is-final", "a 400 AccessDeniedException is taken for a refusal")
        {
            ShownBy = Theme.Outage,
            Connect = (_, inner) => new ConnectDecorator(inner)
            {
                OnError = (_, e) => e is { ErrorCode: "AccessDeniedException", StatusCode: HttpStatusCode.BadRequest } ? Refusal : e,
            },
        },
        new("over-quota-is-final", "a 402 is taken for a refusal")
        {
            ShownBy = Theme.Outage,
            Connect = (_, inner) => new ConnectDecorator(inner)
            {
                OnError = (_, e) => e.StatusCode == HttpStatusCode.PaymentRequired ? Refusal : e,
            },
        },
        new("time-out-is-success", "no answer is taken for a start")
        {
            Connect = (_, inner) => new ConnectDecorator(inner)
            {
                OnNoAnswer = () => new StartTaskContactResponse { ContactId = "presumed" },
            },
        },
        new("not-found-is-over", "a contact that Connect does not know yet is taken for one that is over")
        {
            ShownBy = Theme.Moves,
            Connect = (_, inner) => new ConnectDecorator(inner)
            {
                OnError = (call, e) => call != Call.Start && IsNotThere(e) ? Error("ContactNotFoundException", 410) : e,
            },
        },
        new("not-found-is-final", "a flow that Connect does not know yet is taken for a wrong one")
        {
            Connect = (_, inner) => new ConnectDecorator(inner)
            {
                OnError = (call, e) => call == Call.Start && IsNotThere(e) ? Refusal : e,
            },
        },
        new("no-patience", "what is not there is not looked for a second time")
        {
            ShownBy = Theme.Moves,
            Settings = (_, settings) => settings with { NotFoundPatience = TimeSpan.Zero },
        },
        new("gone-is-refused", "a 410 of a contact that is over is taken for a refusal of the command")
        {
            ShownBy = Theme.Cancels,
            Connect = (_, inner) => new ConnectDecorator(inner)
            {
                OnError = (_, e) => e.StatusCode == HttpStatusCode.Gone ? Refusal : e,
            },
        },
        new("stop-not-found-is-done", "a stop that Connect answers with 404 is taken for done")
        {
            ShownBy = Theme.Cancels,
            Connect = (_, inner) => new ConnectDecorator(inner) { TakesUnknownForStopped = true },
        },
        new("nothing-is-running", "an answer without a contact is taken for one that runs")
        {
            ShownBy = Theme.Moves,
            Connect = (_, inner) => new ConnectDecorator(inner)
            {
                OnDescribed = r => r.Contact is null ? new DescribeContactResponse { Contact = new() } : r,
            },
        },
    ];

    private static AmazonConnectException Refusal => Error("InvalidParameterException", 400);

    private static bool IsNotThere(AmazonServiceException e) =>
        e.ErrorCode is "ResourceNotFoundException" or "InvalidRequestException";

    private static AmazonConnectException Error(string code, int status) =>
        new("text", null, ErrorType.Sender, code, "id", (HttpStatusCode)status);
}
