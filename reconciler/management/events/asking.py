"""What may be asked of /v1/events, and what it means."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from reconciler.clock import timestamp
from reconciler.control.manifest.printable import printable
from reconciler.json_types import JsonObject
from reconciler.listener.access import Answered, Operation, Parameter
from reconciler.management.events.log import Place
from reconciler.management.problems import BadRequest
from reconciler.management.rest.operations import refused
from reconciler.resources.kinds import find_kind
from reconciler.resources.resource import DEFAULT_NAMESPACE, ResourceKey
from reconciler.store.records import Sought

_MOST = 1000
_USUAL = 50
_LIST: JsonObject = {
    "type": "object",
    "properties": {
        "items": {"type": "array", "items": {"type": "object"}},
        "resourceVersion": {"type": "string"},
    },
    "required": ["items", "resourceVersion"],
}

OPERATION = Operation(
    "events",
    "What happened, oldest first; with watch=true what happens from now on, as server-sent events.",
    {
        200: Answered(
            "The events, and the place behind the last one; or the stream.",
            "application/json",
            _LIST,
            also=("text/event-stream",),
        ),
        429: refused("Who asks watches as often as one may at once; Retry-After says when to ask again."),
    },
    parameters=(
        Parameter("watch", "Go on, as a stream.", {"type": "boolean"}),
        Parameter(
            "after",
            "Only what is behind this place: the id of an event, or the resourceVersion of a list. A stream that was cut off"
            " is gone on with by Last-Event-ID instead.",
        ),
        Parameter("since", "Only from then on: 2026-11-01T12:00:00Z."),
        Parameter(
            "limit",
            f"How many of a list, the newest; {_USUAL} where it is not said.",
            {"type": "integer", "minimum": 1, "maximum": _MOST},
        ),
        Parameter("namespace", "Only of this namespace; of all that may be seen where none is given."),
        Parameter("resource", "Only of this one: Kind/name, in the namespace that is meant."),
    ),
    group="Events",
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """`limit` None: all. `place` None: a list from the beginning, a stream from now on."""

    watch: bool
    sought: Sought
    place: Place | None
    limit: int | None


def wanted(given: Mapping[str, str], last_event_id: str | None) -> Wanted:
    """Raises BadRequest."""
    watch = _flag(given.get("watch", "false"))
    after = last_event_id if watch and last_event_id else given.get("after")
    place = Place.parse(after) if after is not None else None
    return Wanted(watch, _sought(given), place, None if watch else _limit(given.get("limit", str(_USUAL))))


def _sought(given: Mapping[str, str]) -> Sought:
    namespace, resource = given.get("namespace"), given.get("resource")
    keys: tuple[ResourceKey, ...] = ()
    if resource is not None:
        word, _, name = resource.partition("/")
        kind = find_kind(word)
        if kind is None or not name or "/" in name:
            raise BadRequest(f'"{printable(resource)[:64]}" is no resource', hint="write Kind/name")
        keys = (ResourceKey(kind.name, namespace or DEFAULT_NAMESPACE, name),)
    return Sought(keys=keys, namespace=namespace, since=_since(given.get("since")))


def _since(text: str | None) -> str | None:
    if text is None:
        return None
    try:
        return timestamp(datetime.strptime(text, "%Y-%m-%dT%H:%M:%S%z"))
    except (ValueError, OverflowError):
        raise BadRequest("since is a time: 2026-11-01T12:00:00Z") from None


def _limit(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 4 and 1 <= int(text) <= _MOST):
        raise BadRequest(f"limit is a number from 1 to {_MOST}")
    return int(text)


def _flag(text: str) -> bool:
    if text not in {"true", "false"}:
        raise BadRequest("watch is true or false")
    return text == "true"
