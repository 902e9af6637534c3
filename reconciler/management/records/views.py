"""Requests, responses and sessions: lists, exports, and one of them."""

from collections.abc import Callable, Iterator
from itertools import islice

from reconciler.api.record_documents import (
    csv_of_requests,
    csv_of_sessions,
    request_document,
    response_document,
    session_document,
)
from reconciler.json_types import JsonObject
from reconciler.management.problems import BadRequest
from reconciler.management.records import listing
from reconciler.management.records.asking import Asked
from reconciler.management.rest.answers import Answer
from reconciler.management.rest.calls import Call
from reconciler.resources.resource import DEFAULT_NAMESPACE, ResourceKey
from reconciler.snapshot.recording import recording
from reconciler.store.traffic_batch import RequestRow
from reconciler.store.traffic_query import stream
from reconciler.store.traffic_sessions import SessionRow

_SETTINGS = ResourceKey("Settings", DEFAULT_NAMESPACE, "default")

Document = Callable[[RequestRow], JsonObject]


class Views:
    def __init__(self, asked: Asked) -> None:
        self._asked = asked

    def requests(self, call: Call) -> Answer:
        return self._rows(call, "requests", request_document)

    def responses(self, call: Call) -> Answer:
        return self._rows(call, "responses", response_document)

    def sessions(self, call: Call) -> Answer:
        part = listing.part(call.given, self._asked.now_ms())
        found = self._asked.traffic.sessions(self._asked.within(call, part))
        shown = found[part.offset : part.offset + part.limit]
        return Answer(part.told("sessions", [*self._session_documents(shown)], len(found)))

    def export_requests(self, call: Call, form: str) -> Iterator[str]:
        rows = self._exported(call)
        return csv_of_requests(rows) if form == "csv" else listing.json_lines(map(request_document, rows))

    def export_responses(self, call: Call, form: str) -> Iterator[str]:
        rows = self._exported(call)
        return csv_of_requests(rows) if form == "csv" else listing.json_lines(map(response_document, rows))

    def export_sessions(self, call: Call, form: str) -> Iterator[str]:
        limit = self._limit(call)
        rows = self._asked.traffic.sessions(self._asked.sought(call))[:limit]
        if form == "csv":
            return csv_of_sessions(rows)
        return listing.json_lines(self._session_documents(rows))

    def _rows(self, call: Call, name: str, document: Document) -> Answer:
        part = listing.part(call.given, self._asked.now_ms())
        sought, traffic = self._asked.within(call, part), self._asked.traffic
        rows = traffic.find(sought, part.limit, offset=part.offset)
        total, exact = traffic.count(sought, part.counted)
        return Answer(part.told(name, [document(row) for row in rows], total, exact=exact))

    def _exported(self, call: Call) -> Iterator[RequestRow]:
        return islice(stream(self._asked.traffic.portion, self._asked.sought(call)), self._limit(call))

    @staticmethod
    def _limit(call: Call) -> int | None:
        if {listing.OFFSET.name, listing.CONTINUE.name} & call.given.keys():
            raise BadRequest("an export has no parts: leave offset and continue out")
        return listing.part(call.given, 0).limit if listing.LIMIT.name in call.given else None

    def request(self, call: Call) -> Answer:
        row, bodies = self._asked.one(call)
        return Answer({**request_document(row, bodies), "response": response_document(row, bodies)})

    def response(self, call: Call) -> Answer:
        row, bodies = self._asked.one(call)
        return Answer({**response_document(row, bodies), "request": request_document(row)})

    def session(self, call: Call) -> Answer:
        (told,) = self._session_documents([self._asked.session(call)])
        return Answer(told)

    def _session_documents(self, rows: list[SessionRow]) -> Iterator[JsonObject]:
        with self._asked.stores.reading() as reader:
            settings = reader.get(_SETTINGS)
        kept = recording({_SETTINGS: settings} if settings is not None else {}).retention
        return (session_document(row, row.last + kept) for row in rows)
