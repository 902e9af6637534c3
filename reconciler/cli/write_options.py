"""Options of the commands that change single resources."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import TypeVar, cast

import click

from reconciler.cli.options import field_manager_option, message_option, wait_options
from reconciler.cli.output import output_option
from reconciler.cli.selecting import Which
from reconciler.control.intake import user
from reconciler.control.manager_name import local_name
from reconciler.store.records import RevisionMeta

F = TypeVar("F", bound=Callable[..., object])

TEXT, NAME = "text", "name"
OBJECT_FORMATS = "text|name|json|yaml|jsonpath=EXPRESSION"
"""json and yaml are the resources as they are afterwards."""
_WORDS = "text|name"


@dataclass(frozen=True, slots=True)
class Asked:
    """How a command is to be carried out. `timeout` is in seconds."""

    message: str = ""
    manager: str | None = None
    dry_run: bool = False
    wait: bool = False
    timeout: float = 30.0
    output: str = TEXT
    beside: bool = False
    """Whether what is said goes to stderr, since stdout is something else's."""

    @property
    def field_manager(self) -> str:
        """Raises InvalidInput for what is no name, Refused for the name of somebody else."""
        return local_name(self.manager, user())

    def meta(self, verb: str) -> RevisionMeta:
        return RevisionMeta(actor=user(), operation=verb, message=self.message)


def write_options(command: F) -> F:
    """-m, --field-manager, --dry-run, --wait, --timeout and -o, as one argument `asked`."""
    return _asked(command, OBJECT_FORMATS)


def delete_options(command: F) -> F:
    """The same for what leaves no object to show."""
    return _asked(command, _WORDS)


def _asked(command: F, formats: str) -> F:
    @wraps(command)
    def with_asked(
        *arguments: object,
        message: str,
        manager: str | None = None,
        dry_run: bool,
        wait: bool,
        timeout: float,
        output: str,
        **named: object,
    ) -> object:
        asked = Asked(message, manager, dry_run, wait, timeout, output)
        return command(*arguments, asked=asked, **named)

    wrapped: Callable[..., object] = output_option(TEXT, formats)(with_asked)
    wrapped = message_option(wait_options(wrapped))
    if formats != _WORDS:
        wrapped = field_manager_option(wrapped)
    dry_run = click.option("--dry-run", is_flag=True, help="Show what would be done, and do nothing.")
    return cast("F", dry_run(wrapped))


def which_options(command: F) -> F:
    """-l, --all and -A, as one argument `which`."""

    @wraps(command)
    def with_which(
        *arguments: object, selector: str | None, everything: bool, everywhere: bool, **named: object
    ) -> object:
        return command(*arguments, which=Which(selector, everything, everywhere), **named)

    wrapped: Callable[..., object] = with_which
    for option in (
        click.option("-A", "--all-namespaces", "everywhere", is_flag=True, help="In all namespaces."),
        click.option("--all", "everything", is_flag=True, help="All resources of the kind."),
        click.option(
            "-l", "--selector", metavar="LABELS", help="The resources with these labels: a=b,c!=d,e,!f."
        ),
    ):
        wrapped = option(wrapped)
    return cast("F", wrapped)
