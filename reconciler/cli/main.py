"""The command `routerctl`: global options, the table of commands, and what each error ends with."""

import errno
import gc
import io
import logging
import os
import signal
import sys
from contextlib import suppress
from dataclasses import replace
from importlib import import_module
from keyword import iskeyword
from typing import NoReturn, Unpack, get_args

import click
from click.exceptions import NoSuchCommand
from click.shell_completion import CompletionItem

from reconciler import __version__
from reconciler.cli import completing
from reconciler.cli.core_dumps import no_core_dumps
from reconciler.cli.global_options import accepting_globals
from reconciler.cli.leaving import leave
from reconciler.cli.parts import ListWithParts
from reconciler.cli.server_options import ServerOptions, server_options, session_of
from reconciler.cli.session import Session
from reconciler.clock import SystemClock
from reconciler.errors import OutputFailed, RouterctlError
from reconciler.log import ANNOUNCER, LogFormat, format_in_use, log_to_stderr, places
from reconciler.settings import COMPLETE, environment, state_folder

COMMANDS = {
    "init": "Begin a repository of manifests, with providers from templates.",
    "up": "Serve, and keep the store equal to the manifests.",
    "serve": "Serve what is stored.",
    "sync": "Follow a branch of a git repository.",
    "validate": "Check manifests: every error at once, without a store.",
    "lint": "Review manifests: validate, and rules with ids.",
    "diff": "Show what apply would do.",
    "plan": "Write what apply would do to a file.",
    "apply": "Make the store equal to the manifests, as one revision.",
    "get": "List resources, and watch them.",
    "describe": "Tell all about a resource.",
    "route": "Tell where requests go.",
    "blame": "Tell who set each field of a resource, when, and why.",
    "edit": "Change a resource in an editor.",
    "patch": "Change fields of a resource.",
    "label": "Set or remove labels.",
    "annotate": "Set or remove annotations.",
    "delete": "Delete resources.",
    "wait": "Wait until resources are as they should be.",
    "events": "Tell what happened, in its order.",
    "history": "List revisions.",
    "audit": "Tell who changed what, from where, and who was refused.",
    "show": "Show what a revision changed.",
    "rollback": "Make an earlier revision the current one again.",
    "resume": "End what a rollback holds against a source.",
    "reload": "Replace the workers of what serves, one after the other.",
    "status": "Tell what is stored, what is served, and by whom.",
    "list": "List providers: the active one, how they do, what they serve.",
    "set": "Make a provider the active one.",
    "test": "Ask a provider whether it is there, takes the key, and has its models.",
    "provider": "Providers by hand: list, add, edit, remove, enable, disable, test, reset.",
    "model": "Models by hand: list, add, remove, link, unlink, default, sync.",
    "key": "Say who may call the gateway: create, list, rotate, revoke.",
    "token": "Let others in at the management listener: create, list, revoke.",
    "requests": "List requests of clients, and what became of them.",
    "sessions": "List sessions of clients: conversations, with what they come to.",
    "stats": "Sum up requests: how many, how long, how many tokens, at what cost.",
    "top": "Show what is served right now, live.",
    "secret": "Seal, set and list secrets, and rotate the key.",
    "backup": "Write a verified copy of the store to a file.",
    "restore": "Make the store what a backup holds.",
    "adopt": "Bring resources under a source.",
    "import": "Turn other systems' configuration into manifests, or apply it.",
    "migrate": "Move here from another router: find, back up, convert, verify, report.",
    "export": "Print manifests that apply to no change.",
    "schema": "Print the JSON Schemas of the kinds.",
    "explain": "Tell what a kind or a field is.",
    "completion": "Print what makes a shell complete commands and names.",
    "doctor": "Look for what is wrong, and say what to do.",
    "version": "Print the version.",
}
"""Every verb, and its line in the help. A verb's module is loaded when it is asked for."""

_COLLECT_AFTER = (50_000, 5, 10)
_COLLECT_LAST = (2_500_000, 5, 10)
_READS_ALL = frozenset({"validate", "lint", "diff", "plan", "apply", "rollback", "export"})
"""Verbs that read all there is, and end: of 10,000 resources hardly a thousand objects of theirs are in a cycle."""

_BUG = 70
_INTERRUPTED = 130
_CUT_OFF = 141
"""Nobody reads the output any more: the code that a shell gives to a program that SIGPIPE ends."""

_OUTPUT_TAKES_NO_MORE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EFBIG, errno.EBADF})


class CommandTable(click.Group):
    """Loads the module of a command when it is needed: `get` must not pay for what `apply` imports."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  as above
        if cmd_name not in COMMANDS:
            return None
        if cmd_name in _READS_ALL and gc.get_threshold() == _COLLECT_AFTER:  # in a process of its own
            gc.set_threshold(*_COLLECT_LAST)
        command = self._load(cmd_name)
        if isinstance(command, ListWithParts):
            command.load = lambda part: self._load(f"{cmd_name}_{part.replace('-', '_')}")
        return command

    def _load(self, module: str) -> click.Command:
        name = f"{module}_" if iskeyword(module) else module
        command: click.Command = import_module(f"reconciler.cli.commands.{name}").command
        if COMPLETE in environment():
            command = completing.dressed(command, module)
        return accepting_globals(command, self)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem[str]]:
        """The verbs by the table: none is loaded for it."""
        return [
            *completing.beginning(COMMANDS, incomplete),
            *click.Command.shell_complete(self, ctx, incomplete),
        ]

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except NoSuchCommand as error:  # click knows of no command before it is loaded
            raise NoSuchCommand(error.command_name, possibilities=COMMANDS, ctx=ctx) from None

    def invoke(self, ctx: click.Context) -> object:
        """Says here what an error says, because here it is known on which store a suggested command works."""
        try:
            return super().invoke(ctx)
        except RouterctlError as error:
            program = ctx.obj.program if isinstance(ctx.obj, Session) else ctx.info_name or ""
            _complain(error.told(program), prefixed=not error.stands_alone)
            return error.exit_code

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002  as above
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(
    cls=CommandTable,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    epilog="Example: routerctl up -f manifests/ --watch",
)
@click.option("--db", metavar="URL", help="The store: sqlite:///PATH or a path. [env: ROUTERCTL_DB]")
@server_options
@click.option("-n", "--namespace", metavar="NAME", help="The namespace that is meant.")
@click.option("-v", "--verbose", count=True, help="Log more; twice for everything.")
@click.option(
    "--log-format",
    type=click.Choice(get_args(LogFormat)),
    default="text",
    show_default=True,
    help="How log lines are written: json is one object a line.",
)
@click.version_option(__version__, prog_name="routerctl", message="%(prog)s %(version)s")
@click.pass_context
def cli(
    ctx: click.Context,
    db: str | None,
    namespace: str | None,
    verbose: int,
    log_format: LogFormat,
    **server: Unpack[ServerOptions],
) -> None:
    """LLM routing whose configuration is a git commit."""
    log_to_stderr((logging.WARNING, logging.INFO, logging.DEBUG)[min(verbose, 2)], log_format)
    session = session_of(environment(), db, server)
    ctx.obj = replace(session, namespace=namespace, verbose=verbose, clock=SystemClock())
    ctx.call_on_close(ctx.obj.close)


def main() -> NoReturn:
    """Runs the command line and exits: see `errors` for the codes."""
    no_core_dumps()
    collect_seldom()
    end_when_told(os.getpid())
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a terminal that is not UTF-8 is no bug
    code = run(sys.argv[1:])
    if code == OutputFailed.exit_code:
        # What is left in the buffer can't go anywhere: no second complaint when the interpreter ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    leave(code)


def collect_seldom() -> None:
    """Lets the garbage collector look for cycles after 50,000 new objects instead of 700, and through all objects after
    2.5 million; of verbs that read all there is, after 2.5 million at first. What a command reads lives until it has been
    compared: to go through it again and again takes a fifth of the time of a `diff`.
    """
    gc.set_threshold(*_COLLECT_AFTER)


def end_when_told(pid: int) -> None:
    """The first process of a container hears no signal that it has no handler for, and `serve` has its own only when it has
    read its store: until then SIGTERM is as Ctrl-C.
    """
    if pid == 1:
        signal.signal(signal.SIGTERM, signal.default_int_handler)


def run(arguments: list[str]) -> int:
    """Runs one command line; the exit code. No traceback reaches the terminal."""
    if asked := environment().get(COMPLETE):
        return completing.complete(cli, asked)
    try:
        code = cli.main(arguments, prog_name="routerctl", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        return _INTERRUPTED
    except SystemExit:  # click's way to say that the output is closed
        return _CUT_OFF
    except Exception as error:  # noqa: BLE001  the last resort: a bug becomes a report, never a traceback
        if isinstance(error, OSError) and error.filename is None and error.errno in _OUTPUT_TAKES_NO_MORE:
            return _output_failed(error)
        _complain(f"a bug in routerctl ({type(error).__name__}); {_report(error)}")
        return _BUG
    return code if isinstance(code, int) else 0


def _output_failed(error: OSError) -> int:
    """A file that can't be opened is named by its error; only what is written to has no name."""
    failed = OutputFailed(
        f"the output can't be written: {error.strerror}", hint="the work itself may be done"
    )
    with suppress(OSError):  # stderr may be the same
        _complain(str(failed))
    return failed.exit_code


def _complain(message: str, *, prefixed: bool = True) -> None:
    if format_in_use() == "json":
        logging.getLogger(ANNOUNCER).error("%s", message)
        return
    click.echo(f"error: {message}" if prefixed else message, err=True)


def _report(error: Exception) -> str:
    """Writes down where the program was, without the messages of exceptions: they may hold what must not be kept."""
    now = SystemClock().now()
    folder = state_folder(environment()) / "reports"
    file = folder / f"{now:%Y%m%dT%H%M%S%f}.txt"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        file.touch(mode=0o600)
        file.write_text(f"routerctl {__version__}\n" + "".join(places(error)), encoding="utf-8")
    except OSError:
        return f"its report can't be written to {folder}"
    return f"its report is in {file}"
