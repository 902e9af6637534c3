"""What a process does that applies again and again beside others. Each opens the store itself."""

import random
from multiprocessing.connection import Connection
from pathlib import Path
from time import monotonic
from typing import NamedTuple

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

SHARED = "shared"


class Done(NamedTuple):
    """An apply: when it was begun and had ended (seconds, alike in all processes), and what it made of the store."""

    began: float
    ended: float
    revision: int
    parent: int
    attempts: int
    name: str
    label: str
    value: str


def apply_many(path: Path, number: int, times: int, chance: random.Random, result: Connection) -> None:
    """Counts up a label of its own, on its own resource or on the one that all share.

    Sends Done of each apply, or the text of the first error.
    """
    made: list[Done] = []
    writer = Writer(open_engine(path), SystemClock())
    try:
        with Reader(path) as reader:
            for count in range(1, times + 1):
                name = chance.choice([SHARED, f"own-{number}"])
                label, value = f"process-{number}", str(count)
                meta = RevisionMeta("ada", "apply", source=f"source-{number}")
                want = _wanted(number, name, {label: value})
                began = monotonic()
                done = apply(want, reader, writer, CIPHER, SystemClock(), meta)
                revision = done.revision
                made.append(
                    Done(
                        began,
                        monotonic(),
                        revision.number,
                        revision.parent,
                        done.attempts,
                        name,
                        label,
                        value,
                    )
                )
        result.send(made)
    except Exception as error:  # noqa: BLE001  whatever it is, the test shows it
        result.send(repr(error))
    finally:
        writer.close()
        result.close()


def _wanted(number: int, name: str, labels: dict[str, str]) -> Wanted:
    key = ResourceKey("Provider", "default", name)
    resource = Resource(key, {"type": "simulator", "config": {}}, labels)
    document = Document({}, "all.yaml", "", 1)
    source = Source(f"source-{number}", Path("/nowhere"))
    return Wanted({key: Declared(resource, document)}, source.manager, source)
