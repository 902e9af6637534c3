"""Deleting records, one or those that fit."""

from reconciler.management.problems import BadRequest
from reconciler.management.records import filters
from reconciler.management.records.asking import Asked
from reconciler.management.rest.answers import Answer
from reconciler.management.rest.calls import Call
from reconciler.store.traffic_query import SoughtRequests


class Deleting:
    def __init__(self, asked: Asked) -> None:
        self._asked = asked

    def request(self, call: Call) -> Answer:
        row, _ = self._asked.one(call)
        return self._delete(
            call, SoughtRequests(id=row.id, namespaces=call.who.namespaces), f"request {row.id}"
        )

    def session(self, call: Call) -> Answer:
        row = self._asked.session(call)
        sought = SoughtRequests(session=row.id, namespaces=call.who.namespaces)
        return self._delete(call, sought, f"session {row.id}")

    def requests(self, call: Call) -> Answer:
        return self._all(call, self._asked.sought(call), "requests")

    def sessions(self, call: Call) -> Answer:
        return self._all(call, self._asked.sought(call)._replace(of_sessions=True), "sessions")

    def _all(self, call: Call, sought: SoughtRequests, what: str) -> Answer:
        words = filters.told(call.given, list(call.given))
        if not words:
            raise BadRequest(
                "that would delete every record", hint="say which ones, such as ?until=2026-11-01"
            )
        return self._delete(call, sought, f"{what}: {words}")

    def _delete(self, call: Call, sought: SoughtRequests, target: str) -> Answer:
        gone = self._asked.archive.delete(call.who, sought, target)
        records = f"{gone.requests} record{'' if gone.requests == 1 else 's'} deleted"
        return Answer({"success": True, "deleted": gone.requests, "bodies": gone.bodies, "message": records})
