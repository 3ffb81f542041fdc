using System.CommandLine;
using Ledgerfold.Cli.Terminal;

namespace Ledgerfold.Cli.Verbs;

/// <summary><c>ledgerfold completion</c>: a script that teaches a shell to complete; it asks this program what may come next.</summary>
internal static class CompletionVerb
{
    private const string Example = "source <(ledgerfold completion bash)";

    private const string Bash =
        """
        _ledgerfold() {
          local program=${COMP_WORDS[0]}
          local line=${COMP_LINE:$((${#program} + 1))} IFS=$'\n'
          local found=$("$program" "[suggest:$((COMP_POINT - ${#program} - 1))]" "$line" 2>/dev/null)
          COMPREPLY=($(compgen -W "$found" -- "${COMP_WORDS[COMP_CWORD]}"))
        }
        complete -o default -F _ledgerfold ledgerfold ./ledgerfold
        """;

    private const string Zsh =
        """
        _ledgerfold() {
          local program=${words[1]}
          local line="${words[2,$CURRENT]}"
          local -a found
          found=("${(@f)$("$program" "[suggest:${#line}]" "$line" 2>/dev/null)}")
          compadd -- $found
          [[ -n $found ]] || _files
        }
        compdef _ledgerfold ledgerfold
        """;

    private const string Fish =
        """
        function __ledgerfold
          set -l words (commandline --cut-at-cursor --tokenize) (commandline --cut-at-cursor --current-token)
          set -l line (string join ' ' -- $words[2..-1])
          ledgerfold "[suggest:"(string length -- "$line")"]" "$line" 2>/dev/null
        end
        complete --command ledgerfold --arguments '(__ledgerfold)'
        """;

    private const string PowerShell =
        """
        Register-ArgumentCompleter -Native -CommandName ledgerfold -ScriptBlock {
          param($word, $command, $cursor)
          $line = ($command.ToString() -replace '^\S+\s*', '')
          $at = [Math]::Max(0, $cursor - ($command.ToString().Length - $line.Length))
          ledgerfold "[suggest:$at]" $line.PadRight($at) 2>$null | Where-Object { $_ -like "$word*" } |
            ForEach-Object { [System.Management.Automation.CompletionResult]::new($_) }
        }
        """;

    public static Command Create()
    {
        var shell = new Argument<string>("shell") { Description = "The shell that is to complete: bash, zsh, fish or pwsh." };
        shell.AcceptOnlyFromAmong("bash", "zsh", "fish", "pwsh");
        var verb = new Verb("completion", "Prints a script for completion in a shell.", Example) { shell };
        verb.SetAction(parsed =>
        {
            var output = new StandardOutput();
            output.Line(parsed.GetValue(shell) switch { "bash" => Bash, "zsh" => Zsh, "fish" => Fish, _ => PowerShell });
            output.Flush();
            return ExitCode.Ok;
        });
        return verb;
    }
}
