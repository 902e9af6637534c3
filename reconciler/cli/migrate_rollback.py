"""migrate --rollback: the store or the manifests as they were before a migration.

A store is taken back by its history, so that whoever serves it follows: to the revision that the last import found. No file
is needed for that, and a server does it as well. Manifests are put back from their backup, and a store of another
history is restored from a copy, which is refused while it is served.
"""

from pathlib import Path

from reconciler.api.writes import IMPORT
from reconciler.cli.migrate_backup import latest, load, moment_of, put_back
from reconciler.cli.migrate_restoring import restored
from reconciler.cli.output import counted
from reconciler.cli.plan_output import done_lines
from reconciler.cli.proposing import records_if_any
from reconciler.cli.session import Session
from reconciler.cli.writes import writes_of
from reconciler.errors import NotFound
from reconciler.json_types import JsonObject
from reconciler.store.records import Revision, Sought

Before = Revision | Path
"""What is taken back: what a revision imported; what a backup of manifests stands for; what came since a copy of a store."""
_NOW = "What serves the store goes on with that within a second."


def to_take_back(session: Session, given: Path | None) -> Before:
    """What was named, else the last migration of this store, or that of manifests where it is newer.

    Raises NotFound where nothing was migrated yet.
    """
    if given is not None:
        return given
    imported = _last_import(session)
    files = None if session.is_remote else latest(session)
    if imported is not None and (files is None or moment_of(files) <= _digits(imported.time)):
        return imported
    if files is not None:
        return files
    raise NotFound(
        "nothing was migrated into this store yet, so there is nothing to take back",
        hint="rollback goes back to any of its revisions; --rollback BACKUP takes back what a backup is of",
    )


def question(session: Session, before: Before) -> str:
    if not isinstance(before, Revision):
        return f"Take back what was migrated, to {before}?"
    with records_if_any(session) as records:
        later = (records.head() if records is not None else 0) - before.number
    since = f", and the {counted(later, 'revision')} since" if later > 0 else ""
    return f"Take back what revision {before.number} imported{since}? Then all is as in revision {before.parent}."


def take_back(session: Session, before: Before) -> tuple[JsonObject, list[str]]:
    """What was done, as data and as lines."""
    if isinstance(before, Revision):
        done, lines = _rolled_back(session, before.parent)
        return {"backup": None, **done, "files": []}, lines
    if before.is_file():
        return restored(session, before)
    files, told = put_back(load(before))
    return {"backup": str(before), "revision": None, "files": files}, told


def _rolled_back(session: Session, number: int) -> tuple[JsonObject, list[str]]:
    done = writes_of(session).rollback(number, frozenset(), f"migrate --rollback to revision {number}")
    told = f"Revision {done.revision.number} is what revision {number} was. {_NOW}"
    lines = [*done_lines(done.plan), told] if done.plan.edits else []
    return {"revision": done.revision.number}, lines


def _last_import(session: Session) -> Revision | None:
    with records_if_any(session) as records:
        found = records.find_revisions(Sought(operation=IMPORT), 1) if records is not None else ()
    return next(iter(found), None)


def _digits(moment: str) -> str:
    return "".join(filter(str.isdecimal, moment))
