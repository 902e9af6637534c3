"""Where the upkeep of a store is carried out: on this machine, or by the server that it was given."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from reconciler.bootstrap.upkeep.local import LocalUpkeep
from reconciler.cli.session import Session
from reconciler.late import late
from reconciler.settings import Reach

if TYPE_CHECKING:
    from reconciler.api.upkeep import Upkeep
    from reconciler.remote import upkeep as remote
else:
    remote = late("reconciler.remote.upkeep")


def upkeep_of(session: Session, reach: Reach | None = None, beside: Sequence[Path] = ()) -> "Upkeep":
    """`reach` and `beside` are this machine's."""
    if session.is_remote:
        return remote.RemoteUpkeep(session.connection, session.namespace)
    return LocalUpkeep(
        session.location,
        session.environ,
        session.clock,
        session.caller,
        reach or Reach.of(session.state_folder),
        session.program,
        beside,
    )


def reach_of(
    session: Session,
    env: tuple[str, ...],
    files: tuple[str, ...],
    executables: tuple[str, ...] = (),
    folders: tuple[str, ...] = (),
) -> Reach | None:
    """What the flags say; of a server it is its own. Raises UsageError where they are given for one."""
    if not session.is_remote:
        reach = Reach.of(session.state_folder, env, files)
        return reach.running(session.environ, executables, folders)
    if env or files or executables or folders:
        raise click.UsageError(
            "--allow-env and its like say what this machine's files and variables are looked at for: a server goes by its own"
        )
    return None
