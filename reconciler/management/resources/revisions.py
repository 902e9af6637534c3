"""/v1/revisions: what was changed, and by whom."""

from reconciler.control.plan.fields import field_changes
from reconciler.control.plan.model import Change
from reconciler.control.rollback import difference
from reconciler.json_types import JsonObject, JsonValue
from reconciler.listener.access import DeclaredRoute
from reconciler.management.problems import BadRequest
from reconciler.management.resources import operations
from reconciler.management.rest import pages, parameters
from reconciler.management.rest.handling import Answer, Call, Desk, Looking, Stores, looking
from reconciler.store.records import Revision, Sought

PATH = "/v1/revisions"
_MOST = 2**53
_FEW = 100


def routes(desk: Desk, stores: Stores) -> list[DeclaredRoute]:
    handlers = _Revisions(stores)
    return [
        desk.read(PATH, handlers.list, operations.REVISIONS),
        desk.read(f"{PATH}/{{number}}", handlers.get, operations.REVISION),
        desk.read(f"{PATH}/{{number}}/diff", handlers.diff, operations.DIFF),
    ]


class _Revisions:
    def __init__(self, stores: Stores) -> None:
        self._stores = stores

    def list(self, call: Call) -> Answer:
        namespace = call.namespace() if parameters.NAMESPACE.name in call.given else None
        limit = parameters.number(call.given, pages.LIMIT.name, most=pages.MOST) or _FEW
        below = parameters.number(call.given, pages.CONTINUE.name, most=_MOST) or _MOST
        sought = Sought(namespace=namespace, author=call.given.get("author"), source=call.given.get("source"))
        with looking(self._stores, call.who) as now:
            found = [each for each in now.records.find_revisions(sought) if each.number < below]
        told: list[JsonValue] = [_view(each) for each in found[:limit]]
        more: JsonObject = {"continue": str(found[limit - 1].number)} if len(found) > limit else {}
        return Answer({"revisions": told, **more})

    def get(self, call: Call) -> Answer:
        with looking(self._stores, call.who) as now:
            revision = now.records.revision(_number(call, now))
            events: list[JsonValue] = [
                {
                    "type": str(event.type),
                    "resource": str(event.key),
                    "kind": event.key.kind,
                    "namespace": event.key.namespace,
                    "name": event.key.name,
                    "resourceVersion": str(event.resource_version),
                }
                for event in now.records.events(revision.number)
            ]
        return Answer({**_view(revision), "events": events})

    def diff(self, call: Call) -> Answer:
        with looking(self._stores, call.who) as now:
            number = _number(call, now)
            now.records.revision(number)
            given = parameters.number(call.given, "from", least=0, most=_MOST)
            if given is None:
                now.records.require_contents(number)
            base = number - 1 if given is None else given
            plan = difference(now.records.state_at(base), now.records.state_at(number))
        changes: list[JsonValue] = [_change(each) for each in plan.changes]
        return Answer({"from": base, "to": number, "changes": changes})


def _number(call: Call, now: Looking) -> int:
    text = call.path("number")
    if text == "head":
        return now.records.head()
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(_MOST))):
        raise BadRequest("a revision is a number, or head")
    return int(text)


def _view(revision: Revision) -> JsonObject:
    return {
        "number": revision.number,
        "parent": revision.parent,
        "time": revision.time,
        "actor": revision.actor,
        "operation": revision.operation,
        "source": revision.source,
        "commit": revision.commit,
        "dirty": revision.dirty,
        "message": revision.message,
        "digest": revision.digest,
    }


def _change(change: Change) -> JsonObject:
    """Secrets are compared, never shown."""
    fields: list[JsonValue] = [
        {"field": each.field, "old": each.old, "new": each.new, **({"secret": True} if each.secret else {})}
        for each in field_changes(change)
    ]
    return {
        "resource": str(change.key),
        "kind": change.key.kind,
        "namespace": change.key.namespace,
        "name": change.key.name,
        "action": change.told.value,
        "fields": fields,
    }
