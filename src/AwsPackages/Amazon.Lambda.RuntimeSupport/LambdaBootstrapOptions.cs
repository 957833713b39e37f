namespace Amazon.Lambda.RuntimeSupport.Bootstrap;

/// <summary>Options of a <see cref="LambdaBootstrap"/>.</summary>
public class LambdaBootstrapOptions
{
    /// <summary>
    /// Host and port of the Runtime API, such as <c>127.0.0.1:9001</c>. Default: the environment variable
    /// <c>AWS_LAMBDA_RUNTIME_API</c>, which Lambda sets.
    /// </summary>
    public string? RuntimeApiEndpoint { get; set; }
}
