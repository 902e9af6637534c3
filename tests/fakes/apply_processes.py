"""What a process does that applies again and again beside others. Each opens the store itself."""

from multiprocessing.connection import Connection
from pathlib import Path

from fakes.workshop import CIPHER

from reconciler.clock import SystemClock
from reconciler.control.apply import apply
from reconciler.control.manifest.decode import Declared
from reconciler.control.manifest.document import Document
from reconciler.control.proposal import Wanted
from reconciler.control.source import Source
from reconciler.resources.resource import Resource, ResourceKey
from reconciler.store.engine import open_engine
from reconciler.store.reader import Reader
from reconciler.store.records import RevisionMeta
from reconciler.store.writer import Writer

FIRST = 100
"""Beyond all defaults: a value that a default gave already is no change."""
FIELDS = ("chunkSize", "dimensions", "errorEvery", "cutAfter")
"""The field that each process counts up; they never clash."""


def apply_many(path: Path, number: int, times: int, same: bool, result: Connection) -> None:
    """Sends (revision, parent, attempts) of each apply, or the text of the first error."""
    made: list[tuple[int, int, int]] = []
    writer = Writer(open_engine(path), SystemClock())
    try:
        with Reader(path) as reader:
            for count in range(1, times + 1):
                want = _wanted(number, count, "shared" if same else f"own-{number}")
                meta = RevisionMeta("ada", "apply", source=f"source-{number}")
                done = apply(want, reader, writer, CIPHER, SystemClock(), meta)
                made.append((done.revision.number, done.revision.parent, done.attempts))
        result.send(made)
    except Exception as error:  # noqa: BLE001  whatever it is, the test shows it
        result.send(repr(error))
    finally:
        writer.close()
        result.close()


def _wanted(number: int, count: int, name: str) -> Wanted:
    key = ResourceKey("Provider", "default", name)
    resource = Resource(key, {"type": "simulator", "config": {FIELDS[number]: FIRST + count}})
    document = Document({}, "all.yaml", "", 1)
    source = Source(f"source-{number}", Path("/nowhere"))
    return Wanted({key: Declared(resource, document)}, source.manager, source)
