"""A command in a process of its own, forked from one that has everything imported: killed, or short of room.

A fork costs milliseconds, a new Python with what `apply` imports half a second and more.
"""

import os
import resource
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from fakes.running import Said, said
from fakes.store_processes import fork_server

from reconciler.store.failpoints import FROM_ENVIRONMENT, FailpointName

for _verb in ("apply", "backup", "history_prune", "restore", "rollback", "secret_rotate_key", "status"):
    import_module(f"reconciler.cli.commands.{_verb}")
import_module("reconciler.control.manifest.checking")  # which they import late


@dataclass(frozen=True, slots=True)
class Conditions:
    """Where it is killed; how large a file may become, in bytes: a write beyond that fails, as on a full disk."""

    failpoint: FailpointName | None = None
    room: int | None = None
    environ: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CommandProcess:
    process: ForkServerProcess
    told: Connection

    def said(self) -> Said:
        """Waits until it ends. Raises EOFError where it was killed."""
        assert self.told.poll(60), "the command does not end"
        answer = self.told.recv()
        self.process.join(30)
        assert isinstance(answer, Said)
        return answer

    def ended(self) -> int | None:
        """The exit code; negative: the signal that killed it."""
        self.process.join(60)
        return self.process.exitcode


def start(db: Path, *arguments: str, conditions: Conditions | None = None) -> CommandProcess:
    """It begins its work when this returns."""
    context = fork_server()
    mine, theirs = context.Pipe()
    process = context.Process(
        target=_run, args=(db, arguments, conditions or Conditions(), theirs), daemon=True
    )
    process.start()
    theirs.close()
    assert mine.poll(60), "no process"
    mine.recv()
    mine.send("go")
    return CommandProcess(process, mine)


def _run(db: Path, arguments: tuple[str, ...], conditions: Conditions, told: Connection) -> None:
    os.environ.update(conditions.environ)
    FROM_ENVIRONMENT.arm(conditions.failpoint)
    told.send("ready")
    told.recv()
    if conditions.room is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (conditions.room, conditions.room))
    told.send(said(db, *arguments))
