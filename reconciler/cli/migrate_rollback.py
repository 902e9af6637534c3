"""migrate --rollback: the store and the manifests as they were before a migration."""

from contextlib import closing, nullcontext
from pathlib import Path

from reconciler.bootstrap.reading import open_reader_if_any
from reconciler.bootstrap.writing import open_writer
from reconciler.cli.migrate_backup import MigrateBackup, latest, load, put_back
from reconciler.cli.migrate_restoring import restored
from reconciler.cli.plan_output import done_lines
from reconciler.cli.session import Session
from reconciler.control.intake import user
from reconciler.control.rollback import rollback
from reconciler.errors import InvalidInput
from reconciler.json_types import JsonObject
from reconciler.store.reader import Reader
from reconciler.store.records import EMPTY_STORE, RevisionMeta

_NOW = "What serves the store goes on with that within a second."


def backup_given(session: Session, given: Path | None) -> Path:
    """The newest one where none is named."""
    return latest(session) if given is None else given


def later_revisions(session: Session, backup: Path) -> int:
    """Those that came after the migration's own. Rolling back undoes them as well."""
    kept = None if backup.is_file() else load(backup)
    if kept is None or kept.revision is None:
        return 0
    with open_reader_if_any(session.location) or nullcontext() as reader:
        head = reader.head_revision() if reader is not None else None
        if reader is None or head is None or not _has(reader, kept.revision, kept.digest):
            return 0
        return max(0, head.number - kept.revision - 1)


def take_back(session: Session, backup: Path) -> tuple[JsonObject, list[str]]:
    """What was done, as data and as lines. `backup`: of a migration, or a copy of a store.

    A store that still has the revision from before is rolled back to it, as a revision that live workers follow. Any
    other is restored from the copy, which is refused while it is served.
    """
    if backup.is_file():
        return restored(session, backup)
    kept = load(backup)
    data: JsonObject = {"backup": str(backup), "revision": None}
    lines: list[str] = []
    if kept.revision is not None:
        done, lines = _store_back(session, kept, kept.revision)
        data |= done
    files, told = put_back(kept.files)
    return {**data, "files": files}, [*lines, *told]


def _store_back(session: Session, kept: MigrateBackup, number: int) -> tuple[JsonObject, list[str]]:
    with open_reader_if_any(session.location) or nullcontext() as reader:
        if reader is not None and _has(reader, number, kept.digest):
            meta = RevisionMeta(
                actor=user(), operation="rollback", message=f"migrate --rollback to revision {number}"
            )
            with closing(open_writer(session.location, session.clock)) as writer:
                done = rollback(reader, writer, number, meta)
            told = f"Revision {done.revision.number} is what revision {number} was. {_NOW}"
            return {"revision": done.revision.number}, [*done_lines(done.plan), told]
    if kept.store is None:
        raise InvalidInput(
            "there was no store before that migration, and this one is another",
            hint="name a copy of a store, or move the store's files away",
        )
    return restored(session, kept.store)


def _has(reader: Reader, number: int, digest: str) -> bool:
    """Whether it is the same history."""
    found = reader.find_revision(number) if number else EMPTY_STORE
    return found is not None and found.digest == digest
