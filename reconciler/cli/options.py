"""Options that several commands share."""

from collections.abc import Callable
from typing import TypeVar

import click

F = TypeVar("F", bound=Callable[..., object])


def filename_option(*, required: bool = True) -> Callable[[F], F]:
    return click.option(
        "-f",
        "--filename",
        "paths",
        metavar="PATH",
        multiple=True,
        required=required,
        help="A manifest, a folder of manifests, or - for stdin. May be given again.",
    )


def source_option(command: F) -> F:
    return click.option("--source", metavar="NAME", help="The source that the manifests belong to.")(command)


def prune_option(command: F) -> F:
    return click.option(
        "--prune",
        is_flag=True,
        help="Delete what the source once declared under these paths and no longer does.",
    )(command)


def message_option(command: F) -> F:
    return click.option("-m", "--message", metavar="TEXT", default="", help="Why; kept with the revision.")(
        command
    )


def wait_options(command: F) -> F:
    command = click.option(
        "--timeout",
        metavar="SECONDS",
        type=float,
        default=30.0,
        show_default=True,
        help="How long --wait waits.",
    )(command)
    return click.option("--wait", is_flag=True, help="Return when every live worker serves the revision.")(
        command
    )
