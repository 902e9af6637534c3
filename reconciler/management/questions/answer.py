"""The answer to one question, of one moment of the store, as far as who asks may be told. Blocks."""

import gzip
import json
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol, cast

from reconciler import __version__
from reconciler.api.questions import AT, Question
from reconciler.api.records import Records
from reconciler.api.store import Store
from reconciler.errors import NotFound
from reconciler.json_types import JsonValue
from reconciler.management.showing.accounts import ShownAccounts
from reconciler.management.showing.observing import ShownObserving
from reconciler.management.showing.pinned import Pinned
from reconciler.management.showing.records import ShownRecords
from reconciler.management.showing.traffic import ShownTraffic
from reconciler.resources.principal import Principal

VERSION = "x-routerctl-version"
JSON = "application/json"
_WORTH_PACKING = 1024
_LEVEL = 1


class Answering(Protocol):
    """Where answers come from."""

    def open(self) -> AbstractContextManager[Store]:
        """Of one question. Raises RouterctlError."""
        ...


@dataclass(frozen=True, slots=True)
class Asked:
    """`at` is the revision that is meant, `known` the tag of an answer that is there already."""

    question: Question
    who: Principal
    arguments: Mapping[str, object]
    at: int | None = None
    known: str | None = None
    packs: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """`body` None: it is as it was told before."""

    headers: Mapping[str, str]
    body: bytes | None


def answer(asked: Asked, answering: Answering) -> Told:
    """Raises RouterctlError."""
    question = asked.question
    with answering.open() as store, store.records.consistent():
        head = store.records.head()
        records = _as_of(store.records, head, asked.at)
        number = head if asked.at is None else asked.at
        headers = {
            AT: str(number),
            VERSION: __version__,
            "cache-control": "no-store",
            "vary": "accept-encoding",
        }
        if question.lasting:
            headers["etag"] = f'"{number}-{store.records.claims()}"'
            if asked.known == headers["etag"]:
                return Told(headers, None)
        part = _part(question.part, records, store, asked.who)
        method = cast("Callable[..., object]", getattr(part, question.name))
        found = question.write(method(**asked.arguments))
    return _packed(found, headers, packs=asked.packs)


def _as_of(records: Records, head: int, at: int | None) -> Records:
    """Raises NotFound for a revision that there is not: the store was restored."""
    if at is None or at == head:
        return records
    if at > head:
        raise NotFound(
            f"the store was at revision {at} a moment ago, and is at {head} now: it was restored",
            hint="run the command again",
        )
    return Pinned(records, at)


def _part(part: str, records: Records, store: Store, who: Principal) -> object:
    match part:
        case "records":
            return ShownRecords(records, who)
        case "observing":
            return ShownObserving(store.observing, who)
        case "traffic":
            return ShownTraffic(store.traffic, who)
        case _:
            return ShownAccounts(store.accounts, who)


def _packed(found: JsonValue, headers: dict[str, str], *, packs: bool) -> Told:
    body = json.dumps(found, separators=(",", ":")).encode()
    if packs and len(body) > _WORTH_PACKING:
        headers["content-encoding"] = "gzip"
        body = gzip.compress(body, _LEVEL, mtime=0)
    return Told(headers, body)
