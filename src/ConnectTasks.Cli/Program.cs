// The root: the only place that takes the machine's clock, randomness and console.
#pragma warning disable RS0030
using System.Text;
using ConnectTasks.Cli;

var utf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
// Strict, so that input which is not text is told and not changed in silence.
var strict = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
using var input = new StreamReader(Console.OpenStandardInput(), strict, detectEncodingFromByteOrderMarks: false);
await using var output = new StreamWriter(Console.OpenStandardOutput(), utf8) { AutoFlush = true };
await using var error = new StreamWriter(Console.OpenStandardError(), utf8) { AutoFlush = true };
return await CommandLine.RunAsync(args, new Terminal
{
    Out = output,
    Error = error,
    IsOutTerminal = !Console.IsOutputRedirected,
    IsErrorTerminal = !Console.IsErrorRedirected,
    In = input,
    Time = TimeProvider.System,
    NewId = Guid.NewGuid,
});
