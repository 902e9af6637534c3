"""A verb that lists, and has parts: `history provider/openai`, `history verify`.

A part is a module of its own, loaded when it is asked for: who lists does not pay for what it imports.
"""

from collections.abc import Callable, Mapping
from difflib import get_close_matches

import click
from click.exceptions import NoSuchCommand
from click.shell_completion import CompletionItem

from reconciler.cli.completing import beginning

Load = Callable[[str], click.Command]


class ListWithParts(click.Group):
    """A group whose own command takes words, found in `ctx.args`, where the first is no part.

    `summaries` name the parts; `load` is set by the table of commands.
    """

    def __init__(self, *, name: str | None = None, summaries: Mapping[str, str], **attrs: object) -> None:
        super().__init__(name=name, invoke_without_command=True, **attrs)  # type: ignore[arg-type]  # click's own keywords
        self.summaries = summaries
        self.load: Load | None = None

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's signature
        return list(self.summaries)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  as above
        return self.load(cmd_name) if self.load is not None and cmd_name in self.summaries else None

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        _, words, _ = self.make_parser(ctx).parse_args(list(args))
        if words and words[0] in self.summaries:
            return super().parse_args(ctx, args)
        if words and get_close_matches(words[0], self.summaries):
            raise NoSuchCommand(words[0], possibilities=self.summaries, ctx=ctx)
        ctx.allow_interspersed_args = True
        return click.Command.parse_args(self, ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem[str]]:
        """The parts by their summaries: none is loaded for it."""
        return [
            *beginning(self.summaries, incomplete),
            *click.Command.shell_complete(self, ctx, incomplete),
        ]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002  as above
        with formatter.section("Commands"):
            formatter.write_dl(list(self.summaries.items()))


def parts_alone(ctx: click.Context) -> None:
    """For one that lists nothing itself: its help. Raises NoSuchCommand where the word is no part."""
    group = ctx.command
    if ctx.invoked_subcommand is None and ctx.args:
        possibilities = group.summaries if isinstance(group, ListWithParts) else ()
        raise NoSuchCommand(ctx.args[0], possibilities=possibilities, ctx=ctx)
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())
