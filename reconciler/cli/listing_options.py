"""Options of `list` and `provider list`."""

from collections.abc import Callable
from functools import wraps
from typing import TypeVar, cast

import click

from reconciler.cli.provider_listing import Sought

F = TypeVar("F", bound=Callable[..., object])


def sought_options(command: F) -> F:
    """--type, --enabled, --disabled, -l and -A, as one argument `sought`."""

    @wraps(command)
    def with_sought(
        *arguments: object,
        types: tuple[str, ...],
        enabled: bool | None,
        selector: str | None,
        everywhere: bool,
        **named: object,
    ) -> object:
        return command(*arguments, sought=Sought(types, enabled, selector, everywhere), **named)

    wrapped: Callable[..., object] = with_sought
    for option in (
        click.option("-A", "--all-namespaces", "everywhere", is_flag=True, help="In all namespaces."),
        click.option(
            "-l", "--selector", metavar="LABELS", help="Only those with these labels: a=b,c!=d,e,!f."
        ),
        click.option(
            "--enabled/--disabled", default=None, help="Only those that serve, or only those that don't."
        ),
        click.option(
            "--type",
            "types",
            metavar="TYPE",
            multiple=True,
            help="Only those of this type. May be given again.",
        ),
    ):
        wrapped = option(wrapped)
    return cast("F", wrapped)
