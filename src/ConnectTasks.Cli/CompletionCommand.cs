using System.CommandLine;

namespace ConnectTasks.Cli;

/// <summary><c>connect-tasks completion</c>: what makes a shell complete this program's commands and options.</summary>
internal static class CompletionCommand
{
    private const string Summary = "Print a script that makes your shell complete commands and options.";

    private const string Details = """
        Examples:
          source <(connect-tasks completion bash)       # in ~/.bashrc
          source <(connect-tasks completion zsh)        # in ~/.zshrc
          connect-tasks completion fish | source     # in ~/.config/fish/config.fish
          connect-tasks completion pwsh | Out-String | Invoke-Expression
        """;

    private const string Bash = """
        _connect_tasks() {
            local IFS=$'\n'
            COMPREPLY=($(connect-tasks "[suggest:${COMP_POINT}]" "${COMP_LINE}" 2>/dev/null))
            [ ${#COMPREPLY[@]} -gt 0 ] && COMPREPLY=($(compgen -W "${COMPREPLY[*]}" -- "${COMP_WORDS[COMP_CWORD]}"))
        }
        complete -o default -F _connect_tasks connect-tasks
        """;

    private const string Zsh = """
        _connect_tasks() {
            local -a found
            found=("${(@f)$(connect-tasks "[suggest:${CURSOR}]" "${BUFFER}" 2>/dev/null)}")
            if [[ -n "${found[1]}" ]]; then compadd -- "${found[@]}"; else _files; fi
        }
        compdef _connect_tasks connect-tasks
        """;

    private const string Fish = """
        function __connect_tasks
            set -l line (commandline -cp)
            connect-tasks "[suggest:"(string length -- $line)"]" "$line" 2>/dev/null
        end
        complete -c connect-tasks -a '(__connect_tasks)'
        """;

    private const string PowerShell = """
        Register-ArgumentCompleter -Native -CommandName connect-tasks -ScriptBlock {
            param($word, $line, $position)
            connect-tasks "[suggest:$position]" "$line" 2>$null | Where-Object { $_ -like "$word*" } |
                ForEach-Object { [System.Management.Automation.CompletionResult]::new($_) }
        }
        """;

    public static Command Create(Terminal terminal)
    {
        var command = new DetailedCommand("completion", Summary, Details);
        var shell = new Argument<string>("shell") { Description = "bash, zsh, fish or pwsh." };
        shell.AcceptOnlyFromAmong("bash", "zsh", "fish", "pwsh");
        command.Arguments.Add(shell);
        command.SetAction(result =>
        {
            terminal.Out.WriteLine(result.GetValue(shell) switch
            {
                "bash" => Bash,
                "zsh" => Zsh,
                "fish" => Fish,
                _ => PowerShell,
            });
            return ExitCode.Success;
        });
        return command;
    }
}
