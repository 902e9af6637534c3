"""From commit to serving: how long a running gateway goes on with the revision before.

The commit is made in this process, so that its end is known; a client asks over and over, and the worker's row is read
in between. One look at both takes some milliseconds, and a delay is known no better than that.
"""

import json
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from time import perf_counter, time
from urllib.parse import urlsplit

from benchmarks.corpus import KEY_VARIABLE, SERVED, Corpus
from benchmarks.processes import DEADLINE, Failed, gateway, timed
from reconciler.bootstrap.reading import open_reader
from reconciler.bootstrap.writing import cipher_for_sealing, open_writer
from reconciler.clock import SystemClock
from reconciler.control.apply import apply
from reconciler.control.intake import source_of, take_in, wanted
from reconciler.store.observations import Observations
from reconciler.store.reader import Reader
from reconciler.store.records import Revision, RevisionMeta
from reconciler.store.url import StoreLocation, parse
from reconciler.store.writer import Writer

_QUESTION = json.dumps({"model": SERVED, "messages": [{"role": "user", "content": "hello"}]})


@dataclass(frozen=True, slots=True)
class Delay:
    """Seconds from the end of the commit."""

    acknowledged: float
    """Until the worker's row in the records' file says that it serves the revision."""
    answered: float
    """Until a client gets an answer that bears the revision."""


def measure(corpus: Corpus, db: Path, commits: int) -> list[Delay]:
    corpus.touch(0)
    timed("command", "--db", str(db), "apply", "-f", str(corpus.folder))
    location = parse(str(db))
    with (
        gateway(db, env={KEY_VARIABLE: "sk-benchmark"}) as (_, url),
        open_reader(location) as reader,
        closing(open_writer(location, SystemClock())) as writer,
        closing(Observations(location.records_path)) as observations,
        closing(HTTPConnection(urlsplit(url).netloc, timeout=DEADLINE)) as client,
    ):
        store = _Store(location, reader, writer)
        _watch(0.0, 1, observations, client)  # what was applied first is served
        return [_one(corpus, number, store, observations, client) for number in range(1, commits + 1)]


@dataclass(frozen=True, slots=True)
class _Store:
    location: StoreLocation
    reader: Reader
    writer: Writer

    def apply(self, file: Path) -> Revision:
        paths, clock = [str(file)], SystemClock()
        source = source_of(paths, explicit=None, known=sorted(self.reader.sources()))
        want = wanted(take_in(paths), paths, source)
        cipher = cipher_for_sealing(self.location, {}, self.reader)
        meta = RevisionMeta(
            actor="benchmark", operation="apply", source=source.name if source is not None else None
        )
        return apply(want, self.reader, self.writer, cipher, clock, meta).revision


def apply_here(db: Path, file: Path) -> None:
    """In this process: what only prepares a measurement need not start another."""
    location = parse(str(db))
    with closing(open_writer(location, SystemClock())) as writer, open_reader(location) as reader:
        _Store(location, reader, writer).apply(file)


def _one(
    corpus: Corpus, number: int, store: _Store, observations: Observations, client: HTTPConnection
) -> Delay:
    corpus.touch(number)
    revision = store.apply(corpus.first)
    return _watch(perf_counter(), revision.number, observations, client)


def _watch(committed: float, revision: int, observations: Observations, client: HTTPConnection) -> Delay:
    acknowledged = answered = 0.0
    end = perf_counter() + DEADLINE
    while not (acknowledged and answered):
        if not answered and _answered_from(client) >= revision:
            answered = perf_counter()
        if not acknowledged:
            rows = observations.live(time())
            acknowledged = perf_counter() if rows and rows[0].revision >= revision else 0.0
        if perf_counter() > end:
            raise Failed(f"revision {revision} is not served after {DEADLINE:g} s")
    return Delay(acknowledged - committed, answered - committed)


def _answered_from(client: HTTPConnection) -> int:
    client.request("POST", "/v1/chat/completions", _QUESTION, {"content-type": "application/json"})
    answer = client.getresponse()
    answer.read()
    if answer.status != 200:
        raise Failed(f"the gateway answered {answer.status}")
    return int(answer.headers["x-routerctl-revision"])
