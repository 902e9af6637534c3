"""The command `routerctl`: global options, the table of commands, and what each error ends with."""

import io
import logging
import sys
from importlib import import_module
from typing import NoReturn

import click

from reconciler import __version__
from reconciler.cli.session import Session
from reconciler.clock import SystemClock
from reconciler.errors import RouterctlError
from reconciler.log import log_to_stderr, places
from reconciler.settings import environment, state_folder

COMMANDS = {
    "up": "Serve, and keep the store equal to the manifests.",
    "serve": "Serve what is stored.",
    "validate": "Check manifests: every error at once, without a store.",
    "diff": "Show what apply would do.",
    "apply": "Make the store equal to the manifests, as one revision.",
    "get": "List resources.",
    "describe": "Tell all about a resource.",
    "history": "List revisions.",
    "show": "Show what a revision changed.",
    "rollback": "Make an earlier revision the current one again.",
    "resume": "End what a rollback holds against a source.",
    "status": "Tell what is stored, what is served, and by whom.",
    "export": "Print manifests that apply to no change.",
    "schema": "Print the JSON Schemas of the kinds.",
    "version": "Print the version.",
}
"""Every verb, and its line in the help. A verb's module is loaded when it is asked for."""

_BUG = 70
_INTERRUPTED = 130
_CUT_OFF = 141
"""Nobody reads the output any more: the code that a shell gives to a program that SIGPIPE ends."""


class CommandTable(click.Group):
    """Loads the module of a command when it is needed: `get` must not pay for what `apply` imports."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  as above
        if cmd_name not in COMMANDS:
            return None
        command = getattr(import_module(f"reconciler.cli.commands.{cmd_name}"), "command", None)
        return command if isinstance(command, click.Command) else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002  as above
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(
    cls=CommandTable,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    epilog="Example: routerctl up -f manifests/ --watch",
)
@click.option("--db", metavar="URL", help="The store: sqlite:///PATH or a path. [env: ROUTERCTL_DB]")
@click.option("-n", "--namespace", metavar="NAME", help="The namespace that is meant.")
@click.option("-v", "--verbose", count=True, help="Log more; twice for everything.")
@click.version_option(__version__, prog_name="routerctl", message="%(prog)s %(version)s")
@click.pass_context
def cli(ctx: click.Context, db: str | None, namespace: str | None, verbose: int) -> None:
    """LLM routing whose configuration is a git commit."""
    log_to_stderr((logging.WARNING, logging.INFO, logging.DEBUG)[min(verbose, 2)])
    ctx.obj = Session(environment(), db, namespace, verbose, SystemClock())


def main() -> NoReturn:
    """Runs the command line and exits: see `errors` for the codes."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a terminal that is not UTF-8 is no bug
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Runs one command line; the exit code. No traceback reaches the terminal."""
    try:
        code = cli.main(arguments, prog_name="routerctl", standalone_mode=False)
    except RouterctlError as error:
        _complain(str(error), prefixed=not error.stands_alone)
        return error.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        return _INTERRUPTED
    except SystemExit:  # click's way to say that the output is closed
        return _CUT_OFF
    except Exception as error:  # noqa: BLE001  the last resort: a bug becomes a report, never a traceback
        _complain(f"a bug in routerctl ({type(error).__name__}); {_report(error)}")
        return _BUG
    return code if isinstance(code, int) else 0


def _complain(message: str, *, prefixed: bool = True) -> None:
    click.echo(f"error: {message}" if prefixed else message, err=True)


def _report(error: Exception) -> str:
    """Writes down where the program was, without the messages of exceptions: they may hold what must not be kept."""
    now = SystemClock().now()
    folder = state_folder(environment()) / "reports"
    file = folder / f"{now:%Y%m%dT%H%M%S%f}.txt"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        file.write_text(f"routerctl {__version__}\n" + "".join(places(error)), encoding="utf-8")
    except OSError:
        return f"its report can't be written to {folder}"
    return f"its report is in {file}"
