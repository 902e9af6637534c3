"""Edits, resources and a clock for tests of the store, on a real file."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from reconciler.json_types import JsonValue
from reconciler.resources.resource import FieldManager, Resource, ResourceKey, StoredResource
from reconciler.store.engine import open_engine
from reconciler.store.records import Edit, Revision, RevisionMeta
from reconciler.store.writer import Writer

META = RevisionMeta(
    actor="ada", operation="apply", source="github.com/acme/routing", commit="1a2b3c", message="first"
)


@dataclass(frozen=True, slots=True)
class FakeEdit:
    key: ResourceKey
    after: Resource | None
    managed_fields: tuple[FieldManager, ...] = ()
    source: str | None = None
    path: str | None = None
    before: StoredResource | None = None


class SteppingClock:
    """Each look at it is one second later than the one before."""

    def __init__(self) -> None:
        self._now = datetime(2026, 1, 1, tzinfo=UTC)

    def now(self) -> datetime:
        self._now += timedelta(seconds=1)
        return self._now

    def monotonic(self) -> float:
        return self._now.timestamp()


def provider(
    name: str, *, namespace: str = "default", labels: dict[str, str] | None = None, **spec: JsonValue
) -> Resource:
    return Resource(ResourceKey("Provider", namespace, name), {"type": "simulator", **spec}, labels or {})


def put(
    resource: Resource,
    *,
    managers: tuple[FieldManager, ...] = (),
    source: str | None = None,
    path: str | None = None,
) -> FakeEdit:
    return FakeEdit(resource.key, resource, managers, source, path)


def drop(resource: Resource) -> FakeEdit:
    return FakeEdit(resource.key, None)


@contextmanager
def open_writer(path: Path) -> Iterator[Writer]:
    writer = Writer(open_engine(path), SteppingClock())
    try:
        yield writer
    finally:
        writer.close()


def vault_ids(path: Path) -> list[str]:
    """Of all that the vault holds, in the order in which it came."""
    with closing(sqlite3.connect(path)) as connection:
        return [entry for (entry,) in connection.execute("SELECT id FROM vault ORDER BY rowid")]


def commit_all(path: Path, *commits: Sequence[Edit]) -> list[Revision]:
    """Commits one revision after another from revision 0 on."""
    revisions: list[Revision] = []
    with open_writer(path) as writer:
        for edits in commits:
            base = revisions[-1].number if revisions else 0
            revisions.append(writer.commit(edits, base=base, meta=META))
    return revisions
