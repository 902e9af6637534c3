"""Options of the commands that serve."""

from collections.abc import Callable
from typing import TypedDict, TypeVar

import click

from reconciler.bootstrap.supervisor import SupervisorSettings
from reconciler.cli.options import Duration
from reconciler.cli.session import Session
from reconciler.cli.tls_options import tls_files, tls_options
from reconciler.errors import InvalidInput
from reconciler.listener.sockets import parse_address
from reconciler.settings import ALLOW_EXEC, DEFAULT_ADMIN_LISTEN, DEFAULT_LISTEN, Reach

F = TypeVar("F", bound=Callable[..., object])


class Told(TypedDict):
    """The values of the options below."""

    listen: str
    admin_listen: str
    workers: int
    grace: float
    access_log: float | None
    tls_cert: str | None
    tls_key: str | None
    client_ca: str | None
    admin_tls_cert: str | None
    admin_tls_key: str | None
    admin_client_ca: str | None
    allow_unauthenticated: bool
    allow_host: tuple[str, ...]
    allow_origin: tuple[str, ...]
    allow_env: tuple[str, ...]
    allow_file: tuple[str, ...]
    allow_exec: tuple[str, ...]
    allow_dir: tuple[str, ...]


class HostPort(click.ParamType[str, str]):
    """`HOST:PORT`, as `parse_address` takes it."""

    name = "address"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        try:
            parse_address(value)
        except InvalidInput as error:
            self.fail(f"{error.message}; {error.hint}", param, ctx)
        return value


class Share(click.ParamType[float, str]):
    """A percentage, or a fraction of 1."""

    name = "share"

    def convert(self, value: str | float, param: click.Parameter | None, ctx: click.Context | None) -> float:
        if isinstance(value, float):
            return value
        number, percent = value.removesuffix("%"), value.endswith("%")
        try:
            share = float(number) / (100 if percent else 1)
        except ValueError:
            share = -1.0
        if not 0 <= share <= 1:
            self.fail(f'"{value}" is no share; write 1%, 0.01, or 100% for all', param, ctx)
        return share


def serving_options(command: F) -> F:
    """Gives the command the keywords of Told."""
    for option in reversed(_options()):
        command = option(command)
    return command


def serving_settings(session: Session, told: Told) -> SupervisorSettings:
    """Without manifests: `serve`."""
    reach = Reach.of(session.state_folder, told["allow_env"], told["allow_file"])
    return SupervisorSettings(
        store=session.location,
        reach=reach.running(session.environ, told["allow_exec"], told["allow_dir"]),
        environ=session.environ,
        listen=told["listen"],
        admin_listen=told["admin_listen"],
        workers=told["workers"],
        hosts=told["allow_host"],
        origins=told["allow_origin"],
        grace_seconds=max(1, round(told["grace"])),
        access_log=told["access_log"],
        unauthenticated=told["allow_unauthenticated"],
        tls=tls_files("--", told["tls_cert"], told["tls_key"], told["client_ca"]),
        admin_tls=tls_files(
            "--admin-", told["admin_tls_cert"], told["admin_tls_key"], told["admin_client_ca"]
        ),
    )


def _options() -> list[Callable[[F], F]]:
    return [
        click.option(
            "--listen",
            metavar="HOST:PORT",
            type=HostPort(),
            default=DEFAULT_LISTEN,
            show_default=True,
            help="Where LLM clients come. Port 0 takes a free one.",
        ),
        click.option(
            "--admin-listen",
            metavar="HOST:PORT",
            type=HostPort(),
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
        click.option(
            "--access-log-sample",
            "access_log",
            metavar="SHARE",
            type=Share(),
            help="Write a log line of this share of the requests (1%, 0.25; 0: failures alone), and of each that "
            "fails. [default: all with -v, else none]",
        ),
        *tls_options(),
        *_allowances(),
    ]


def _allowances() -> list[Callable[[F], F]]:
    return [
        click.option(
            "--allow-unauthenticated",
            is_flag=True,
            help="Answer without keys also where other machines can reach --listen: something before it asks who comes.",
        ),
        _several("--allow-host", "NAME", "Answer to this host name as well."),
        _several("--allow-origin", "ORIGIN", "Answer to web pages of this origin."),
        _several(
            "--allow-env",
            "GLOB",
            f"More environment variables that manifests may read, beside {' and '.join(Reach().env_globs)}; "
            "ROUTERCTL_* never.",
        ),
        _several(
            "--allow-file",
            "DIR",
            "One more folder whose files manifests may read, beside /run/secrets and secrets/ next to the store.",
        ),
        _several(
            "--allow-exec",
            "PATH",
            f"A program that providers of type cli may run; without any, they are refused. Also {ALLOW_EXEC}, with : "
            "between several. Where links lead counts.",
        ),
        _several("--allow-dir", "DIR", "A folder that those programs may work in, and all below it."),
    ]


def _several(flag: str, metavar: str, words: str) -> Callable[[F], F]:
    return click.option(flag, metavar=metavar, multiple=True, help=f"{words} May be given again.")
