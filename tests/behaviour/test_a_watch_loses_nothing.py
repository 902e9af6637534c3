"""Whatever is committed meanwhile, a watch tells each change once and in the order of its resourceVersions."""

from pathlib import Path
from threading import Thread

from fakes.store import META, commit_all, drop, open_writer, provider, put
from fakes.waiting import DEADLINE, joined

from reconciler.cli.following import moments
from reconciler.cli.session import Session
from reconciler.control.resource_watch import ResourceWatch
from reconciler.store.reader import Reader
from reconciler.store.records import Edit

REVISIONS = 60


def edits(number: int) -> list[Edit]:
    """Something is made, changed, and deleted all along."""
    there = [put(provider(f"p{number}")), put(provider("p0", latency=number))]
    return [*there, drop(provider(f"p{number - 1}"))] if number > 2 else list(there)


def write_all(path: Path) -> None:
    with open_writer(path) as writer:
        for number in range(2, REVISIONS + 1):
            writer.commit(edits(number), base=number - 1, meta=META)


def test_a_watch_loses_nothing_and_tells_nothing_twice(tmp_path: Path) -> None:
    path = tmp_path / "r.db"
    commit_all(path, [put(provider("p0"))])
    told: list[tuple[int, str, str]] = []
    with Reader(path) as reader:
        with reader.consistent():
            watch = ResourceWatch(reader, reader.list("Provider"), lambda _: True)
        writing = Thread(target=write_all, args=(path,), daemon=True)
        writing.start()
        for _ in moments(Session({}, str(path)), seconds=DEADLINE):
            seen = watch.read()
            told += [(each.stored.resource_version, each.type, each.stored.key.name) for each in seen]
            if seen and seen[-1].stored.revision == REVISIONS:
                break
        joined(writing)
        log = [(event.resource_version, event.type, event.key.name) for event in reader.events(after=1)]
    assert told == log
    assert len(log) == 2 * (REVISIONS - 1) + REVISIONS - 2
