"""Options of the commands that serve."""

import re
from collections.abc import Callable
from typing import TypedDict, TypeVar

import click

from reconciler.bootstrap.supervisor import SupervisorSettings
from reconciler.cli.session import Session
from reconciler.field_types import milliseconds
from reconciler.settings import DEFAULT_ADMIN_LISTEN, DEFAULT_LISTEN, Reach

F = TypeVar("F", bound=Callable[..., object])

_DURATION = re.compile(r"([0-9]{1,5}(h|m|s|ms)){1,4}")


class Told(TypedDict):
    """The values of the options below."""

    listen: str
    admin_listen: str
    workers: int
    grace: float
    allow_host: tuple[str, ...]
    allow_origin: tuple[str, ...]
    allow_env: tuple[str, ...]
    allow_file: tuple[str, ...]


class Duration(click.ParamType[float, str]):
    """Text as in manifests, with its unit, longer than zero; the value is in seconds."""

    name = "duration"

    def convert(self, value: str | float, param: click.Parameter | None, ctx: click.Context | None) -> float:
        if isinstance(value, float):
            return value
        if not _DURATION.fullmatch(value) or milliseconds(value) == 0:
            self.fail(f'"{value}" is no duration; write 30s, 1m30s or 250ms', param, ctx)
        return milliseconds(value) / 1000


def serving_options(command: F) -> F:
    """Gives the command the keywords of Told."""
    for option in reversed(_options()):
        command = option(command)
    return command


def serving_settings(session: Session, told: Told) -> SupervisorSettings:
    """Without manifests: `serve`."""
    return SupervisorSettings(
        store=session.location,
        reach=Reach.of(session.state_folder, told["allow_env"], told["allow_file"]),
        environ=session.environ,
        listen=told["listen"],
        admin_listen=told["admin_listen"],
        workers=told["workers"],
        hosts=told["allow_host"],
        origins=told["allow_origin"],
        grace_seconds=max(1, round(told["grace"])),
    )


def _options() -> list[Callable[[F], F]]:
    return [
        click.option(
            "--listen",
            metavar="HOST:PORT",
            default=DEFAULT_LISTEN,
            show_default=True,
            help="Where LLM clients come. Port 0 takes a free one.",
        ),
        click.option(
            "--admin-listen",
            metavar="HOST:PORT",
            default=DEFAULT_ADMIN_LISTEN,
            show_default=True,
            help="Where status and metrics are.",
        ),
        click.option(
            "--workers",
            metavar="N",
            type=click.IntRange(1, 256),
            default=1,
            show_default=True,
            help="Gateway processes.",
        ),
        click.option(
            "--grace",
            metavar="DURATION",
            type=Duration(),
            default="30s",
            show_default=True,
            help="How long requests may take to finish at the end.",
        ),
        _several("--allow-host", "NAME", "Answer to this host name as well."),
        _several("--allow-origin", "ORIGIN", "Answer to web pages of this origin."),
        _several("--allow-env", "GLOB", "Environment variables that manifests may read."),
        _several("--allow-file", "DIR", "A folder whose files manifests may read."),
    ]


def _several(flag: str, metavar: str, words: str) -> Callable[[F], F]:
    return click.option(flag, metavar=metavar, multiple=True, help=f"{words} May be given again.")
