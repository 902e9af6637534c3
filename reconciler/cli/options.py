"""Options that several commands share."""

import re
from collections.abc import Callable
from functools import wraps
from typing import TypeVar, cast

import click

from reconciler.control.kustomize.overlay import Overlay
from reconciler.field_values import milliseconds

F = TypeVar("F", bound=Callable[..., object])

_WITH_UNITS = re.compile(r"([0-9]{1,5}(h|m|s|ms)){1,4}")
_SECONDS = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?")


class Duration(click.ParamType[float, str]):
    """A Gateway API duration as in manifests, or a plain number of seconds as kubectl takes it; the value is in seconds.

    Never negative; zero only where `zero` says that it means something.
    """

    name = "duration"

    def __init__(self, *, zero: bool = False) -> None:
        self._zero = zero

    def convert(self, value: str | float, param: click.Parameter | None, ctx: click.Context | None) -> float:
        if isinstance(value, float):
            return value
        seconds = _seconds(value)
        if seconds is None:
            self.fail(f'"{value}" is no duration; write 30s, 1m30s, 250ms, or 30 for seconds', param, ctx)
        if seconds == 0 and not self._zero:
            self.fail("a duration of zero means nothing here; write 30s, 1m30s or 250ms", param, ctx)
        return seconds


def _seconds(text: str) -> float | None:
    if _WITH_UNITS.fullmatch(text):
        return milliseconds(text) / 1000
    return float(text) if _SECONDS.fullmatch(text) else None


def filename_option(*, required: bool = True, stdin: bool = True) -> Callable[[F], F]:
    """`paths`: what -f names, or the one Overlay that -k names."""
    standing_in = (
        "A manifest, a folder of manifests, or - for stdin."
        if stdin
        else "A manifest or a folder of manifests."
    )
    filename = click.option(
        "-f",
        "--filename",
        "paths",
        metavar="PATH",
        multiple=True,
        help=f"{standing_in} May be given again.",
    )
    kustomize = overlay_option("A folder with a kustomization.yaml, instead of -f")
    return lambda command: filename(kustomize(_one_of_both(command, required=required)))


def overlay_option(words: str) -> Callable[[F], F]:
    """`overlay`: what -k names."""
    return click.option(
        "-k",
        "--kustomize",
        "overlay",
        metavar="DIR",
        help=f"{words}: an overlay is built, and read as its manifests.",
    )


def _one_of_both(command: F, *, required: bool) -> F:
    @wraps(command)
    def with_paths(
        *arguments: object, paths: tuple[str, ...], overlay: str | None, **named: object
    ) -> object:
        if overlay is not None and paths:
            raise click.UsageError("give -f or -k, not both")
        if required and overlay is None and not paths:
            raise click.MissingParameter(
                param_hint="'-f' / '--filename' or '-k' / '--kustomize'", param_type="option"
            )
        given = paths if overlay is None else (Overlay(overlay),)
        return command(*arguments, paths=given, **named)

    return cast("F", with_paths)


def source_option(command: F) -> F:
    return click.option("--source", metavar="NAME", help="The source that the manifests belong to.")(command)


def message_option(command: F) -> F:
    return click.option("-m", "--message", metavar="TEXT", default="", help="Why; kept with the revision.")(
        command
    )


def wait_options(command: F) -> F:
    command = click.option(
        "--timeout",
        metavar="DURATION",
        type=Duration(zero=True),
        default="30s",
        show_default=True,
        help="How long --wait waits; a plain number is seconds.",
    )(command)
    return click.option("--wait", is_flag=True, help="Return when every live worker serves the revision.")(
        command
    )


def field_manager_option(command: F) -> F:
    return click.option(
        "--field-manager",
        "manager",
        metavar="NAME",
        help="Who is to manage the fields. [default: git:SOURCE of a source, else cli:USER]",
    )(command)


def reach_options(command: F) -> F:
    """For those that look at what another process serves: what that one may reach."""
    words = "As it is given to what serves. May be given again."
    command = click.option("--allow-file", metavar="DIR", multiple=True, help=words)(command)
    return click.option("--allow-env", metavar="GLOB", multiple=True, help=words)(command)


def program_options(command: F) -> F:
    """The same, of programs that are run."""
    words = "As it is given to what serves. May be given again."
    command = click.option("--allow-dir", metavar="DIR", multiple=True, help=words)(command)
    return click.option("--allow-exec", metavar="PATH", multiple=True, help=words)(command)
