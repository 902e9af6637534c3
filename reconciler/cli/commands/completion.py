"""routerctl completion"""

import click
from click.shell_completion import get_completion_class

from reconciler.settings import COMPLETE

_ONE = "COMPREPLY+=($value)"
_ONE_MORE = '[[ $value == *[/=] ]] && compopt -o nospace; COMPREPLY+=("$value")'
"""What goes on behind it has no blank behind it: provider/, jsonpath=."""
_SHELLS = ("bash", "zsh", "fish")


@click.command(epilog="Example: routerctl completion bash")
@click.argument("shell", type=click.Choice(_SHELLS))
def command(shell: str) -> None:
    r"""Print what makes a shell complete routerctl: verbs, options, and names of the store that the line means.

    \b
    bash   eval "$(routerctl completion bash)", in ~/.bashrc
    zsh    eval "$(routerctl completion zsh)", in ~/.zshrc, behind compinit
    fish   routerctl completion fish > ~/.config/fish/completions/routerctl.fish
    """
    spoken = get_completion_class(shell)
    if spoken is not None:
        # not source(): that of bash starts a bash of its own, to look at its version
        script = spoken(click.Command("routerctl"), {}, "routerctl", COMPLETE)
        text = script.source_template % script.source_vars()
        click.echo(text.replace(_ONE, _ONE_MORE) if shell == "bash" else text)
