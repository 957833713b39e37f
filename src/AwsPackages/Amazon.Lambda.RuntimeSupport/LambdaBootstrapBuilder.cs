using Amazon.Lambda.Core;
using Amazon.Lambda.RuntimeSupport.Bootstrap;

namespace Amazon.Lambda.RuntimeSupport;

/// <summary>
/// Work of the initialization phase, before the first invocation. False ends the process without an error; an
/// exception is reported to Lambda as an initialization error and ends the process with it.
/// </summary>
public delegate Task<bool> LambdaBootstrapInitializer();

/// <summary>Puts a handler and its options together into a <see cref="LambdaBootstrap"/>.</summary>
public class LambdaBootstrapBuilder
{
    private readonly Invoke _handler;
    private readonly ILambdaSerializer _serializer;
    private readonly LambdaBootstrapOptions _options = new();
    private LambdaBootstrapInitializer? _initializer;

    private LambdaBootstrapBuilder(Invoke handler, ILambdaSerializer serializer)
    {
        _handler = handler;
        _serializer = serializer;
    }

    /// <summary>Begins with a handler that takes an input and the context, and gives an output.</summary>
    public static LambdaBootstrapBuilder Create<TInput, TOutput>(
        Func<TInput, ILambdaContext, Task<TOutput>> handler, ILambdaSerializer serializer)
    {
        ArgumentNullException.ThrowIfNull(handler);
        ArgumentNullException.ThrowIfNull(serializer);
        return new LambdaBootstrapBuilder(
            async (input, context, output) =>
                serializer.Serialize(await handler(serializer.Deserialize<TInput>(input), context), output),
            serializer);
    }

    /// <summary>Runs this in the initialization phase.</summary>
    public LambdaBootstrapBuilder UseBootstrapHandler(LambdaBootstrapInitializer lambdaBootstrapInitializer)
    {
        _initializer = lambdaBootstrapInitializer;
        return this;
    }

    /// <summary>Sets options.</summary>
    public LambdaBootstrapBuilder ConfigureOptions(Action<LambdaBootstrapOptions>? options = null)
    {
        options?.Invoke(_options);
        return this;
    }

    /// <summary>The bootstrap, ready to run.</summary>
    /// <exception cref="InvalidOperationException">The Runtime API's address is missing or not a host and port.
    /// </exception>
    public LambdaBootstrap Build() => new(_handler, _serializer, _initializer, _options);
}
