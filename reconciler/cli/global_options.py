"""Global options stand before the verb or after it: `routerctl -n team-a get models`, `routerctl get models -n team-a`.

One place gives them to every verb: they are copies of the options of the whole command, so a verb's file says nothing of
them, and what is added there is taken everywhere.
"""

from collections.abc import Callable
from copy import copy

import click
from click.core import ParameterSource

_HELP = "Global options (-n, --db, --server, -v, ...) may stand here, too; see routerctl --help."


def accepting_globals(command: click.Command, root: click.Command) -> click.Command:
    """A copy of `command`, and of its subcommands, that takes the options of `root` as well; its help points there."""
    made = copy(command)
    options = [_after_the_verb(option) for option in root.params if _is_global(option)]
    made.params = [*command.params, *options]
    made.epilog = "\n\n".join(text for text in (command.epilog, _HELP) if text)
    if isinstance(made, click.Group):
        made.commands = {name: accepting_globals(sub, root) for name, sub in made.commands.items()}
    return made


def _is_global(option: click.Parameter) -> bool:
    """--help and --version act at once, and belong to nobody."""
    return isinstance(option, click.Option) and not option.is_eager


def _after_the_verb(option: click.Parameter) -> click.Parameter:
    made = copy(option)
    made.expose_value = False
    made.callback = _said_again
    if isinstance(made, click.Option):
        made.hidden = True
    return made


def _said_again(ctx: click.Context, option: click.Parameter, value: object) -> None:
    """Starts anew with what is said after the verb, which wins; what is counted is added up."""
    name = option.name or ""
    if ctx.get_parameter_source(name) is not ParameterSource.COMMANDLINE:
        return
    root = ctx.find_root()
    before = root.params[name]
    counted = isinstance(option, click.Option) and option.count
    root.params[name] = (
        before + value if counted and isinstance(before, int) and isinstance(value, int) else value
    )
    begin: Callable[..., object] | None = root.command.callback
    if begin is not None:
        root.invoke(begin, **root.params)
    one: click.Context | None = ctx
    while one is not None:
        one.obj = root.obj
        one = one.parent
