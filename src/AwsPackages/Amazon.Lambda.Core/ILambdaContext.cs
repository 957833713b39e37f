namespace Amazon.Lambda.Core;

/// <summary>What Lambda tells a function about one invocation, and about the function itself.</summary>
public interface ILambdaContext
{
    /// <summary>The invocation's request id. A retry of an asynchronous invocation keeps it.</summary>
    string AwsRequestId { get; }

    /// <summary>Details of a calling mobile application; its members are null for every other caller.</summary>
    IClientContext? ClientContext { get; }

    /// <summary>The function's name.</summary>
    string FunctionName { get; }

    /// <summary>The version that runs, <c>$LATEST</c> if unpublished.</summary>
    string FunctionVersion { get; }

    /// <summary>The Cognito identity of a calling mobile application; its members are null for every other caller.
    /// </summary>
    ICognitoIdentity? Identity { get; }

    /// <summary>The ARN by which the function was invoked; an alias or a version is part of it.</summary>
    string? InvokedFunctionArn { get; }

    /// <summary>Writes to the function's log.</summary>
    ILambdaLogger Logger { get; }

    /// <summary>The function's log group in CloudWatch Logs.</summary>
    string? LogGroupName { get; }

    /// <summary>The log stream of this execution environment.</summary>
    string? LogStreamName { get; }

    /// <summary>The function's memory in MB; 0 if Lambda did not say.</summary>
    int MemoryLimitInMB { get; }

    /// <summary>The time until Lambda kills the invocation. It falls with every read and ends below zero.</summary>
    TimeSpan RemainingTime { get; }

    /// <summary>The tenant of the invocation, where the function isolates tenants.</summary>
    string? TenantId => string.Empty;

    /// <summary>The X-Ray trace header of the invocation.</summary>
    string? TraceId => string.Empty;

    /// <summary>The serializer that the function was registered with.</summary>
    ILambdaSerializer? Serializer => null;
}

/// <summary>Details of a mobile application that invokes a function through the AWS Mobile SDK.</summary>
public interface IClientContext
{
    /// <summary>The device's environment, as the SDK sent it.</summary>
    IDictionary<string, string>? Environment { get; }

    /// <summary>The application.</summary>
    IClientApplication? Client { get; }

    /// <summary>The application's own values.</summary>
    IDictionary<string, string>? Custom { get; }
}

/// <summary>A mobile application.</summary>
public interface IClientApplication
{
    /// <summary>The package name.</summary>
    string? AppPackageName { get; }

    /// <summary>The title.</summary>
    string? AppTitle { get; }

    /// <summary>The version as a number.</summary>
    string? AppVersionCode { get; }

    /// <summary>The version as a name.</summary>
    string? AppVersionName { get; }

    /// <summary>The id of this installation.</summary>
    string? InstallationId { get; }
}

/// <summary>The Amazon Cognito identity of a mobile application's user.</summary>
public interface ICognitoIdentity
{
    /// <summary>The identity.</summary>
    string? IdentityId { get; }

    /// <summary>The pool of the identity.</summary>
    string? IdentityPoolId { get; }
}
